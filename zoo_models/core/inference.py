"""Answers from a Keras model without the cost of `predict`, on any backend."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from zoo_models.core.raw_data import is_dataset


def compile_model(model: keras.Model) -> Callable[[Any], Any]:
    """Compiles a model with one input for inference.

    Args:
        model: A functional Keras model with a single input.

    Returns:
        A function from an array to the NumPy array that the model gives for it,
        without dropout. It may be called from several threads.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        (tensor,) = model.inputs
        signature = [tf.TensorSpec(tensor.shape, tensor.dtype)]
        run = tf.function(
            lambda inputs: model(inputs, training=False), input_signature=signature
        ).get_concrete_function()
        return lambda inputs: run(tf.constant(inputs, tensor.dtype)).numpy()
    if backend == "jax":
        import jax

        jitted = jax.jit(
            lambda weights, state, inputs: model.stateless_call(
                weights, state, inputs, training=False
            )[0]
        )

        def run_jax(inputs):
            weights = [variable.value for variable in model.trainable_variables]
            state = [variable.value for variable in model.non_trainable_variables]
            return np.asarray(jitted(weights, state, np.asarray(inputs)))

        return run_jax

    import torch

    def run_torch(inputs):
        with torch.no_grad():
            return keras.ops.convert_to_numpy(model(np.asarray(inputs), training=False))

    return run_torch


def as_list(inputs: Any, rank_of: Callable[[Any], int]) -> tuple[list[Any], bool]:
    """Makes a list of one input, of many, or of a dataset's.

    Args:
        inputs: One input, a list or array of them, or a `tf.data.Dataset` of inputs
            or of tuples that begin with one, batched or not.
        rank_of: Tells the rank of one input from an array or a dataset's spec: see
            `RawDataModel.rank_of`.

    Returns:
        A pair: the list, and whether a single input came.
    """
    if is_dataset(inputs):
        spec = inputs.element_spec
        if isinstance(spec, tuple):
            inputs = inputs.map(lambda first, *_: first)
            spec = spec[0]
        if not hasattr(spec, "shape"):
            raise ValueError(
                "A dataset must give inputs, or tuples that begin with one. Received "
                f"elements of {spec}"
            )
        if spec.shape.rank > rank_of(spec):
            inputs = inputs.unbatch()
        return list(inputs.as_numpy_iterator()), False
    if isinstance(inputs, str | bytes | Path):
        return [inputs], True
    if isinstance(inputs, np.ndarray) and inputs.ndim == rank_of(inputs):
        return [inputs[()]], True
    if isinstance(inputs, np.ndarray | list | tuple):
        return list(inputs), False
    raise TypeError(
        "Inputs must be one input, a list or array of them or a tf.data.Dataset. "
        f"Received: {type(inputs).__name__}"
    )


def batches(
    indices: Sequence[int], batch_size: int, verbose: Any
) -> Iterator[Sequence[int]]:
    """Cuts indices into batches and shows a progress bar.

    Args:
        indices: What to cut.
        batch_size: Number of examples at once. Positive.
        verbose: `"auto"` shows the bar on a terminal if there are several
            batches, 1 always, 0 never.
    """
    if batch_size < 1:
        raise ValueError(
            f"`batch_size` must be a positive integer. Received: {batch_size}"
        )
    starts = range(0, len(indices), batch_size)
    if verbose == "auto":
        # tqdm shows nothing away from a terminal if `disable` is None.
        disable = None if len(starts) > 1 else True
    else:
        disable = not verbose
    with tqdm(total=len(indices), unit="example", disable=disable) as bar:
        for start in starts:
            batch = indices[start : start + batch_size]
            yield batch
            bar.update(len(batch))
