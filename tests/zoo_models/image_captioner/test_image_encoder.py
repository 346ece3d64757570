"""The image encoder: its sizes, and the conversion of weights from PyTorch."""

import keras
import numpy as np
import pytest
from keras import ops

from training.image_captioner.encoder_weights import (
    EPSILON,
    _names,
    convert,
    relative_error,
)
from zoo_models.image_captioner.image_encoder import image_encoder

# Without their classifier, and with a bias in place of four vectors of normalisation:
# counted in the published state dicts.
PUBLISHED = {"lite0": 3_371_008, "lite1": 4_135_680, "lite2": 4_811_072}
NAMES = ("stem", "block_0_depthwise")


@pytest.fixture(scope="module")
def encoder():
    return image_encoder("lite0", 33)


@pytest.fixture(scope="module")
def state_dict(encoder):
    """Random weights in PyTorch's names and order of axes."""
    rng = np.random.default_rng(0)
    weights = {"_fc.weight": np.zeros((2, 2)), "_fc.bias": np.zeros(2)}
    for layer in encoder.layers:
        if layer.weights:
            convolution, norm = _names(layer.name)
            height, width, *channels = layer.kernel.shape
            size = layer.bias.shape[0]
            inputs = 1 if "depthwise" in layer.name else channels[0]
            shape = (size, inputs, height, width)
            weights[f"{convolution}.weight"] = rng.normal(size=shape) / 4
            for part in ("weight", "bias", "running_mean"):
                weights[f"{norm}.{part}"] = rng.normal(size=size)
            weights[f"{norm}.running_var"] = rng.uniform(0.5, 2, size)
            weights[f"{norm}.num_batches_tracked"] = np.array(7)
    return weights


def test_it_is_as_large_as_the_published_network(encoder):
    vectors = sum(2 * layer.bias.shape[0] for layer in encoder.layers if layer.weights)
    # Scale and shift there, a bias alone here.
    assert encoder.count_params() + vectors // 2 == PUBLISHED["lite0"]
    assert encoder.output_shape == (None, 4, 1280)
    assert image_encoder().output_shape == (None, 49, 1280)


def test_folded_weights_give_what_normalisation_gives(encoder, state_dict):
    """The first two convolutions at one place, in NumPy, from PyTorch's weights."""
    convert(state_dict, encoder)
    pixels = np.random.default_rng(1).random((1, 33, 33, 3)).astype("float32")
    inner = keras.Model(
        encoder.input, [encoder.get_layer(f"{n}_relu").output for n in NAMES]
    )
    stem, filtered = (ops.convert_to_numpy(x)[0] for x in inner(pixels))

    def normalise(values, norm):
        scale, shift, mean, variance = (
            state_dict[f"{norm}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        values = (values - mean) / np.sqrt(variance + EPSILON) * scale + shift
        return np.clip(values, 0, 6)

    scaled = (pixels[0] * 255 - 127) / 128
    kernel = state_dict["_conv_stem.weight"]
    # With 33 pixels and stride 2 there is one of padding on each side.
    values = np.einsum("hwc,fchw->f", scaled[5:8, 9:12], kernel)
    np.testing.assert_allclose(stem[3, 5], normalise(values, "_bn0"), atol=1e-4)
    kernel = state_dict["_blocks.0._depthwise_conv.weight"][:, 0]
    values = np.einsum("hwc,chw->c", stem[3:6, 6:9], kernel)
    expected = normalise(values, "_blocks.0._bn1")
    np.testing.assert_allclose(filtered[4, 7], expected, atol=1e-4)


def test_every_weight_must_be_of_use(encoder, state_dict):
    with pytest.raises(KeyError, match="_conv_head"):
        convert({k: v for k, v in state_dict.items() if "_conv_h" not in k}, encoder)
    more = {**state_dict, "_blocks.99._bn0.weight": np.zeros(3)}
    with pytest.raises(ValueError, match=r"Left over: .*_blocks\.99"):
        convert(more, encoder)


def test_a_difference_is_seen():
    expected = np.array([0.5, -4.0])
    assert relative_error(np.array([0.5, -3.98]), expected) == pytest.approx(0.005)


def test_bad_arguments_are_named():
    for arguments, message in ((("b0",), "Received: 'b0'"), (("lite0", 0), "0")):
        with pytest.raises(ValueError, match=message):
            image_encoder(*arguments)


def test_it_computes_in_float32_under_half_precision(encoder):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = image_encoder("lite0", 33)
    finally:
        keras.config.set_dtype_policy(before)
    half.set_weights(encoder.get_weights())
    pixels = np.random.default_rng(2).random((2, 33, 33, 3)).astype("float32")
    expected = ops.convert_to_numpy(encoder(pixels))
    received = ops.convert_to_numpy(half(pixels))
    assert relative_error(received, expected) < 1e-5
