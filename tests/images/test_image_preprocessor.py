"""What a network reads of an image, in a graph and in Python; ink centred."""

import numpy as np
import pytest

from rnnzoo.images import ImagePreprocessor, ink
from tests.images.test_pixels import encode
from training.image_classifier.drawn_digits import DRAWINGS


@pytest.fixture(scope="module")
def drawings():
    return [drawing.draw() for drawing in DRAWINGS]


@pytest.fixture(scope="module")
def handwriting():
    return ImagePreprocessor((28, 28, 1), is_ink=True)


def test_files_arrays_and_batches_are_read_alike(drawings, tmp_path):
    preprocessor = ImagePreprocessor((7, 9, 1))
    image = drawings[3]
    (tmp_path / "two.png").write_bytes(encode(image, "PNG"))
    expected = preprocessor.read(image)
    assert expected.shape == (7, 9, 1)
    assert expected.dtype == np.float32
    for raw in (tmp_path / "two.png", str(tmp_path / "two.png"), encode(image, "PNG")):
        np.testing.assert_allclose(preprocessor.read(raw), expected, atol=1e-6)
    for batch in ([encode(image, "PNG")], image[None], image[None, ..., None] / 255):
        np.testing.assert_allclose(preprocessor(batch)[0], expected, atol=1e-6)


def test_a_batch_may_be_empty():
    preprocessor = ImagePreprocessor((7, 9, 3))
    for batch in (np.zeros((0, 4, 5), "uint8"), np.zeros((0,), "S1")):
        assert preprocessor(batch).shape == (0, 7, 9, 3)


def test_floats_out_of_range_are_refused_in_the_graph():
    import tensorflow as tf

    for value in (np.nan, 1.5, -0.1):
        with pytest.raises(tf.errors.InvalidArgumentError, match="from 0 to 1"):
            ImagePreprocessor((2, 2, 1))(np.full((1, 2, 2, 1), value, "float32"))


def test_ink_is_found_whatever_its_colours(handwriting, drawings):
    for image in drawings:
        dark = np.where(image[0, 0] > 127, image, 255 - image).astype("float32") / 255
        expected = handwriting.read(dark)
        assert expected.max() == pytest.approx(1.0, abs=0.1)
        for paper, pen in ((0.0, 1.0), (0.8, 0.3), (0.2, 0.6)):
            other = pen + (paper - pen) * dark
            np.testing.assert_allclose(handwriting.read(other), expected, atol=0.02)


def test_ink_is_put_into_the_middle_at_one_size(handwriting, drawings):
    for image in drawings:
        prepared = handwriting.read(image)[..., 0]
        rows = np.nonzero(prepared.max(axis=1) > 0.2)[0]
        columns = np.nonzero(prepared.max(axis=0) > 0.2)[0]
        longer = max(np.ptp(rows), np.ptp(columns)) + 1
        assert 18 <= longer <= 22
        places = np.arange(28) + 0.5
        assert abs(prepared.sum(axis=1) @ places / prepared.sum() - 14) <= 1.0
        assert abs(prepared.sum(axis=0) @ places / prepared.sum() - 14) <= 1.0


def test_place_and_size_make_no_difference(handwriting):
    from dataclasses import replace

    seven = DRAWINGS[8]
    expected = handwriting.read(seven.draw())
    for changes in (
        {"place": (70, 130)},
        {"size": seven.size * 1.2, "pen": seven.pen * 1.2},
    ):
        moved = handwriting.read(replace(seven, **changes).draw())
        assert np.abs(moved - expected).mean() < 0.02


def test_slant_is_taken_out():
    leaning = np.zeros((28, 28, 1), "float32")
    for row in range(4, 24):
        leaning[row, 20 - row // 2, 0] = 1.0
    upright = ink.deslant(leaning).numpy()[..., 0]
    columns = np.nonzero(upright.sum(axis=0) > 0.5)[0]
    assert len(columns) <= 2
    np.testing.assert_allclose(upright.sum(), leaning.sum(), rtol=0.02)
    np.testing.assert_allclose(
        ink.deslant(upright[..., None])[..., 0], upright, atol=0.3
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (300, 2), (28, 28)])
def test_odd_shapes_and_empty_paper(handwriting, shape):
    assert not handwriting.read(np.full(shape, 255, "uint8")).any()
    image = np.full(shape, 255, "uint8")
    image[-1, -1] = 0
    assert np.isfinite(handwriting.read(image)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (28, 28)}, r"Received: image_shape=\(28, 28\)"),
        ({"image_shape": (28, 28, 2)}, "with 1 or 3 channels"),
        ({"image_shape": (28, 28, 3), "is_ink": True}, "grey images, of 1 channel"),
        ({"image_shape": (8, 8, 1), "interpolation": "cubic"}, "Received: 'cubic'"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ImagePreprocessor(**arguments)
