"""What a comparison of cells has given so far: a table and a picture."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LINES = ("-", "--", "-.", ":", "-", "--")
MARKERS = "osD^vP"


def read_results(folder: Path) -> list[dict[str, Any]]:
    """The results of all runs that have ended, in no order that counts."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def to_table(
    results: Sequence[dict[str, Any]], cells: Sequence[str], tasks: Sequence[str]
) -> str:
    """A Markdown table: a row for each cell, a column for each problem.

    Args:
        results: What `read_results` gave.
        cells: Names of the cells, in the order of the rows.
        tasks: Keys of the problems, in the order of the columns.

    Returns:
        The table. A cell holds the mean score of the seeds, and their number if they
        are several; a dash if no run has ended.
    """
    names = {r["cell"]: (r["name"], r["units"], r["weights"]) for r in results}
    lines = [
        "| cell | units | weights | " + " | ".join(tasks) + " |",
        "|---" * (len(tasks) + 3) + "|",
    ]
    for cell in cells:
        if cell not in names:
            continue
        name, units, weights = names[cell]
        shown = [name, str(units), f"{weights:,}"]
        for task in tasks:
            scores = _scores(results, cell, task)
            several = f" ({len(scores)})" if scores[1:] else ""
            shown.append(f"{_mean(scores):.2f}{several}" if scores else "–")
        lines.append(f"| {' | '.join(shown)} |")
    return "\n".join(lines)


def draw(
    results: Sequence[dict[str, Any]], cells: Sequence[str], path: str | Path
) -> None:
    """Draws the score of each cell over the length of each problem.

    Raises:
        ImportError: Without the extra `plots`.
    """
    from matplotlib.figure import Figure

    problems = list(dict.fromkeys(r["task"] for r in results))
    figure = Figure(figsize=(3.6 * len(problems) + 2.4, 3.8), layout="constrained")
    figure.suptitle("What survives at which length: tiny networks of equal weights")
    panels = figure.subplots(1, len(problems), squeeze=False, sharey=True)[0]
    for axes, problem in zip(panels, problems, strict=True):
        rows = [r for r in results if r["task"] == problem]
        lengths = sorted({r["length"] for r in rows})
        for i, cell in enumerate(cells):
            known = [n for n in lengths if _scores(rows, cell, f"{problem}-{n}")]
            if known:
                axes.plot(
                    known,
                    [_mean(_scores(rows, cell, f"{problem}-{n}")) for n in known],
                    linestyle=LINES[i % len(LINES)],
                    marker=MARKERS[i % len(MARKERS)],
                    label=next(r["name"] for r in rows if r["cell"] == cell),
                )
        axes.axhline(rows[0]["chance"], color="grey", linewidth=0.8)
        axes.annotate("chance", (lengths[0], rows[0]["chance"]), color="grey")
        axes.set(title=problem, xlabel="length in steps", xscale="log")
        axes.set_xticks(lengths, [str(n) for n in lengths])
        axes.minorticks_off()
    panels[0].set_ylabel("score on new examples, 1 is perfect")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    figure.savefig(path, dpi=100)


def _scores(results: Sequence[dict[str, Any]], cell: str, task: str) -> list[float]:
    return [
        r["score"]
        for r in results
        if (r["cell"], f"{r['task']}-{r['length']}") == (cell, task)
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
