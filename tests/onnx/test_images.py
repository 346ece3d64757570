"""The runner's images: the pixels of `rnnzoo.images`, without TensorFlow."""

import io

import numpy as np
import pytest
from PIL import Image

from rnnzoo.images import ImagePreprocessor
from rnnzoo.onnx.images import read_image, resize, to_pixels
from rnnzoo.onnx.ink import center_ink
from training.image_classifier.drawn_pages import STYLES, draw_pages
from zoo_models.core.presets import PRESETS_FOLDER

INK = ImagePreprocessor((28, 28, 1), is_ink=True)


RULES = INK.describe()


def read(raw):
    return read_image(raw, "it", RULES["max_pixels"])


def ink_of(raw):
    pixels = to_pixels(read(raw), 1, RULES["luminance"])
    return center_ink(pixels, 28, 28, RULES["ink"])


@pytest.mark.parametrize("style", STYLES)
def test_pages_give_the_ink_of_tensorflow(style):
    pages, _ = draw_pages(style, 1, seed=3)
    for page in pages:
        np.testing.assert_allclose(ink_of(page), INK.read(page), atol=1e-4)


def test_cut_out_images_give_the_ink_of_tensorflow():
    rng = np.random.default_rng(0)
    images = [
        *rng.integers(0, 256, (5, 20, 31), "uint8"),
        *rng.random((3, 1, 7, 3)).astype("float32"),
        np.full((9, 9), 7, "uint8"),  # no ink
        np.full((300, 200, 4), 255, "uint8"),
    ]
    for image in images:
        np.testing.assert_allclose(ink_of(image), INK.read(image), atol=1e-4)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_sizes_are_those_of_tensorflow(interpolation):
    rng = np.random.default_rng(0)
    for wanted in [(5, 9), (40, 28)]:
        preprocessor = ImagePreprocessor((*wanted, 3), interpolation)
        for shape in [(30, 20, 3), (7, 50, 1), (4, 4, 4), (40, 28, 3)]:
            image = rng.integers(0, 256, shape, "uint8")
            pixels = resize(
                to_pixels(image, 3, RULES["luminance"]), *wanted, interpolation
            )
            expected = preprocessor.read(image)
            np.testing.assert_allclose(pixels.clip(0, 1), expected, atol=1e-4)


def make_file(mode, form, **options):
    rng = np.random.default_rng(0)
    channels = len(mode) if mode.isupper() and mode != "P" else 1
    values = rng.integers(0, 256, (6, 8, channels), "uint8").squeeze()
    image = Image.fromarray(values).convert(mode)
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("mode", "form"), [("RGB", "PNG"), ("RGBA", "PNG"), ("L", "PNG"), ("P", "PNG")]
)
def test_files_are_read_as_by_tensorflow(mode, form, tmp_path):
    data = make_file(mode, form)
    expected = ImagePreprocessor((6, 8, 3)).read(data)
    received = to_pixels(read(data), 3, RULES["luminance"])
    np.testing.assert_allclose(received, expected, atol=1e-6)
    path = tmp_path / "file"
    path.write_bytes(data)
    assert np.array_equal(read(str(path)), read(data))


def test_files_of_sixteen_bits_and_turned_ones_are_read_as_by_tensorflow():
    deep = Image.fromarray(np.arange(0, 60_000, 1250, "uint16").reshape(6, 8))
    file = io.BytesIO()
    deep.save(file, "PNG")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    turned = make_file("RGB", "JPEG", quality=95, exif=exif)
    for data, shape, tolerance in [
        (file.getvalue(), (6, 8, 1), 1e-6),
        (turned, (8, 6, 3), 2 / 255),  # decoders of JPEG may round in other ways
    ]:
        expected = ImagePreprocessor(shape).read(data)
        received = to_pixels(read(data), shape[2], RULES["luminance"])
        np.testing.assert_allclose(received, expected, atol=tolerance)


def test_the_presets_photographs_are_read_as_by_tensorflow():
    preprocessor = ImagePreprocessor((64, 64, 3), "bicubic")
    paths = sorted((PRESETS_FOLDER / "captioner_flickr8k_en").glob("*.jpg"))
    assert paths
    for path in paths:
        pixels = to_pixels(read(path), 3, RULES["luminance"])
        received = resize(pixels, 64, 64, "bicubic").clip(0, 1)
        np.testing.assert_allclose(received, preprocessor.read(path), atol=0.01)


def test_what_is_no_image_is_named():
    with pytest.raises(ValueError, match="whole file. Received: the input"):
        read_image(b"no image", "the input", 9)
    with pytest.raises(ValueError, match=r"inputs\[1\] of shape \(3,\) and int64"):
        read_image(np.array([1, 2, 3]), "inputs[1]", 9)
    with pytest.raises(ValueError, match="from 0 to 1. Received: it goes from -1 to 0"):
        read(np.array([[-1.0, 0.0]]))
    with pytest.raises(TypeError, match="path.*Received: it is of type int"):
        read(3)
    with pytest.raises(FileNotFoundError):
        read("nowhere.png")
    with pytest.raises(ValueError, match="whole file. Received: it"):
        read(make_file("RGB", "PNG")[:80])
