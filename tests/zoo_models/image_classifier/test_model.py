"""The image classifier, at once and row by row, without real data."""

import keras
import numpy as np
import pytest
from PIL import Image

from rnnzoo import ImageClassifier
from tests.conftest import seed
from tests.images.test_pixels import BAD_FILES, encode


def make_image_classifier(read="whole", **arguments):
    """An untrained classifier of a few weights."""
    settings = {"units": [6, 4], "labels": ["x", "y", "z"], **arguments}
    return ImageClassifier((5, 7, 1), read=read, **settings)


@pytest.fixture(params=["whole", "rows"])
def model(request):
    seed(0)
    return make_image_classifier(request.param)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 11, 9), "uint8")


def test_every_kind_of_input_gets_the_same_answer(model, images, tmp_path):
    import tensorflow as tf

    answers = model.classify(images)
    assert [set(a) for a in answers] == [{"label", "score", "confidence"}] * 4
    scores = [answer["score"] for answer in answers]
    files = [encode(image, "PNG") for image in images]
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    dataset = tf.data.Dataset.from_tensor_slices((images, [0, 1, 2, 0]))
    for inputs in (
        list(images),
        images[..., None],
        np.repeat(images[..., None], 3, axis=-1),
        images / 255,
        files,
        paths,
        [str(path) for path in paths],
        [images[0], files[1], paths[2], images[3] / 255],
        dataset,
        dataset.batch(3),
        tf.data.Dataset.from_tensor_slices(files),
    ):
        received = [answer["score"] for answer in model.classify(inputs)]
        assert received == pytest.approx(scores, abs=1e-5)
    kinds = [images[0], images[0][..., None], files[0], paths[0], str(paths[0])]
    for single in (*kinds, Image.fromarray(images[0])):
        assert model.classify(single)["score"] == pytest.approx(scores[0], abs=1e-5)
    best = model.classify(images[0], top=9)
    assert len(best) == 3
    assert sum(answer["score"] for answer in best) == pytest.approx(1.0, abs=1e-5)


def test_images_of_different_sizes_go_together(model, images):
    mixed = [images[0], np.zeros((1, 1), "uint8"), np.ones((30, 2, 4), "float32")]
    assert model.classify(mixed)[0] == pytest.approx(model.classify(images[0]))
    model.fit(mixed, [0, 1, 2], verbose=0)


def test_what_tfds_gives_is_trained_on(model, images):
    import tensorflow as tf

    def generate():
        for i, image in enumerate(images):
            yield image[i:, :, None], i % 3

    spec = (tf.TensorSpec((None, None, 1), tf.uint8), tf.TensorSpec((), tf.int64))
    different_sizes = tf.data.Dataset.from_generator(generate, output_signature=spec)
    model.fit(different_sizes, batch_size=3, verbose=0)
    files = [encode(image[i:], "PNG") for i, image in enumerate(images)]
    expected = model.evaluate(files, [0, 1, 2, 0], verbose=0)
    assert model.evaluate(different_sizes, verbose=0) == pytest.approx(expected)


@pytest.mark.compiled
@pytest.mark.parametrize("read", ["whole", "rows"])
def test_it_learns(read, images):
    keras.utils.set_random_seed(0)
    model = make_image_classifier(read, units=[16], dropout=0.0)
    model.compile(keras.optimizers.Adam(0.02))
    labels = [2, 0, 1, 2]
    before, _ = model.evaluate(images, labels, verbose=0)
    model.fit(images, labels, batch_size=2, epochs=25, verbose=0)
    loss, _ = model.evaluate(images, labels, verbose=0)
    assert loss < 0.8 * before


def test_the_only_cell_is_the_elman_cell():
    """And every path passes a state: with states that cannot move all are alike."""
    from rnnzoo.layers import Elman

    images = np.random.default_rng(0).random((4, 5, 7))
    for read in ("whole", "rows"):
        model = make_image_classifier(read, units=[4])
        name, dead = ("elman_1", "elman") if read == "whole" else ("states_1", "both")
        layer = model.get_layer(name)
        cells = [layer] if dead == "elman" else [layer.forward_layer]
        cells += [layer.backward_layer] if dead == "both" else []
        assert all(type(cell) is Elman for cell in cells)
        layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
        assert len({a["score"] for a in model.classify(images)}) == 1


def test_one_step_from_the_zero_state():
    """Read at once, the network is the formula without its arrow."""
    model = make_image_classifier("whole")
    image = np.random.default_rng(0).random((5, 7)).astype("float32")
    state = image.reshape(-1)
    for name in ("elman_1", "elman_2"):
        kernel, _, bias = model.get_layer(name).get_weights()
        state = np.maximum(state @ kernel + bias, 0)
    np.testing.assert_allclose(model.encode(image), state, atol=1e-5)
    # W is there, at zero, and nothing moves it.
    before = model.get_layer("elman_1").cell.recurrent_kernel.numpy()
    model.fit(image[None], [1], verbose=0)
    after = model.get_layer("elman_1").cell.recurrent_kernel.numpy()
    assert not before.any()
    assert not after.any()


def test_rows_are_steps():
    """The state after a row, read downwards, knows nothing of the rows below it."""
    seed(1)  # by another seed no unit answers
    model = make_image_classifier("rows", units=[3])
    image = np.random.default_rng(0).random((5, 7))
    other = image.copy()
    other[3:] = 0.9
    states, changed = model.encode([image, other], return_states=True)
    assert states.shape == (5, 6)
    np.testing.assert_allclose(states[:3, :3], changed[:3, :3], atol=1e-6)
    assert np.abs(states[3:, :3] - changed[3:, :3]).max() > 1e-3
    np.testing.assert_allclose(model.encode(image), states.reshape(-1), atol=1e-6)


def test_bad_inputs_are_named(model, images):
    for data, message in BAD_FILES.values():
        message = message.replace("the scan", r"inputs\[1\]")
        with pytest.raises(ValueError, match=message):
            model.classify([images[0], data])
    with pytest.raises(ValueError, match=r"Received: x\[0\] is not"):
        model.fit([np.full((2, 2), np.nan)], [0])
    with pytest.raises(FileNotFoundError, match="the input is 'no.png'"):
        model.classify("no.png")
    with pytest.raises(TypeError, match=r"inputs\[0\] is of type float"):
        model.classify([0.5])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": ["one"]}, "two or more"),
        ({"labels": None}, "Received: neither"),
        ({"labels": None, "num_classes": 1}, "2 or more. Received: num_classes=1"),
        ({"num_classes": 4}, "num_classes=4 and 3 labels"),
        ({"read": "columns"}, "'whole', 'rows'.*Received: 'columns'"),
        ({"units": []}, "one layer or more"),
        ({"units": [0]}, "Received: units=0"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_image_classifier(**arguments)
    with pytest.raises(ValueError, match="image_shape=.5, 7."):
        ImageClassifier((5, 7), 3)
