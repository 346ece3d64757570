"""See what a recurrent network knows, and what becomes of its gradient.

Three kinds, apart: what is measured are arrays and small tables, and needs no plotting
library; what is drawn needs the extra `plots`; what is recorded is JSON. Names are
resolved when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnzoo.analysis.draw.attention import plot_attention as plot_attention
    from rnnzoo.analysis.draw.attention import (
        plot_image_attention as plot_image_attention,
    )
    from rnnzoo.analysis.draw.picture import Picture as Picture
    from rnnzoo.analysis.draw.picture import plot as plot
    from rnnzoo.analysis.explanation import Attention as Attention
    from rnnzoo.analysis.explanation import Explanation as Explanation
    from rnnzoo.analysis.explanation import Image as Image
    from rnnzoo.analysis.explanation import ImageAttention as ImageAttention
    from rnnzoo.analysis.gradient_flow import GradientFlow as GradientFlow
    from rnnzoo.analysis.measure.capture import find_moments as find_moments
    from rnnzoo.analysis.measure.capture import read_states as read_states
    from rnnzoo.analysis.measure.dynamics import (
        GradientThroughTime as GradientThroughTime,
    )
    from rnnzoo.analysis.measure.dynamics import (
        gradient_through_time as gradient_through_time,
    )
    from rnnzoo.analysis.measure.dynamics import (
        lyapunov_exponents as lyapunov_exponents,
    )
    from rnnzoo.analysis.measure.dynamics import perturbed_growth as perturbed_growth
    from rnnzoo.analysis.measure.evidence import Evidence as Evidence
    from rnnzoo.analysis.measure.evidence import (
        integrated_gradients as integrated_gradients,
    )
    from rnnzoo.analysis.measure.evidence import log_odds as log_odds
    from rnnzoo.analysis.measure.evidence import occlusion as occlusion
    from rnnzoo.analysis.measure.gradients import GradientMap as GradientMap
    from rnnzoo.analysis.measure.gradients import gradient_map as gradient_map
    from rnnzoo.analysis.measure.gradients import (
        loss_through_time as loss_through_time,
    )
    from rnnzoo.analysis.measure.horizon import MemoryHorizon as MemoryHorizon
    from rnnzoo.analysis.measure.horizon import memory_horizon as memory_horizon
    from rnnzoo.analysis.measure.horizon import state_horizon as state_horizon
    from rnnzoo.analysis.measure.layers import find_recurrent as find_recurrent
    from rnnzoo.analysis.measure.recurrence import Recurrence as Recurrence
    from rnnzoo.analysis.measure.states import Moment as Moment
    from rnnzoo.analysis.measure.states import States as States
    from rnnzoo.analysis.measure.states import Trajectory as Trajectory
    from rnnzoo.analysis.measure.states import nearest_moments as nearest_moments
    from rnnzoo.analysis.measure.states import trajectory as trajectory
    from rnnzoo.analysis.measure.verdict import Verdict as Verdict
    from rnnzoo.analysis.measure.verdict import judge as judge
    from rnnzoo.analysis.records import record as record

# Where each name is defined, below this package.
_PLACES = {
    "draw.attention": ("plot_attention", "plot_image_attention"),
    "draw.picture": ("Picture", "plot"),
    "explanation": ("Attention", "Explanation", "Image", "ImageAttention"),
    "gradient_flow": ("GradientFlow",),
    "measure.capture": ("find_moments", "read_states"),
    "measure.layers": ("find_recurrent",),
    "measure.verdict": ("Verdict", "judge"),
    "measure.dynamics": (
        "GradientThroughTime",
        "gradient_through_time",
        "lyapunov_exponents",
        "perturbed_growth",
    ),
    "measure.evidence": ("Evidence", "integrated_gradients", "log_odds", "occlusion"),
    "measure.gradients": ("GradientMap", "gradient_map", "loss_through_time"),
    "measure.horizon": ("MemoryHorizon", "memory_horizon", "state_horizon"),
    "measure.recurrence": ("Recurrence",),
    "measure.states": (
        "Moment",
        "States",
        "Trajectory",
        "nearest_moments",
        "trajectory",
    ),
    "records": ("record",),
}
_NAMES = {name: place for place, names in _PLACES.items() for name in names}

__all__ = sorted(_NAMES)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
