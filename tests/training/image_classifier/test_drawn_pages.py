"""Drawn pages: the same seed gives the same, and styles are what they say."""

import numpy as np
import pytest

from training.image_classifier.drawn_digits import DRAWINGS
from training.image_classifier.drawn_pages import STYLES, draw_pages


@pytest.mark.parametrize("style", STYLES)
def test_a_seed_draws_the_same_pages(style):
    pages, labels = draw_pages(style, 1, seed=3)
    assert pages.shape == (10, 200, 200)
    assert pages.dtype == np.uint8
    assert labels == [str(digit) for digit in range(10)]
    again, _ = draw_pages(style, 1, seed=3)
    np.testing.assert_array_equal(pages, again)
    other, _ = draw_pages(style, 1, seed=4)
    assert (pages != other).any(axis=(1, 2)).all()


def test_shading_and_noise_are_as_strong_as_they_say():
    pages, _ = draw_pages("shaded", 1, seed=0)
    corners = pages[:, [0, 0, -1, -1], [0, -1, 0, -1]].astype(float)
    falls = corners.min(axis=1) / corners.max(axis=1)
    assert 0.45 <= falls.min() <= falls.max() <= 0.85
    pages, _ = draw_pages("noisy", 1, seed=0)
    # At white half of the noise is cut off.
    low = (pages[:, :12] < 255 - 30).mean()
    assert 0.02 < low < 0.3


def test_nothing_is_drawn_off_the_page():
    for drawing in DRAWINGS:
        image = drawing.draw()
        paper = image[0, 0]
        assert (image != paper).any()
        for edge in (image[0], image[-1], image[:, 0], image[:, -1]):
            assert (edge == paper).all()
