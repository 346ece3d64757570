"""Compiles the functions of a model, keeps them and runs them on batches of inputs."""

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import keras
import numpy as np
from tqdm.auto import tqdm

from rnnzoo.core.checks import check_positive
from rnnzoo.images import is_pil_image
from zoo_models.core.preprocessor import is_dataset
from zoo_models.core.types import Nest, Raw, RawInputs, Tensor

MOST_THREADS = 4  # each needs memory for a batch

Verbose = int | str
Answer = TypeVar("Answer")


class Inference:
    """Runs the passes of a model on raw inputs.

    Each function is compiled when it runs first, and then kept. Several threads may
    call one object.

    Args:
        model: The `ZooModel`.

    Attributes:
        preprocessor: Turns raw inputs into arrays; `None` if the model takes arrays.
        seeds: The Keras variables that random sampling changes.
    """

    def __init__(self, model: keras.Model):
        self.model = model
        self.preprocessor: Any = None
        self.seeds: Sequence[keras.Variable] = ()
        self._lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Discards the compiled functions, which contain settings as constants."""
        self._compiled = functools.cache(self._compile)
        self._compiled_graph = functools.cache(compile_graph)

    def answer(
        self,
        answer_batch: Callable[[list[Raw]], Sequence[Answer]],
        inputs: RawInputs,
        batch_size: int,
        verbose: Verbose,
    ) -> tuple[list[Answer], bool]:
        """Answers raw inputs, or arrays if there is no preprocessor, in batches.

        All texts are checked before the first batch. Images are decoded batch by batch,
        so that any number fits into memory.

        Args:
            answer_batch: Function of a list of checked inputs to a list of answers.
            inputs: One input, a list or array of them, or a `tf.data.Dataset` of raw
                examples, whose labels are ignored.
            batch_size: Number of inputs in a batch.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1 always,
                0 never.

        Returns:
            The answers in the order of the inputs, and whether `inputs` is a single
            input.
        """
        preprocessor = self.preprocessor
        rank = len(self.model.inputs[0].shape) - 1
        rows, is_single = as_list(
            inputs, preprocessor.rank if preprocessor else lambda _: rank
        )
        if not preprocessor and any(isinstance(x, str | bytes | Path) for x in rows):
            raise ValueError(
                "Without its preprocessor the model takes arrays, not texts. It comes "
                "with `from_preset` and `save_to_preset`, not with a .keras file."
            )

        def read(i: int) -> Any:
            if not preprocessor:
                return rows[i]
            name = "the input" if is_single else f"inputs[{i}]"
            return preprocessor.check(rows[i], name)

        # Any other batch size takes the long way, which refuses bad ones.
        is_plain = isinstance(batch_size, int) and batch_size > 0
        if is_single and is_plain and verbose != 1:
            return list(answer_batch([read(0)])), True
        order: Sequence[int] = range(len(rows))
        checked: list[Any] = []
        if preprocessor and not preprocessor.prepares_singly:
            checked = [read(i) for i in order]
            # Batches of similar lengths need little padding.
            order = sorted(order, key=lambda i: len(checked[i]))

        def work(batch: Sequence[int]) -> Sequence[Answer]:
            return answer_batch([checked[i] if checked else read(i) for i in batch])

        found: dict[int, Answer] = {}
        batches = in_batches(work, order, batch_size, verbose, self._num_threads())
        for batch, answers in batches:
            found.update(zip(batch, answers, strict=True))
        return [found[i] for i in range(len(rows))], is_single

    def preprocess(self, batch: list[Raw]) -> np.ndarray:
        """Returns the network's first input for a batch of checked inputs."""
        preprocessor = self.preprocessor
        if preprocessor is None or preprocessor.prepares_singly:
            return np.stack(batch).astype(self.model.inputs[0].dtype)
        return self.run_graph(preprocessor, batch)

    def run(
        self,
        function: Callable[..., Nest],
        array: np.ndarray,
        *settings: int,
        shape: tuple[int | None, ...] | None = None,
    ) -> Nest:
        """Runs a function of a batch, compiled for the backend of Keras.

        Args:
            function: Function in `keras.ops` of a tensor and the settings. It returns
                a nest of tensors with a row for each row of the tensor.
            array: The batch.
            *settings: Integers that are constants in the compiled function.
            shape: Shape to compile for, `None` where it varies. Default: that of the
                network's first input.

        Returns:
            The nest in NumPy arrays.
        """
        with self._lock:  # threads wait while one compiles
            eager = self.model.run_eagerly
            compiled = self._compiled(function, settings, shape, array.dtype, eager)
        return compiled(array)

    def run_graph(self, function: Callable[[Tensor], Nest], values: Any) -> np.ndarray:
        """Runs a function of texts or ids in TensorFlow ops, whatever the backend."""
        import tensorflow as tf

        tensor = tf.constant(values)
        if not self.model.run_eagerly:
            with self._lock:
                shape = (None, *tensor.shape[1:])
                function = self._compiled_graph(function, shape, tensor.dtype)
        return function(tensor).numpy()

    def _compile(
        self,
        function: Callable[..., Nest],
        settings: tuple[int, ...],
        shape: tuple[int | None, ...] | None,
        dtype: np.dtype,
        eager: bool,
    ) -> Callable[[np.ndarray], Nest]:
        from rnnzoo.layers.elman_scan import forward_only

        def run(tensor: Tensor) -> Nest:
            with forward_only():
                return function(tensor, *settings)

        shape = self.model.inputs[0].shape if shape is None else shape
        variables = self.model.variables
        return compile_function(run, shape, dtype.name, variables, self.seeds, eager)

    def _num_threads(self) -> int:
        """Returns the number of batches that are answered in parallel.

        It is one for images, whose convolutions use all cores; with random sampling,
        so that a seed repeats its draws; where nothing is compiled; and on other
        backends than TensorFlow.
        """
        is_image, eager = self.model.input_kind == "image", self.model.run_eagerly
        is_alone = is_image or eager or bool(self.seeds)
        if is_alone or keras.backend.backend() != "tensorflow":
            return 1
        return min(os.cpu_count() or 1, MOST_THREADS)


