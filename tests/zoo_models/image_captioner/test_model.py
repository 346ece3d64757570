"""The captioner: the two ways of decoding agree, images go in and captions out."""

import html

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo import explain
from tests.images.test_pixels import encode
from tests.tiny_captioner import CAPTIONS, CLASS_WORDS, IMAGES, make_captioner


@pytest.fixture(scope="module")
def captioner():
    """One that has learnt nothing, but does not say the same of all images."""
    for seed in range(2, 20):  # backends draw differently
        keras.utils.set_random_seed(seed)
        model = make_captioner(class_words=CLASS_WORDS, num_words=3)
        decoder = model.decoder()
        decoder.set_weights([3 * weights for weights in decoder.get_weights()])
        best, second = model.generate(IMAGES[0], num_return=2, return_scores=True)
        # What ended comes before what was cut off, whatever the scores.
        is_in_order = best["score"] > second["score"]
        if is_in_order and len(set(model.generate(IMAGES, verbose=0))) > 1:
            return model
    raise AssertionError("no seed makes it tell images apart")


def test_the_decoder_alone_has_the_scores_of_the_network(captioner):
    batch, _, _ = next(iter(captioner.to_dataset((IMAGES, CAPTIONS), 3)))
    batch = {name: value.numpy() for name, value in batch.items()}
    features = captioner.encoder(batch["pixels"])
    inputs = captioner.decoder_inputs(features)
    inputs["token_ids"] = ops.convert_to_tensor(batch["token_ids"])
    scores = ops.convert_to_numpy(captioner.decoder()(inputs))
    expected = ops.convert_to_numpy(captioner.network()(batch))
    np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_paths_bytes_and_arrays_are_one(captioner, tmp_path):
    data = encode(IMAGES[2], "PNG")
    (tmp_path / "red.png").write_bytes(data)
    kinds = [data, tmp_path / "red.png", str(tmp_path / "red.png"), IMAGES[2]]
    floats = IMAGES[2].astype("float32") / 255
    answers = {captioner.generate(kind, max_length=4) for kind in [*kinds, floats]}
    assert len(answers) == 1
    assert captioner.generate(np.stack([IMAGES[2]] * 2), 4) == [*answers] * 2


def test_hypotheses_scores_and_attention(captioner, tmp_path):
    best, second = captioner.generate(
        IMAGES[0], num_return=2, return_scores=True, return_attention=True
    )
    assert best["caption"] == captioner.generate(IMAGES[0])
    assert best["caption"] != second["caption"]
    assert second["score"] < best["score"] <= 0
    words = [word for word in best["words"] if word != "[END]"]
    assert " ".join(words).replace(" '", "'") == best["caption"]
    assert best["attention"].shape == (len(best["words"]), 2, 2)
    np.testing.assert_allclose(best["attention"].sum(axis=(1, 2)), 1, atol=1e-5)
    explain(captioner, IMAGES[0]).plot(tmp_path / "attention.svg")
    drawn = html.unescape((tmp_path / "attention.svg").read_text())
    assert all(f"<!-- {word}  ≤ " in drawn for word in best["words"])


def test_attention_is_that_of_the_word(captioner):
    """Where it looks for a word does not depend on those that follow."""
    answer = captioner.generate(IMAGES[1], return_attention=True)
    tokens = captioner.preprocessor.captions.vocabulary.tokens
    ids = np.array([tokens.index(word) for word in answer["words"]])
    pixels = captioner.preprocessor.images.read(IMAGES[1])
    first = captioner.attend(pixels, ids[:1])
    np.testing.assert_allclose(first["attention"][0], answer["attention"][0], atol=1e-5)


def test_bad_input_is_named(captioner):
    model, image = captioner, IMAGES[0]
    for call, error, message in (
        (lambda: model.generate(b"no image"), ValueError, "the input begins with"),
        (lambda: model.generate("none.png"), FileNotFoundError, "no such file"),
        (lambda: model.generate(encode(image, "PNG")[:40]), ValueError, "damaged"),
        (lambda: model.fit([image], [3]), TypeError, r"y\[0\] is 3"),
        (lambda: model.fit([image], "a"), TypeError, "Received: str"),
        (lambda: make_captioner(image_size=64), ValueError, "64}. Received: .*34"),
        (lambda: make_captioner(encoder="b7"), ValueError, "Received: 'b7'"),
    ):
        with pytest.raises(error, match=message):
            call()
