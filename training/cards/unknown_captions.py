"""The card of captioners of images about which nothing more is known."""

from typing import Any

from training.cards.data_card import DataCard


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The words of a captioner's card."""
    settings = metadata["training"]["config"]
    size, variant = config["config"]["image_size"], config["config"]["encoder"]
    targets = (
        "the next word of a caption after the true ones before it, "
        f"{settings['label_smoothing']:.0%} of the target spread over all"
    )
    if settings["critical_epochs"]:
        targets += (
            "; then captions of its own, each pushed by its CIDEr-D less that of "
            "others (Rennie et al., 2017)"
        )
    return {
        "side": -(-size // 32),
        "size": size,
        "variant": variant,
        "encoder": variant.capitalize(),
        "max_length": config["preprocessor"]["max_length"] - 1,
        "min_count": settings["min_count"],
        "targets": targets,
    }


CARD = DataCard("ImageCaptioner", (), "unknown_captions.md", describe)
