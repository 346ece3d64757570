"""Which words that occur in almost no training caption a captioner uses.

These are words of the image encoder's classes. The captioner has hardly seen them in
captions and can only copy them.
"""

from pathlib import Path
from typing import Any

SOURCES = ("people", "captioner", "both")


def measure(
    preset: str | Path, folder: str | Path, split: str = "all"
) -> dict[str, Any]:
    """Counts the images whose captions contain each copied word.

    Args:
        preset: Name or folder of an `ImageCaptioner` with class words.
        folder: Images and captions: see `rnnzoo.datasets.read_caption_folder`.
        split: The part of the folder. Default `"all"`.

    Returns:
        `words`: for each word the number of images with it in a caption by `people`,
        by the `captioner`, and by `both`, the most frequent first; `all`: the sums.

    Raises:
        ValueError: If the captioner has no class words.

    References:
        - Hendricks et al., "Deep Compositional Captioning: Describing Novel Object
          Categories without Paired Training Data", 2016: the same measure, for held-out
          words.
    """
    from rnnzoo import ImageCaptioner
    from rnnzoo.datasets import read_caption_folder
    from rnnzoo.metrics.caption_tokens import caption_tokens

    model = ImageCaptioner.from_preset(preset)
    if model.class_words is None:
        raise ValueError(
            f"The captioner must have class words to copy. Received: {preset}, "
            "which has none"
        )
    tokens = model.preprocessor.captions.vocabulary.tokens
    rare = {0, *model.class_words["rare_ids"]}
    word_of = {
        tokens[i]: tokens[forms[0]]
        for forms in model.class_words["words"]
        for i in forms
        if i and rare.issuperset(forms)
    }

    def words(texts: list[str]) -> set[str]:
        found = {token for text in texts for token in caption_tokens(text)}
        return {word_of[token] for token in found & set(word_of)}

    paths, captions = zip(*read_caption_folder(folder, split), strict=True)
    found: dict[str, dict[str, int]] = {}
    for answer, texts in zip(model.generate(list(paths)), captions, strict=True):
        said, true = words([answer]), words([text.decode() for text in texts])
        for word in said | true:
            counts = found.setdefault(word, dict.fromkeys(SOURCES, 0))
            counts["people"] += word in true
            counts["captioner"] += word in said
            counts["both"] += word in said & true
    order = sorted(found, key=lambda word: -found[word]["people"])
    sums = {key: sum(counts[key] for counts in found.values()) for key in SOURCES}
    return {"words": {word: found[word] for word in order}, "all": sums}
