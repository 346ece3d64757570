"""`rnnzoo evaluate`: metrics of a preset."""

import json
from typing import Any

import click

import rnnzoo
from rnnzoo.cli.answers import figures_of
from rnnzoo.cli.errors import PRESET_HELP, reports_errors
from rnnzoo.core.quiet import import_tensorflow_quietly


@click.command("evaluate", epilog=PRESET_HELP)
@click.argument("preset")
@click.option("--split", help="Split.  [default: test; of a folder all]")
@click.option("--dataset", help="A TFDS set.  [default: the preset's own]")
@click.option("--folder", help="Your own images/ and captions.json, for a captioner.")
@click.option("--limit", type=click.IntRange(1), help="Use the first LIMIT examples.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
@click.option("--download", is_flag=True, help="Download a data set that is missing.")
@click.option("--manual-dir", help="Folder of manually downloaded files.")
@click.option(
    "--data-dir",
    "data_dirs",
    multiple=True,
    help="Folder of prepared TFDS sets; may be given several times. Default: "
    "$TFDS_DATA_DIR, build/tfds, ~/tensorflow_datasets.",
)
@reports_errors
def command(preset: str, as_json: bool, **options: Any) -> None:
    """Evaluate a model on a split of a data set, or a captioner on a folder.

    \b
    rnnzoo evaluate sentiment_en --data-dir ~/tensorflow_datasets
    rnnzoo evaluate runs/mine/preset --split test --limit 1000 --json
    rnnzoo evaluate captioner_flickr8k_en --folder holiday --split "all[:100]"
    """
    import_tensorflow_quietly()
    results = rnnzoo.evaluate_preset(preset, **options)
    if as_json:
        output = results[0] if len(results) == 1 else results
        click.echo(json.dumps(output, indent=2))
        return
    for result in results:
        click.echo(
            f"{result['preset']} on {result['num_examples']:,} examples of "
            f"{result['dataset']}, split {result['split']}"
        )
        for metric, value in figures_of(result, ".4f"):
            click.echo(f"  {metric}  {value}")
