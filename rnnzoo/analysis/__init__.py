"""Measures, draws and records what a recurrent network computes.

Measurements are arrays and small tables. Only drawing needs the extra `plots`.
"""

from rnnzoo.analysis.draw.picture import Picture, plot
from rnnzoo.analysis.explanation import Attention, Explanation, Image, ImageAttention
from rnnzoo.analysis.measure.capture import read_states
from rnnzoo.analysis.measure.dynamics import GradientThroughTime, gradient_through_time
from rnnzoo.analysis.measure.evidence import Evidence, integrated_gradients, log_odds
from rnnzoo.analysis.measure.gradients import (
    GradientMap,
    gradient_map,
    loss_through_time,
)
from rnnzoo.analysis.measure.horizon import (
    MemoryHorizon,
    memory_horizon,
    state_horizon,
)
from rnnzoo.analysis.measure.layers import find_recurrent
from rnnzoo.analysis.measure.recurrence import Recurrence
from rnnzoo.analysis.measure.states import States
from rnnzoo.analysis.measure.verdict import Verdict, judge
from rnnzoo.analysis.records import record

__all__ = [
    "Attention",
    "Evidence",
    "Explanation",
    "GradientMap",
    "GradientThroughTime",
    "Image",
    "ImageAttention",
    "MemoryHorizon",
    "Picture",
    "Recurrence",
    "States",
    "Verdict",
    "find_recurrent",
    "gradient_map",
    "gradient_through_time",
    "integrated_gradients",
    "judge",
    "log_odds",
    "loss_through_time",
    "memory_horizon",
    "plot",
    "read_states",
    "record",
    "state_horizon",
]
