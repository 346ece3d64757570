"""What gates buy: plain cells beside GRU and LSTM where something must be remembered.

    python -m training.compare_cells --workdir runs/cells --minutes 60
    python -m training.compare_cells --workdir runs/cells --report --picture cells.png

Tiny networks of as many weights learn to copy symbols after a pause, to add two marked
numbers of many, and to read digits of MNIST pixel by pixel. All get the same steps, the
same Adam at 0.001 and the same clipping; nothing is tuned for any of them. Each run
that has ended has a file in the folder and is not done again: the command may be
stopped and given again at any time. It ends with a table of what there is.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from rnnzoo.quiet import import_tensorflow_quietly

LENGTHS = {"copy": (10, 30, 100), "adding": (25, 50, 100)}
DIGITS = "digits-196"
TASKS = (
    *(f"{n}-{k}" for pair in zip(*LENGTHS.values(), strict=True)
      for n, k in zip(LENGTHS, pair, strict=True)),
    DIGITS,
)  # fmt: skip
STEPS, BATCH_SIZE, LEARNING_RATE, TESTED = 2000, 32, 1e-3, 2000
WEIGHTS = 4400  # of the recurrent layer, at most: 64 plain units


def compare(
    workdir: Path,
    minutes: float | None = None,
    seeds: int = 1,
    tasks: tuple[str, ...] = TASKS,
    cells: tuple[str, ...] = (),
    steps: int = STEPS,
    data_dirs: tuple[str, ...] = (),
) -> Iterator[dict[str, Any]]:
    """Does the runs that have no result yet, and yields each result.

    Args:
        workdir: Folder of the results, one file each.
        minutes: No run is started after that much of the processor's time. Default:
            all are done.
        seeds: Number of runs of each cell on each problem.
        tasks: Keys of the problems, such as `copy-30`.
        cells: Names in `training.comparison.networks.CELLS`. Default: all.
        steps: Steps of each run; digits get twice as many.
        data_dirs: Folders of prepared TFDS sets, for the digits.
    """
    import keras
    import numpy as np

    from rnnzoo.files import write_aside
    from training.comparison.networks import CELLS, build, measure, train

    for seed in range(1, seeds + 1):
        for key in tasks:
            task = None
            for name in cells or CELLS:
                path = workdir / f"{key}.{name}.{seed}.json"
                spent = time.process_time() / 60
                if path.exists() or (minutes is not None and spent > minutes):
                    continue
                task = task or make_task(key, data_dirs)
                keras.utils.set_random_seed(seed)
                random = np.random.default_rng(seed)
                features = task.draw(random, 1)[0].shape[-1]
                model = build(CELLS[name], task, WEIGHTS, features)
                count = steps * 2 if key == DIGITS else steps
                start = time.process_time()
                losses = train(model, task, count, BATCH_SIZE, LEARNING_RATE, random)
                used = time.process_time() - start
                result = {
                    "cell": name,
                    "name": CELLS[name].name,
                    "units": model.get_layer("recurrent").units,
                    "weights": model.get_layer("recurrent").count_params(),
                    "task": task.name,
                    "length": task.length,
                    "seed": seed,
                    "steps": count,
                    "score": measure(model, task, TESTED, np.random.default_rng(0)),
                    "chance": task.chance,
                    "losses": losses,
                    "processor_seconds": round(used, 1),
                }
                with write_aside(path) as aside:
                    aside.write_text(json.dumps(result))
                yield result


def make_task(key: str, data_dirs: tuple[str, ...] = ()) -> Any:
    """The problem of a name and a length, such as `copy-30`.

    Raises:
        ValueError: If there is none of that name.
    """
    from training.comparison.tasks import adding_task, copy_task, digits_task

    if key == DIGITS:
        return digits_task(data_dirs)
    name, length = _split(key)
    return {"copy": copy_task, "adding": adding_task}[name](length)


def _split(key: str) -> tuple[str, int]:
    """A name and a length."""
    name, _, length = key.partition("-")
    is_known = key == DIGITS or name in LENGTHS
    if not is_known or not length.isdigit() or int(length) < 2:
        raise ValueError(
            "A problem must be copy or adding and a length of 2 or more, or "
            f"{DIGITS}. Received: {key!r}"
        )
    return name, int(length)


@click.command(help=__doc__)
@click.option("--workdir", type=click.Path(path_type=Path), default=Path("runs/cells"))
@click.option(
    "--minutes", type=float, help="Start no run after so much processor time."
)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--task", "tasks", multiple=True, help="copy-30 and the like. Default: all."
)
@click.option(
    "--cell", "cells", multiple=True, help="elman-relu-identity and the like."
)
@click.option("--steps", type=click.IntRange(1), default=STEPS, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
@click.option("--report", is_flag=True, help="Run nothing; print the table.")
@click.option("--picture", type=click.Path(path_type=Path), help="File to draw to.")
def main(
    workdir: Path, threads: int, report: bool, picture: Path | None, **options: Any
) -> None:
    """Reads the command line, runs what is missing and prints the table."""
    options["tasks"] = options["tasks"] or TASKS
    try:
        for key in options["tasks"]:
            _split(key)  # before TensorFlow, whose import takes seconds
        if not report:
            _run(workdir, threads, options)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    from training.comparison.networks import CELLS
    from training.comparison.report import draw, read_results, to_table

    results = read_results(workdir)
    print(to_table(results, tuple(CELLS), options["tasks"]))
    if picture is not None and results:
        draw(results, tuple(CELLS), picture)


def _run(workdir: Path, threads: int, options: dict[str, Any]) -> None:
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    import_tensorflow_quietly()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    for result in compare(workdir, **options):
        print(
            f"{result['task']}-{result['length']}  {result['name']}: score "
            f"{result['score']:.3f} after {result['processor_seconds']:.0f} seconds",
            flush=True,
        )


if __name__ == "__main__":
    main()
