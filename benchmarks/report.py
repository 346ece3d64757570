"""What benchmarks report: the machine, medians, and pictures and tables of them."""

import json
import os
import platform
import re
import statistics
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rnnzoo.core.files import atomic_write

FUSED, FLOOR = "Elman fused", "GEMM floor"
PACKAGES = ("keras", "tensorflow", "torch", "jax", "numpy")


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else ""
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else platform.processor() or platform.machine()


def machine(threads: int) -> dict:
    """Returns the processor, system, load and versions."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "threads": threads,
        "load": os.getloadavg()[0],
        "versions": versions,
    }


def spread(values: list[float]) -> dict[str, float]:
    """Returns the median and half the interquartile range."""
    if len(values) < 2:
        return {"median": values[0], "spread": 0.0}
    low, median, high = statistics.quantiles(values, n=4)
    return {"median": median, "spread": (high - low) / 2}


def save(path: str | Path | None, content: dict) -> None:
    """Writes figures as JSON if there is a path."""
    if path:
        with atomic_write(path) as aside:
            aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def summary(runs: list[dict]) -> dict[str, float]:
    """Returns the median over the shapes of each contender's time / fused."""
    lines = {}
    for kind in ("forward", "train step"):
        tables = [run["figures"] for run in runs if run["kind"] == kind]
        for name in tables[0] if tables else ():
            ratios = [t[name]["median"] / t[FUSED]["median"] for t in tables]
            lines[f"{kind}, {name}"] = statistics.median(ratios)
    return lines


def plot(runs: list[dict], path: str) -> None:
    """Bars of time / fused for each train step, on a logarithmic scale."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    runs = [run for run in runs if run["kind"] == "train step"]
    figure, axes = pyplot.subplots(
        1, len(runs), figsize=(2.8 * len(runs) + 1, 4), squeeze=False, sharey=True
    )
    for axis, run in zip(axes[0], runs, strict=True):
        names = list(run["figures"])
        values = [run["figures"][name]["median"] for name in names]
        ratios = [value / run["figures"][FUSED]["median"] for value in values]
        colours = ["tab:orange" if FUSED in name else "tab:blue" for name in names]
        bars = axis.barh(names, ratios, color=colours)
        axis.bar_label(bars, [f"{value:.3g} ms" for value in values], padding=2)
        axis.axvline(1, color="grey", linewidth=0.8)
        axis.set(xscale="log", xlim=(0.3, 60), xlabel="time / fused")
        axis.set_title(f"train step\n{run['title']}", fontsize=9)
    axes[0][0].invert_yaxis()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def write_markdown(facts: dict, runs: list[dict], medians: dict, path: str) -> None:
    """Writes the tables that docs/benchmarks.md shows."""
    versions = ", ".join(f"{k} {v}" for k, v in facts["versions"].items() if v)
    lines = [f"{facts['processor']}, {facts['threads']} cores; {versions}.", ""]
    for kind in ("train step", "forward", "batch-1 latency"):
        tables = [run for run in runs if run["kind"] == kind]
        titles = " | ".join(run["title"] for run in tables)
        lines.append(f"| {kind}, ms | {titles} | median of time / fused |")
        lines.append("|---" * (len(tables) + 2) + "|")
        for name in tables[0]["figures"]:
            times = " | ".join(
                f"{run['figures'][name]['median']:.1f}"
                f" ± {run['figures'][name]['spread']:.1f}"
                for run in tables
            )
            median = medians.get(f"{kind}, {name}")
            if median is None:
                figures = tables[0]["figures"]
                median = figures[name]["median"] / figures[FUSED]["median"]
            lines.append(f"| {name} | {times} | {median:.2f} |")
        shares = [
            run["figures"][FLOOR]["median"] / run["figures"][FUSED]["median"]
            for run in tables
        ]
        lines.append(
            "| share of the floor | "
            + " | ".join(f"{share:.0%}" for share in shares)
            + f" | {statistics.median(shares):.0%} |"
        )
        lines.append("")
    Path(path).write_text("\n".join(lines), encoding="utf-8")
