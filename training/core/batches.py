"""Batches of examples in memory, in an order that seed and epoch decide."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

# Rows of a batch are padded to one of these lengths: little padding, few shapes.
EDGES = (16, 32, 48, 64, 96, 128, 160, 200, 260, 330, 400)


class Batches:
    """Batches of examples that are in memory as ids or pixels.

    The order of an epoch follows from the seed and the epoch's number alone, so that a
    run can continue in the middle of an epoch without reading earlier batches.

    Args:
        examples: Arrays with a row for each example, in the structure of a batch:
            `(inputs, targets)` or `(inputs, targets, weights)`, where each may be a
            dictionary. Rows of different lengths come as a list of arrays; they are
            padded with zeros on the right.
        batch_size: Number of examples in a batch. Positive.
        seed: Seed of the order, which changes with each epoch. All batches are then
            full; what is left over, less than a batch, changes too. `None`: all
            examples, the last batch of a length may be smaller.
        lengths: Length of each example; those of like length share a batch. Default:
            any examples do.
        edges: Lengths that batches are cut at and rows padded to.
        transform: Called with `(batch, seed)` in TensorFlow ops, for what changes
            from epoch to epoch: `seed` is an int32 pair for `tf.random.stateless_*`.
            Default: the batch as it is.

    Raises:
        ValueError: If there are no examples, or not as many in each array.
    """

    # Whether the same examples make batches of another size.
    can_shrink = True

    def __init__(
        self,
        examples: Any,
        batch_size: int,
        seed: int | None = None,
        lengths: Any = None,
        edges: Sequence[int] = EDGES,
        transform: Callable[[Any, Any], Any] | None = None,
    ):
        import tensorflow as tf

        self.arrays = map_arrays(_to_tensor, examples)
        sizes = [int(a.shape[0]) for a in tf.nest.flatten(self.arrays)]
        if len(set(sizes)) != 1 or not sizes[0]:
            raise ValueError(
                "There must be examples, as many in each array. Received arrays of "
                f"{sizes}"
            )
        self.size = sizes[0]
        self.batch_size = min(batch_size, self.size)
        self.seed = seed
        self.edges = np.array(sorted(edges))
        lengths = np.zeros(self.size, int) if lengths is None else np.asarray(lengths)
        self.buckets = np.searchsorted(self.edges, lengths)  # (size,)
        self.transform = transform
        self._passes = 1

    def __len__(self) -> int:
        """Number of batches in an epoch."""
        return len(self.plan(0))

    def repeat_passes(self, passes: int, batch_size: int) -> "Batches":
        """Batches of another size, whose epochs are `passes` epochs, one after the
        other."""
        repeated = copy.copy(self)
        repeated._passes, repeated.batch_size = passes, batch_size
        return repeated

    def plan(self, epoch: int) -> list[np.ndarray]:
        """Returns the numbers of the examples in each batch of an epoch."""
        passes = range(epoch * self._passes, (epoch + 1) * self._passes)
        return [batch for number in passes for batch in self._make_plan(number)]

    def _make_plan(self, epoch: int) -> list[np.ndarray]:
        if self.seed is None:
            order = np.arange(self.size)
        else:
            order = np.random.default_rng((self.seed, epoch)).permutation(self.size)
        ready: list[tuple[int, np.ndarray]] = []
        left = np.array([], int)  # places in the order
        for bucket in np.unique(self.buckets):
            places = np.flatnonzero(self.buckets[order] == bucket)
            # Rows left over from shorter buckets join these.
            places = np.concatenate([left, places])
            cut = len(places) - len(places) % self.batch_size
            full = places[:cut].reshape(-1, self.batch_size)
            # A batch is ready when the last of its examples has come.
            ready += [(int(batch.max()), order[batch]) for batch in full]
            left = places[cut:]
        ready.sort(key=lambda pair: pair[0])
        batches = [batch for _, batch in ready]
        if self.seed is None and len(left):
            batches.append(order[left])
        return batches

    def epoch(self, epoch: int = 0, start: int = 0) -> Any:
        """Returns a `tf.data.Dataset` of the batches of an epoch.

        Args:
            epoch: Number of the epoch, from 0.
            start: Number of batches to skip.
        """
        return self.stream(epoch, start).take(len(self) - start)

    def stream(self, epoch: int = 0, start: int = 0) -> Any:
        """Returns a `tf.data.Dataset` of the batches of an epoch and all later ones.

        It is set up once and reads ahead over the end of an epoch. Arguments as in
        `epoch`.
        """
        import tensorflow as tf

        edges = tf.constant(self.edges)
        batch_dim = self.batch_size if self.seed is not None else None

        def pick(array: Any, numbers: Any) -> Any:
            picked = tf.gather(array, numbers)
            if isinstance(picked, tf.RaggedTensor):
                longest = picked.bounding_shape(axis=1, out_type=tf.int64)
                place = tf.searchsorted(edges, longest[None])[0]
                last = len(self.edges) - 1
                padded = tf.maximum(edges[tf.minimum(place, last)], longest)
                inner = picked.shape[2:]
                shape = tf.stack([-1, padded, *inner])
                picked = tf.ensure_shape(
                    picked.to_tensor(shape=shape), [None, None, *inner]
                )
            return tf.ensure_shape(picked, [batch_dim, *picked.shape[1:]])

        def make(row: Any, size: Any, seed: Any) -> Any:
            batch = tf.nest.map_structure(lambda a: pick(a, row[:size]), self.arrays)
            return batch if self.transform is None else self.transform(batch, seed)

        def number(epoch: Any) -> Any:
            types = ["int64", "int64", "int32"]
            rows, sizes, seeds = tf.numpy_function(self._numbers, [epoch], types)
            rows = tf.ensure_shape(rows, [None, self.batch_size])
            sizes, seeds = (
                tf.ensure_shape(sizes, [None]),
                tf.ensure_shape(seeds, [None, 2]),
            )
            return tf.data.Dataset.from_tensor_slices((rows, sizes, seeds))

        dataset = tf.data.Dataset.range(epoch, np.iinfo("int64").max).flat_map(number)
        # This skips numbers, before any example is read.
        dataset = dataset.skip(start)
        dataset = dataset.map(make, num_parallel_calls=2, deterministic=True)
        return dataset.prefetch(4)

    def _numbers(self, epoch: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns the examples, sizes and seeds of the batches of an epoch."""
        plan = self.plan(int(epoch))
        rows = np.zeros((len(plan), self.batch_size), "int64")
        for row, batch in zip(rows, plan, strict=True):
            row[: len(batch)] = batch
        sizes = np.array([len(batch) for batch in plan], "int64")
        seeds = np.zeros((len(plan), 2), "int32")
        seeds[:, 0] = 0 if self.seed is None else self.seed
        seeds[:, 1] = epoch * len(plan) + np.arange(len(plan))
        return rows, sizes, seeds


def map_arrays(function: Callable[[Any], Any], structure: Any) -> Any:
    """Calls `function` on the arrays and lists of arrays in tuples and dictionaries."""
    if isinstance(structure, tuple):
        return tuple(map_arrays(function, part) for part in structure)
    if isinstance(structure, dict):
        return {key: map_arrays(function, part) for key, part in structure.items()}
    return function(structure)


def _to_tensor(array: Any) -> Any:
    import tensorflow as tf

    if isinstance(array, list):
        lengths = np.array([len(row) for row in array])
        return tf.RaggedTensor.from_row_lengths(np.concatenate(array), lengths)
    return tf.constant(array)
