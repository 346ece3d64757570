"""Names for types that Keras and TensorFlow do not declare."""

from typing import Any

# A tensor of the backend of Keras, concrete or symbolic, or an array.
Tensor = Any
# A tensor of TensorFlow, which is imported only where it is needed.
TFTensor = Any
