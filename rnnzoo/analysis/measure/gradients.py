"""Gradients of an answer, with respect to what was read and to the states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.analysis.measure.capture import (
    LayerCall,
    Tokens,
    split_rows,
    tokens_of,
    watching,
)
from rnnzoo.analysis.measure.dynamics import GradientThroughTime, gradient_through_time
from rnnzoo.analysis.measure.layers import find_recurrent
from rnnzoo.analysis.measure.recurrence import to_numpy
from rnnzoo.core.checks import check_positive


def differentiate(
    model: Any,
    inputs: Any,
    target: Callable[[Any], Any],
    transform: Callable[[Any], Any] | None = None,
    with_states: bool = False,
) -> tuple[np.ndarray, list[LayerCall], list[np.ndarray], list[np.ndarray]]:
    """Runs a model once forwards and once backwards.

    Args:
        model: A Keras model with an `Elman` or `SimpleRNN` layer.
        inputs: A batch of what it takes.
        target: Gives a number for each example, `(batch,)`, from the outputs.
        transform: See `watching`.
        with_states: Whether gradients of the layers' outputs are wanted too.

    Returns:
        The numbers; the calls of the recurrent layers; the gradient of each example's
        number with respect to what the call read, `(batch, time, input_dim)`; and that
        with respect to its output, which leaves out what passes later states. Zeros
        where the number does not depend on it.

    Raises:
        NotImplementedError: On another backend than TensorFlow.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        raise NotImplementedError(
            "Gradients are measured on the TensorFlow backend. Received: the backend "
            f"{keras.backend.backend()!r}"
        )
    import tensorflow as tf

    with tf.GradientTape(persistent=False) as tape:

        def watched(sequences: Any) -> Any:
            # Unchanged it is the very tensor that others read too, such as a way
            # past the layer, so that all ways to the answer are counted.
            sequences = transform(sequences) if transform else sequences
            tape.watch(sequences)
            return sequences

        with watching(find_recurrent(model), watched) as calls:
            values = target(model(inputs, training=False))
        total = tf.reduce_sum(values)
    sources = [call.sequences for call in calls]
    sources += [call.output for call in calls] if with_states else []
    gradients = tape.gradient(
        total, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    arrays = [to_numpy(gradient).astype("float64") for gradient in gradients]
    count = len(calls)
    return to_numpy(values).astype("float64"), calls, arrays[:count], arrays[count:]


@dataclass(frozen=True)
class GradientMap:
    """How much each step that was read made each answer.

    Attributes:
        layer: Name of the layer that read the steps.
        values: Euclidean norm of the gradient of each answer with respect to the
            input of each step, `(answers, time)`.
        answers: What was answered, in words.
        tokens: What was read in each step, in words.
    """

    layer: str
    values: np.ndarray
    answers: tuple[str, ...]
    tokens: tuple[str, ...]

    def shares(self) -> np.ndarray:
        """The norms as shares of all that made each answer, `(answers, time)`; rows of
        zeros stay as they are."""
        totals = self.values.sum(axis=1, keepdims=True)
        return self.values / np.where(totals == 0, 1, totals)


def gradient_map(
    model: Any,
    inputs: Any,
    target: Callable[[Any], Any],
    answers: Sequence[str],
    tokens: Tokens | None = None,
) -> list[GradientMap]:
    """How much each past step made each answer, as the norm of a gradient.

    All answers are asked at once: the input stands in the batch once for each, and
    the model is run once forwards and once backwards.

    Args:
        model: A Keras model with an `Elman` or `SimpleRNN` layer.
        inputs: One input, in a batch of one: an array, or a list or dictionary of them.
        target: Gives from the outputs, for a batch with a row for each answer, the
            number that stands for the answer of each row, such as a logit.
        answers: The answers in words.
        tokens: What is read in each step, as in `read_states`. Default: the numbers of
            the steps.

    Returns:
        A map for the first layer of the model, or for the first of each beginning of
        names that `tokens` has.

    Raises:
        ValueError: If there is no answer.

    References:
        - Madsen, "Visualizing memorization in RNNs", Distill, 2019.
    """
    import keras

    count = check_positive("the number of answers", len(answers))
    repeated = keras.tree.map_structure(
        lambda x: np.repeat(np.asarray(x), count, axis=0), inputs
    )
    _, calls, gradients, _ = differentiate(model, repeated, target)
    prefixes = list(tokens) if isinstance(tokens, Mapping) else [""]
    maps = []
    for prefix in prefixes:
        found = [i for i, c in enumerate(calls) if c.name.startswith(prefix)]
        if not found:
            raise ValueError(
                f"A layer's name must begin with {prefix!r}. Received: "
                f"{[call.name for call in calls]}"
            )
        call, norms = calls[found[0]], np.linalg.norm(gradients[found[0]], axis=-1)
        rows = tokens_of(call.name, tokens)
        words = rows[0] if rows else [str(i) for i in range(norms.shape[1])]
        norms = norms[:, : len(words)]
        maps.append(GradientMap(call.name, norms, tuple(answers), tuple(words)))
    return maps


def loss_through_time(
    model: Any,
    inputs: Any,
    target: Callable[[Any], Any],
    tokens: Tokens | None = None,
) -> list[GradientThroughTime]:
    """`dS_T / dS_t` and `dLoss / dS_t` of each recurrent layer for one input.

    Args:
        model: A Keras model with an `Elman` or `SimpleRNN` layer.
        inputs: One input, in a batch of one.
        target: Gives the loss from the outputs, `(1,)`.
        tokens: What is read in each step, as in `read_states`.
    """
    _, calls, _, gradients = differentiate(model, inputs, target, with_states=True)
    results = []
    for call, gradient in zip(calls, gradients, strict=True):
        (states,) = split_rows(call, tokens)
        direct = direct_gradient(call, gradient)[0][call.arrays()[2][0]]
        results.append(gradient_through_time(states, direct=direct))
    return results


def direct_gradient(call: LayerCall, gradient: np.ndarray) -> np.ndarray:
    """The gradient of a layer's output as one of its states, `(batch, time, units)`
    in the order of reading: a layer that gives the last state has none before it.

    A masked step repeats the output before it, and its gradient is that one's.
    """
    _, inputs, counts, _ = call.arrays()
    if gradient.ndim == 2:
        spread = np.zeros((*inputs.shape[:2], gradient.shape[-1]))
        spread[:, -1:] = gradient[:, None]
    else:
        spread = np.array(gradient)
    for t in range(spread.shape[1] - 1, 0, -1):
        is_masked = ~counts[:, t, None]
        spread[:, t - 1] += np.where(is_masked, spread[:, t], 0)
        spread[:, t] = np.where(is_masked, 0, spread[:, t])
    return spread
