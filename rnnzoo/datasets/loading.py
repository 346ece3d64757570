"""The one place where TensorFlow Datasets is asked for data."""

import contextlib
import importlib
import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Builders of this package: importing a module makes TFDS know its set.
OWN_BUILDERS = ("flickr8k", "multi30k", "tatoeba")
PREPARED_FOLDER = Path("build/tfds")


class DatasetNotPreparedError(FileNotFoundError):
    """The data set is on none of the folders that were searched."""


class DatasetDownloadError(OSError):
    """The files of a data set could not be fetched, or are not those expected."""


def open_dataset(
    name: str,
    data_dirs: Sequence[str | Path] = (),
    manual_dir: str | Path | None = None,
    download: bool = False,
) -> Any:
    """Finds a prepared TFDS data set, without any network unless asked.

    Args:
        name: Name of the set as TFDS knows it, such as `imdb_reviews` or
            `glue/sst2`.
        data_dirs: Folders to search for prepared sets. Default: that in
            `TFDS_DATA_DIR`, `build/tfds` and `~/tensorflow_datasets`.
        manual_dir: Folder with files that were downloaded by hand; the set is then
            prepared from them if need be.
        download: Whether an unprepared set may be downloaded and prepared. Default
            `False`.

    Returns:
        A `tfds.core.DatasetBuilder` whose `as_dataset` can be called.

    Raises:
        ValueError: If TFDS knows no set of that name, or it is one of translations
            and the direction is not named.
        DatasetNotPreparedError: If it is not prepared, with what to do.
        DatasetDownloadError: If fetching it fails, with how to do it by hand.
    """
    import tensorflow_datasets as tfds

    set_name = re.split("[/:]", name)[0]
    if set_name in OWN_BUILDERS:
        importlib.import_module(f"rnnzoo.datasets.{set_name}")
        configs = list(tfds.builder_cls(set_name).builder_configs)
        # TFDS would take the first one.
        if len(configs) > 1 and "/" not in name:
            known = ", ".join(f"{set_name}/{config}" for config in configs)
            raise ValueError(
                f"The data set must be named with its direction: one of {known}. "
                f"Received: {name!r}"
            )
    folders = [Path(folder) for folder in data_dirs] or _default_folders()
    # Folders that nobody named are searched, not written to.
    target = folders[0] if data_dirs else PREPARED_FOLDER

    def make_builder(folder: Path) -> Any:
        return tfds.builder(name, data_dir=str(folder.expanduser()), try_gcs=False)

    try:
        # The last one says whether TFDS knows the name at all.
        builders = [make_builder(folder) for folder in [*folders, target]]
    except (tfds.core.DatasetNotFoundError, AssertionError, ValueError) as error:
        raise ValueError(
            "The data set must be one that TFDS knows by name. Received: "
            f"{name!r}. {str(error).splitlines()[0]}"
        ) from error
    for builder in builders:
        if builder.is_prepared():
            return builder
    builder = builders[-1]
    if not download and manual_dir is None:
        searched = ", ".join(str(folder) for folder in folders)
        raise DatasetNotPreparedError(
            f"The data set {name!r} is not prepared in any of: {searched}. Name its "
            "folder with --data-dir or TFDS_DATA_DIR, or prepare it"
            f"{_how_to_prepare(builder, name, target)}"
        )
    if not download and builder.MANUAL_DOWNLOAD_INSTRUCTIONS is None:
        raise DatasetNotPreparedError(
            f"The data set {name!r} is not made from files downloaded by hand: add "
            "--download instead of --manual-dir."
        )
    _prepare(builder, name, target, manual_dir)
    return builder


def _prepare(builder: Any, name: str, target: Path, manual_dir: Any) -> None:
    """Fetches and prepares a set; tells how to do by hand what fails."""
    import requests
    import tensorflow_datasets as tfds

    config = tfds.download.DownloadConfig(
        manual_dir=None if manual_dir is None else str(manual_dir),
        try_download_gcs=False,
    )
    try:
        # TFDS prints where it works; standard output belongs to the caller.
        with contextlib.redirect_stdout(sys.stderr):
            builder.download_and_prepare(download_config=config)
    except (
        tfds.download.DownloadError,
        tfds.download.download_manager.NonMatchingChecksumError,
        requests.exceptions.RequestException,
    ) as error:
        raise DatasetDownloadError(
            f"The data set {name!r} could not be downloaded. "
            f"{' '.join(str(error).split())}\n{_manual_recipe(builder, name, target)}"
        ) from error


def _command(name: str, target: Path, *options: str) -> str:
    words = ["python", "-m", "rnnzoo.datasets", name, *options]
    return "\n    " + shlex.join([*words, "--data-dir", str(target)])


def _how_to_prepare(builder: Any, name: str, target: Path) -> str:
    instructions = builder.MANUAL_DOWNLOAD_INSTRUCTIONS
    if instructions is None:
        return " with" + _command(name, target, "--download")
    return (
        f" from files in a folder of yours:\n{instructions.strip()}\nThen run"
        + _command(name, target, "--manual-dir", "FOLDER")
    )


def _manual_recipe(builder: Any, name: str, target: Path) -> str:
    """How to prepare a set whose links are dead or lead to other files."""
    files = [
        f"    {info.filename}  {info.size}, SHA-256 {info.checksum}\n      from {url}"
        for url, info in builder.url_infos.items()
    ]
    advice = (
        "Fetch the files by hand, from there or from a mirror that has the very same "
        "ones, into a folder of yours:"
    )
    command = _command(name, target, "--download", "--manual-dir", "FOLDER")
    return "\n".join([advice, *files, f"Then run{command}"])


def _default_folders() -> list[Path]:
    folders = os.environ.get("TFDS_DATA_DIR"), PREPARED_FOLDER, "~/tensorflow_datasets"
    return [Path(folder) for folder in folders if folder]
