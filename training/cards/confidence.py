"""The section of a card on confidence and out-of-distribution detection."""

from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_suffix(".md")


def describe_confidence(metadata: dict[str, Any], config: dict[str, Any]) -> str:
    """Returns Markdown made from `metadata.json` and `config.json`.

    The text is empty if the preset was not calibrated.
    """
    measured, calibration = metadata.get("confidence"), config.get("confidence")
    if measured is None or calibration is None:
        return ""
    text = TEMPLATE.read_text(encoding="utf-8").format(
        unsure=calibration["unsure_below"],
        examples=measured["validation_examples"],
        limits=_limits(calibration["ranges"]),
        inputs=_inputs(measured["inputs"]),
        name=metadata["name"],
    )
    return f"\n\n{text.rstrip()}"


def _limits(ranges: dict[str, Any]) -> str:
    lines = ["| measure | typical | lowest | highest |", "|---|---|---|---|"]
    for name, values in ranges.items():
        typical, below, above = values["typical"], values["below"], values["above"]
        low = "–" if below is None else f"{typical - below:.3g}"
        high = "–" if above is None else f"{typical + above:.3g}"
        lines.append(f"| {name} | {typical:.3g} | {low} | {high} |")
    return "\n".join(lines)


def _inputs(kinds: list[dict[str, Any]]) -> str:
    lines = ["| inputs | examples | marked | AUROC |", "|---|---|---|---|"]
    for kind in kinds:
        value = f"{kind['auroc']:.3f}" if "auroc" in kind else "–"
        cells = kind["name"], f"{kind['examples']:,}", f"{kind['marked']:.1%}", value
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
