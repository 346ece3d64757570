"""Measures a property of a preset and prints it as JSON.

    python -m training.measure behaviour sentiment_en
    python -m training.measure memory sentiment_en translator_en_de --write

`--write` stores the result in the preset's metadata and card. The weights stay as they
are. The probes:

\b
behaviour    accuracy on template sentences, by kind
confidence   calibration on validation inputs, and its out-of-distribution detection
copying      how many names and numbers a translator copies
memory       how many steps back an input changes the output and the states
pages        accuracy on drawn photographs of digits
photographs  captions of the photographs in training/photographs
"""

import importlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rnnzoo.core.quiet import import_tensorflow_quietly

PROBES = ("behaviour", "confidence", "copying", "memory", "pages", "photographs")


def measure(probe: str, preset: str | Path, **options: Any) -> dict[str, Any]:
    """Measures a preset.

    Args:
        probe: A name in `PROBES`.
        preset: Name or folder of the preset.
        options: Arguments of the probe's function, `measure` in
            `training.probes.<probe>`.

    Raises:
        ValueError: If the probe does not fit the model or has no such option.
    """
    module = importlib.import_module(f"training.probes.{probe}")
    function: Callable[..., dict[str, Any]] = module.measure
    known = [*inspect.signature(function).parameters][1:]
    others = [name for name in options if name not in known]
    if others:
        raise ValueError(
            f"The options of the probe {probe} are {known}. Received: {others}"
        )
    return function(preset, **options)


def record(folder: Path, probe: str, result: dict[str, Any]) -> None:
    """Writes a result into the metadata and the card of a preset.

    Args:
        folder: Folder of the preset.
        probe: A name in `PROBES`: the entry of the metadata.
        result: What `measure` returned. A `calibration` goes to `config.json`, and
            `failures` are left out.
    """
    from training.cards.card import write_card
    from zoo_models.core.presets import read_config, read_metadata
    from zoo_models.core.saving import write_checksums, write_json

    kept = {k: v for k, v in result.items() if k not in ("calibration", "failures")}
    if "calibration" in result:
        config = {**read_config(folder), "confidence": result["calibration"]}
        write_json(folder / "config.json", config)
    write_json(folder / "metadata.json", {**read_metadata(folder), probe: kept})
    write_card(folder)
    write_checksums(folder, read_metadata(folder))


@click.command(help=__doc__)
@click.argument("probe", type=click.Choice(PROBES))
@click.argument("presets", nargs=-1, required=True)
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
@click.option("--limit", type=click.IntRange(1), help="Examples at most.")
@click.option("--write", is_flag=True, help="Store the result in metadata and card.")
def main(probe: str, presets: tuple[str, ...], write: bool, **options: Any) -> None:
    """Measures, prints and stores."""
    import_tensorflow_quietly()
    from zoo_models.core.presets import find_preset

    given = {name: value for name, value in options.items() if value}
    for preset in presets:
        try:
            result = measure(probe, preset, **given)
            if write:
                record(find_preset(preset), probe, result)
        except (OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error
        content = {"preset": preset, "probe": probe, **result}
        print(json.dumps(content, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main(prog_name="python -m training.measure")
