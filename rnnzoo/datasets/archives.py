"""Functions of the TFDS builders: files downloaded by hand, directions."""

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds


class DirectionConfig(tfds.core.BuilderConfig):
    """A direction of translation, such as `en_de`.

    Args:
        source: Code of the language to translate from.
        target: Code of the language to translate to.
    """

    def __init__(self, source: str, target: str):
        super().__init__(
            name=f"{source}_{target}", description=f"From {source} to {target}."
        )
        self.source = source
        self.target = target


def find_archive(builder: Any, dl_manager: Any, name: str) -> Path:
    """Returns the path of an archive in `manual_dir`, and stores its SHA-256 in the
    metadata of the prepared set.

    Raises:
        FileNotFoundError: If it is not there.
    """
    try:
        path = Path(dl_manager.manual_dir) / name
    except AssertionError as error:  # the folder does not exist or is empty
        raise FileNotFoundError(str(error)) from error
    if not path.is_file():
        raise FileNotFoundError(
            f"{builder.name} needs {name}, and {path} is not there. "
            f"{builder.MANUAL_DOWNLOAD_INSTRUCTIONS}"
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    builder.info.metadata[f"{name} SHA-256"] = digest
    return path


def read_texts(path: Path, names: Sequence[str]) -> list[list[str]]:
    """Returns the lines of each of the text files in a zip archive.

    Raises:
        ValueError: If it is not an archive of such files in UTF-8.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            texts = [archive.read(name).decode("utf-8") for name in names]
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} must be a zip archive with {', '.join(names)} in UTF-8. "
            f"Received: {error}"
        ) from error
    return [text.rstrip("\n").split("\n") for text in texts]
