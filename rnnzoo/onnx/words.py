"""The decoder of a language model, which also encodes the prompt."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnzoo.onnx.search import log_sum_exp
from rnnzoo.onnx.texts import END_ID, PAD_ID, START_ID, UNKNOWN_ID


class WordDecoder:
    """The graph of a language model.

    Args:
        run: Maps `token_ids`, `(batch, time)`, and the `state` before them to `logits`
            and `next_state`.
        units: Size of the state.
        prior: Number of words at which the signals have half their weight.
    """

    def __init__(
        self, run: Callable[..., dict[str, np.ndarray]], units: int, prior: float
    ):
        self._run = run
        self._units = units
        self._prior = prior

    def start(self, inputs: np.ndarray) -> tuple[Any, list[np.ndarray], np.ndarray]:
        """Returns a step of the decoder, its initial states, and the signals of
        confidence, for right-padded prompts of shape `(batch, time)`."""
        rows, lengths = np.arange(len(inputs)), (inputs != PAD_ID).sum(axis=1)
        # One call encodes all but the last word, which is the first input of the step.
        opening, before = inputs[rows, lengths - 1], inputs.copy()
        before[rows, lengths - 1] = PAD_ID
        first = self._run([before, self._nothing(inputs)])["next_state"]

        def step(token_ids: np.ndarray, states: list[np.ndarray]) -> Any:
            words = np.where(token_ids == START_ID, states[1], token_ids)
            after = self._run([words[:, None], states[0]])
            return after["logits"], [after["next_state"], states[1]]

        return step, [first, opening], self._signals(inputs)

    def total(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the sum of log-probabilities of each row's words after the first and
        of the end token, `(batch,)`, and the number of words with the end token."""
        lengths = (inputs != PAD_ID).sum(axis=1)
        closed = np.pad(inputs, [[0, 0], [0, 1]], constant_values=PAD_ID)
        closed[np.arange(len(inputs)), lengths] = END_ID
        return self._gains(closed), lengths

    def _gains(self, token_ids: np.ndarray) -> np.ndarray:
        """Returns the sum of log-probabilities of each row's ids after the first."""
        state = self._nothing(token_ids)
        total = np.zeros(len(token_ids), "float32")
        for now, after in zip(token_ids.T[:-1], token_ids.T[1:], strict=True):
            seen = self._run([now[:, None], state])
            state, logits = seen["next_state"], seen["logits"]
            gains = logits[np.arange(len(after)), after] - log_sum_exp(logits)
            total += np.where(after == PAD_ID, 0, gains)
        return total

    def _signals(self, inputs: np.ndarray) -> np.ndarray:
        """Returns the share of unknown words and the mean log-probability of a word."""
        total, number = self._gains(inputs), (inputs != PAD_ID).sum(axis=1) - 1
        several = np.maximum(number, 1)
        unknown = (inputs == UNKNOWN_ID).sum(axis=1)
        weight = number / np.maximum(number + self._prior, 1)
        pairs = [(unknown / several, weight), (total / several, weight)]
        return np.stack([np.stack(pair, axis=1) for pair in pairs], axis=1)

    def _nothing(self, inputs: np.ndarray) -> np.ndarray:
        return np.zeros((len(inputs), self._units), "float32")
