"""Names for types that Keras and TensorFlow do not declare."""

from typing import Any

from rnnzoo.core.types import Tensor as Tensor
from rnnzoo.core.types import TFTensor as TFTensor

# A nest of tensors: one, or a list, tuple or dictionary of them.
Nest = Any
# A `tf.data.Dataset`.
Dataset = Any
# A text, or an image: a path, the bytes of a file, an array or a PIL image.
Raw = Any
# One raw input, several of them, or a `tf.data.Dataset`.
RawInputs = Any
# Labels or texts in a list or array, `None` with a dataset.
Targets = Any
# A layer class such as `rnnzoo.layers.Elman`.
RecurrentLayer = Any
# The entries of a JSON file.
Json = dict[str, Any]
