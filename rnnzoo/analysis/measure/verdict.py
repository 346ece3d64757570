"""Whether a change of the state vanishes, persists or explodes."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnzoo.analysis.measure.states import States


@dataclass(frozen=True)
class Verdict:
    """The growth of a small change of the state over many steps.

    Attributes:
        layer: Name of the layer.
        kind: `"vanishes"`, `"keeps"` or `"explodes"`. What neither halves nor doubles
            over the steps that were read is kept.
        rate: Largest Lyapunov exponent: natural logarithm of the growth in a step.
        half_life: Steps in which a change halves, or doubles if it explodes; infinite
            if it does neither at all, 0 if it is lost at once.
        steps: Number of steps that were read.
        spectral_radius: Of the recurrent kernel.
        largest_singular_value: Of the recurrent kernel.
    """

    layer: str
    kind: Literal["vanishes", "keeps", "explodes"]
    rate: float
    half_life: float
    steps: int
    spectral_radius: float
    largest_singular_value: float

    def __str__(self) -> str:
        if self.kind == "keeps":
            return f"{self.layer} keeps a change over {self.steps} steps"
        becomes = "halves" if self.kind == "vanishes" else "doubles"
        return (
            f"{self.layer}: a change {self.kind}, it {becomes} in "
            f"{self.half_life:.3g} steps"
        )


def judge(states: States) -> Verdict:
    """Measures whether a change of the state vanishes, is kept or explodes.

    Raises:
        ValueError: If there are fewer than 2 steps.

    Example:

    ```python
    import numpy as np
    from rnnzoo.analysis import Recurrence, States, judge

    fading = Recurrence(np.eye(3), 0.9 * np.eye(3), np.zeros(3), "linear")
    verdict = judge(States.of(fading, np.ones((50, 3))))
    assert verdict.kind == "vanishes" and round(verdict.half_life, 1) == 6.6
    ```
    """
    rate = _growth_rate(states)
    kind: Literal["vanishes", "keeps", "explodes"]
    if abs(rate) * len(states) < math.log(2):
        kind = "keeps"
    else:
        kind = "explodes" if rate > 0 else "vanishes"
    return Verdict(
        states.layer,
        kind,
        rate,
        math.inf if not rate else math.log(2) / abs(rate),
        len(states),
        float(np.abs(np.linalg.eigvals(states.recurrence.recurrent_kernel)).max()),
        float(np.linalg.norm(states.recurrence.recurrent_kernel, 2)),
    )


def _growth_rate(states: States) -> float:
    """Returns the largest Lyapunov exponent; `-inf` if a change is lost at once.

    A random direction has the first quarter of the steps to turn to the fastest one
    (Benettin et al., "Lyapunov Characteristic Exponents", 1980).
    """
    states.check_steps(2)
    settled = (len(states) - 1) // 4
    change = np.random.default_rng(0).normal(size=states.recurrence.units)
    slopes = states.recurrence.slope(states.values)
    total = 0.0
    for t in range(1, len(states)):
        change = slopes[t] * (change @ states.recurrence.recurrent_kernel)
        length = float(np.linalg.norm(change))
        if not length:
            return -math.inf
        change /= length
        total += math.log(length) if t > settled else 0.0
    return total / (len(states) - 1 - settled)
