"""Compares presets in TensorFlow with their exports in ONNX: time, memory, metrics.

    python -m benchmarks.onnx                                  time and memory, all
    python -m benchmarks.onnx translator_en_de --many 10000
    python -m benchmarks.onnx sentiment_en --metrics --data-dir ~/tensorflow_datasets
    python -m benchmarks.onnx --metrics --weights float32 float16 int8 --limit 500

Each preset runs in a process of its own. Latency is the median of 50 calls with one
input, throughput that of one call with many. Inputs are the preset's examples, repeated
to the given length. Memory is the peak above the process before the preset was loaded:
it excludes TensorFlow and Keras, and ONNX Runtime, which runs afterwards. `--metrics`
evaluates the answers of `rnnzoo.onnx.Runner` on the splits that the card names, and
prints the card's metrics beside them unless `--limit` is set. Needs `rnnzoo[onnx]`.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rnnzoo
from benchmarks.report import run_child, save
from rnnzoo.core.quiet import import_tensorflow_quietly

LENGTHS = (20, 200, 400)  # words
CALLS = 50
BATCH = 64
ONNX = ", ONNX Runtime"  # suffix of its figures
WEIGHTS = ("exact", "float32", "float16", "int8")


def peak() -> float:
    """Returns the peak memory of this process in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def make_inputs(model: Any, examples: list[str]) -> dict[str, Any]:
    """Returns inputs by a description of each; the middle one is asked many times."""
    if model.input_kind == "image":
        return {"image file": examples[0]}
    if model.verb == "generate":
        return {"sentence": max(examples, key=len)}
    pool = " ".join(examples).split()
    texts = {n: (pool * (n // len(pool) + 1))[:n] for n in LENGTHS}
    return {f"text of {n} words": " ".join(words) for n, words in texts.items()}


def time_calls(
    ask: Callable[..., Any], inputs: dict[str, Any], many: int, **settings: Any
) -> dict[str, float]:
    """Returns the latency of each input and the throughput of the middle one."""
    figures = {}
    for kind, one in inputs.items():
        times = []
        for _ in range(CALLS):
            start = time.perf_counter()
            ask(one)
            times.append(1000 * (time.perf_counter() - start))
        figures[f"one {kind}, median ms"] = statistics.median(times)
        figures[f"one {kind}, slowest ms"] = max(times)
    kind = list(inputs)[len(inputs) // 2]
    start = time.perf_counter()
    ask([inputs[kind]] * many, **settings)
    figures[f"{many} times {kind}, each second"] = many / (time.perf_counter() - start)
    return figures


def measure_time(name: str, many: int) -> dict[str, float]:
    """Runs in the child: time and memory of one preset."""
    import psutil

    start = time.perf_counter()
    import_tensorflow_quietly()
    import keras  # noqa: F401

    imported = time.perf_counter()
    before = psutil.Process().memory_info().rss / 1e6
    model = rnnzoo.ZooModel.from_preset(name)
    loaded = time.perf_counter()
    examples = next(p.examples for p in rnnzoo.list_presets() if p.name == name)
    ask = getattr(model, model.verb)
    ask(examples[0])
    figures = {
        "import TensorFlow and Keras, s": imported - start,
        "load, s": loaded - imported,
        "first answer, s": time.perf_counter() - loaded,
        "memory with one answer, MB": peak() - before,
    }
    inputs = make_inputs(model, examples)
    one = list(inputs.values())[len(inputs) // 2]
    ask([one] * BATCH, verbose=0)
    figures[f"memory with a batch of {BATCH}, MB"] = peak() - before
    figures |= time_calls(ask, inputs, many, verbose=0)
    figures[f"memory with {many} inputs, MB"] = peak() - before
    with tempfile.TemporaryDirectory() as base:
        folder = model.export(base, format="onnx")
        start = time.perf_counter()
        runner = rnnzoo.onnx.Runner(folder)
    loaded = time.perf_counter()
    ask = getattr(runner, runner.verb)
    ask(examples[0])
    others = {
        "load, s": loaded - start,
        "first answer, s": time.perf_counter() - loaded,
    }
    others |= time_calls(ask, inputs, many)
    return figures | {f"{name}{ONNX}": value for name, value in others.items()}


def show_time(name: str, many: int) -> dict[str, float]:
    """Measures one preset in a child and prints its table."""
    figures: dict[str, float] = run_child("onnx", name, "--child", "--many", str(many))
    print(f"\n{name:46}TensorFlow  ONNX Runtime")
    for figure, value in figures.items():
        if not figure.endswith(ONNX):
            other = figures.get(figure + ONNX)
            beside = "" if other is None else f"{other:14.2f}"
            print(f"  {figure:44}{value:10.2f}{beside}", flush=True)
    return figures


def answer_by(model: Any, runner: Any) -> None:
    """Makes a model answer with a runner."""
    model.classify = lambda inputs, top=None, **_: runner.classify(inputs, top)
    model.generate = lambda inputs, **_: runner.generate(inputs)
    model.score = lambda inputs, **_: runner.score(inputs)


def show_metrics(
    name: str, weights: str, limit: int | None, data_dirs: list[str]
) -> dict[str, Any]:
    """Evaluates the export of one preset and prints size and metrics."""
    preset = next(p for p in rnnzoo.list_presets() if p.name == name)
    model = rnnzoo.ZooModel.from_preset(name)
    with tempfile.TemporaryDirectory() as base:
        folder = Path(model.export(base, format="onnx", weights=weights))
        size = sum(path.stat().st_size for path in folder.glob("*.onnx")) / 1e6
        runner = rnnzoo.onnx.Runner(folder)
    print(f"{name}, {weights}: graphs {size:.1f} MB, preset {preset.megabytes:.1f} MB")
    answer_by(model, runner)
    results = rnnzoo.evaluate_preset(
        name, data_dirs=data_dirs, limit=limit, model=model
    )
    for one, card in zip(results, preset.evaluations, strict=True):
        print(f"  {one['dataset']}, {one['split']}, {one['num_examples']:,} examples")
        for metric, value in one["metrics"].items():
            if not isinstance(value, str):
                beside = "" if limit else f", card {card['metrics'][metric]:.4f}"
                print(f"    {metric}  {value:.4f}{beside}", flush=True)
    return {"megabytes": size, "evaluations": results}


def main() -> None:
    """Reads the command line and measures each preset."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = [preset.name for preset in rnnzoo.list_presets()]
    parser.add_argument("presets", nargs="*", default=known, help="default: all")
    parser.add_argument("--many", type=int, default=1000, help="default: 1000")
    parser.add_argument("--metrics", action="store_true", help="metrics and sizes")
    parser.add_argument("--weights", nargs="+", choices=WEIGHTS, default=["exact"])
    parser.add_argument("--limit", type=int, help="examples of each split at most")
    parser.add_argument("--data-dir", action="append", default=[], dest="data_dirs")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.presets) - set(known):
        parser.error(f"presets are {', '.join(known)}. Received: {sorted(unknown)}")
    if options.child:
        print(json.dumps(measure_time(options.presets[0], options.many)))
        return
    results: dict[str, Any] = {}
    if options.metrics:
        import_tensorflow_quietly()
    for name in options.presets:
        if not options.metrics:
            results[name] = show_time(name, options.many)
            continue
        for weights in options.weights:
            results[f"{name}, {weights}"] = show_metrics(
                name, weights, options.limit, options.data_dirs
            )
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.2f}")
    save(options.json, results)


if __name__ == "__main__":
    main()
