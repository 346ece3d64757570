"""Counts how often a captioner names what captions it learnt from hardly ever name.

    python -m training.measure_naming captioner_flickr8k_en --folder photographs

reads a folder of images and captions (`images/` and `captions.json`) and looks at the
words of the encoder's classes that the captioner can only copy, for it never learnt
them. For each such word: how many images have it in a caption that people wrote, in the
captioner's, and in both.

References:
    - Hendricks et al., "Deep Compositional Captioning: Describing Novel Object
      Categories without Paired Training Data", 2016: named or not, for words that are
      held out.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from rnnzoo.quiet import import_tensorflow_quietly


@dataclass
class Named:
    """In how many images a word occurs: said by people, by the captioner, by both."""

    people: int = 0
    captioner: int = 0
    both: int = 0


def measure_naming(
    preset: str | Path, folder: str | Path, split: str = "all"
) -> dict[str, Named]:
    """Measures a preset on a folder.

    Args:
        preset: Name or folder of an `ImageCaptioner` with the words of classes.
        folder: See `rnnzoo.datasets.read_caption_folder`.
        split: The part of the folder. Default `"all"`.

    Returns:
        What is `Named`, by the singular of each word that is only copied and that
        people or the captioner said, the most frequent first.

    Raises:
        ValueError: If the captioner copies no words.
    """
    from rnnzoo import ImageCaptioner
    from rnnzoo.datasets import read_caption_folder
    from rnnzoo.metrics.caption_tokens import caption_tokens

    model = ImageCaptioner.from_preset(preset)
    if model.class_words is None:
        raise ValueError(
            f"Words are copied by captioners with class words. Received: {preset}, "
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
    found: dict[str, Named] = {}
    for answer, texts in zip(model.generate(list(paths)), captions, strict=True):
        said, true = words([answer]), words([text.decode() for text in texts])
        for word in said | true:
            counts = found.setdefault(word, Named())
            counts.people += word in true
            counts.captioner += word in said
            counts.both += word in said & true
    order = Counter({word: counts.people for word, counts in found.items()})
    return {word: found[word] for word, _ in order.most_common()}


@click.command(help=__doc__)
@click.argument("preset")
@click.option("--folder", required=True, help="Images and captions.json.")
@click.option("--split", default="all", help='Part of the folder, "all[100:]".')
def main(preset: str, folder: str, split: str) -> None:
    """Reads the command line, measures and prints."""
    import_tensorflow_quietly()
    try:
        found = measure_naming(preset, folder, split)
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'word':16} people  captioner  both")
    for word, counts in found.items():
        click.echo(f"{word:16} {counts.people:6} {counts.captioner:10} {counts.both:5}")
    people, captioner, both = (
        sum(getattr(counts, name) for counts in found.values())
        for name in ("people", "captioner", "both")
    )
    click.echo(f"{'all':16} {people:6} {captioner:10} {both:5}")


if __name__ == "__main__":
    main(prog_name="python -m training.measure_naming")
