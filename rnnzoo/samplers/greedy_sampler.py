"""Greedy choice: always the likeliest id."""

from keras import ops

from rnnzoo.core.types import Tensor
from rnnzoo.samplers.sampler import Sampler, likeliest


class GreedySampler(Sampler):
    """Takes the likeliest id at every step. The call is that of `Sampler`.

    Example:

    ```python
    import numpy as np
    from rnnzoo.samplers import GreedySampler

    # A model that always expects id 4, after two steps the end.
    def step(token_ids, count):
        scores = np.eye(5)[np.where(count < 2, 4, 3)]
        return scores, count + 1

    token_ids, scores = GreedySampler()(step, np.zeros((1,), "int32"), max_length=6)
    assert np.array(token_ids).tolist() == [[[4, 4, 3, 0, 0, 0]]]
    ```
    """

    def num_hypotheses(self, num_return: int) -> int:
        if num_return != 1:
            raise ValueError(
                "Greedy choice gives one hypothesis: use a beam or random sampler for "
                f"more. Received: num_return={num_return}"
            )
        return 1

    def choose(self, log_probabilities: Tensor, chance: Tensor) -> Tensor:
        return ops.argmax(log_probabilities, axis=-1)

    def pick_with_gain(self, logits: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
        return likeliest(logits)
