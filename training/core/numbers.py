"""Numbers in progress lines and cards."""

import math


def rounded(value: float) -> str:
    """Returns a figure with four decimals up to 1 and four digits above; zero is `0`,
    and counts are whole.

    Args:
        value: A loss or a metric.
    """
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size > 1 and float(value).is_integer():
        return f"{value:,.0f}"
    places = 4 if size <= 1 else max(3 - math.floor(math.log10(size)), 0)
    text = f"{value:,.{places}f}"
    return text if text.strip("-0.,") else "0"
