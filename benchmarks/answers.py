"""Times what writing costs, beside the matrix products that it cannot do without.

    python -m benchmarks.answers
    python -m benchmarks.answers --quick    few inputs and rounds: does it run?
    python -m benchmarks.answers --json out.json --plot out.png

Captions of Multi30k are translated, and images are captioned, from raw input to text,
by the presets as they come. Every round runs every row once, in a new order, so that a
busy moment hits all of them; a figure is the median over the rounds, in ms for each
sentence or image, and behind it half the distance between the quartiles. Rows that are
marked `one core` or `two cores` run in processes of their own, which may use no others.

The floor of a row is its decoder's own matrix products, back to back, in TensorFlow:
those of the same steps with as many hypotheses in each, which are counted beforehand.
The looks at the memory, the encoder and every choice are left out of it. The rival is a
decoder of two `torch.nn.RNNCell` of the same sizes, without attention, with the same
beam, steps and hypotheses: left out where PyTorch is not installed. Keep the machine
idle: the load is printed.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.report import machine
from rnnzoo.files import write_aside

TRANSLATOR, CAPTIONER = "translator_multi30k_en_de", "captioner_flickr8k_en"
BATCHES = (1, 16, 64)
FLOOR = ", floor"
RIVAL = ", torch"
CORES = {"one core": 1, "two cores": 2}


def read_captions(data_dir: str, count: int) -> list[str]:
    """English captions of the test set."""
    from rnnzoo.datasets import open_dataset

    builder = open_dataset("multi30k/en_de", [data_dir])
    examples = builder.as_dataset(split="test_2016_flickr").take(count)
    return [example["en"].decode() for example in examples.as_numpy_iterator()]


def count_rows(model: Any, batch: list[Any]) -> list[int]:
    """How many hypotheses are in each step of writing for a batch."""
    decoder, preprocessor = model.attending_decoder, model.preprocessor
    start, counted = decoder.start_search, []

    def start_counting(*arguments: Any) -> Any:
        step, states, fixed = start(*arguments)

        def count(token_ids: Any, *others: Any) -> Any:
            counted.append(int(token_ids.shape[0]))
            return step(token_ids, *others)

        return count, states, fixed

    inputs = [preprocessor.check(raw, "an input") for raw in batch]
    inputs = model.inference.preprocess(inputs)
    decoder.start_search = start_counting
    try:
        model.search(inputs, model.default_max_length(), 1)
    finally:
        del decoder.start_search
    return counted


def products(model: Any, counted: list[int]) -> Callable[[], Any]:
    """The matrix products of a decoder's steps with so many hypotheses."""
    import tensorflow as tf

    from zoo_models.core.attending_decoder import FoldedStep

    decoder = model.attending_decoder
    kernels = [decoder.skip.kernel, decoder.layers[0].cell.kernel]
    kernels += [layer.cell.recurrent_kernel for layer in decoder.layers]
    # What meets the memory is multiplied once for a text.
    for of_states, _, of_ids in FoldedStep(decoder).kernels:
        kernels += [of_states, of_ids]
    kernels = [tf.constant(kernel) for kernel in kernels]
    table = tf.constant(decoder.embed.embeddings)
    sizes = {kernel.shape[0] for kernel in kernels} | {table.shape[1]}
    inputs = {size: tf.random.normal((max(counted), size)) for size in sizes}
    rows = tf.constant(counted)

    @tf.function(autograph=False)
    def multiply() -> Any:
        def step(t: Any, last: Any) -> Any:
            # Tied to the step before, so that none is left out.
            tied = {size: x[: rows[t]] + last for size, x in inputs.items()}
            results = [tf.matmul(tied[kernel.shape[0]], kernel) for kernel in kernels]
            features = tied[table.shape[1]]
            results.append(tf.matmul(features, table, transpose_b=True))
            return t + 1, 1e-9 * tf.add_n([result[0, 0] for result in results])

        start = tf.constant(0), tf.constant(0.0)
        return tf.while_loop(lambda t, _: t < len(counted), step, start)[1]

    return multiply


def rival(model: Any, counted: list[int]) -> Callable[[], Any]:
    """As many steps of a decoder of PyTorch's plain cells, with a beam."""
    import torch

    decoder = model.attending_decoder
    size, dim = decoder.embed.vocabulary_size, decoder.embed.embedding_dim
    units = decoder.layers[0].units
    embed = torch.nn.Embedding(size, dim)
    cells = [torch.nn.RNNCell(dim, units), torch.nn.RNNCell(units, units)]
    features = torch.nn.Linear(units, dim)
    beams = getattr(model.sampler, "num_beams", 1)

    @torch.inference_mode()
    def write() -> Any:
        last, totals = torch.full((counted[0],), 2), torch.zeros(counted[0])
        states = [torch.zeros(counted[0], units) for _ in cells]
        for rows in counted:
            last, totals = last[:rows], totals[:rows]
            states = [state[:rows] for state in states]
            x = embed(last)
            for i, cell in enumerate(cells):
                x = states[i] = cell(x, states[i])
            gains = torch.log_softmax(features(x) @ embed.weight.T, -1)
            sums = (totals[:, None] + gains).view(-1, beams * size)
            sums, best = sums.topk(beams)
            totals, last = sums.view(-1), (best % size).view(-1)
            first = torch.arange(rows // beams)[:, None] * beams
            source = (first + best // size).view(-1)
            states = [state[source] for state in states]
        return last

    return write


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
    figures = {}
    for name, values in samples.items():
        low, median, high = statistics.quantiles(values, n=4)
        figures[name] = {"median": median, "spread": (high - low) / 2}
    return figures


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
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
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
    if options.json:
        with write_aside(options.json) as aside:
            text = json.dumps({"machine": facts, "figures": figures}, indent=1)
            aside.write_text(text + "\n", encoding="utf-8")
    if options.plot:
        plot(figures, options.plot)


if __name__ == "__main__":
    main()
