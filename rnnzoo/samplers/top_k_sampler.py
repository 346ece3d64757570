"""Random choice among the k likeliest ids."""

from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.core.types import Tensor
from rnnzoo.samplers.top_p_sampler import RandomSampler


class TopKSampler(RandomSampler):
    """Draws from the `k` likeliest ids. The call is that of `Sampler`; each
    hypothesis is a draw of its own.

    Args:
        k: Number of ids. Positive. Default 5.
        temperature: What scores are divided by. Positive. Default 1.
        seed: Integer for draws that can be repeated, or `None`. Default `None`.

    Raises:
        ValueError: If an argument is out of range.

    Example:

    ```python
    import numpy as np
    from rnnzoo.samplers import TopKSampler

    def step(token_ids, states):
        return np.array([[0.0, 0.0, 0.0, 9.0, 5.0]]), states

    token_ids, _ = TopKSampler(1)(step, np.zeros((1,)), max_length=2)
    assert np.array(token_ids).tolist() == [[[3, 0]]]
    ```

    References:
        - Fan et al., "Hierarchical Neural Story Generation", 2018.
    """

    def __init__(self, k: int = 5, temperature: float = 1.0, seed: int | None = None):
        super().__init__(temperature, seed)
        self.k = check_positive("k", k)

    def candidates(self, log_probabilities: Tensor) -> tuple[Tensor, Tensor]:
        return ops.top_k(log_probabilities, min(self.k, log_probabilities.shape[-1]))
