"""The captioner: the two ways of decoding agree, images go in and captions out."""

import html
import io
import json

import keras
import numpy as np
import pytest
from keras import ops
from PIL import Image

from rnnzoo import ImageCaptioner, ZooModel
from rnnzoo.analysis import plot_image_attention
from rnnzoo.samplers import BeamSampler
from tests.tiny_captioner import CAPTIONS, CLASS_WORDS, IMAGES, make_captioner

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a SavedModel needs TensorFlow"
)


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


def png(image):
    """The bytes of a file."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


@pytest.mark.slow
@pytest.mark.compiled
def test_it_learns_captions_by_heart():
    keras.utils.set_random_seed(1)
    sizes = {"embedding_dim": 16, "memory_dim": 16, "units": 32}
    model = make_captioner(**sizes, dropout=0.0, word_dropout=0.0)
    model.compile(keras.optimizers.Adam(0.01, global_clipnorm=1.0))
    captions = [texts[0] for texts in CAPTIONS]
    before = model.encoder.get_weights()
    model.fit(IMAGES * 8, captions * 8, batch_size=6, epochs=40, verbose=0)
    assert model.generate(IMAGES, verbose=0) == captions
    _, accuracy = model.evaluate(IMAGES, captions, verbose=0)
    assert accuracy == 1.0
    for old, new in zip(before, model.encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_steps_give_what_the_network_gives(captioner):
    """The scores of writing word by word are those of all steps at once."""
    batch = next(iter(captioner.to_dataset((IMAGES, CAPTIONS), 3)))
    inputs, expected, weights = batch
    assert expected.shape == (3, 3, 5)
    inputs = {name: value.numpy() for name, value in inputs.items()}
    at_once = ops.convert_to_numpy(captioner.network()(inputs))
    features = captioner.encoder(inputs["pixels"])
    apart = captioner.decoder()(
        {
            **captioner.decoder_inputs(features),
            "token_ids": ops.convert_to_tensor(inputs["token_ids"]),
        }
    )
    np.testing.assert_allclose(ops.convert_to_numpy(apart), at_once, atol=1e-5)
    decoder = captioner.attention_decoder
    fixed, states = decoder.start(*captioner.encode_inputs(inputs["pixels"]))
    states = [ops.repeat(state, 3, axis=0) for state in states]
    token_ids = inputs["token_ids"].reshape(9, -1)
    for t, ids in enumerate(token_ids.T):
        scores, states = decoder.step(fixed, ops.convert_to_tensor(ids), states)
        rows = weights.numpy().reshape(9, -1)[:, t] > 0
        np.testing.assert_allclose(
            ops.convert_to_numpy(scores)[rows],
            at_once.reshape(9, -1, at_once.shape[-1])[rows, t],
            atol=1e-4,
        )


def test_a_caption_does_not_depend_on_the_batch(captioner):
    together = captioner.generate(IMAGES, return_scores=True, verbose=0)
    for image, answer in zip(IMAGES, together, strict=True):
        alone = captioner.generate(image, return_scores=True)
        assert alone["caption"] == answer["caption"]
        assert alone["score"] == pytest.approx(answer["score"], abs=1e-4)


def test_paths_bytes_and_arrays_are_one(captioner, tmp_path):
    data = png(IMAGES[2])
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
    plot_image_attention(best, IMAGES[0], tmp_path / "attention.svg")
    drawn = html.unescape((tmp_path / "attention.svg").read_text())
    assert all(f"<!-- {word}  ≤ " in drawn for word in best["words"])
    with pytest.raises(ValueError, match=r"Received: shape \(2, 2\)"):
        plot_image_attention({**best, "attention": np.zeros((2, 2))}, IMAGES[0], "a")


def test_attention_is_that_of_the_word(captioner):
    """Where it looks for a word does not depend on those that follow."""
    answer = captioner.generate(IMAGES[1], return_attention=True)
    tokens = captioner.preprocessor.captions.vocabulary.tokens
    ids = np.array([tokens.index(word) for word in answer["words"]])
    pixels = captioner.preprocessor.images.read(IMAGES[1])
    first = captioner.attend(pixels, ids[:1])
    np.testing.assert_allclose(first["attention"][0], answer["attention"][0], atol=1e-5)


def test_datasets_of_images_and_captions(captioner):
    import tensorflow as tf

    model = make_captioner()
    model.compile(run_eagerly=True, sampler="greedy")

    def examples():
        for image, texts in zip(IMAGES, CAPTIONS, strict=True):
            yield image, tf.constant(texts)

    signature = (
        tf.TensorSpec([None, None, 3], tf.uint8),
        tf.TensorSpec([None], tf.string),
    )
    dataset = tf.data.Dataset.from_generator(examples, output_signature=signature)
    history = model.fit(dataset, validation_data=dataset, verbose=0).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert len(model.generate(dataset, max_length=2)) == 3
    listed = model.evaluate(IMAGES, CAPTIONS, return_dict=True, verbose=0)
    again = model.evaluate(dataset, return_dict=True, verbose=0)
    assert again["loss"] == pytest.approx(listed["loss"], rel=1e-4)
    weighted = model.evaluate(
        IMAGES, CAPTIONS, sample_weight=[0, 1, 0], return_dict=True, verbose=0
    )
    alone = model.evaluate(IMAGES[1:2], CAPTIONS[1:2], return_dict=True, verbose=0)
    assert weighted["loss"] == pytest.approx(alone["loss"], rel=1e-4)


def test_bad_input_is_named(captioner):
    model, image = captioner, IMAGES[0]
    for call, error, message in (
        (lambda: model.generate(b"no image"), ValueError, "the input begins with"),
        (lambda: model.generate([image, 3]), TypeError, r"inputs\[1\] is of type int"),
        (lambda: model.generate("none.png"), FileNotFoundError, "no such file"),
        (lambda: model.generate(png(image)[:40]), ValueError, "damaged"),
        (lambda: model.generate(image, max_length=0), ValueError, "max_length=0"),
        (lambda: model.generate(image, num_return=9), ValueError, "at most 5"),
        (lambda: model.fit([image], [3]), TypeError, r"y\[0\] is 3"),
        (lambda: model.fit([image], "a"), TypeError, "Received: str"),
        (lambda: model.fit([image], ["a", "b"]), ValueError, r"lengths: \[1, 2\]"),
        (lambda: model.fit([image]), ValueError, "needs labels"),
        (lambda: model.predict([image]), TypeError, "`generate`"),
        (lambda: make_captioner(image_size=64), ValueError, r"34, 34.*|64, 64"),
        (lambda: make_captioner(encoder="b7"), ValueError, "Received: 'b7'"),
    ):
        with pytest.raises(error, match=message):
            call()


def test_a_preset_comes_back(captioner, tmp_path):
    captioner.save_to_preset(tmp_path / "mine")
    again = ZooModel.from_preset(tmp_path / "mine")
    assert isinstance(again, ImageCaptioner)
    assert again.get_config() == {**captioner.get_config(), "name": again.name}
    assert again.generate(IMAGES) == captioner.generate(IMAGES)
    metadata = json.loads((tmp_path / "mine" / "metadata.json").read_text())
    assert metadata["parameters"] > 3_371_008 - 42_000  # those of the encoder too
    bare = ImageCaptioner.from_preset(tmp_path / "mine", preprocessor=None)
    pixels = [captioner.preprocessor.images.read(image) for image in IMAGES]
    ids = np.stack(bare.generate(pixels, max_length=6))
    texts = captioner.preprocessor.captions.detokenize(ids).numpy()
    assert [text.decode() for text in texts] == captioner.generate(IMAGES)


def test_samplers_by_name_and_object(captioner):
    try:
        captioner.compile(sampler=BeamSampler(num_beams=1))
        beam = captioner.generate(IMAGES, verbose=0)
        captioner.compile(sampler="greedy")
        assert captioner.generate(IMAGES, verbose=0) == beam
    finally:
        captioner.compile(sampler="beam")
