"""Makes a preset of the package out of training runs.

    python -m training.publish runs/seed1 runs/seed2 runs/seed3 sentiment_imdb_en
    python -m training.publish runs/seed1 runs/seed2 runs/seed3 image_classifier_mnist

It takes the run with the best metric on validation (the lowest perplexity), stores its
parameters in half precision, evaluates it like `rnnzoo evaluate` on the test split,
measures it with the probes of its card, and writes the card. It replaces a preset of
that name only if all of this succeeds.
"""

import json
import re
import statistics
from pathlib import Path
from typing import Any

import click

from rnnzoo.core.quiet import import_tensorflow_quietly
from training.core import run_folder
from training.core.config import CONFIG_FILE, recipe_of


def publish(
    runs: list[Path],
    preset: str,
    data_dirs: tuple[str, ...] = (),
    licence: str = "Apache-2.0",
) -> dict[str, Any]:
    """Publishes the best of several runs; returns the preset's metadata.

    Args:
        runs: Folders of finished runs that differ in their seed.
        preset: Name of the preset.
        data_dirs: Folders of prepared TFDS sets.
        licence: Licence of the weights. Default `"Apache-2.0"`.

    Raises:
        FileNotFoundError: If a run is not finished.
        ValueError: If the name is invalid, or the runs differ in more than the seed.
    """
    from rnnzoo import ZooModel, evaluate_preset
    from rnnzoo.core.files import atomic_write
    from training.cards.card import card_of
    from training.measure import measure, record
    from zoo_models.core.presets import PRESETS_FOLDER, read_metadata
    from zoo_models.core.saving import write_json

    if not re.fullmatch("[a-z0-9_]+", preset):
        raise ValueError(
            "The name of a preset must be of lower-case letters, digits and '_'. "
            f"Received: {preset!r}"
        )
    results = [_read(run / run_folder.METRICS) for run in runs]
    configs = [recipe_of(_read(run / CONFIG_FILE)) for run in runs]
    if any({**c, "seed": None} != {**configs[0], "seed": None} for c in configs):
        raise ValueError("The runs must differ in nothing but their seed.")
    metric = read_metadata(runs[0] / run_folder.PRESET)["metric"]
    values = [result["validation"][metric] for result in results]
    best = run_folder.find_best(values, metric)
    model = ZooModel.from_preset(runs[best] / run_folder.PRESET)
    source = read_metadata(runs[best] / run_folder.PRESET)
    card = card_of(source)
    tests = [result["test"][metric] for result in results]
    metadata = {
        **{key: value for key, value in source.items() if key != "weights"},
        "name": preset,
        "licence": licence,
        "evaluations": [],
        "training": {
            **source["training"],
            "seed": results[best]["seed"],
            "seeds": {
                "metric": metric,
                "split": source["evaluations"][0]["split"],
                "mean": statistics.mean(tests),
                "standard_deviation": statistics.stdev(tests) if runs[1:] else 0.0,
                "runs": [
                    {
                        "seed": result["seed"],
                        "validation": result["validation"][metric],
                        "test": result["test"][metric],
                    }
                    for result in results
                ],
            },
        },
        "examples": list(card.examples),
    }
    with atomic_write(PRESETS_FOLDER / preset) as new:
        model.save_to_preset(new, metadata, weights_dtype="float16")
        metadata = read_metadata(new)
        metadata["evaluations"] = evaluate_preset(new, data_dirs=data_dirs)
        if card.add_pictures is not None:
            card.add_pictures(new, metadata, data_dirs)
        write_json(new / "metadata.json", metadata)
        for probe in ("memory", "confidence"):
            record(new, probe, measure(probe, new, data_dirs=data_dirs))
        for probe in card.probes:  # with the rounded weights and the confidence
            record(new, probe, measure(probe, new))
        return read_metadata(new)


def _read(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"{path.parent} is not a finished run: no {path.name}")
    return json.loads(path.read_text(encoding="utf-8"))


@click.command(help=__doc__)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("preset")
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
@click.option("--licence", default="Apache-2.0", show_default=True)
def main(
    runs: tuple[Path, ...], preset: str, data_dirs: tuple[str, ...], licence: str
) -> None:
    """Reads the command line and publishes."""
    import_tensorflow_quietly()
    try:
        metadata = publish(list(runs), preset, data_dirs, licence)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    print(json.dumps(metadata["evaluations"], indent=2))


if __name__ == "__main__":
    main()
