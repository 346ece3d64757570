"""The photographs are few, small, and each with its origin."""

import numpy as np
import pytest
from PIL import Image

from training.photographs import PHOTOGRAPHS, UNSEEN_PHOTOGRAPHS

ALL = (*PHOTOGRAPHS, *UNSEEN_PHOTOGRAPHS)
FOLDER = ALL[0].parent


def test_each_photograph_of_the_folder_is_named_once():
    assert sorted(ALL) == sorted(FOLDER.glob("*.jpg"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_photograph_is_small_and_its_origin_is_told(path):
    with Image.open(path) as image:
        assert image.format == "JPEG"
        assert max(image.size) == 320
        assert np.ptp(np.asarray(image)) > 150  # not of one colour
    assert path.stat().st_size <= 60_000
    rows = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    told = [row for row in rows if row.startswith(f"| `{path.name}` |")]
    # Those to judge captions by: the origin in one table, the scene in another.
    assert len(told) == (2 if path in UNSEEN_PHOTOGRAPHS else 1)
    assert any(
        "CC0" in row or "public domain" in row or "no known" in row for row in told
    )
