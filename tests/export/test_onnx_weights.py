"""What weights are stored as in ONNX files, and what is computed with them."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from rnnzoo import ZooModel
from rnnzoo.cli import main
from rnnzoo.export.onnx_graph import OnnxGraph
from rnnzoo.export.onnx_weights import quantize
from tests.export.running import run

RNG = np.random.default_rng(0)
ROUGH = RNG.normal(0, 1, (50, 40)).astype("float32")
HALF = ROUGH.astype("float16").astype("float32")


def content_of(array, weights):
    graph = OnnxGraph("constant")
    graph.output("y", graph.constant(array), "float32", array.shape)
    return graph.serialize(weights)


def load(content):
    return run(content)["y"]


@pytest.mark.parametrize(
    ("array", "weights", "size"),
    [
        (ROUGH, "float32", 8000),
        (HALF, "float32", 8000),
        (ROUGH, "exact", 8000),
        (HALF, "exact", 4000),
        (HALF, "float16", 4000),
        (ROUGH * np.float32(1e6), "float16", 8000),  # over what half precision holds
        (ROUGH[:20], "float16", 3200),  # few
        (ROUGH[:20], "int8", 3200),
        (np.zeros_like(ROUGH), "float32", 0),
    ],
)
def test_these_are_stored_as_they_are(array, weights, size):
    content = content_of(array, weights)
    assert 0 <= len(content) - size < 300
    assert np.array_equal(load(content), array)


def test_half_precision_rounds_what_has_more():
    content = content_of(ROUGH, "float16")
    assert len(content) < 4300
    assert np.array_equal(load(content), HALF)
    assert not np.array_equal(HALF, ROUGH)


@pytest.mark.parametrize("axis", [0, 1])
def test_bytes_have_a_scale_for_each_row_or_column(axis):
    # Rows, or columns, of very different sizes.
    array = ROUGH * np.logspace(-3, 3, 50, dtype="float32")[:, None]
    array = array if axis == 0 else array.T.copy()
    content = content_of(array, "int8")
    assert len(content) < 2600
    largest = np.abs(array).max(axis=1 - axis, keepdims=True)
    off = np.abs(load(content) - array) / largest
    assert 1e-3 < off.max() <= 0.5001 / 127


def test_vectors_are_in_half_precision_beside_bytes():
    content = content_of(HALF.reshape(-1), "int8")
    assert len(content) < 4300
    assert np.array_equal(load(content), HALF.reshape(-1))


def test_levels_of_rows_without_a_number_are_zero():
    array = np.zeros((3, 64), "float32")
    array[1:] = [[254, -254] * 32, [3, -1] * 32]
    levels, scale = quantize(array)
    assert levels.dtype == np.int8
    assert levels[:, :2].tolist() == [[0, 0], [127, -127], [127, -42]]
    np.testing.assert_allclose(scale, [[1], [2], [3 / 127]])


def test_few_numbers_have_no_scale_of_their_own():
    _, scale = quantize(ROUGH.reshape(-1, 10))
    assert scale.shape == (1, 10)
    filters = HALF.reshape(80, 1, 5, 5)
    assert quantize(filters) is None
    assert np.array_equal(load(content_of(filters, "int8")), filters)


def test_filters_have_a_scale_each():
    _, scale = quantize(ROUGH.reshape(20, 4, 5, 5))
    assert scale.shape == (20, 1, 1, 1)


def test_a_model_is_exported_with_bytes_on_the_shell(tmp_path):
    for weights, size in (("float32", 2), ("float16", 1), (None, 1), ("int8", 0.53)):
        name = str(weights)
        arguments = ["image_classifier_mnist_rows", str(tmp_path), "--name", name]
        arguments += ["--format", "onnx", *(["--weights", weights] if weights else [])]
        result = CliRunner().invoke(main, ["export", *arguments])
        assert result.exit_code == 0, result.output
        folder = tmp_path / name / "1"
        content = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
        assert content["weights"] == (weights or "exact")
        received = (folder / "model.onnx").stat().st_size
        assert received == pytest.approx(size * 427_000, rel=0.05)


def test_wrong_weights_are_explained(tmp_path):
    model = ZooModel.from_preset("image_classifier_mnist_rows")
    with pytest.raises(ValueError, match="`weights`.*'int8'.*Received: 'int4'"):
        model.export(tmp_path, format="onnx", weights="int4")
    with pytest.raises(ValueError, match="'onnx'. Received: weights='int8' for 'lite"):
        model.export(tmp_path, format="litert", weights="int8")
    assert list(tmp_path.iterdir()) == []
