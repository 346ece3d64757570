"""Which steps speak for an answer, and how its score moves as a sequence is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnzoo.analysis.measure.gradients import differentiate
from rnnzoo.analysis.measure.recurrence import to_numpy
from rnnzoo.core.checks import check_positive

PATH = 32  # points on the way from nothing to the input


@dataclass(frozen=True)
class Evidence:
    """What each step of a sequence says for an answer.

    Attributes:
        answer: The answer, in words.
        tokens: What was read in each step, in words.
        attributions: What each step adds to the score, `(time,)`, in the unit of it.
        score: Score of the answer.
        baseline: Score where nothing is read, all inputs zero.
        method: `"integrated gradients"`.
        unit: Unit of the score. Default `"nats of log-odds"`.
        course: Score after each step, as far as it was read, `(time,)`, or `None`.
    """

    answer: str
    tokens: tuple[str, ...]
    attributions: np.ndarray
    score: float
    baseline: float
    method: str
    unit: str = "nats of log-odds"
    course: np.ndarray | None = None

    def strongest(self, count: int = 5) -> np.ndarray:
        """The steps that say most, for or against, the strongest first."""
        return np.argsort(-np.abs(self.attributions), kind="stable")[:count]


def log_odds(number: int) -> Callable[[Any], Any]:
    """A score for classifiers: ln(p / (1 - p)) of the probability of a class.

    Args:
        number: Number of the class.

    Returns:
        A function from probabilities, `(batch, num_classes)`, to scores, `(batch,)`.
    """

    def score(probabilities: Any) -> Any:
        from keras import ops

        p = ops.clip(probabilities[:, number], 1e-6, 1 - 1e-6)
        return ops.log(p) - ops.log(1 - p)

    return score


def integrated_gradients(
    model: Any,
    inputs: Any,
    target: Callable[[Any], Any],
    answer: str = "answer",
    tokens: Sequence[str] = (),
    points: int = PATH,
) -> Evidence:
    """Shares the score of an answer out among the steps that were read.

    The inputs of the recurrent layers, `X_t`, are faded in from zero; the gradient of
    the score along the way, times the input, is what a step adds. What the steps add is
    what the score has over that of an input of zeros, up to `Evidence.residue`.

    Args:
        model: A Keras model whose only way from the input to the output leads through
            the recurrent layers.
        inputs: One input, in a batch of one.
        target: Gives the score from the outputs, `(batch,)`: see `log_odds`.
        answer: The answer in words.
        tokens: What is read in each step. Default: the numbers of the steps.
        points: Points on the way. Default 32.

    References:
        - Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017.
    """
    elements, score, baseline = integrate(model, inputs, target, points)
    attributions = elements.sum(axis=-1)
    words = tuple(tokens) or tuple(str(i) for i in range(len(attributions)))
    return Evidence(
        answer,
        words,
        attributions[: len(words)],
        score,
        baseline,
        "integrated gradients",
    )


def integrate(
    model: Any, inputs: Any, target: Callable[[Any], Any], points: int = PATH
) -> tuple[np.ndarray, float, float]:
    """What each number that the first recurrent layer reads adds to the score, `(time,
    input_dim)`; the score; and that of an input of zeros. See
    `integrated_gradients`."""
    import keras
    from keras import ops

    points = check_positive("points", points)
    repeated = keras.tree.map_structure(
        lambda x: np.repeat(np.asarray(x), points + 2, axis=0), inputs
    )
    # The midpoints of equal pieces of the way, then its two ends.
    factors = np.append((np.arange(points) + 0.5) / points, [0.0, 1.0])
    fed: list[Any] = []  # what the layers that read first hand were given

    def fade(sequences: Any) -> Any:
        if fed:
            return sequences
        fed.append(sequences)
        return sequences * ops.cast(factors[:, None, None], sequences.dtype)

    scores, _, gradients, _ = differentiate(model, repeated, target, fade)
    full = to_numpy(fed[0])[0].astype("float64")
    # Layers of both directions share what they read, and its gradient.
    elements = gradients[0][:points].mean(axis=0) * full
    return elements, float(scores[-1]), float(scores[-2])
