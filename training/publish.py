"""Makes a preset of the package out of training runs.

    python -m training.publish runs/seed1 runs/seed2 runs/seed3 sentiment_imdb_en

The run with the best metric on validation is stored with half-precision weights,
measured with `rnnzoo evaluate`'s own code on the test split, and given its card. A
preset of that name is replaced only when all of this has worked.
"""

import json
import statistics
from pathlib import Path
from typing import Any

import click

from rnnzoo.quiet import import_tensorflow_quietly
from training import run_folder

METRIC = "accuracy"

# Inputs of `rnnzoo demo`, written for it.
EXAMPLES = {
    "SentimentClassifier": [
        "What a film! I laughed, I cried, and I would see it again tomorrow.",
        "Two hours of my life that nobody will give me back. Dull from start to end.",
        "The plot is thin, but the acting is so good that it hardly matters.",
        "I wanted to like it. The first half promises much, the second keeps nothing.",
        "Not bad at all.",
    ]
}


def publish(
    runs: list[Path], preset: str, data_dirs: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Publishes the best of several runs; returns the preset's metadata.

    Args:
        runs: Folders of finished runs that differ in their seed.
        preset: Name of the preset.
        data_dirs: Folders of prepared TFDS sets.

    Raises:
        FileNotFoundError: If a run is not finished.
    """
    from rnnzoo import ZooModel, evaluate_preset
    from rnnzoo.files import write_aside
    from training.card import make_card
    from zoo_models.presets import PRESETS_FOLDER, read_config, read_metadata, sha256_of
    from zoo_models.saving import write_json

    results = [_read(run / run_folder.METRICS) for run in runs]
    best = max(range(len(runs)), key=lambda i: (results[i]["validation"][METRIC], -i))
    model = ZooModel.from_preset(runs[best] / run_folder.PRESET)
    source = read_metadata(runs[best] / run_folder.PRESET)
    tests = [result["test"][METRIC] for result in results]
    metadata = {
        "name": preset,
        "licence": "Apache-2.0",
        "dataset": source["dataset"],
        "evaluations": [],
        "training": {
            "command": results[best]["command"],
            "seed": results[best]["seed"],
            "minutes": results[best]["minutes"],
            "environment": _read(runs[best] / run_folder.ENVIRONMENT),
            "config": {
                key: value
                for key, value in _read(runs[best] / run_folder.CONFIG).items()
                if key not in ("workdir", "data_dir", "manual_dir")
            },
            "seeds": {
                "metric": METRIC,
                "mean": statistics.mean(tests),
                "standard_deviation": statistics.stdev(tests) if runs[1:] else 0.0,
                "runs": [
                    {
                        "seed": result["seed"],
                        "validation": result["validation"][METRIC],
                        "test": result["test"][METRIC],
                    }
                    for result in results
                ],
            },
        },
        "examples": EXAMPLES[type(model).__name__],
    }
    with write_aside(PRESETS_FOLDER / preset) as aside:
        model.save_to_preset(aside, metadata, weights_dtype="float16")
        metadata = read_metadata(aside)
        metadata["evaluations"] = evaluate_preset(aside, data_dirs=data_dirs)
        write_json(aside / "metadata.json", metadata)
        card = make_card(metadata, read_config(aside))
        (aside / "README.md").write_text(card, encoding="utf-8")
        metadata["files"]["README.md"] = sha256_of(aside / "README.md")
        write_json(aside / "metadata.json", metadata)
    return metadata


def _read(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"{path.parent} is not a finished run: no {path.name}")
    return json.loads(path.read_text(encoding="utf-8"))


@click.command(help=__doc__)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("preset")
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
def main(runs: tuple[Path, ...], preset: str, data_dirs: tuple[str, ...]) -> None:
    """Reads the command line and publishes."""
    import_tensorflow_quietly()
    try:
        metadata = publish(list(runs), preset, data_dirs)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    print(json.dumps(metadata["evaluations"], indent=2))


if __name__ == "__main__":
    main()
