"""Pixels of image files and arrays, in core TensorFlow ops.

Training, the Python verbs and the SavedModel all go through `decode_image`,
`to_pixels` and `resize_image`; images of ink on paper through `rnnzoo.images.ink` too.
"""

from pathlib import Path

import numpy as np

from rnnzoo.core.types import TFTensor
from rnnzoo.images.formats import (
    FORMATS,
    KNOWN,
    file_size,
    find_format,
    header_size,
    read_file,
)

# An image with more pixels is refused before it is decoded.
MAX_PIXELS = 25_000_000

INTERPOLATIONS = ("bilinear", "bicubic", "area")
# Of red, green and blue in the brightness of a pixel (ITU-R BT.601).
LUMINANCE = (0.299, 0.587, 0.114)


def decode_image(data: TFTensor) -> TFTensor:
    """Decodes the bytes of an image file in a TensorFlow graph.

    JPEG, PNG, GIF (the first frame) and still WebP are read; TensorFlow before 2.21 may
    have no WebP. The orientation that a camera wrote into a JPEG (EXIF) is honoured,
    CMYK is made RGB, of 16 bits per channel the upper 8 are kept, and what is
    transparent is white, but in a GIF, whose palette is taken as it is.

    Args:
        data: String tensor of shape `()`.

    Returns:
        A uint8 tensor of shape `(height, width, 3)`.

    Raises:
        tf.errors.InvalidArgumentError: If it is none of these, if it is damaged, or if
            it has more than `MAX_PIXELS` pixels.
    """
    import tensorflow as tf

    number = find_format(data)
    format_check = tf.debugging.Assert(
        number < len(FORMATS),
        # Not the bytes themselves: TensorFlow's errors must be UTF-8.
        [
            f"An image must be a {KNOWN} file. Received: another, of bytes",
            tf.strings.length(data),
        ],
    )
    with tf.control_dependencies([format_check]):
        num_pixels = tf.reduce_prod(file_size(data, number))
    checks = [
        tf.debugging.Assert(
            num_pixels <= MAX_PIXELS,
            [f"An image may have {MAX_PIXELS} pixels at most. Received:", num_pixels],
        ),
        tf.debugging.Assert(
            num_pixels > 0,
            [
                f"An image must be a whole {KNOWN} file, a WebP a still one. Received: "
                "another, of bytes",
                tf.strings.length(data),
            ],
        ),
    ]
    with tf.control_dependencies(checks):
        return _read_opaque(data, number)


def _read_opaque(data: TFTensor, number: TFTensor) -> TFTensor:
    """The pixels of a file of a known format, of 3 channels."""
    import tensorflow as tf

    pixels = read_file(data, number)
    # Floats take four times the room: only where something shines through.
    is_opaque = tf.equal(tf.shape(pixels)[2], 3) | tf.reduce_all(pixels[..., 3:] == 255)
    opaque = tf.cond(
        is_opaque,
        lambda: pixels[..., :3],
        lambda: tf.cast(
            tf.round(_on_white(tf.cast(pixels, tf.float32), 255)), tf.uint8
        ),
    )
    return tf.ensure_shape(opaque, (None, None, 3))


def _on_white(image: TFTensor, white: float) -> TFTensor:
    """Lays floats of four channels on white and takes the fourth away."""
    alpha = image[..., 3:] / white
    return image[..., :3] * alpha + (1.0 - alpha) * white


def to_pixels(image: TFTensor, channels: int) -> TFTensor:
    """Scales an image to floats, lays it on white and gives it grey or colour.

    Args:
        image: Tensor of shape `(height, width, c)` where `c` is 1 (grey), 3 (RGB) or
            4 (RGB and alpha). Integers are scaled by the largest of their type, but
            those of 32 and 64 bits are taken from 0 to 255; floats are from 0 to 1.
        channels: Channels wanted: 1 or 3.

    Returns:
        Float32 tensor of shape `(height, width, channels)`, from 0 to 1.
    """
    import tensorflow as tf

    if image.dtype == tf.bool:
        image = tf.cast(image, tf.float32)
    elif image.dtype in (tf.int32, tf.int64):
        image = tf.cast(image, tf.float32) / 255.0
    else:
        image = tf.image.convert_image_dtype(image, tf.float32)
    if image.shape[-1] == 4:
        image = _on_white(image, 1.0)
    if channels == image.shape[-1]:
        return image
    if channels == 3:
        return tf.repeat(image, 3, axis=-1)
    return tf.tensordot(image, tf.constant(LUMINANCE), 1)[..., None]


def check_interpolation(interpolation: str) -> str:
    """Returns a known interpolation, or raises `ValueError`."""
    if interpolation not in INTERPOLATIONS:
        raise ValueError(
            f"`interpolation` must be one of {INTERPOLATIONS}. Received: "
            f"{interpolation!r}"
        )
    return interpolation


