"""Answers from a Keras model without the cost of `predict`, on any backend."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm.auto import tqdm

from rnnzoo.core.checks import check_positive
from rnnzoo.images import is_pil_image
from zoo_models.core.raw_data import is_dataset

MOST_THREADS = 4  # each holds what a batch needs


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


def in_batches(
    work: Callable[[Sequence[int]], Any],
    indices: Sequence[int],
    batch_size: int,
    verbose: Any,
    num_threads: int = 1,
) -> Iterator[tuple[Sequence[int], Any]]:
    """Does a work for batches of indices and shows a progress bar.

    Args:
        work: What to do for a batch.
        indices: What to cut into batches.
        batch_size: Number of examples at once. Positive.
        verbose: `"auto"` shows the bar on a terminal if there are several
            batches, 1 always, 0 never.
        num_threads: Number of batches that are worked on side by side. Default 1.

    Yields:
        The batches in their order, and what `work` gave for each.
    """
    check_positive("batch_size", batch_size)
    starts = range(0, len(indices), batch_size)
    cut = [indices[start : start + batch_size] for start in starts]
    if verbose == "auto":
        # tqdm shows nothing away from a terminal if `disable` is None.
        disable = None if len(cut) > 1 else True
    else:
        disable = not verbose
    with contextlib.ExitStack() as stack:
        bar = stack.enter_context(
            tqdm(total=len(indices), unit="example", disable=disable)
        )
        results: Iterator[Any] = map(work, cut)
        if min(num_threads, len(cut)) > 1:
            pool = ThreadPoolExecutor(num_threads)
            stack.callback(pool.shutdown, cancel_futures=True)  # after an error, too
            results = pool.map(work, cut)
        for batch, result in zip(cut, results, strict=True):
            yield batch, result
            bar.update(len(batch))


def num_threads(model: Any) -> int:
    """How many batches a model answers side by side: while one takes small steps, the
    products of another use the cores. Only one of images, whose convolutions use all
    cores and much memory; where random numbers are drawn, so that a seed always draws
    the same; where nothing is compiled; and elsewhere than on TensorFlow."""
    sampler = getattr(model, "sampler", None)
    draws = sampler is not None and bool(sampler.seeds())
    alone = model.input_kind == "image" or draws or model.run_eagerly
    if alone or keras.backend.backend() != "tensorflow":
        return 1
    return min(os.cpu_count() or 1, MOST_THREADS)


def compute(
    model: Any, inputs: Any, output: Any, batch_size: int, verbose: Any
) -> tuple[list[Any], bool]:
    """Computes an output of a model for raw inputs, or arrays without a preprocessor.

    All texts are checked before anything is computed. Images are read batch by batch,
    so that any number fits into memory.

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
    function = model.function(output)

    def check(i: int) -> Any:
        name = "the input" if is_single else f"inputs[{i}]"
        return preprocessor.check(inputs[i], name)

    def work(batch: Sequence[int]) -> Any:
        return function([read(i) for i in batch])

    if not is_raw or not preprocessor.prepares_singly:
        known = [check(i) for i in order] if is_raw else inputs
        read: Callable[[int], Any] = known.__getitem__
        # Inputs of like length together need little padding.
        order = sorted(order, key=lambda i: len(known[i])) if is_raw else order
    else:
        read = check
    outputs: list[Any] = [None] * len(inputs)
    threads = num_threads(model)
    for batch, rows in in_batches(work, order, batch_size, verbose, threads):
        for i, row in zip(batch, rows, strict=True):
            outputs[i] = row
    return outputs, is_single
