"""Confidence: what is far from the validation inputs is marked, by every model."""

import json

import keras
import numpy as np
import pytest

from rnnzoo import ZooModel
from tests.conftest import make_classifier, seed
from tests.tiny_zoo import TINY, answers
from zoo_models.core.calibration import MARKED, fit_ranges, fit_states
from zoo_models.core.confidence import (
    UNSURE,
    Calibration,
    Signal,
    best_score,
    unknown_share,
)

every_model = pytest.mark.parametrize("name", TINY)
SIGNALS = (
    Signal("share", unknown_share, "many are unknown", 0.01, "high"),
    Signal("score", best_score, "none is likely", 0.01, "low"),
)


def draw(count, seed=0):
    """Values of two signals, with full weight."""
    rng = np.random.default_rng(seed)
    shares, scores = rng.beta(2, 50, count), rng.normal(-0.4, 0.1, count)
    values = np.stack([shares, scores], axis=1)
    return np.stack([values, np.ones_like(values)], axis=2).astype("float32")


def row(share, score, weight=1.0):
    return np.array([[[share, weight], [score, weight]]], "float32")


def test_few_known_inputs_are_marked_and_far_ones_are():
    calibration = fit_ranges(SIGNALS, draw(2000))
    marked = calibration.confidence(SIGNALS, draw(2000), np) < UNSURE
    assert MARKED / 2 < marked.mean() <= MARKED
    again = calibration.confidence(SIGNALS, draw(2000, seed=1), np) < UNSURE
    assert again.mean() <= 0.05
    for values, warning in (
        (row(0.5, -0.4), "many are unknown"),
        (row(0.04, -2.0), "none is likely"),
    ):
        (confidence,) = calibration.confidence(SIGNALS, values, np)
        assert 0.0 <= confidence < 0.01
        assert calibration.warning(SIGNALS, values[0]) == warning
    # On the other side nothing is wrong, and little evidence decides little.
    for values in (row(0.0, -0.1), row(0.5, -2.0, weight=0.01)):
        (confidence,) = calibration.confidence(SIGNALS, values, np)
        assert 0.9 < confidence <= 1.0


def test_a_graph_and_json_give_the_same():
    calibration = fit_ranges(SIGNALS, draw(500))
    content = json.loads(json.dumps(calibration.to_json()))
    again = Calibration.from_json(content)
    assert again == calibration
    values = np.concatenate([draw(20, seed=2), row(1e9, -1e9)])
    expected = calibration.confidence(SIGNALS, values, np)
    tensor = keras.ops.convert_to_tensor(values)
    received = again.confidence(SIGNALS, tensor, keras.ops)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(received), expected, atol=1e-6
    )
    assert np.isfinite(expected).all()


@pytest.mark.parametrize(
    "content", [{}, {"ranges": {"share": 1}}, {"ranges": [], "center": 1}, 3]
)
def test_what_is_no_calibration_is_refused(content):
    with pytest.raises(ValueError, match="Not a calibration"):
        Calibration.from_json(content)


def test_few_of_each_kind_are_marked():
    # Few of the inputs are short texts, more of whose words are unknown.
    usual, short = draw(1900), draw(100, seed=1)
    short[:, 0, 0] *= 3
    values = np.concatenate([usual, short])
    kinds = [0] * len(usual) + [1] * len(short)

    def marked(calibration):
        return np.mean(calibration.confidence(SIGNALS, short, np) < UNSURE)

    assert marked(fit_ranges(SIGNALS, values)) > 2 * MARKED
    assert marked(fit_ranges(SIGNALS, values, kinds=kinds)) <= MARKED
    with pytest.raises(ValueError, match="each of 2000 inputs"):
        fit_ranges(SIGNALS, values, kinds=kinds[:-1])
    with pytest.raises(ValueError, match="Received: 0 inputs"):
        fit_ranges(SIGNALS, draw(0))


def test_a_signal_that_never_changes_has_a_margin():
    values = np.tile(row(0.0, -0.4), (50, 1, 1))
    calibration = fit_ranges(SIGNALS, values)
    assert calibration.confidence(SIGNALS, row(0.002, -0.4), np)[0] > UNSURE
    assert calibration.confidence(SIGNALS, row(0.02, -0.4), np)[0] < UNSURE


def test_states_far_away_are_distant():
    rng = np.random.default_rng(0)
    states = fit_states(rng.normal(3, 2, (300, 8)).astype("float32"))
    near = states.distance(rng.normal(3, 2, (200, 8)).astype("float32"), np)
    far = states.distance(rng.normal(-9, 2, (20, 8)).astype("float32"), np)
    assert near.mean() == pytest.approx(1.0, abs=0.3)
    assert far.min() > near.max()