def resize_image(
    image: TFTensor, height: int, width: int, interpolation: str = "bilinear"
) -> TFTensor:
    """Resizes pixels, smoothing what is made smaller. The aspect is not kept.

    Args:
        image: What `to_pixels` returned.
        height: Height wanted.
        width: Width wanted.
        interpolation: `"bilinear"`, `"bicubic"` or `"area"`. Default `"bilinear"`.

    Returns:
        Float32 tensor of shape `(height, width, channels)`, from 0 to 1.

    Raises:
        ValueError: If the interpolation is none of the three.
    """
    import tensorflow as tf

    check_interpolation(interpolation)
    resized = tf.image.resize(image, (height, width), interpolation, antialias=True)
    # Bicubic interpolation shoots over the edges.
    return tf.clip_by_value(resized, 0.0, 1.0)


def read_image(raw: TFTensor, name: str) -> np.ndarray:
    """Reads an image of any kind that the Python verbs take, checking it.

    Args:
        raw: A path, the bytes of a JPEG, PNG, GIF (the first frame counts) or still
            WebP file, a `PIL.Image`, or an array of shape `(height, width)` or
            `(height, width, c)` where `c` is 1, 3 or 4: uint8, uint16, booleans, other
            integers from 0 to 255 or floats from 0 to 1.
        name: What errors call the image, such as `"inputs[3]"`.

    Returns:
        An array of shape `(height, width, c)`.

    Raises:
        TypeError: If it is none of these.
        ValueError: If it is damaged, too large, of another shape or out of range.
        FileNotFoundError: If there is no such file.
    """
    if isinstance(raw, str) and raw.lower().startswith(("http://", "https://")):
        raise ValueError(
            "An image must be a file or an array: nothing is fetched from the network. "
            f"Received: {name} is the address {raw!r}"
        )
    if is_pil_image(raw):
        return _check_array(_from_pil(raw), name)
    if isinstance(raw, str | Path):
        path = Path(raw)
        if not path.is_file():
            raise FileNotFoundError(
                f"An image given as text must be the path of a file. Received: {name} "
                f"is {str(raw)!r}, and there is no such file"
            )
        return _read_bytes(path.read_bytes(), f"{name}, {path},")
    if isinstance(raw, bytes):
        return _read_bytes(raw, name)
    if isinstance(raw, np.ndarray):
        return _check_array(raw, name)
    raise TypeError(
        f"An image must be a path, the bytes of a {KNOWN} file, a PIL.Image or an "
        "array. "
        f"Received: {name} is of type {type(raw).__name__}"
    )


def is_pil_image(raw: TFTensor) -> bool:
    """Whether it is an image of Pillow, which is not imported for it."""
    kinds = type(raw).__mro__
    return any((c.__module__, c.__name__) == ("PIL.Image", "Image") for c in kinds)


def _from_pil(image: TFTensor) -> np.ndarray:
    """Pixels of an image of Pillow: upright, grey, RGB or RGBA."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode not in ("1", "L", "RGB", "RGBA", "I;16"):
        has_alpha = "A" in image.mode or "transparency" in image.info
        image = image.convert("RGBA" if has_alpha else "RGB")
    return np.asarray(image)


def _read_bytes(data: bytes, name: str) -> np.ndarray:
    import tensorflow as tf

    contents = tf.constant(data)
    number = int(find_format(contents))
    if number == len(FORMATS):
        raise ValueError(
            f"An image must be a {KNOWN} file. Received: {name} begins with "
            f"{data[:8]!r}"
        )
    if [*FORMATS][number] == "WebP" and not hasattr(tf.raw_ops, "DecodeWebP"):
        raise ValueError(
            "WebP needs a TensorFlow that decodes it, such as 2.21. Received: "
            f"{name} is WebP, and TensorFlow is {tf.__version__}"
        )
    error = None
    try:
        size = header_size(data)
        height, width = size or file_size(contents, number).numpy().tolist()
        if width * height > MAX_PIXELS:
            raise ValueError(
                f"An image may have {MAX_PIXELS:,} pixels at most. Received: {name} "
                f"has {width} × {height}"
            )
        if width * height > 0:
            return _read_opaque(contents, number).numpy()
    except tf.errors.InvalidArgumentError as damage:
        error = damage
    raise ValueError(
        f"An image must be a whole {KNOWN} file, a WebP a still one. Received: "
        f"{name} is damaged or moves, of {len(data):,} bytes"
    ) from error


def _check_array(array: np.ndarray, name: str) -> np.ndarray:
    image = array[..., None] if array.ndim == 2 else array
    if image.ndim != 3 or image.shape[-1] not in (1, 3, 4) or not image.size:
        raise ValueError(
            "An image must have shape (height, width), or (height, width, channels) "
            "with 1, 3 or 4 channels, and at least one pixel. Received: "
            f"{name} has shape {array.shape}"
        )
    kind = image.dtype.kind
    if image.dtype in (np.uint8, np.uint16, np.bool_):
        return image
    if kind not in "iuf":
        raise TypeError(
            f"An image must be of numbers. Received: {name} is an array of "
            f"{image.dtype}"
        )
    if not np.isfinite(image).all():
        raise ValueError(f"An image must be of finite numbers. Received: {name} is not")
    low, high = float(image.min()), float(image.max())
    top = 1.0 if kind == "f" else 255.0
    if low < 0.0 or high > top:
        raise ValueError(
            f"An image of {image.dtype} must be from 0 to {top:g}. Received: {name} "
            f"goes from {low:g} to {high:g}"
        )
    return image.astype("float32") if kind == "f" else image.astype("uint8")
