"""Times answers: of writing models, beside their matrix products, and first answers.

    python -m benchmarks.answers
    python -m benchmarks.answers --quick    few inputs and rounds: does it run?
    python -m benchmarks.answers --json out.json --plot out.png
    python -m benchmarks.answers --first    what a user waits for before an answer

The presets translate captions of Multi30k and caption images, from raw input to text.
Each round runs every row once, in a new order. A figure is the median over the rounds
in ms for each answer, with half the interquartile range. Rows marked `one core` or `two
cores` run in processes that may use no others.

The floor of a row is its decoder's own matrix products in TensorFlow, back to back, for
the same steps and hypotheses. It excludes attention, the encoder and every choice. The
rival is a decoder of two `torch.nn.RNNCell` of the same sizes without attention, with
the same beam, steps and hypotheses; it needs PyTorch.

With `--first` each row is a process of its own, from start to end, with the CPU seconds
of all its threads. Loading, first calls and exports are timed inside a process, without
its imports. ONNX Runtime starts from a cache that is filled before the rounds. Keep the
machine idle: the load is printed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.floors import count_rows, products, rival
from benchmarks.report import machine, save, spread

TRANSLATOR, CAPTIONER = "translator_multi30k_en_de", "captioner_flickr8k_en"
BATCHES = (1, 16, 64)
FLOOR = ", floor"
RIVAL = ", torch"
CORES = {"one core": 1, "two cores": 2}
FIRST = {
    "sentiment_en": "What a film!",
    "translator_en_de": "A dog runs through the grass.",
}


def read_captions(data_dir: str, count: int) -> list[str]:
    """English captions of the test set."""
    from rnnzoo.datasets import open_dataset

    builder = open_dataset("multi30k/en_de", [data_dir])
    examples = builder.as_dataset(split="test_2016_flickr").take(count)
    return [example["en"].decode() for example in examples.as_numpy_iterator()]


def make_rows(
    captions: list[str], has_image: bool, batches: tuple[int, ...], kinds: list[str]
) -> dict[str, tuple[Callable[[], Any], int]]:
    """What is run in a round: functions by name, and how many answers each gives."""
    import rnnzoo

    rows: dict[str, tuple[Callable[[], Any], int]] = {}

    def add(name: str, model: Any, inputs: list[Any], size: int) -> None:
        # Those of like length together, as `generate` does.
        inputs = sorted(inputs, key=lambda x: len(model.preprocessor.check(x, "it")))
        groups = [inputs[i : i + size] for i in range(0, len(inputs), size)]
        counts = [count_rows(model, group) for group in groups]

        def write() -> None:
            for group in [inputs] if size > 1 else inputs:
                model.generate(group, batch_size=size, verbose=0)

        def together(make: Callable[..., Any]) -> Callable[[], None]:
            runs = [make(model, counted) for counted in counts]
            return lambda: [run() for run in runs] and None

        rows[name] = write, len(inputs)
        rows[name + FLOOR] = together(products), len(inputs)
        try:
            rows[name + RIVAL] = together(rival), len(inputs)
        except ImportError as error:
            print(f"  left out: {error.name} is not installed", file=sys.stderr)

    for kind in kinds:
        model = rnnzoo.Translator.from_preset(TRANSLATOR)
        model.compile(sampler=kind)
        for size in batches:
            inputs = captions[:: max(1, 64 // size)] if size < 64 else captions
            name = f"caption translated, {kind}, batch {size}"
            add(name, model, inputs, size)
    if has_image:
        model = rnnzoo.ImageCaptioner.from_preset(CAPTIONER)
        known = {preset.name: preset for preset in rnnzoo.list_presets()}
        image = known[CAPTIONER].examples[0]
        add("image captioned, beam, batch 1", model, [image], 1)
    return rows


def measure(rows: dict[str, Any], rounds: int, pause: float) -> dict[str, dict]:
    """Runs all rows interleaved; gives each one's median and spread, in ms."""
    samples: dict[str, list[float]] = {name: [] for name in rows}
    for run, _ in rows.values():
        run()
    for _ in range(rounds):
        order = list(rows)
        random.shuffle(order)
        for name in order:
            run, count = rows[name]
            time.sleep(pause)
            start = time.perf_counter()
            run()
            samples[name].append(1000 * (time.perf_counter() - start) / count)
    return {name: spread(values) for name, values in samples.items()}


def measure_alone(options: argparse.Namespace, cores: int) -> dict[str, dict]:
    """One sentence, in a process that may use so many cores."""
    command = [sys.executable, "-m", "benchmarks.answers", "--child", str(cores)]
    command += ["--rounds", str(options.rounds), "--data-dir", options.data_dir]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def limit_cores(count: int) -> None:
    import tensorflow as tf

    if hasattr(os, "sched_setaffinity"):  # the one limit that all libraries respect
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)
    try:
        import torch

        torch.set_num_threads(count)
    except ImportError:
        pass


