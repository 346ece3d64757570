"""Random choice among the likeliest ids that together have a probability."""

from typing import Any

import keras
from keras import ops

from rnnzoo.core.types import Tensor
from rnnzoo.samplers.sampler import Sampler


class RandomSampler(Sampler):
    """Draws ids by chance: what the random samplers share.

    Args:
        temperature: What scores are divided by: under 1 the likely ids are drawn more
            often, over 1 less. Positive. Default 1.
        seed: Integer for draws that can be repeated, or `None`. Default `None`.
    """

    def __init__(self, temperature: float = 1.0, seed: int | None = None):
        self.set_temperature(temperature)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def set_temperature(self, temperature: float) -> None:
        """Changes the temperature of draws to come.

        Raises:
            ValueError: If it is not over 0.
        """
        if not temperature > 0:
            raise ValueError(
                f"`temperature` must be over 0. Received: temperature={temperature}"
            )
        self.temperature = temperature

    def seeds(self) -> list[Any]:
        return [self.seed_generator.state]

    def draw(self, rows: Tensor, max_length: int) -> Tensor:
        return keras.random.uniform(
            (rows, max_length), dtype="float32", seed=self.seed_generator
        )

    def choose(self, log_probabilities: Tensor, chance: Tensor) -> Tensor:
        log_probabilities, token_ids = self.candidates(log_probabilities)
        scores = log_probabilities / self.temperature
        share = ops.exp(scores - scores[:, :1])  # in units of the likeliest one's
        share = share / ops.sum(share, axis=-1, keepdims=True)
        share = self.cut(share)
        # The id at which the sum of shares passes the random number.
        reached = ops.cumsum(share, axis=-1)
        passed = reached < (chance * reached[:, -1])[:, None]
        place = ops.sum(ops.cast(passed, "int32"), axis=-1, keepdims=True)
        place = ops.minimum(place, token_ids.shape[-1] - 1)
        return ops.take_along_axis(token_ids, place, axis=1)[:, 0]

    def candidates(self, log_probabilities: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of the ids that may be drawn, the likeliest first, and
        the ids, both `(rows, candidates)`."""
        raise NotImplementedError

    def cut(self, share: Tensor) -> Tensor:
        """The shares, `(rows, candidates)`, with zeros where no id is drawn."""
        return share


class TopPSampler(RandomSampler):
    """Draws from the fewest ids that together have the probability `p`. The call is
    that of `Sampler`; each hypothesis is a draw of its own.

    Args:
        p: Probability, over 0 and at most 1. Default 0.9.
        temperature: What scores are divided by, before the cut. Positive. Default 1.
        seed: Integer for draws that can be repeated, or `None`. Default `None`.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    ```python
    import numpy as np
    from rnnzoo.samplers import TopPSampler

    def step(token_ids, states):
        return np.array([[0.0, 0.0, 0.0, 9.0, 5.0]]), states

    token_ids, _ = TopPSampler(0.5, seed=1)(step, np.zeros((1,)), max_length=2)
    assert np.array(token_ids).tolist() == [[[3, 0]]]
    ```

    References:
        - Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020.
    """

    def __init__(
        self, p: float = 0.9, temperature: float = 1.0, seed: int | None = None
    ):
        super().__init__(temperature, seed)
        if not 0 < p <= 1:
            raise ValueError(f"`p` must be over 0 and at most 1. Received: p={p}")
        self.p = p

    def candidates(self, log_probabilities: Tensor) -> tuple[Tensor, Tensor]:
        return ops.top_k(log_probabilities, log_probabilities.shape[-1])

    def cut(self, share: Tensor) -> Tensor:
        before = ops.cumsum(share, axis=-1) - share
        return ops.where(before < self.p, share, 0.0)
