"""Times what the analysis measures, once a model is loaded.

    python -m benchmarks.analysis
    taskset --cpu-list 0 python -m benchmarks.analysis --json out.json

The first lines are of `sentiment_en` and a review of 200 words: the states of all
its layers, the gradient map of its label, both together, and what `rnnzoo explain`
measures. The rest is of an untrained layer that reads 10 000 steps. Medians of several
calls after a first one, in ms, of the clock and of the processor.
"""

import argparse
import json
import statistics
import time

import numpy as np

import rnnzoo
from rnnzoo.quiet import import_tensorflow_quietly

WORDS, STEPS, UNITS = 200, 10_000, 64


def median(call, repeats: int) -> dict[str, float]:
    """Medians of the clock and of the processor, in ms."""
    call()
    clock, processor = [], []
    for _ in range(repeats):
        starts = time.perf_counter(), time.process_time()
        call()
        clock.append(1000 * (time.perf_counter() - starts[0]))
        processor.append(1000 * (time.process_time() - starts[1]))
    return {
        "clock": statistics.median(clock),
        "processor": statistics.median(processor),
    }


def measure(repeats: int) -> dict[str, dict[str, float]]:
    """All lines."""
    from rnnzoo.analysis import (
        Recurrence,
        States,
        gradient_map,
        gradient_through_time,
        judge,
        log_odds,
        read_states,
    )

    name = "sentiment_en"
    model = rnnzoo.ZooModel.from_preset(name)
    examples = next(p.examples for p in rnnzoo.list_presets() if p.name == name)
    pool = " ".join(examples).split()
    review = " ".join((pool * (WORDS // len(pool) + 1))[:WORDS])

    def see_states():
        return read_states(model, [review])

    def see_map():
        inputs, tokens = model.reading([review])
        return gradient_map(model, inputs, log_odds(1), ["positive"], tokens)

    random = np.random.default_rng(0)
    weights = np.linalg.qr(random.normal(size=(UNITS, UNITS)))[0]
    layer = Recurrence(np.eye(UNITS), 0.95 * weights, np.zeros(UNITS), "tanh")
    long = States.of(layer, random.normal(size=(STEPS, UNITS)))
    calls = {
        f"states of {WORDS} words": see_states,
        f"gradient map of {WORDS} words": see_map,
        f"states and gradient map of {WORDS} words": lambda: (see_states(), see_map()),
        f"explanation of {WORDS} words, undrawn": lambda: rnnzoo.explain(model, review),
        f"states of {STEPS:,} steps": lambda: States.of(layer, long.inputs),
        f"gradient through {STEPS:,} steps": lambda: gradient_through_time(long),
        f"verdict on {STEPS:,} steps": lambda: judge(long),
    }
    return {name: median(call, repeats) for name, call in calls.items()}


def main() -> None:
    """Reads the command line, measures and prints a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", metavar="FILE", help="write every figure there")
    options = parser.parse_args()
    import_tensorflow_quietly()
    figures = measure(options.repeats)
    print(f"{'median, ms':44}{'clock':>10}{'processor':>12}")
    for name, values in figures.items():
        print(f"{name:44}{values['clock']:10.1f}{values['processor']:12.1f}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
