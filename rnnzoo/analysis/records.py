"""Measurements as JSON."""

import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from rnnzoo.analysis.measure.states import States

DIGITS = 4  # significant ones
# Parameters and inputs would make the JSON large.
LEFT_OUT: dict[Any, tuple[str, ...]] = {States: ("inputs", "first", "recurrence")}


def record(measured: Any) -> Any:
    """Turns measurements into lists, numbers and dictionaries.

    Args:
        measured: A part, such as `States` or `Evidence`, an `Explanation`, or a list
            or dictionary of them.

    Returns:
        Values for `json.dumps(…, allow_nan=False)`. Each part is a dictionary with its
        class as `kind`. Numbers have four significant digits; `"inf"`, `"-inf"` and
        `"nan"` are strings. States have the `order` in which their units are drawn.

    Raises:
        TypeError: If a value is of another type.

    Example:

    ```python
    import numpy as np
    from rnnzoo.analysis import Recurrence, record

    one = np.array([[0.123456]])
    assert record(Recurrence(one, one, one[0], "tanh"))["bias"] == [0.1235]
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
