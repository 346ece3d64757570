"""Every model: raw inputs of all kinds, arrays, files, arguments and training."""

import inspect
import json

import keras
import numpy as np
import pytest

from tests.conftest import seed
from tests.images.test_pixels import encode
from tests.tiny_captioner import CAPTIONS, make_captioner
from tests.tiny_language_model import make_language_model
from tests.tiny_translator import PAIRS, make_translator
from tests.tiny_zoo import TINY, ask, make_lively

TARGETS = {
    # The captions of an image are padded with empty ones, which count nothing.
    "ImageCaptioner": [[*texts, "", ""][:3] for texts in CAPTIONS],
    "ImageClassifier": [1, 0],
    "LanguageModel": [0, 1, 1, 0],
    "SentimentClassifier": [1, 0],
    "Translator": [*PAIRS.values()],
}


@pytest.fixture(scope="module", params=TINY)
def example(request):
    """A model whose answers differ, and raw inputs as texts or files."""
    model, (_, inputs) = make_lively(request.param), TINY[request.param]
    if model.input_kind == "image":
        inputs = [encode(image, "PNG") for image in inputs]
    return model, list(inputs)


def answer(model, inputs, **arguments):
    return getattr(model, model.verb)(inputs, verbose=0, **arguments)


def make_bare(model):
    """The same model without its preprocessor, and with the same sampler."""
    bare = type(model)(**{**model.get_config(), "preprocessor": None})
    bare.network().set_weights(model.network().get_weights())
    if model.verb == "generate":
        bare.compile(sampler=model.sampler)
    return bare


def assert_alike(answers, expected):
    for one, other in zip(answers, expected, strict=True):
        for key in ("score", "confidence"):
            assert one[key] == pytest.approx(other[key], abs=1e-4)
        names = {*one} - {"score", "confidence"}
        assert {name: one[name] for name in names} == {n: other[n] for n in names}


def test_one_a_list_and_a_dataset_get_the_same_answers(example):
    import tensorflow as tf

    model, inputs = example
    expected = ask(model, inputs)
    assert len(expected) == len(inputs)
    more = {} if model.verb == "classify" else {"return_scores": True}
    assert_alike([answer(model, raw, **more) for raw in inputs], expected)
    assert_alike(answer(model, inputs, batch_size=2, **more), expected)
    assert_alike(answer(model, inputs[::-1], **more)[::-1], expected)
    data = tf.data.Dataset.from_tensor_slices((inputs, [0] * len(inputs)))
    alone = data.map(lambda raw, _: raw)
    for dataset in (data, data.batch(2), alone.batch(3)):
        assert_alike(answer(model, dataset, **more), expected)
    assert answer(model, []) == []


def test_states_are_features(example):
    model, inputs = example
    rows = model.encode(inputs, verbose=0)
    states = model.encode(inputs, return_states=True, batch_size=1)
    assert all(steps.ndim == 2 for steps in states)
    (shape,) = {row.shape for row in rows}
    assert len(shape) == 1
    for row, steps in zip(rows, states, strict=True):
        np.testing.assert_allclose(row, model.summarize(steps), atol=1e-5)
    np.testing.assert_allclose(model.encode(inputs[0]), rows[0], atol=1e-5)
    assert any(np.abs(rows[0] - row).max() > 1e-6 for row in rows[1:])


