"""A decoder that attends to the outputs of an encoder."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class EncoderDecoder:
    """The two graphs of a translator or captioner.

    Args:
        run: Maps the name of a graph and its inputs in order to its outputs by name.
        slots: Names of the inputs of `decoder_model`, in order.
    """

    def __init__(self, run: Callable[..., dict[str, np.ndarray]], slots: Sequence[str]):
        self._run = run
        self._slots = slots

    def start(self, inputs: np.ndarray) -> tuple[Any, list[np.ndarray], np.ndarray]:
        """Returns a step of the decoder, its initial states, and the signals of
        confidence except the last one, which the output determines."""
        seen = self._run("encoder_model", [inputs])
        *first, signals = [seen.pop(x) for x in ("state_1", "state_2", "signals")]
        places = np.arange(len(inputs))

        def step(token_ids: np.ndarray, states: list[np.ndarray]) -> Any:
            nonlocal places, seen
            # Finished examples have no rows any more.
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
