"""Measures how far back presets remember, and writes it into their cards.

    python -m training.memory sentiment_en
    python -m training.memory --write sentiment_en translator_multi30k_en_de

Inputs of the first test examples are exchanged one at a time; how far back that still
moves the output, and the last state of each recurrent layer, is the horizon. Weights
and figures stay as they are.
"""

import json
from pathlib import Path
from typing import Any

import click

from rnnzoo.quiet import import_tensorflow_quietly

EXAMPLES = 32


def measure_preset(
    preset: str | Path, data_dirs: tuple[str, ...] = (), count: int = EXAMPLES
) -> dict[str, Any]:
    """What a card says of a preset's memory.

    Args:
        preset: Name of a preset, or its folder.
        data_dirs: Folders of prepared TFDS sets.
        count: Number of test examples. Default 32.

    Returns:
        What `zoo_models.core.explaining.measure_memory` gives, and where the `inputs`
        are from.
    """
    from rnnzoo import ZooModel
    from zoo_models.core.evaluation import read_inputs
    from zoo_models.core.explaining import measure_memory

    model = ZooModel.from_preset(preset)
    inputs, source = read_inputs(model, preset, count, data_dirs)
    return {"inputs": source, **measure_memory(model, inputs)}


def write_memory(folder: Path, memory: dict[str, Any]) -> None:
    """Puts what was measured into the metadata and the card of a preset's folder."""
    from training.cards.card import write_card
    from zoo_models.core.presets import read_metadata, sha256_of
    from zoo_models.core.saving import write_json

    metadata = read_metadata(folder)
    files = metadata.pop("files")
    metadata["memory"] = memory
    metadata["files"] = files
    write_json(folder / "metadata.json", metadata)
    write_card(folder)
    metadata = read_metadata(folder)
    metadata["files"]["README.md"] = sha256_of(folder / "README.md")
    write_json(folder / "metadata.json", metadata)


@click.command(help=__doc__)
@click.argument("presets", nargs=-1, required=True)
@click.option("--write", is_flag=True, help="Write it into metadata and card.")
@click.option("--examples", type=click.IntRange(2), default=EXAMPLES, show_default=True)
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
def main(
    presets: tuple[str, ...], write: bool, examples: int, data_dirs: tuple[str, ...]
) -> None:
    """Reads the command line, measures and prints, and writes if asked."""
    import_tensorflow_quietly()
    from zoo_models.core.presets import find_preset

    for preset in presets:
        try:
            memory = measure_preset(preset, data_dirs, examples)
        except (OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error
        print(json.dumps({"preset": preset, **memory}))
        if write:
            write_memory(find_preset(preset), memory)


if __name__ == "__main__":
    main()
