"""Presets in ONNX beside themselves in Keras: metrics, sizes, time to an answer.

    python -m benchmarks.onnx sentiment_en --data-dir ~/tensorflow_datasets
    python -m benchmarks.onnx --limit 200 --data-dir ~/tensorflow_datasets

Each preset is exported, and what `rnnzoo evaluate` measures is measured with what
`rnnzoo.onnx.Runner` answers. Beside each metric stands that of the preset's card; with
--limit that of the preset for as many examples. A cold start is a process of its own,
from its start to the first answer, the median of five. What weights are stored as is
compared by `benchmarks.onnx_weights`.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import rnnzoo
from rnnzoo.onnx import Runner
from rnnzoo.quiet import import_tensorflow_quietly

STARTS, CALLS = 5, 50


def answer_by(model: Any, runner: Runner) -> None:
    """Lets a runner answer in the place of a model."""

    def classify(inputs: Any, top: int | None = None, **_: Any) -> Any:
        return runner.classify(inputs, top)

    def generate(inputs: Any, **_: Any) -> Any:
        return runner.generate(inputs)

    def score(inputs: Any, **_: Any) -> Any:
        return runner.score(inputs)

    model.classify, model.generate, model.score = classify, generate, score


def cold_start(command: list[str]) -> float:
    """Seconds that a process takes."""
    times = []
    for _ in range(STARTS):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def milliseconds(ask: Any, one: Any) -> float:
    """Of a call with one input, once it is warm: the median."""
    ask(one)
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        ask(one)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def time_answers(model: Any, runner: Runner, folder: Path, example: str) -> None:
    """Prints how long cold starts and warm calls take, in both."""
    light = cold_start([sys.executable, str(folder / "runner.py"), example])
    whole = cold_start(
        [sys.executable, "-m", "rnnzoo", "predict", model.preset, example]
    )
    print(f"  cold start  {light:.2f} s, rnnzoo predict {whole:.2f} s")
    times = [milliseconds(getattr(one, model.verb), example) for one in (runner, model)]
    print("  one answer  {:.1f} ms, in TensorFlow {:.1f} ms".format(*times))


def measure(name: str, limit: int | None, data_dirs: list[str], is_timed: bool) -> None:
    """Prints the figures of a preset."""
    preset = next(p for p in rnnzoo.list_presets() if p.name == name)
    model = rnnzoo.ZooModel.from_preset(name)
    with tempfile.TemporaryDirectory() as base:
        folder = Path(model.export(base, format="onnx"))
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{name}: {size / 1e6:.1f} MB, preset {preset.megabytes:.1f} MB")
        runner = Runner(folder)
        if is_timed:
            time_answers(model, runner, folder, preset.examples[0])
        known = list(preset.evaluations)
        if limit is not None:
            known = rnnzoo.evaluate_preset(name, data_dirs=data_dirs, limit=limit)
        beside = "card" if limit is None else "preset"
        answer_by(model, runner)
        received = rnnzoo.evaluate_preset(
            name, data_dirs=data_dirs, limit=limit, model=model
        )
    for one, other in zip(received, known, strict=True):
        print(f"  {one['dataset']}, {one['split']}, {one['num_examples']:,} examples")
        for metric, value in one["metrics"].items():
            if not isinstance(value, str):
                known_value = other["metrics"][metric]
                print(f"    {metric}  {value:.4f}, {beside} {known_value:.4f}")
    sys.stdout.flush()


def main() -> None:
    """Reads the command line and measures each preset."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    known = [preset.name for preset in rnnzoo.list_presets()]
    parser.add_argument("presets", nargs="*", default=known, help="Default: all.")
    parser.add_argument("--limit", type=int, help="Measure the first LIMIT examples.")
    parser.add_argument("--untimed", action="store_true", help="Metrics and sizes.")
    parser.add_argument("--data-dir", action="append", default=[], dest="data_dirs")
    arguments = parser.parse_args()
    import_tensorflow_quietly()
    for name in arguments.presets:
        measure(name, arguments.limit, arguments.data_dirs, not arguments.untimed)


if __name__ == "__main__":
    main()
