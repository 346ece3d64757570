"""Drawn clothes: grey on black, each another."""

import numpy as np

from training.image_classifier.drawn_clothes import EXAMPLES, draw


def test_clothes_are_grey_on_black():
    images = [draw(shape) for shape in EXAMPLES.values()]
    for image in images:
        assert image.dtype == np.uint8
        assert image.shape == (112, 112)
        assert (image[[0, -1]] == 0).all()
        assert 0.1 < (image > 100).mean() < 0.7
    assert len({image.tobytes() for image in images}) == len(EXAMPLES)
