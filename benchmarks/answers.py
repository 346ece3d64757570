"""Times answers of translators and captioners, and first answers.

    python -m benchmarks.answers
    python -m benchmarks.answers --quick    few inputs and rounds: does it run?
    python -m benchmarks.answers --first    what a user waits for before an answer

The presets translate captions of Multi30k and caption images, from raw input to text.
Each round runs every row once, in a new order. A figure is the median over the rounds
in ms for each answer, with half the interquartile range. `--threads 1` uses one core.

With `--first` each row is a process of its own, from start to end, with the CPU seconds
of all its threads. ONNX Runtime starts from a cache that is filled before the rounds.
Keep the machine idle: the load is printed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.report import (
    compare,
    limit_cores,
    machine,
    make_parser,
    save,
    spread,
)

TRANSLATOR, CAPTIONER = "translator_multi30k_en_de", "captioner_flickr8k_en"
BATCHES = (1, 16, 64)
FIRST = {
    "sentiment_en": "What a film!",
    "translator_en_de": "A dog runs through the grass.",
}


def read_captions(data_dir: str, count: int) -> list[str]:
    """Returns English captions of the test set."""
    from rnnzoo.datasets import open_dataset

    builder = open_dataset("multi30k/en_de", [data_dir])
    examples = builder.as_dataset(split="test_2016_flickr").take(count)
    return [example["en"].decode() for example in examples.as_numpy_iterator()]


def make_rows(
    captions: list[str], batches: tuple[int, ...]
) -> dict[str, tuple[Callable[[], Any], int]]:
    """Returns the functions of a round by name, each with its number of answers."""
    import rnnzoo

    rows: dict[str, tuple[Callable[[], Any], int]] = {}

    def add(name: str, model: Any, inputs: list[Any], size: int) -> None:
        def answer() -> None:
            for group in [inputs] if size > 1 else inputs:
                model.generate(group, batch_size=size, verbose=0)

        rows[name] = answer, len(inputs)

    for kind in ("beam", "greedy"):
        model = rnnzoo.Translator.from_preset(TRANSLATOR)
        model.compile(sampler=kind)
        for size in batches:
            inputs = captions[:: max(1, 64 // size)] if size < 64 else captions
            name = f"caption translated, {kind}, batch {size}"
            add(name, model, inputs, size)
    model = rnnzoo.ImageCaptioner.from_preset(CAPTIONER)
    known = {preset.name: preset for preset in rnnzoo.list_presets()}
    add("image captioned, beam, batch 1", model, [known[CAPTIONER].examples[0]], 1)
    return rows


def measure(rows: dict[str, Any], rounds: int) -> dict[str, dict]:
    """Returns the median and spread of each row, in ms for each answer."""
    figures = compare({name: run for name, (run, _) in rows.items()}, rounds)
    return {
        name: {key: value / rows[name][1] for key, value in figure.items()}
        for name, figure in figures.items()
    }


def show(figures: dict[str, dict]) -> None:
    """Prints a line for each row."""
    for name, figure in figures.items():
        median, deviation = figure["median"], figure["spread"]
        print(f"{name:44}{median:8.2f} ± {deviation:5.2f} ms for each answer")


def first_rows() -> dict[str, list[str]]:
    """Returns the arguments of Python for each row of `--first`."""
    rows = {name: ["-c", name] for name in ("import tensorflow", "import keras")}
    for preset, text in FIRST.items():
        predict = ["-m", "rnnzoo", "predict", preset, text]
        rows[f"predict {preset}"] = predict
        rows[f"predict {preset} --runtime onnx"] = [*predict, "--runtime", "onnx"]
    return {**rows, "demo": ["-m", "rnnzoo", "demo"]}


def run(arguments: list[str], environment: dict[str, str]) -> dict[str, float]:
    """Returns the seconds of a process."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        check=True,
    )
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system
    return {"wall": wall, "cpu": cpu - before.children_user - before.children_system}


def measure_first(rounds: int) -> dict[str, dict]:
    """Runs the rows one after another, several times; prints and returns seconds."""
    rows = first_rows()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in rows}
    with tempfile.TemporaryDirectory(prefix="rnnzoo-") as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        for name, arguments in rows.items():
            if "onnx" in name:
                run(arguments, environment)
        for _ in range(rounds):
            for name, arguments in rows.items():
                runs[name].append(run(arguments, environment))
    figures = {}
    print(f"{'':42}wall, s          CPU, s")
    for name, several in runs.items():
        figures[name] = {
            clock: spread([one[clock] for one in several]) for clock in ("wall", "cpu")
        }
        cells = "  ".join(
            f"{f['median']:7.2f} ± {f['spread']:5.2f}" for f in figures[name].values()
        )
        print(f"{name:38}{cells}")
    return figures


def main() -> None:
    """Reads the command line, measures and prints a table."""
    parser = make_parser(__doc__, rounds=9)
    parser.add_argument("--captions", type=int, default=512, help="default: 512")
    parser.add_argument("--data-dir", default="build/tfds", help="default: build/tfds")
    parser.add_argument("--first", action="store_true", help="time first answers")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.captions = 3, 16
    if options.first:
        facts, figures = machine(os.cpu_count() or 1), measure_first(options.rounds)
    else:
        limit_cores(options.threads)
        facts = machine(options.threads)
        print(json.dumps(facts))
        captions = read_captions(options.data_dir, options.captions)
        rows = make_rows(captions, (1, 4) if options.quick else BATCHES)
        figures = measure(rows, options.rounds)
        show(figures)
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.2f}")
    save(options.json, {"machine": facts, "figures": figures})


if __name__ == "__main__":
    main()