def show(figures: dict[str, dict]) -> None:
    """Prints a line for each row, with what it takes of its floor and its rival's."""
    title = "ms for each answer"
    print(f"\n{title:44}{'rnnzoo':>16}{'floor':>9}{'x floor':>9}{'torch':>9}")
    for name, figure in figures.items():
        if name.endswith((FLOOR, RIVAL)):
            continue
        own = figure["median"]
        floor = figures[name + FLOOR]["median"]
        other = figures.get(name + RIVAL)
        beside = "" if other is None else f"{other['median']:9.2f}"
        told = f"{own:8.2f} ± {figure['spread']:5.2f}"
        print(f"{name:44}{told:>16}{floor:9.2f}{own / floor:9.2f}{beside}", flush=True)


def plot(figures: dict[str, dict], path: str) -> None:
    """Bars of each row beside its floor."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = [name for name in figures if not name.endswith((FLOOR, RIVAL))]
    figure, axis = pyplot.subplots(figsize=(8, 0.7 * len(names) + 1))
    kinds = {
        "": ("rnnzoo", "tab:orange"),
        FLOOR: ("its matrix products", "tab:grey"),
        RIVAL: ("PyTorch, without attention", "tab:blue"),
    }
    for i, (kind, (label, colour)) in enumerate(kinds.items()):
        known = [(j, figures.get(name + kind)) for j, name in enumerate(names)]
        values = [(j + 0.27 * i, found["median"]) for j, found in known if found]
        if values:
            bars = axis.barh(
                *zip(*values, strict=True), 0.25, color=colour, label=label
            )
            axis.bar_label(bars, [f"{value:.3g}" for _, value in values], padding=2)
    axis.set(xscale="log", xlabel="ms for each answer")
    axis.set_yticks([j + 0.27 for j in range(len(names))], names)
    axis.invert_yaxis()
    axis.set_xlim(right=1.3 * axis.get_xlim()[1])  # room for the numbers
    axis.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def first_rows() -> dict[str, list[str]]:
    """Returns the arguments of Python for each row of `--first`."""
    rows = {name: ["-c", name] for name in ("import tensorflow", "import keras")}
    child = ["-m", "benchmarks.answers", "--inside"]
    for preset, text in FIRST.items():
        predict = ["-m", "rnnzoo", "predict", preset, text]
        rows[f"predict {preset}"] = predict
        rows[f"predict {preset} --runtime onnx"] = [*predict, "--runtime", "onnx"]
        for what in ("load", "first call", "first call, op by op", "export"):
            rows[f"{what}: {preset}"] = [*child, what, preset]
    return {**rows, "demo": ["-m", "rnnzoo", "demo"]}


def measure_inside(what: str, preset: str) -> dict[str, float]:
    """Runs in the child: loads a preset, and calls or exports it."""
    import rnnzoo

    load = rnnzoo.ZooModel.from_preset  # with all imports
    start = time.perf_counter(), time.process_time()
    model = load(preset)
    if what != "load":
        start = time.perf_counter(), time.process_time()
    if what.startswith("first call"):
        model.run_eagerly = what.endswith("op by op")
        getattr(model, model.verb)(FIRST[preset])
    elif what == "export":
        with tempfile.TemporaryDirectory() as base:
            model.export(base)
    wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
    return {"wall": wall, "cpu": cpu}


def run(arguments: list[str], environment: dict[str, str]) -> dict[str, float]:
    """Returns the seconds of a process, or those that it prints."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        check=True,
    )
    wall, after = time.perf_counter() - start, os.times()
    if "--inside" in arguments:
        return json.loads(done.stdout.splitlines()[-1])
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few inputs and rounds")
    parser.add_argument("--captions", type=int, default=512, help="default: 512")
    parser.add_argument("--rounds", type=int, default=9, help="default: 9")
    parser.add_argument("--threads", type=int, default=2, help="default: 2")
    parser.add_argument("--pause", type=float, default=0.005, help="s between two runs")
    parser.add_argument("--data-dir", default="build/tfds", help="default: build/tfds")
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    parser.add_argument("--plot", metavar="FILE", help="draw the figures (matplotlib)")
    parser.add_argument("--first", action="store_true", help="time first answers")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure_inside(*options.inside)))
        return
    if options.first:
        facts, figures = machine(os.cpu_count() or 1), measure_first(options.rounds)
        print(f"load of the machine at the end: {os.getloadavg()[0]:.2f}")
        save(options.json, {"machine": facts, "figures": figures})
        return
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if options.quick:
        options.rounds, options.captions = 3, 16
    limit_cores(options.child or options.threads)
    if options.child:
        captions = read_captions(options.data_dir, 1)
        rows = make_rows(captions, False, (1,), ["beam"])
        print(json.dumps(measure(rows, 5 * options.rounds, options.pause)))
        return
    facts = machine(options.threads)
    print(json.dumps(facts))
    batches = (1, 4) if options.quick else BATCHES
    captions = read_captions(options.data_dir, options.captions)
    rows = make_rows(captions, True, batches, ["beam", "greedy"])
    figures = measure(rows, options.rounds, options.pause)
    for words, cores in CORES.items():
        for name, figure in measure_alone(options, cores).items():
            end = next((end for end in (FLOOR, RIVAL) if name.endswith(end)), "")
            figures[f"one caption, beam, {words}{end}"] = figure
    show(figures)
    print(f"\nload of the machine at the end: {os.getloadavg()[0]:.2f}")
    save(options.json, {"machine": facts, "figures": figures})
    if options.plot:
        plot(figures, options.plot)


if __name__ == "__main__":
    main()
