"""Photographs in the public domain; README.md says whose they are."""

from pathlib import Path

_FOLDER = Path(__file__).parent

# Those that come with the captioner.
PHOTOGRAPHS = tuple(
    _FOLDER / f"{name}.jpg" for name in ("astronaut", "cat", "photographer", "rocket")
)
# Those to judge captions by: chosen before any captioner had seen them.
UNSEEN_PHOTOGRAPHS = tuple(
    _FOLDER / f"{name}.jpg" for name in ("city", "coffee", "raccoon", "stairs")
)
