"""Answers from a Keras model without the cost of `predict`, on any backend."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm.auto import tqdm

from rnnzoo.checks import check_positive
from rnnzoo.images import is_pil_image
from zoo_models.core.raw_data import is_dataset


def compile_function(
    function: Callable[[Any], Any],
    shape: Sequence[int | None],
    dtype: str,
    variables: Sequence[keras.Variable] | None = None,
    seeds: Sequence[keras.Variable] = (),
    eager: bool = False,
) -> Callable[[Any], Any]:
    """Compiles a function of a batch for the backend.

    On JAX, which compiles for each shape, the rows of a batch are filled up to a power
    of two, so that few sizes are compiled.

    Args:
        function: Function from a tensor to a tensor or a nest of them, in `keras.ops`,
            with a row for each row of the tensor.
        shape: Shape of the tensor; `None` where it may change.
        dtype: Type of the tensor.
        variables: What it reads, if it is to be compiled on JAX, where these go in
            as arguments. Without them it is called as it is there.
        seeds: What it reads and changes: the states of random numbers.
        eager: Whether it runs op by op instead: the first answer comes sooner, the
            later ones take longer. Default `False`.

    Returns:
        A function from an array to what `function` gives for it, in NumPy arrays. It
        may be called from several threads.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow" and not eager:
        import tensorflow as tf

        run = compile_graph(function, tf.TensorSpec(shape, dtype))
        return lambda array: keras.tree.map_structure(
            lambda x: x.numpy(), run(tf.constant(array, dtype))
        )
    if backend == "jax" and variables is not None and not eager:
        return _compile_for_jax(function, dtype, variables, seeds)

    def call(array: Any) -> Any:
        with without_gradients():
            results = function(keras.ops.convert_to_tensor(array, dtype))
        return keras.tree.map_structure(keras.ops.convert_to_numpy, results)

    return call


def compile_graph(
    function: Callable[[Any], Any], spec: Any, eager: bool = False
) -> Callable[[Any], Any]:
    """Compiles a function of a tensor, in TensorFlow ops, for the `tf.TensorSpec` of
    that tensor, unless it is `eager`."""
    import tensorflow as tf

    if eager:
        return function
    return tf.function(function, [spec], autograph=False).get_concrete_function()


def _compile_for_jax(
    function: Callable[[Any], Any],
    dtype: str,
    variables: Sequence[keras.Variable],
    seeds: Sequence[keras.Variable],
) -> Callable[[Any], Any]:
    import jax

    known = [*variables, *seeds]
    lock = threading.Lock()

    def call_with(values: list[Any], array: Any) -> tuple[Any, list[Any]]:
        mapping = list(zip(known, values, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            results = function(array)
        return results, [scope.get_current_value(seed) for seed in seeds]

    jitted = jax.jit(call_with)

    def call(array: Any) -> Any:
        array = np.asarray(array, dtype)
        rows = len(array)
        missing = (1 << max(rows - 1, 0).bit_length()) - rows
        if missing:
            array = np.concatenate([array, np.repeat(array[:1], missing, axis=0)])
        # No two threads may draw the same numbers.
        with lock if seeds else contextlib.nullcontext():
            results, states = jitted([v.value for v in known], array)
            for seed, state in zip(seeds, states, strict=True):
                seed.assign(state)
        return keras.tree.map_structure(lambda x: np.asarray(x)[:rows], results)

    return call


def without_gradients() -> Any:
    """Keeps PyTorch from recording what happens inside."""
    if keras.backend.backend() != "torch":
        return contextlib.nullcontext()
    import torch

    return torch.no_grad()


def check_names(model: Any) -> None:
    """Raises `ValueError` unless the model can name the tokens that it reads."""
    if model.preprocessor is None or model.input_kind != "text":
        raise ValueError(
            "`return_tokens` needs a model that reads texts, with its preprocessor. "
            f"Received: a {type(model).__name__} of {model.input_kind}s, "
            f"preprocessor={model.preprocessor}"
        )


def as_list(inputs: Any, rank_of: Callable[[Any], int]) -> tuple[list[Any], bool]:
    """Makes a list of one input, of many, or of a dataset's.

    Args:
        inputs: One input, a list or array of them, or a `tf.data.Dataset` of inputs
            or of tuples that begin with one, batched or not.
        rank_of: Tells the rank of one input from an array or a dataset's spec: see
            `Preprocessor.rank`.

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
    if isinstance(inputs, str | bytes | Path) or is_pil_image(inputs):
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
    check_positive("batch_size", batch_size)
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


def compute(
    model: Any, inputs: Any, output: Any, batch_size: int, verbose: Any
) -> tuple[list[Any], bool]:
    """Computes an output of a model for raw inputs, or arrays without a preprocessor.

    Args:
        model: The `ZooModel`.
        inputs: One input, a list or array of them, or a `tf.data.Dataset` of raw
            examples, whose labels are passed over.
        output: Which of the model's functions: see `ZooModel.function`.
        batch_size: Number of inputs at once.
        verbose: Progress bar: `"auto"`, 0 or 1.

    Returns:
        A pair: a list with the output for each input, and whether a single input came.
    """
    preprocessor = model.preprocessor
    is_raw = preprocessor is not None
    rank = len(model.inputs[0].shape) - 1
    inputs, is_single = as_list(inputs, preprocessor.rank if is_raw else lambda _: rank)
    if not is_raw and any(isinstance(x, str | bytes | Path) for x in inputs):
        raise ValueError(
            "Without its preprocessor the model takes arrays, not texts. It comes "
            "with `from_preset` and `save_to_preset`, not with a .keras file."
        )
    order: Any = range(len(inputs))
    if is_raw:
        inputs = [
            preprocessor.check(x, "the input" if is_single else f"inputs[{i}]")
            for i, x in enumerate(inputs)
        ]
        # Inputs of like length together need little padding.
        order = sorted(order, key=lambda i: len(inputs[i]))
    function = model.function(output)
    outputs: list[Any] = [None] * len(inputs)
    for batch in batches(order, batch_size, verbose):
        rows = function([inputs[i] for i in batch])
        for i, row in zip(batch, rows, strict=True):
            outputs[i] = row
    return outputs, is_single
