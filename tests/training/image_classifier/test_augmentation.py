"""Distortions: what they keep and what they change."""

import numpy as np
import pytest

from training.image_classifier.augmentation import Distortion, is_handwriting
from training.image_classifier.drawn_digits import DRAWINGS

SEED = (1, 0)


@pytest.fixture(scope="module")
def digits():
    from rnnzoo.images import ImagePreprocessor

    read = ImagePreprocessor((28, 28, 1), is_ink=True).read
    return np.stack([read(drawing.draw()) for drawing in DRAWINGS])


def test_no_distortion_changes_nothing(digits):
    np.testing.assert_allclose(Distortion()(digits, SEED), digits, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("elastic", 1.0),
        ("rotation", 20.0),
        ("shear", 0.3),
        ("scale", 0.3),
        ("shift", 3.0),
    ],
)
def test_each_distortion_moves_ink_and_keeps_it(digits, name, size):
    distort = Distortion(**{name: size})
    changed = distort(digits, SEED).numpy()
    assert np.abs(changed - digits).mean() > 0.01
    ink = changed.sum(axis=(1, 2)) / digits.sum(axis=(1, 2))
    assert 0.6 < ink.min() < ink.max() < 1.7
    np.testing.assert_array_equal(distort(digits, SEED), changed)
    assert np.abs(distort(digits, (1, 1)).numpy() - changed).max() > 0.1


def test_images_of_a_batch_differ(digits):
    same = np.repeat(digits[:1], 6, axis=0)
    moved = Distortion(elastic=0.5, shift=1.0)(same, SEED).numpy()
    for i in range(5):
        assert np.abs(moved[i] - moved[i + 1]).max() > 0.1


def test_displacements_in_both_directions_are_independent():
    """Each pixel tells where it was fetched from."""
    rows, columns = np.mgrid[:28, :28].astype("float32")
    places = np.tile(np.stack([rows, columns], axis=-1), (50, 1, 1, 1))
    bent = Distortion(elastic=1.0)(places, SEED).numpy() - places
    down, right = bent[:, 8:20, 8:20, 0].ravel(), bent[:, 8:20, 8:20, 1].ravel()
    assert abs(np.corrcoef(down, right)[0, 1]) < 0.2
    assert 0.5 < down.std() < 1.2
    # Smooth: neighbours go together.
    assert np.diff(bent[:, 8:20, 8:20, 0], axis=1).std() < 0.4 * down.std()


def test_half_are_mirrored():
    image = np.random.default_rng(0).random((1, 6, 9, 3)).astype("float32")
    images = np.repeat(image, 40, axis=0)
    changed = Distortion(mirror=True)(images, SEED).numpy()
    is_same = np.abs(changed - images).max(axis=(1, 2, 3)) < 1e-5
    is_mirrored = np.abs(changed - images[:, :, ::-1]).max(axis=(1, 2, 3)) < 1e-5
    assert (is_same ^ is_mirrored).all()
    assert 8 < is_mirrored.sum() < 32


def test_handwriting_is_known_by_name():
    assert is_handwriting("mnist")
    assert is_handwriting("emnist/letters:3.1.0")
    assert not is_handwriting("fashion_mnist")
    assert not is_handwriting("cifar10")
