"""The SavedModel of an image classifier: files and arrays, and bad images."""

import numpy as np
import pytest
import tensorflow as tf

from tests.images.test_pixels import BAD_FILES, encode
from training.image_classifier.drawn_digits import DRAWINGS

PRESETS = ("image_classifier_mnist", "image_classifier_mnist_rows")
IMAGES = [drawing.draw() for drawing in DRAWINGS]
FILES = [encode(image, "PNG") for image in IMAGES]
PIXELS = np.stack(IMAGES).astype("float32")[..., None] / 255


@pytest.fixture(
    scope="module",
    params=["tiny", *(pytest.param(p, marks=pytest.mark.slow) for p in PRESETS)],
)
def example(request, exported, published, published_export):
    """A model and its SavedModel."""
    if request.param == "tiny":
        model, _, folder = exported("ImageClassifier")
    else:
        model, folder = published(request.param), published_export(request.param)
    return model, tf.saved_model.load(str(folder))


def test_both_signatures_answer_as_classify_does(example):
    model, loaded = example
    run, run_images = (
        loaded.signatures[name] for name in ("serving_default", "serve_images")
    )
    expected = model.classify(IMAGES)
    for answer in (run(image_bytes=tf.constant(FILES)), run_images(images=PIXELS)):
        labels = [label.decode() for label in answer["label"].numpy()]
        assert labels == [row["label"] for row in expected]
        scores = [row["score"] for row in expected]
        np.testing.assert_allclose(answer["score"], scores, atol=1e-4)
        assert answer["probabilities"].shape == (len(IMAGES), len(model.labels))
    nothing = run(image_bytes=tf.constant([], tf.string))
    assert nothing["label"].shape == (0,)
    assert nothing["probabilities"].shape == (0, len(model.labels))


@pytest.mark.parametrize(
    ("signature", "inputs", "reason"),
    [
        (
            "serving_default",
            [FILES[0], BAD_FILES["bmp"][0]],
            "must be a JPEG, PNG",
        ),
        (
            "serving_default",
            [FILES[0], BAD_FILES["huge"][0]],
            "25000000 pixels",
        ),
        ("serve_images", PIXELS * np.float32("nan"), "must be from 0 to 1"),
    ],
)
def test_bad_images_fail_the_call_with_the_reason(example, signature, inputs, reason):
    _, loaded = example
    with pytest.raises(tf.errors.InvalidArgumentError, match=reason):
        loaded.signatures[signature](tf.constant(inputs))


@pytest.mark.parametrize("preset", PRESETS)
def test_drawn_digits_are_recognised(preset, published):
    """Thin and thick, off centre, dark on white and white on black; not from MNIST."""
    answers = published(preset).classify(IMAGES)
    assert [a["label"] for a in answers] == [d.label for d in DRAWINGS]
