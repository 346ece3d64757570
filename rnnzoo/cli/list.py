"""`rnnzoo list`: the presets."""

import dataclasses
import json

import click

import rnnzoo
from rnnzoo.cli.errors import reports_errors


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print all entries as JSON.")
@reports_errors
def command(as_json: bool) -> None:
    """Show the pretrained models: task, size, metric and licence.

    The metric is that of the first split in the model's card; --json prints all.
    """
    presets = rnnzoo.list_presets()
    if as_json:
        known = [dataclasses.asdict(preset) for preset in presets]
        click.echo(json.dumps(known, indent=2, ensure_ascii=False))
        return
    header = ("preset", "task", "params", "MB", "metric", "licence")
    rows = [header]
    for preset in presets:
        value = preset.evaluations[0]["metrics"][preset.metric]
        rows.append(
            (
                preset.name,
                preset.task.partition(" of ")[0],
                f"{preset.parameters / 1e6:.2f} M",
                f"{preset.megabytes:.1f}",
                f"{preset.metric} {value:.4g}",
                preset.licence,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
