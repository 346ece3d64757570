"""The scaffolding of the benchmarks: options, processes, rounds, medians."""

import argparse
import contextlib
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rnnzoo.core.files import atomic_write
from rnnzoo.core.quiet import import_tensorflow_quietly

PAUSE = 0.005  # s between two runs: the threads of another library fall asleep
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
        with atomic_write(path) as new:
            new.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def run_child(module: str, *arguments: str) -> Any:
    """Returns the JSON in the last line that a benchmark prints in a process of its
    own."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def make_parser(description: str | None, rounds: int) -> argparse.ArgumentParser:
    """Returns a parser with the options of all benchmarks that run in rounds."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="tiny: does it run?")
    parser.add_argument(
        "--rounds", type=int, default=rounds, help="default: %(default)s"
    )
    parser.add_argument("--threads", type=int, default=2, help="default: 2")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    return parser


def limit_cores(count: int) -> None:
    """Limits the process, TensorFlow and PyTorch to so many cores."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if hasattr(os, "sched_setaffinity"):  # the one limit that all libraries respect
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    import_tensorflow_quietly()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)
    with contextlib.suppress(ImportError):
        import torch

        torch.set_num_threads(count)


def compare(
    contenders: dict[str, Callable[[], Any]], rounds: int
) -> dict[str, dict[str, float]]:
    """Runs all contenders once, then in each round in a new order; returns the median
    and spread of each in ms."""
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    for _ in range(rounds):
        for name in random.sample(list(contenders), len(contenders)):
            time.sleep(PAUSE)
            start = time.perf_counter()
            contenders[name]()
            samples[name].append(1000 * (time.perf_counter() - start))
    return {name: spread(values) for name, values in samples.items()}