def compile_function(
    function: Callable[[Tensor], Nest],
    shape: Sequence[int | None],
    dtype: str,
    variables: Sequence[keras.Variable] | None = None,
    seeds: Sequence[keras.Variable] = (),
    eager: bool = False,
) -> Callable[[np.ndarray], Nest]:
    """Compiles a function of a batch for the backend of Keras.

    JAX compiles for each shape. There the rows of a batch are padded to a power of two,
    so that it compiles for few sizes.

    Args:
        function: Function in `keras.ops` from a tensor to a nest of tensors, with a
            row for each row of the tensor.
        shape: Shape of the tensor, `None` where it varies.
        dtype: Type of the tensor.
        variables: The variables that the function reads. Without them JAX does not
            compile it.
        seeds: The variables that random sampling changes.
        eager: Whether to run op by op. Default `False`.

    Returns:
        A thread-safe function from an array to the nest in NumPy arrays.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow" and not eager:
        import tensorflow as tf

        run = compile_graph(function, shape, dtype)
        return lambda array: keras.tree.map_structure(
            lambda x: x.numpy(), run(tf.constant(array, dtype))
        )
    if backend == "jax" and variables is not None and not eager:
        return _compile_for_jax(function, dtype, variables, seeds)

    def call(array: np.ndarray) -> Nest:
        with without_gradients():
            results = function(keras.ops.convert_to_tensor(array, dtype))
        return keras.tree.map_structure(keras.ops.convert_to_numpy, results)

    return call


def compile_graph(
    function: Callable[[Tensor], Nest], shape: Sequence[int | None], dtype: Any
) -> Callable[[np.ndarray], Nest]:
    """Compiles a function of a tensor with TensorFlow, for a shape and a type."""
    import tensorflow as tf

    spec = tf.TensorSpec(shape, dtype)
    return tf.function(function, [spec], autograph=False).get_concrete_function()


def _compile_for_jax(
    function: Callable[[Tensor], Nest],
    dtype: str,
    variables: Sequence[keras.Variable],
    seeds: Sequence[keras.Variable],
) -> Callable[[np.ndarray], Nest]:
    import jax

    known = [*variables, *seeds]
    lock = threading.Lock()

    def call_with(values: list[Any], array: Any) -> tuple[Any, list[Any]]:
        mapping = list(zip(known, values, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            results = function(array)
        return results, [scope.get_current_value(seed) for seed in seeds]

    jitted = jax.jit(call_with)

    def call(array: np.ndarray) -> Nest:
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


def without_gradients() -> contextlib.AbstractContextManager[None]:
    """Returns a context in which PyTorch records no gradients."""
    if keras.backend.backend() != "torch":
        return contextlib.nullcontext()
    import torch

    return torch.no_grad()


def as_list(inputs: RawInputs, rank_of: Callable[[Any], int]) -> tuple[list[Raw], bool]:
    """Returns one input, many inputs or those of a dataset as a list, and whether
    `inputs` is a single input.

    `rank_of` returns the rank of one input for an array or the spec of a dataset: see
    `Preprocessor.rank`.

    Raises:
        TypeError: If `inputs` is of another type.
        ValueError: If a dataset has elements of another structure.
    """
    if isinstance(inputs, str | bytes | Path) or is_pil_image(inputs):
        return [inputs], True
    if isinstance(inputs, np.ndarray) and inputs.ndim == rank_of(inputs):
        return [inputs[()]], True
    if isinstance(inputs, np.ndarray | list | tuple):
        return list(inputs), False
    if not is_dataset(inputs):
        raise TypeError(
            "Inputs must be one input, a list or array of them or a tf.data.Dataset. "
            f"Received: {type(inputs).__name__}"
        )
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


def in_batches(
    work: Callable[[Sequence[int]], Any],
    indices: Sequence[int],
    batch_size: int,
    verbose: Verbose,
    num_threads: int = 1,
) -> Iterator[tuple[Sequence[int], Any]]:
    """Yields batches of indices in their order, and the result of `work` for each.

    Args:
        work: Function of a batch of indices.
        indices: The indices of all examples.
        batch_size: Number of examples in a batch. Positive.
        verbose: Progress bar: see `Inference.answer`.
        num_threads: Number of batches in progress at a time. Default 1.
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
