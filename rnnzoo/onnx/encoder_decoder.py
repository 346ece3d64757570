"""The encoder and decoder graphs of a translator or captioner."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class EncoderDecoder:
    """Runs the two graphs of a translator or captioner.

    Args:
        run: Function from the name of a graph and the values of its inputs, in their
            order, to its outputs by name.
        slots: Names of the inputs of `decoder_model`, in their order.
    """

    def __init__(self, run: Callable[..., dict[str, np.ndarray]], slots: Sequence[str]):
        self._run = run
        self._slots = slots

    def start(self, inputs: np.ndarray) -> tuple[Any, list[np.ndarray], np.ndarray]:
        """Returns the decoder step, the first states, and the signals of the confidence
        but the last, which is the score of the text."""
        seen = self._run("encoder_model", [inputs])
        *first, signals = [seen.pop(x) for x in ("state_1", "state_2", "signals")]
        places = np.arange(len(inputs))

        def step(token_ids: np.ndarray, states: list[np.ndarray]) -> Any:
            nonlocal places, seen
            # Of examples that are done there are no rows any more.
            left = np.unique(states[2])
            if len(left) < len(places):
                is_left = np.isin(places, left)
                seen = {name: value[is_left] for name, value in seen.items()}
                places = left
            given = {"token_ids": token_ids, "state_1": states[0], "state_2": states[1]}
            given |= seen
            after = self._run("decoder_model", [given[name] for name in self._slots])
            return after["logits"], [
                after["next_state_1"],
                after["next_state_2"],
                states[2],
            ]

        return step, [*first, places], signals
