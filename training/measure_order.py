"""Measures what a sentiment classifier makes of the order of words.

    python -m training.measure_order sentiment_en
    python -m training.measure_order runs/mine/preset --limit 1000

prints its accuracy on the splits that its card names, on the texts as they stand and
with the words of each shuffled. Whoever is right as often on the latter reads no order.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from rnnzoo.quiet import import_tensorflow_quietly


def shuffle_words(text: bytes, draw: np.random.Generator) -> bytes:
    """A text with its words, each with the marks that stand at it, in another order."""
    return b" ".join(draw.permutation(np.array(text.split(), object)))


def measure_order(
    preset: str | Path, limit: int | None = None, data_dirs: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """Measures a preset, split by split.

    Args:
        preset: Name or folder of a `SentimentClassifier`.
        limit: Examples of each split at most. Default: all.
        data_dirs: Folders of prepared TFDS sets.

    Yields:
        `dataset`, `split`, the number of `examples`, the accuracy on texts as they are
        (`in_order`) and with words shuffled (`shuffled`).
    """
    from rnnzoo import SentimentClassifier
    from rnnzoo.datasets import open_dataset
    from zoo_models.core.presets import find_preset, read_metadata
    from zoo_models.sentiment_classifier.evaluation import measure, reader

    model = SentimentClassifier.from_preset(preset)
    metadata = read_metadata(find_preset(preset))
    own = {"dataset": metadata["dataset"], "split": "test"}
    for entry in metadata.get("measured_on", [own]):
        builder = open_dataset(entry["dataset"]["name"], data_dirs)
        examples = builder.as_dataset(split=entry["split"]).map(
            reader(builder, entry["dataset"], model)
        )
        texts, labels = zip(
            *examples.take(-1 if limit is None else limit).as_numpy_iterator(),
            strict=True,
        )
        draw = np.random.default_rng(0)
        rates = [
            measure(model, zip(some, labels, strict=True))["accuracy"]
            for some in (texts, [shuffle_words(text, draw) for text in texts])
        ]
        yield {
            "dataset": entry["dataset"]["name"],
            "split": entry["split"],
            "examples": len(texts),
            "in_order": rates[0],
            "shuffled": rates[1],
        }


@click.command(help=__doc__)
@click.argument("preset")
@click.option("--limit", type=int, help="Examples of each split at most.")
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
def main(preset: str, limit: int | None, data_dirs: tuple[str, ...]) -> None:
    """Reads the command line, measures and prints."""
    import_tensorflow_quietly()
    try:
        for found in measure_order(preset, limit, data_dirs):
            click.echo(
                f"{found['dataset']}, {found['split']}, {found['examples']:,} texts: "
                f"accuracy {found['in_order']:.4f} as they stand, "
                f"{found['shuffled']:.4f} with words shuffled"
            )
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m training.measure_order")
