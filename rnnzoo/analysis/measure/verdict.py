"""Whether a change of the state vanishes, is kept or explodes."""

import math
from dataclasses import dataclass
from typing import Literal

from rnnzoo.analysis.measure.dynamics import lyapunov_exponents
from rnnzoo.analysis.measure.states import States


@dataclass(frozen=True)
class Verdict:
    """What becomes of a change of the state over many steps.

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
    """Says whether a change of the state vanishes, is kept or explodes.

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
    (rate,) = lyapunov_exponents(states)
    kind: Literal["vanishes", "keeps", "explodes"]
    if abs(rate) * len(states) < math.log(2):
        kind = "keeps"
    else:
        kind = "explodes" if rate > 0 else "vanishes"
    return Verdict(
        states.layer,
        kind,
        float(rate),
        math.inf if not rate else math.log(2) / abs(rate),
        len(states),
        states.recurrence.spectral_radius(),
        float(states.recurrence.singular_values()[0]),
    )
