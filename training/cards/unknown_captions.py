"""The card of captioners of images about which nothing more is known."""

from typing import Any

from training.cards.data_card import DataCard

NAMING = (
    " The {number} most probable words of the encoder's own classifier are looked at "
    "too, and a pointer can copy them, so that it can write of things that captions "
    "hardly have."
)


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
    texts = ""
    if settings.get("more_captions"):
        number = settings["more_limit"]
        some = "the sentences" if number is None else f"{number:,} sentences"
        texts = (
            f"; beside them, without images, {some} of `{settings['more_captions']}`, "
            "those that are like a caption of a held-out image left out, and "
            f"{settings['plain_sentences']:,} plain ones of the words of the classifier"
        )
    number = config["config"].get("num_words")
    named = number and config["config"].get("class_words")
    return {
        "texts": texts,
        "naming": NAMING.format(number=number) if named else "",
        "side": -(-size // 32),
        "size": size,
        "variant": variant,
        "encoder": variant.capitalize(),
        "max_length": config["preprocessor"]["max_length"] - 1,
        "min_count": settings["min_count"],
        "targets": targets,
    }


CARD = DataCard("ImageCaptioner", (), "unknown_captions.md", describe)
