"""The conversion of the image encoder is checked on photographs before it writes."""

import numpy as np
import pytest

from training import convert_image_encoder
from training.convert_image_encoder import Options, main
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
def encoder(monkeypatch):
    """An encoder whose original saw the images that `compared` lists."""
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
        monkeypatch.setattr(convert_image_encoder, name, stub)
    monkeypatch.setattr(
        "zoo_models.image_captioner.image_encoder.image_encoder", lambda _: encoder
    )
    return encoder


def test_without_images_it_compares_on_the_photographs(encoder, tmp_path):
    main(Options(output=tmp_path / "weights.h5"))
    (pixels,) = encoder.compared
    assert len(PHOTOGRAPHS) == len(pixels) == 4
    assert pixels.shape[1:] == (8, 8, 3)
    assert (np.ptp(pixels, axis=(1, 2, 3)) > 0.5).all()
    assert (tmp_path / "weights.h5").read_text() == "weights"
    with np.load(tmp_path / "weights.classes.npz") as head:
        assert head["kernel"].shape == (2, 3)
        assert head["bias"].tolist() == [0, 1, 2]


def test_named_images_take_their_place(encoder, tmp_path):
    main(Options(output=tmp_path / "weights.h5", images=PHOTOGRAPHS[:1]))
    assert len(encoder.compared[0]) == 1


def test_a_difference_is_not_written(encoder, tmp_path):
    encoder.shift = 0.1
    with pytest.raises(SystemExit, match="Nothing was written"):
        main(Options(output=tmp_path / "weights.h5"))
    assert not (tmp_path / "weights.h5").exists()
