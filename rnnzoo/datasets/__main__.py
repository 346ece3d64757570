"""The command that prepares a data set: `python -m rnnzoo.datasets NAME`."""

import click

from rnnzoo.datasets.loading import open_dataset


@click.command()
@click.argument("dataset")
@click.option("--data-dir", "data_dirs", multiple=True, help="Where prepared sets are.")
@click.option("--manual-dir", help="Folder of files downloaded by hand.")
@click.option("--download", is_flag=True, help="Fetch files from the network.")
def main(
    dataset: str, data_dirs: tuple[str, ...], manual_dir: str | None, download: bool
) -> None:
    """Prepare the TFDS set DATASET, such as imdb_reviews, for training."""
    try:
        builder = open_dataset(dataset, data_dirs, manual_dir, download)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    splits = ", ".join(
        f"{name} {split.num_examples:,}" for name, split in builder.info.splits.items()
    )
    click.echo(f"{dataset} {builder.version} is in {builder.data_dir}: {splits}")


if __name__ == "__main__":
    main(prog_name="python -m rnnzoo.datasets")
