"""Times what users wait for before the first answer.

    python -m benchmarks.startup
    python -m benchmarks.startup --rounds 9 --json startup.json
    python -m benchmarks.startup "predict" --rounds 3

Each row is a process of its own, from its start to its end; the rows are run one after
another, and that several times over, so that what else the machine does meets all of
them. Behind each median stands half the distance between the quartiles. CPU seconds are
those of all threads of the process, and say more where the machine is busy.

A first call after loading, and an export, are measured inside a process, without the
imports before them. What ONNX Runtime starts from lies in a cache of this run, which is
filled before the rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks.report import machine
from rnnzoo.files import write_aside

CLASSIFIER, TRANSLATOR = "sentiment_en", "translator_en_de"
INPUTS = {CLASSIFIER: "What a film!", TRANSLATOR: "A dog runs through the grass."}
ONNX = ["--runtime", "onnx"]


def predict(preset: str, *options: str) -> list[str]:
    return ["-m", "rnnzoo", "predict", preset, INPUTS[preset], *options]


def child(what: str, preset: str) -> list[str]:
    return ["-m", "benchmarks.startup", "--child", what, preset]


ROWS = {
    "import tensorflow": ["-c", "import tensorflow"],
    "import keras": ["-c", "import keras"],
    f"predict {CLASSIFIER}": predict(CLASSIFIER),
    f"predict {TRANSLATOR}": predict(TRANSLATOR),
    f"predict {CLASSIFIER} --runtime onnx": predict(CLASSIFIER, *ONNX),
    f"predict {TRANSLATOR} --runtime onnx": predict(TRANSLATOR, *ONNX),
    f"load {CLASSIFIER}": child("load", CLASSIFIER),
    f"load {TRANSLATOR}": child("load", TRANSLATOR),
    f"first call of {CLASSIFIER}": child("call", CLASSIFIER),
    f"first call of {TRANSLATOR}": child("call", TRANSLATOR),
    f"first call of {TRANSLATOR}, op by op": child("eager call", TRANSLATOR),
    f"export of {TRANSLATOR}": child("export", TRANSLATOR),
    "demo": ["-m", "rnnzoo", "demo"],
}


def measure_inside(what: str, preset: str) -> dict[str, float]:
    """Runs in the child: loads a preset, and calls or exports it."""
    import rnnzoo

    load = rnnzoo.ZooModel.from_preset  # with all imports
    start = time.perf_counter(), time.process_time()
    model = load(preset)
    if what != "load":
        start = time.perf_counter(), time.process_time()
    if what.endswith("call"):
        model.run_eagerly = what == "eager call"
        getattr(model, model.verb)(INPUTS[preset])
    elif what == "export":
        with tempfile.TemporaryDirectory() as base:
            model.export(base)
    return seconds_since(*start)


def seconds_since(wall: float, cpu: float) -> dict[str, float]:
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def run(arguments: list[str], environment: dict[str, str]) -> dict[str, float]:
    """The seconds of a process, or those that it prints."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    if "--child" in arguments:
        return json.loads(output.splitlines()[-1])
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime}


def summarize(runs: list[dict[str, float]]) -> dict[str, Any]:
    """Median and spread of wall and CPU seconds."""
    figures: dict[str, Any] = {}
    for clock in ("wall", "cpu"):
        times = [one[clock] for one in runs]
        low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else times * 3
        figures[clock] = {
            "median": statistics.median(times),
            "spread": (high - low) / 2,
            "times": times,
        }
    return figures


def main() -> None:
    """Reads the command line, runs the rows and prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", help="beginnings of rows; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure_inside(*options.child)))
        return
    chosen = {
        name: arguments
        for name, arguments in ROWS.items()
        if not options.rows or name.startswith(tuple(options.rows))
    }
    facts = machine(os.cpu_count() or 1)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in chosen}
    with tempfile.TemporaryDirectory(prefix="rnnzoo-") as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        for arguments in chosen.values():
            if "--runtime" in arguments:
                run(arguments, environment)
        for _ in range(options.rounds):
            for name, arguments in chosen.items():
                runs[name].append(run(arguments, environment))
    figures = {name: summarize(several) for name, several in runs.items()}
    print(f"{'':42}wall, s          CPU, s")
    for name, clocks in figures.items():
        cells = "  ".join(
            f"{clock['median']:7.2f} ± {clock['spread']:5.2f}"
            for clock in clocks.values()
        )
        print(f"{name:38}{cells}")
    print(f"load of the machine: {facts['load']:.2f}, then {os.getloadavg()[0]:.2f}")
    if options.json:
        with write_aside(options.json) as aside:
            text = json.dumps({"machine": facts, "figures": figures}, indent=1)
            aside.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
