"""Captions of the photographs in `training/photographs`."""

from pathlib import Path
from typing import Any


def measure(preset: str | Path) -> dict[str, Any]:
    """Captions photographs that are in no data set.

    Args:
        preset: Name or folder of an `ImageCaptioner`.

    Returns:
        `captions`: for each photograph its `file` and the captioner's answer.
    """
    from rnnzoo import ImageCaptioner
    from training.photographs import PHOTOGRAPHS, UNSEEN_PHOTOGRAPHS

    paths = [*PHOTOGRAPHS, *UNSEEN_PHOTOGRAPHS]
    model = ImageCaptioner.from_preset(preset)
    answers = model.generate([str(path) for path in paths], return_scores=True)
    return {
        "captions": [
            {"file": path.name, **answer}
            for path, answer in zip(paths, answers, strict=True)
        ]
    }
