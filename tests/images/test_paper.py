"""Pages as they are photographed: ink is found, the rest is taken away."""

import numpy as np
import pytest

from rnnzoo.images import center_ink
from rnnzoo.images.paper import clean_ink

SIDE = 120


def page(paper=1.0, ink=0.1):
    """A thick stroke with a foot, on plain paper."""
    image = np.full((SIDE, SIDE), paper)
    image[30:90, 55:64] = ink
    image[82:90, 45:78] = ink
    return image


def shaded():
    return page() * np.linspace(1.0, 0.5, SIDE)


def noisy():
    return np.clip(
        page() + np.random.default_rng(0).normal(0, 0.15, (SIDE, SIDE)), 0, 1
    )


def framed():
    image = page()
    image[8:12, 8:112] = image[108:112, 8:112] = 0.2
    image[8:112, 8:12] = image[8:112, 108:112] = 0.2
    return image


def touching_its_frame():
    image = framed()
    return np.concatenate([image[:12], image[30:107], image[12:30], image[107:]])


def on_a_table():
    image = page()
    image[:6] = image[-6:] = 0.15
    image[:, :6] = image[:, -6:] = 0.15
    return image


def lined():
    image = np.full((SIDE, SIDE), 1.0)
    image[10::20] = image[11::20] = 0.7
    return np.minimum(image, page())


def specked():
    image = page()
    image[20:22, 20:23] = image[100:102, 95:97] = 0.1
    return image


def read(image):
    return center_ink(image[..., None].astype("float32"), 28, 28).numpy()[..., 0]


@pytest.mark.parametrize(
    "make",
    [shaded, noisy, framed, touching_its_frame, on_a_table, lined, specked],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("is_dark", [True, False], ids=["dark", "bright"])
def test_the_ink_is_that_of_a_clean_page(make, is_dark):
    """The same stroke comes out, whatever else is on the page."""
    image = make() if is_dark else 1.0 - make()
    expected, received = read(page()), read(image)
    overlap = np.sum(np.minimum(expected, received))
    assert overlap > 0.6 * np.sum(np.maximum(expected, received))


def test_a_blank_page_has_no_ink():
    rng = np.random.default_rng(0)
    for blank in (
        np.full((SIDE, SIDE), 0.7),
        np.full((SIDE, SIDE), 0.9) * np.linspace(1.0, 0.5, SIDE),
        np.clip(0.7 + rng.normal(0, 0.02, (SIDE, SIDE)), 0, 1),
    ):
        assert not clean_ink(blank[..., None].astype("float32")).numpy().any()


def test_a_digit_of_two_parts_keeps_both():
    image = page()
    image[60:66, :] = 1.0  # a gap
    ink = clean_ink(image[..., None].astype("float32")).numpy()[..., 0]
    assert ink[35:58, 55:64].mean() > 0.8
    assert ink[70:90, 55:64].mean() > 0.8


def test_what_fills_the_page_is_kept():
    image = np.full((SIDE, SIDE), 1.0)
    image[2:118, 50:70] = 0.0
    assert read(image).sum() > 20


def test_images_of_the_size_of_mnist_are_as_they_were():
    """Pixels at the edge count there: nothing is taken away."""
    image = np.zeros((28, 28))
    image[4:24, 10:13] = 1.0
    image[2, 2] = 0.5
    received = read(image)
    assert received.max() == pytest.approx(1.0, abs=0.01)
    # The speck is ink, too.
    drawn = np.nonzero(received.max(axis=0) > 0.1)[0]
    assert received.sum(axis=0).argmax() - drawn[0] > 4
