"""Presets in ONNX with weights of each kind: sizes, a metric, time to an answer.

    python -m benchmarks.onnx_weights --limit 200 --data-dir ~/tensorflow_datasets
    python -m benchmarks.onnx_weights sentiment_en

Prints a table. The size is that of the graphs; the metric is the first of the preset's
card, of the same examples for all kinds; the time is the median of one call with the
preset's first example.
"""

import argparse
import tempfile
from pathlib import Path

import rnnzoo
from benchmarks.onnx import answer_by, milliseconds
from rnnzoo.onnx import Runner
from rnnzoo.quiet import import_tensorflow_quietly

KINDS = ("float32", "float16", "int8")


def measure(name: str, limit: int | None, data_dirs: list[str]) -> str:
    """The line of a preset."""
    preset = next(p for p in rnnzoo.list_presets() if p.name == name)
    split = preset.evaluations[0]["split"]
    sizes, values, times = [], [], []
    for kind in KINDS:
        model = rnnzoo.ZooModel.from_preset(name)
        with tempfile.TemporaryDirectory() as base:
            folder = Path(model.export(base, format="onnx", weights=kind))
            sizes.append(sum(p.stat().st_size for p in folder.glob("*.onnx")) / 1e6)
            runner = Runner(folder)
        ask = runner.classify if runner.verb == "classify" else runner.generate
        times.append(milliseconds(ask, preset.examples[0]))
        answer_by(model, runner)
        (found,) = rnnzoo.evaluate_preset(
            name, split=split, data_dirs=data_dirs, limit=limit, model=model
        )
        values.append(found["metrics"][preset.metric])
    cells = [
        f"`{name}`",
        f"{found['num_examples']:,}",
        preset.metric,
        *(f"{size:.1f}" for size in sizes),
        *(f"{value:.4f}" for value in values),
        *(f"{time:.1f}" for time in times),
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Reads the command line and measures each preset."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    known = [preset.name for preset in rnnzoo.list_presets()]
    parser.add_argument("presets", nargs="*", default=known, help="Default: all.")
    parser.add_argument("--limit", type=int, help="Measure the first LIMIT examples.")
    parser.add_argument("--data-dir", action="append", default=[], dest="data_dirs")
    arguments = parser.parse_args()
    import_tensorflow_quietly()
    columns = [f"{kind}, {unit}" for unit in ("MB", "", "ms") for kind in KINDS]
    header = ["preset", "examples", "metric", *(c.rstrip(", ") for c in columns)]
    print("| " + " | ".join(header) + " |")
    print("|---" * len(header) + "|", flush=True)
    for name in arguments.presets:
        print(measure(name, arguments.limit, arguments.data_dirs), flush=True)


if __name__ == "__main__":
    main()
