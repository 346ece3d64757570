"""Image files and arrays: what is read from them, and what is refused."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from rnnzoo.images import pixels as images
from rnnzoo.images.formats import PNG_MAGIC


def encode(pixels, form, **settings):
    """An array as the bytes of a file, written by another library."""
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, form, **settings)
    return file.getvalue()


@pytest.fixture(scope="module")
def decode():
    """`decode_image` as a graph, as it runs in a SavedModel."""
    import tensorflow as tf

    spec = tf.TensorSpec([], tf.string)
    return tf.function(images.decode_image, input_signature=[spec])


@pytest.fixture(scope="module")
def picture():
    """Blocks of colour without symmetry, which JPEG keeps well."""
    small = np.random.default_rng(3).integers(0, 256, (3, 5, 3), "uint8")
    return np.kron(small, np.ones((16, 16, 1), "uint8"))


@pytest.mark.parametrize(
    ("orientation", "big_endian"), [*((i, False) for i in range(1, 9)), (6, True)]
)
def test_exif_orientation_is_honoured(decode, picture, orientation, big_endian):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "a maker", orientation
    exif.endian = ">" if big_endian else "<"
    data = encode(picture, "JPEG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    received = decode(data).numpy()
    assert received.shape == expected.shape
    assert np.abs(received.astype(int) - expected).max() <= 2


def test_damaged_exif_is_passed_over(decode, picture):
    whole = encode(picture, "JPEG")
    expected = decode(whole).numpy()
    for block in (b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*" * 9):
        segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
        received = decode(whole[:2] + segment + whole[2:]).numpy()
        np.testing.assert_array_equal(received, expected)


def test_colour_spaces(decode, picture):
    grey = picture[..., 0]
    cmyk = encode(Image.fromarray(picture).convert("CMYK"), "JPEG", quality=95)
    assert np.abs(decode(cmyk).numpy().astype(int) - picture).max() <= 8
    palette = encode(Image.fromarray(picture).convert("P"), "PNG")
    expected = Image.open(io.BytesIO(palette)).convert("RGB")
    np.testing.assert_array_equal(decode(palette).numpy(), np.asarray(expected))
    for data in (encode(grey, "PNG"), encode(grey.astype("uint16") * 256 + 7, "PNG")):
        np.testing.assert_array_equal(
            decode(data).numpy(), np.repeat(grey[..., None], 3, 2)
        )


@pytest.mark.parametrize("is_transparent", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4])
def test_png_files_of_few_bits(decode, picture, bits, is_transparent):
    image = Image.fromarray(picture).quantize(2**bits)
    settings = {"transparency": 0} if is_transparent else {}
    files = [encode(image, "PNG", bits=bits, **settings)]
    if bits == 1 and not is_transparent:
        files.append(encode(Image.fromarray(picture).convert("1"), "PNG"))
    for data in files:
        assert data[24] == bits
        received = decode(data).numpy()
        colours = Image.open(io.BytesIO(data)).convert("RGBA")
        white = Image.new("RGBA", colours.size, "white")
        expected = np.asarray(Image.alpha_composite(white, colours))[..., :3]
        np.testing.assert_array_equal(received, expected)


def test_what_is_transparent_is_white(decode, picture):
    alpha = np.full(picture.shape[:2], 51, "uint8")
    alpha[:, :20] = 0
    data = encode(np.dstack([picture, alpha]), "PNG")
    received = decode(data).numpy()
    assert (received[:, :20] == 255).all()
    expected = picture[:, 20:] * 0.2 + 255 * 0.8
    assert np.abs(received[:, 20:] - expected).max() <= 0.51
    array = images.to_pixels(np.dstack([picture, alpha]), 3)
    np.testing.assert_allclose(array[:, 20:] * 255, expected, atol=0.01)


FRAMES = [Image.new("RGB", (7, 5), colour) for colour in ("red", "green", "blue")]


@pytest.mark.parametrize(
    "settings", [{}, {"interlace": False}, {"comment": b"x" * 999}]
)
def test_the_first_frame_of_a_gif(decode, settings):
    small = np.array([[0, 255, 0], [90, 0, 180]], "uint8")
    first = Image.fromarray(np.kron(small, np.ones((40, 50), "uint8")))
    others = [Image.new("L", first.size, i) for i in range(9)]
    data = encode(first, "GIF", save_all=True, append_images=others, **settings)
    expected = np.repeat(np.asarray(first)[..., None], 3, 2)
    np.testing.assert_array_equal(decode(data).numpy(), expected)
    np.testing.assert_array_equal(images.read_image(data, "it"), expected)


def test_what_follows_the_first_frame_of_a_gif_is_not_decoded(decode):
    """A later frame that claims 65 535 pixels a side does no harm."""
    data = encode(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:])
    second = data.index(b",", data.index(b",") + 10)
    assert data[second + 5 : second + 9] == b"\7\0\5\0"
    data = data[: second + 5] + b"\xff" * 4 + data[second + 9 :]
    assert decode(data).shape == (5, 7, 3)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_webp_is_read(decode, picture, lossless, mode):
    image = Image.fromarray(picture)
    if mode == "RGBA":
        image.putalpha(Image.new("L", image.size, 51))
    data = encode(image, "WEBP", lossless=lossless, quality=95)
    received = decode(data).numpy().astype(int)
    share = 0.2 if mode == "RGBA" else 1.0
    expected = picture * share + 255 * (1 - share)
    assert np.abs(received - expected).mean() <= (0.5 if lossless else 6)
    np.testing.assert_array_equal(images.read_image(data, "it"), received)


BAD_FILES = {
    "empty": (b"", "must be a JPEG, PNG, GIF or WebP.*begins with b''"),
    "bmp": (encode(np.zeros((4, 4), "uint8"), "BMP"), "JPEG, PNG.*b'BM"),
    "huge": (
        PNG_MAGIC + b"\0\0\0\rIHDR" + 2 * (12_000).to_bytes(4, "big"),
        "25,000,000 pixels at most. Received: the scan has 12000 × 12000",
    ),
    "cut png": (
        encode(np.zeros((9, 9), "uint8"), "PNG")[:50],
        "damaged.*, of 50 bytes",
    ),
    "cut gif": (encode(np.zeros((9, 9), "uint8"), "GIF")[:-5], "damaged or moves"),
    "cut webp": (encode(np.zeros((9, 9, 3), "uint8"), "WEBP")[:30], "damaged or moves"),
    "moving webp": (
        encode(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]),
        "a WebP a still one. Received: the scan is damaged or moves",
    ),
    "cut jpeg": (encode(np.zeros((9, 9), "uint8"), "JPEG")[:300], "damaged.*, of 300"),
    "magic alone": (PNG_MAGIC, "damaged.*, of 8 bytes"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused(decode, name, tmp_path):
    import tensorflow as tf

    data, message = BAD_FILES[name]
    with pytest.raises(ValueError, match=message):
        images.read_image(data, "the scan")
    (tmp_path / "bad.png").write_bytes(data)
    with pytest.raises(ValueError, match="inputs.2., .*bad.png"):
        images.read_image(tmp_path / "bad.png", "inputs[2]")
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode(data)


def test_a_large_image_is_refused_before_it_is_decoded(decode, monkeypatch):
    """The graph refuses a header that no pixels follow by the number of its pixels."""
    import tensorflow as tf

    data, _ = BAD_FILES["huge"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="25000000 pixels at most"):
        decode(data)
    monkeypatch.setattr(images, "MAX_PIXELS", 99)
    for form in ("PNG", "JPEG", "GIF", "WEBP"):
        for settings in ({}, {"lossless": True}) if form == "WEBP" else ({},):
            whole = encode(np.zeros((4, 25, 3), "uint8"), form, **settings)
            with pytest.raises(ValueError, match="99 pixels at most.*has 25 × 4"):
                images.read_image(whole, "it")


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (np.array([[0.5, np.nan]]), ValueError, "finite numbers. Received: it is not"),
        (
            np.array([[0.5, 200.0]]),
            ValueError,
            "from 0 to 1. .*it goes from 0.5 to 200",
        ),
        (np.array([[-1, 3]]), ValueError, "from 0 to 255.*it goes from -1 to 3"),
        (np.zeros((4, 4, 2)), ValueError, r"1, 3 or 4 channels.*\(4, 4, 2\)"),
        (np.zeros((0, 4)), ValueError, r"at least one pixel.*\(0, 4\)"),
        (np.zeros((2, 2), complex), TypeError, "it is an array of complex128"),
        (7, TypeError, "it is of type int"),
        ("no/such.png", FileNotFoundError, "it is 'no/such.png', and there is no"),
    ],
)
def test_bad_inputs_are_named(array, error, message):
    with pytest.raises(error, match=message):
        images.read_image(array, "it")


def test_every_type_of_array_has_one_scale():
    grey = np.array([[0, 51], [102, 255]])
    expected = grey / 255
    for array in (
        grey,
        grey.astype("uint8"),
        grey.astype("uint8")[..., None],
        (grey * 257).astype("uint16"),
        expected,
        expected.astype("float16"),
    ):
        pixels = images.to_pixels(_tensor(images.read_image(array, "it")), 1)
        np.testing.assert_allclose(pixels[..., 0], expected, atol=1e-3)
    assert images.to_pixels(_tensor(grey[..., None] > 60), 3).shape == (2, 2, 3)


def _tensor(array):
    import tensorflow as tf

    return tf.constant(array)


def test_colour_becomes_brightness():
    image = np.array([[[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]], "float32")
    grey = images.to_pixels(_tensor(image), 1)
    np.testing.assert_allclose(grey[0, :, 0], [0.299, 0.587, 0.114, 1.0], atol=1e-6)


def test_resizing_smooths_and_stays_in_range():
    stripes = np.zeros((60, 90, 3), "float32")
    stripes[::2] = 1.0
    for interpolation in images.INTERPOLATIONS:
        small = images.resize_image(_tensor(stripes), 6, 9, interpolation)
        assert small.shape == (6, 9, 3)
        np.testing.assert_allclose(small, 0.5, atol=0.02)
    edge = np.zeros((4, 4, 1), "float32")
    edge[:, 2:] = 1.0
    large = images.resize_image(_tensor(edge), 16, 16, "bicubic").numpy()
    assert large.min() == 0.0
    assert large.max() == 1.0
    with pytest.raises(ValueError, match="Received: 'cubic'"):
        images.resize_image(_tensor(edge), 8, 8, "cubic")


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "CMYK", "LA"])
def test_images_of_pillow_are_read(mode):
    pillow = pytest.importorskip("PIL.Image")
    grey = np.arange(0, 240, 4, "uint8").reshape(6, 10)
    image = pillow.fromarray(grey).convert(mode)
    received = images.read_image(image, "the scan")
    assert received.shape[:2] == (6, 10)
    assert received.shape[2] == {"L": 1, "1": 1, "RGBA": 4, "LA": 4}.get(mode, 3)
    if mode != "1":
        np.testing.assert_allclose(received[..., 0], grey, atol=3)


def test_images_of_pillow_stand_upright():
    pillow = pytest.importorskip("PIL.Image")
    image = pillow.new("RGB", (7, 4))
    image.getexif()[0x0112] = 6  # the camera was held on its side
    assert images.read_image(image, "the scan").shape == (7, 4, 3)


def test_nothing_is_fetched():
    with pytest.raises(ValueError, match="nothing is fetched.*the scan is the address"):
        images.read_image("https://example.org/cat.jpg", "the scan")