def test_the_units_that_deviate_most_can_decide_alone():
    rng = np.random.default_rng(0)
    states = fit_states(rng.normal(size=(300, 64)).astype("float32"))
    known = rng.normal(size=(100, 64)).astype("float32")
    odd = known.copy()
    odd[:, 5:8] = 3.5
    farthest = [states.distance(rows, np, farthest=3) for rows in (known, odd)]
    assert farthest[1].min() > np.quantile(farthest[0], 0.95)
    everything = [states.distance(rows, np) for rows in (known, odd)]
    assert everything[1].min() < np.quantile(everything[0], 0.95)
    same = states.distance(odd, np, farthest=64)
    np.testing.assert_allclose(same, everything[1], rtol=1e-5)


@every_model
def test_every_answer_has_a_confidence(name, tmp_path):
    make, inputs = TINY[name]
    seed(3)
    model = make()
    for answer in answers(model, inputs):
        assert 0.0 <= answer["confidence"] <= 1.0
        assert "warning" not in answer  # it has no calibration
    model.calibrate(list(inputs) * 4, verbose=0)
    expected = [answer["confidence"] for answer in answers(model, inputs)]
    assert all(0.0 <= confidence <= 1.0 for confidence in expected)
    model.save_to_preset(tmp_path / "tiny")
    loaded = ZooModel.from_preset(tmp_path / "tiny")
    assert loaded.calibration == model.calibration
    received = [answer["confidence"] for answer in answers(loaded, inputs)]
    np.testing.assert_allclose(received, expected, atol=1e-4)
    # A calibration belongs to the parameters.
    bare = ZooModel.from_preset(tmp_path / "tiny", load_weights=False)
    assert bare.calibration is None
    if name == "SentimentClassifier":
        model.fit(inputs, [1, 0], verbose=0)
        assert model.calibration is None


def test_an_empty_or_foreign_text_is_marked_and_why():
    classifier = make_classifier()
    known = ["a good film", "the film a bad film", "a fine film", "the dull film"]
    classifier.calibrate(known * 10, verbose=0)
    for text in known:
        # Of four texts the one that fits least lies on the limit.
        assert classifier.classify(text)["confidence"] > UNSURE - 0.001
    for text in ("", "Ein Haus", "xqzw vvkj pqrs"):
        for answer in (classifier.classify(text), *classifier.classify(text, top=2)):
            assert answer["confidence"] < UNSURE, text
            assert answer["warning"] == "it knows none of the words"


def test_a_damaged_calibration_is_named(tmp_path):
    classifier = make_classifier()
    classifier.calibrate(["a good film"] * 4, verbose=0)
    classifier.save_to_preset(tmp_path / "tiny")
    path = tmp_path / "tiny" / "config.json"
    path.write_text(path.read_text().replace('"unknown"', '"nonsense"'))
    (tmp_path / "tiny" / "metadata.json").unlink()
    with (
        pytest.warns(UserWarning, match="not checked"),
        pytest.raises(ValueError, match=r"`confidence` in .*Received: one of"),
    ):
        ZooModel.from_preset(tmp_path / "tiny")


def test_ink_that_is_no_digit_is_marked():
    from rnnzoo import ImageClassifier

    classifier = ImageClassifier((28, 28, 1), 3, units=[4], is_ink=True)
    strokes = []
    for width in range(2, 12):
        page = np.full((40, 30), 255, "uint8")
        page[6:34, 8 : 8 + width] = 0
        strokes.append(page)
    classifier.calibrate(strokes, verbose=0)
    blank = classifier.classify(np.full((40, 30), 255, "uint8"))
    assert blank["confidence"] < UNSURE
    assert blank["warning"] == "there is no ink on it"
    wide = np.full((30, 60), 255, "uint8")
    wide[12:16, 4:56] = 0
    assert classifier.classify(wide)["confidence"] < UNSURE


def bars(count, shape=(12, 12, 1)):
    """Grey bars from top to bottom, each of another width and brightness."""
    rng = np.random.default_rng(0)
    images = np.zeros((count, *shape), "uint8")
    for image in images:
        first, wide = rng.integers(1, 4), rng.integers(3, 7)
        image[:, first : first + wide] = rng.integers(120, 240)
    return images


@pytest.mark.parametrize(
    ("image", "warning"),
    [
        (np.full((12, 12, 1), 90), "its border is not as in the images it learnt"),
        (np.pad(np.full((4, 4, 1), 180), ((4, 4), (4, 4), (0, 0))), "its border"),
        (np.resize([[0, 200, 0, 0], [0, 0, 0, 200]], (12, 12, 1)), "it is smoother or"),
    ],
    ids=["blank", "small", "rough"],
)
def test_an_image_that_is_no_thing_is_marked(image, warning):
    from rnnzoo import ImageClassifier

    classifier = ImageClassifier((12, 12, 1), 3, units=[4])
    classifier.calibrate(list(bars(100)), verbose=0)
    answer = classifier.classify(image.astype("uint8"))
    assert answer["confidence"] < UNSURE
    assert answer["warning"].startswith(warning)
    known = classifier.classify(list(bars(100)), verbose=0)
    assert sum("warning" in answer for answer in known) <= 5
