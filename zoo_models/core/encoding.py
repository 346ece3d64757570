"""The states of a model as features of its inputs."""

from typing import Any

import keras
import numpy as np

from zoo_models.core.inference import Verbose
from zoo_models.core.types import Raw, RawInputs


def encode(
    model: keras.Model,
    inputs: RawInputs,
    return_states: bool = False,
    batch_size: int = 64,
    verbose: Verbose = "auto",
) -> Any:
    """Returns the states of the network, or of its encoder, as features.

    This is the method of all models.

    Args:
        model: The model.
        inputs: One raw input, a list or array of them, or a `tf.data.Dataset` of
            raw examples; arrays without a preprocessor.
        return_states: Whether to return the states of all steps instead of their
            summary. Default `False`.
        batch_size: Number of inputs in a batch. Default 64.
        verbose: Progress bar: `"auto"` on a terminal for several batches, 1
            always, 0 never.

    Returns:
        An array for each input, in a list unless `inputs` is a single input. Its
        shape is `(size,)`: the maximum and the mean of the states of a sentiment
        classifier, all states of an image classifier, the last state of a language
        model, and the mean of the encoder outputs of a translator or captioner.
        With `return_states` it is `(time, size)`, with a step for each token and
        the end token, each row of an image, or each cell of a captioner's grid.

    Raises:
        TypeError: If an input is of a type that cannot be read.
    """

    def encode_batch(batch: list[Raw]) -> list[np.ndarray]:
        arrays = model.inference.preprocess(batch)
        rows = zip(*model.inference.run(model.encode_states, arrays), strict=True)
        kept = [states[mask] for states, mask in rows]
        return kept if return_states else [model.summarize(s) for s in kept]

    rows, is_single = model.inference.answer(encode_batch, inputs, batch_size, verbose)
    return rows[0] if is_single else rows
