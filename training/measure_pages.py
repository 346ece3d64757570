"""Measures digits as people photograph them, on pages drawn with a seed.

    python -m training.measure_pages image_classifier_mnist image_classifier_mnist_rows

draws clean, shaded, noisy, framed and lined pages and a painted wall, and prints how
many digits of each style are read rightly. Settings of `rnnzoo.images.paper` were
chosen on seed 1; what is reported is of seed 2, the default.
"""

import json
from typing import Any

import click

from rnnzoo.quiet import import_tensorflow_quietly
from training.image_classifier.drawn_pages import measure_pages


@click.command(help=__doc__)
@click.argument("presets", nargs=-1, required=True)
@click.option("--count", type=click.IntRange(1), default=10, show_default=True)
@click.option("--seed", default=2, show_default=True)
@click.option("--write", is_flag=True, help="Write it into the cards, too.")
def main(presets: tuple[str, ...], count: int, seed: int, write: bool) -> None:
    """Reads the command line and measures."""
    import_tensorflow_quietly()
    from rnnzoo import ImageClassifier

    for preset in presets:
        measured = measure_pages(ImageClassifier.from_preset(preset), count, seed)
        print(json.dumps({"preset": preset, **measured}))
        if write:
            _write(preset, measured)


def _write(preset: str, measured: dict[str, Any]) -> None:
    from training.cards.card import write_card
    from zoo_models.core.presets import find_preset, read_metadata
    from zoo_models.core.saving import seal, write_json

    folder = find_preset(preset)
    metadata = {**read_metadata(folder), "pages": measured}
    write_json(folder / "metadata.json", metadata)
    write_card(folder)
    seal(folder, metadata)


if __name__ == "__main__":
    main()