@pytest.mark.compiled
def test_compiled_answers_and_states_are_those_op_by_op(example):
    model, inputs = example
    answers = ask(model, inputs)
    states = model.encode(inputs, return_states=True)
    assert not model.run_eagerly
    model.run_eagerly = True
    try:
        assert_alike(ask(model, inputs), answers)
        eager = model.encode(inputs, return_states=True)
    finally:
        model.run_eagerly = False
    for one, other in zip(eager, states, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_arrays_without_a_preprocessor(example):
    model, inputs = example
    bare, arrays = make_bare(model), model.preprocess(inputs)
    answers = answer(bare, arrays)
    if model.verb == "generate":
        length = model.default_max_length()
        answers = answer(bare, arrays, max_length=length)
        texts = model.preprocessor.detokenize(np.stack(answers)).numpy()
        answers = [text.decode() for text in texts]
        assert answers == answer(model, inputs)
    else:
        assert [a["label"] for a in answers] == [a["label"] for a in ask(model, inputs)]
        assert answer(bare, arrays[0])["label"] == answers[0]["label"]
    with pytest.raises(ValueError, match="takes arrays, not texts"):
        answer(bare, "a text")


def test_a_keras_file_holds_the_network(example, tmp_path):
    model, inputs = example
    with pytest.warns(UserWarning, match="not the preprocessor.*save_to_preset"):
        model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is type(model)
    if again.preprocessor is None:
        inputs = model.preprocess(inputs)
    expected = make_bare(model).encode(model.preprocess(example[1]))
    for ours, theirs in zip(again.encode(inputs), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_wrong_inputs_and_calls_are_named(example):
    model, (raw, *_) = example
    calls = [
        ([raw, 7], {}, TypeError, r"inputs\[1\] is of type int"),
        (7, {}, TypeError, "one input, a list or array of them.*Received: int"),
        (raw, {"batch_size": 0}, ValueError, "Received: batch_size=0"),
        ([raw], {"batch_size": 0}, ValueError, "Received: batch_size=0"),
    ]
    if model.verb == "classify":
        calls.append((raw, {"top": 0}, ValueError, "Received: top=0"))
    else:
        calls.append((raw, {"max_length": 0}, ValueError, "max_length=0"))
        calls.append((raw, {"num_return": 9}, ValueError, "at most 5"))
    for inputs, arguments, error, message in calls:
        with pytest.raises(error, match=message):
            answer(model, inputs, **arguments)
    with pytest.raises(TypeError, match="Received"):
        model.predict(raw)
    with pytest.raises(ValueError, match="at least one input"):
        model.predict([])


def test_wrong_training_data_are_named(example):
    import tensorflow as tf

    model, (raw, *_) = example
    target = TARGETS[type(model).__name__][0]
    with pytest.raises(TypeError, match=r"x\[1\] is of type int"):
        model.fit([raw, 3], [target] * 2)
    with pytest.raises(ValueError, match=r"Received lengths: \[1, 2\]"):
        model.fit([raw], [target] * 2)
    if not model.preprocessor.learns_from_inputs:
        with pytest.raises(ValueError, match="needs labels"):
            model.fit([raw])
    pairs = tf.data.Dataset.from_tensor_slices(([raw], [target]))
    with pytest.raises(ValueError, match="must hold the"):
        model.fit(pairs, [target])
    named = tf.data.Dataset.from_tensor_slices({"raw": [raw]})
    with pytest.raises(ValueError, match="must give"):
        model.fit(named)
    with pytest.raises(ValueError, match="must give inputs, or tuples"):
        answer(model, named)


@pytest.mark.parametrize("name", TINY)
def test_training_takes_lists_and_datasets(name):
    import tensorflow as tf

    make, inputs = TINY[name]
    seed(3)
    model, targets = make(), TARGETS[name]
    if name == "ImageCaptioner":  # its images have several sizes
        inputs = [image[:7, :7] for image in inputs]
    data = tf.data.Dataset.from_tensor_slices((list(inputs), targets))
    listed = model.evaluate(inputs, targets, return_dict=True, verbose=0)
    again = model.evaluate(data.batch(len(inputs)), return_dict=True, verbose=0)
    assert again == pytest.approx(listed, rel=1e-4)
    weights = [1.0, *[0.0] * (len(inputs) - 1)]
    weighted = model.evaluate(
        inputs, targets, sample_weight=weights, return_dict=True, verbose=0
    )
    alone = model.evaluate(inputs[:1], targets[:1], return_dict=True, verbose=0)
    # For classifiers Keras divides the weighted sum by the number of examples.
    factor = len(inputs) if model.verb == "classify" else 1
    assert factor * weighted["loss"] == pytest.approx(alone["loss"], rel=1e-4)
    history = model.fit(inputs, targets, validation_data=data, verbose=0).history
    assert {*history} == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {*model.fit(data, verbose=0).history} == {"loss", "accuracy"}


@pytest.mark.parametrize("name", TINY)
def test_every_argument_survives_get_config_and_is_documented(name):
    model_class = type(TINY[name][0]())
    config = {**TINY[name][0]().get_config(), "name": "named", "dropout": 0.25}
    again = model_class.from_config(config).get_config()
    assert again == config
    assert json.loads(json.dumps(config)) == json.loads(json.dumps(again))
    names = list(inspect.signature(model_class).parameters)[:-1]
    for argument in names:
        assert f"\n        {argument}: " in model_class.__doc__, argument
    # These are derived, or not part of the configuration.
    missing = {*names} - {*config} - {"preprocessor", "num_classes", "embed"}
    assert not missing


@pytest.mark.slow
@pytest.mark.compiled
@pytest.mark.parametrize(
    ("name", "sizes", "rate", "epochs"),
    [
        ("ImageCaptioner", {"memory_dim": 16, "units": 32}, 0.01, 40),
        ("LanguageModel", {"units": 16}, 0.03, 30),
        ("Translator", {"units": 32, "encoder_units": 16}, 0.01, 60),
    ],
)
def test_texts_are_learnt_by_heart(name, sizes, rate, epochs):
    keras.utils.set_random_seed(1)
    sizes = {**sizes, "embedding_dim": 16, "dropout": 0.0}
    if name != "LanguageModel":
        sizes["word_dropout"] = 0.0
    make = {"ImageCaptioner": make_captioner, "LanguageModel": make_language_model}
    model = make.get(name, make_translator)(**sizes)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), sampler="greedy")
    if name == "LanguageModel":
        inputs, targets, answers = ["the film is not good."], None, ["is not good."]
    else:
        _, inputs = TINY[name]
        answers = [texts[0] for texts in CAPTIONS]
        answers = answers if name == "ImageCaptioner" else TARGETS[name]
        targets = answers * 8
    model.fit(list(inputs) * 8, targets, batch_size=8, epochs=epochs, verbose=0)
    starts = ["the film"] if targets is None else inputs
    assert model.generate(starts, verbose=0) == answers
    assert model.evaluate(inputs, targets and answers, verbose=0)[1] == 1.0
