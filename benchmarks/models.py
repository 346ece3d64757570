"""Times every preset as users meet it: import, load, one answer, many answers.

    python -m benchmarks.models
    python -m benchmarks.models --json out.json
    taskset --cpu-list 0 python -m benchmarks.models translator_multi30k_en_de
    python -m benchmarks.models translator_en_de --many 10000

Each preset is loaded in a process of its own, so that memory and load time are its own.
Latency is that of one call with one input, the median and the slowest of 50;
throughput is that of one call with all inputs. Memory is what the process holds more
than before the preset was loaded, at its peak so far: TensorFlow and Keras are not in
it, nor is ONNX Runtime, which comes later. Inputs are the preset's own examples,
repeated to the lengths that the table names, or one example as it is where an image
or a sentence is asked for. Beside TensorFlow's stands what `rnnzoo.onnx.Runner` takes
for the same with the preset's export in ONNX: its first answer is that of a process
that has loaded ONNX Runtime, and loading is without the export. Needs `rnnzoo[onnx]`.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import rnnzoo
from rnnzoo.files import write_aside
from rnnzoo.quiet import import_tensorflow_quietly

LENGTHS = (20, 200, 400)  # words
CALLS = 50
BATCH = 64
ONNX = ", ONNX Runtime"  # ends the names of its figures


def words(examples: list[str], length: int) -> str:
    """A text of `length` words, made of examples."""
    pool = " ".join(examples).split()
    return " ".join((pool * (length // len(pool) + 1))[:length])


def measure(name: str, many: int) -> dict[str, float]:
    """Runs in the child."""
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
    if model.input_kind == "image":
        inputs = {"image file": examples[0]}
    elif model.verb == "generate":
        inputs = {"sentence": max(examples, key=len)}
    else:
        inputs = {f"text of {n} words": words(examples, n) for n in LENGTHS}
    one = list(inputs.values())[len(inputs) // 2]
    ask([one] * BATCH, verbose=0)
    figures[f"memory with a batch of {BATCH}, MB"] = peak() - before
    figures |= time_calls(ask, inputs, many, verbose=0)
    figures[f"memory with {many} inputs, MB"] = peak() - before
    others = measure_onnx(model, examples[0], inputs, many)
    return figures | {f"{name}{ONNX}": value for name, value in others.items()}


def peak() -> float:
    """The most memory that the process has held, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def measure_onnx(
    model: Any, example: Any, inputs: dict[str, Any], many: int
) -> dict[str, float]:
    """What a model's export takes."""
    from rnnzoo.onnx import Runner

    with tempfile.TemporaryDirectory() as base:
        folder = model.export(base, format="onnx")
        start = time.perf_counter()
        runner = Runner(folder)
    loaded = time.perf_counter()
    ask = runner.classify if runner.verb == "classify" else runner.generate
    ask(example)
    figures = {
        "load, s": loaded - start,
        "first answer, s": time.perf_counter() - loaded,
    }
    return figures | time_calls(ask, inputs, many)


def time_calls(
    ask: Callable[..., Any], inputs: dict[str, Any], many: int, **settings: Any
) -> dict[str, float]:
    """The latency of each input, and the throughput of one of them.

    Args:
        ask: What answers.
        inputs: What an input is to its value.
        many: How many times that one is asked for.
        **settings: Of the call with many inputs.
    """
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
    each_second = many / (time.perf_counter() - start)
    figures[f"{many} times {kind}, each second"] = each_second
    return figures


def main() -> None:
    """Reads the command line, measures each preset and prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("presets", nargs="*", help="default: all")
    parser.add_argument(
        "--many", type=int, default=1000, help="inputs of one call, default: 1000"
    )
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options.many)))
        return
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import rnnzoo"], check=True)
    print(
        f"import rnnzoo, with Python's own start: {time.perf_counter() - start:.2f} s"
    )
    results = {}
    names = [preset.name for preset in rnnzoo.list_presets()]
    for name in options.presets or names:
        if name not in names:
            parser.error(f"there is no preset {name!r}, but {', '.join(names)}")
        command = [sys.executable, "-m", "benchmarks.models", "--child", name]
        command += ["--many", str(options.many)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        results[name] = json.loads(done.stdout.splitlines()[-1])
        print(f"\n{name:46}TensorFlow  ONNX Runtime")
        for figure, value in results[name].items():
            if not figure.endswith(ONNX):
                other = results[name].get(figure + ONNX)
                beside = "" if other is None else f"{other:14.2f}"
                print(f"  {figure:44}{value:10.2f}{beside}", flush=True)
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.2f}")
    if options.json:
        with write_aside(options.json) as aside:
            aside.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
