"""Photographs in the public domain; README.md says whose they are."""

from pathlib import Path

PHOTOGRAPHS = tuple(sorted(Path(__file__).parent.glob("*.jpg")))
