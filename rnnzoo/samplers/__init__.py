"""Samplers: how ids are chosen, step by step, from what a network expects."""

from rnnzoo.samplers.beam_sampler import BeamSampler
from rnnzoo.samplers.greedy_sampler import GreedySampler
from rnnzoo.samplers.sampler import Sampler
from rnnzoo.samplers.top_k_sampler import TopKSampler
from rnnzoo.samplers.top_p_sampler import RandomSampler, TopPSampler

__all__ = [
    "BeamSampler",
    "GreedySampler",
    "RandomSampler",
    "Sampler",
    "TopKSampler",
    "TopPSampler",
    "get",
]

NAMES = {
    "greedy": GreedySampler,
    "beam": BeamSampler,
    "top_k": TopKSampler,
    "top_p": TopPSampler,
}


def get(sampler: str | Sampler) -> Sampler:
    """The sampler of a name, with its default settings, or the sampler given.

    Args:
        sampler: `"greedy"`, `"beam"`, `"top_k"`, `"top_p"` or a `Sampler`.

    Raises:
        ValueError: If it is none of these.
    """
    if isinstance(sampler, Sampler):
        return sampler
    if sampler not in NAMES:
        raise ValueError(
            f"`sampler` must be one of {list(NAMES)} or a Sampler. Received: "
            f"{sampler!r}"
        )
    return NAMES[sampler]()
