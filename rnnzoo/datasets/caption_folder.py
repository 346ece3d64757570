"""A folder of one's own: photographs, and a file that says their captions."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

IMAGES = "images"
CAPTIONS = "captions.json"
_FORMAT = '[{"file": "a.jpg", "captions": ["A dog runs.", …]}, …]'
_SPLIT = re.compile(r"all(?:\[(-?\d+)?:(-?\d+)?\])?")


def read_caption_folder(
    folder: str | Path, split: str = "all"
) -> list[tuple[str, list[bytes]]]:
    """Reads which images a folder has, and the captions of each.

    The folder has the images in `images`, and `captions.json`, a list with the name of
    each image there and its captions:

    ```json
    [{"file": "a.jpg", "captions": ["A dog runs.", "A brown dog on a meadow."]}]
    ```

    Images that it does not name are left out. No image is opened.

    Args:
        folder: The folder.
        split: `"all"`, or a part such as `"all[:100]"` or `"all[100:]"` of the images
            in the order of their names. Negative numbers count from the end.

    Returns:
        The path of each image and its captions in UTF-8, in the order of the names.

    Raises:
        FileNotFoundError: If the folder, `captions.json` or an image is not there.
        ValueError: If `captions.json` is not as it must be, or the split is no part of
            the images.

    Example:

    ```python
    import json, tempfile
    from pathlib import Path
    from rnnzoo.datasets import read_caption_folder

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "images").mkdir()
        (Path(folder) / "images" / "a.jpg").write_bytes(b"")
        captions = [{"file": "a.jpg", "captions": ["A dog runs."]}]
        (Path(folder) / "captions.json").write_text(json.dumps(captions))
        ((path, texts),) = read_caption_folder(folder)
    assert Path(path).name == "a.jpg" and texts == [b"A dog runs."]
    ```
    """
    folder = Path(folder)
    file = folder / CAPTIONS
    if not file.is_file():
        raise FileNotFoundError(
            f"A folder must have {IMAGES}/ and {CAPTIONS}. Received: {str(folder)!r}"
        )
    entries = sorted(_read_entries(file))
    missing = [name for name, _ in entries if not (folder / IMAGES / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"Each image that {file} names must be in {folder / IMAGES}. Received: "
            f"{len(missing)} that are not there, the first {missing[0]!r}"
        )
    return [
        (str(folder / IMAGES / name), captions)
        for name, captions in _part(entries, split)
    ]


def _read_entries(file: Path) -> list[tuple[str, list[bytes]]]:
    """Names and captions as the file has them, checked."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # no JSON, or no UTF-8
        raise ValueError(f"{file} must be JSON: {_FORMAT}. {error}") from error
    if not isinstance(content, list) or not all(map(_is_entry, content)) or not content:
        raise ValueError(
            f"{file} must be a list of images with one caption or more: {_FORMAT}. "
            f"Received: {repr(content)[:200]}"
        )
    entries = [(e["file"], [c.encode() for c in e["captions"]]) for e in content]
    ((name, count),) = Counter(name for name, _ in entries).most_common(1)
    if count > 1:
        raise ValueError(
            f"{file} must name each image once. Received: {name!r}, {count} times"
        )
    return entries


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
        return False
    captions = entry.get("captions")
    if not isinstance(captions, list) or not captions:
        return False
    return all(isinstance(text, str) and text.strip() for text in captions)


def _part(entries: list[Any], split: str) -> list[Any]:
    """The part of the images that a split names."""
    found = _SPLIT.fullmatch(split)
    bounds = [int(b) if b else None for b in found.groups()] if found else []
    is_within = all(b is None or abs(b) <= len(entries) for b in bounds)
    part = entries[slice(*bounds)] if found and is_within else []
    if not part:
        raise ValueError(
            "The split of a folder must be 'all' or a part of it, such as 'all[:100]' "
            f"or 'all[100:]', of the {len(entries)} images. Received: {split!r}"
        )
    return part
