"""What was measured as values that JSON has, for a page to draw."""

import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from rnnzoo.analysis.measure.states import States

DIGITS = 4  # significant ones
# Weights and inputs of a layer are the model's, not the page's.
LEFT_OUT: dict[Any, tuple[str, ...]] = {States: ("inputs", "first", "recurrence")}


def record(measured: Any) -> Any:
    """Turns what `rnnzoo.analysis` measures into lists, numbers and dictionaries.

    Args:
        measured: A part, such as `States` or `Evidence`, an `Explanation`, or a list
            or dictionary of them.

    Returns:
        Values that `json.dumps(…, allow_nan=False)` takes. Each part is a dictionary
        with its class as `kind`; numbers have four significant digits, and what is not
        finite is a text: `"inf"`, `"-inf"` or `"nan"`. States bring the `order` in
        which their units are drawn.

    Raises:
        TypeError: If something else is within.

    Example:

    ```python
    from rnnzoo.analysis import Moment, record

    moment = Moment(3, 7, 0.123456, "not «bad» at all")
    assert record(moment)["distance"] == 0.1235
    ```
    """
    if isinstance(measured, dict):
        return {str(key): record(value) for key, value in measured.items()}
    if isinstance(measured, list | tuple):
        return [record(value) for value in measured]
    if isinstance(measured, np.ndarray):
        return record(measured.tolist())
    if measured is None or isinstance(measured, str | bool | np.bool_):
        return bool(measured) if isinstance(measured, np.bool_) else measured
    if isinstance(measured, int | np.integer):
        return int(measured)
    if isinstance(measured, float | np.floating):
        return _short(float(measured))
    if not is_dataclass(measured) or isinstance(measured, type):
        raise TypeError(
            "Only what `rnnzoo.analysis` measures can be recorded. Received: "
            f"{type(measured).__name__}"
        )
    left_out = LEFT_OUT.get(type(measured), ())
    content = {
        field.name: record(getattr(measured, field.name))
        for field in fields(measured)
        if field.name not in left_out
    }
    if isinstance(measured, States) and len(measured):
        content["order"] = record(measured.order_units())
    return {"kind": type(measured).__name__, **content}


def _short(value: float) -> float | str:
    if not math.isfinite(value):
        return str(value)
    return float(f"{value:.{DIGITS}g}")
