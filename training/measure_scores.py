"""Sets the scores of what a model writes beside how good it is.

    python -m training.measure_scores translator_en_de
    python -m training.measure_scores captioner_flickr8k_en --limit 500
    python -m training.measure_scores captioner_flickr8k_en --folder photographs

prints, for the splits that the card names or for a folder of images and captions, the
sacreBLEU of all translations or the CIDEr-D of all captions, and that of the third with
the best scores, of the middle one and of the worst. A score is the mean log-probability
of a piece or word; if it means something, the first figure is the highest.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from rnnzoo.quiet import import_tensorflow_quietly

PARTS = ("best", "middle", "worst")


def measure_scores(
    preset: str | Path,
    limit: int | None = None,
    data_dirs: Sequence[str] = (),
    folder: str | Path | None = None,
    split: str = "all",
) -> Iterator[dict[str, Any]]:
    """Measures a preset, split by split.

    Args:
        preset: Name or folder of a `Translator` or an `ImageCaptioner`.
        limit: Examples of each split at most, three or more. Default: all.
        data_dirs: Folders of prepared TFDS sets.
        folder: Folder of images and captions to caption instead: see
            `rnnzoo.datasets.read_caption_folder`. Default: what the card names.
        split: The part of that folder. Default `"all"`.

    Yields:
        `dataset`, `split`, the number of `examples`, the name of the `metric`, its
        value for `all`, and for each of the thirds `best`, `middle` and `worst` its
        value and the lowest and highest score.

    Raises:
        ValueError: If the model writes nothing that is measured here.
    """
    from rnnzoo import ImageCaptioner, Translator, ZooModel

    model = ZooModel.from_preset(preset)
    if isinstance(model, Translator):
        metric, judge, name = "sacreBLEU", _judge_translations, "translation"
    elif isinstance(model, ImageCaptioner):
        metric, judge, name = "CIDEr-D", _judge_captions, "caption"
    else:
        raise ValueError(
            "Scores are measured of translators and captioners. Received: "
            f"{preset}, a {type(model).__name__}"
        )
    if folder is not None and not isinstance(model, ImageCaptioner):
        raise ValueError(f"A folder has images to caption. Received: {preset}")
    for dataset, part, sources, references in _read(
        model, preset, limit, data_dirs, folder, split
    ):
        answers = model.generate(sources, return_scores=True, verbose=0)
        measure = judge([answer[name] for answer in answers], references)
        scores = np.array([answer["score"] for answer in answers])
        found = {
            "dataset": dataset,
            "split": part,
            "examples": len(sources),
            "metric": metric,
            "all": measure(range(len(sources))),
        }
        thirds = np.array_split(np.argsort(-scores, kind="stable"), len(PARTS))
        for third, places in zip(PARTS, thirds, strict=True):
            some = scores[places]
            found[third] = (measure(places), float(some.min()), float(some.max()))
        yield found


def _read(
    model: Any,
    preset: str | Path,
    limit: int | None,
    data_dirs: Sequence[str],
    folder: str | Path | None,
    split: str,
) -> Iterator[tuple[str, str, list[Any], list[list[str]]]]:
    """Names of a set and a split, its inputs, and the references of each."""
    from rnnzoo.datasets import open_dataset, read_caption_folder
    from zoo_models.core.presets import find_preset, read_metadata
    from zoo_models.image_captioner import evaluation as captioner
    from zoo_models.translator import evaluation as translator

    if folder is not None:
        paths = read_caption_folder(folder, split)[:limit]
        yield (str(folder), split, *_columns(paths))
        return
    metadata = read_metadata(find_preset(preset))
    is_captioner = model.input_kind == "image"
    test = "test" if is_captioner else "test_2016_flickr"
    own = {"dataset": metadata["dataset"], "split": test}
    reader = captioner.reader if is_captioner else translator.reader
    for entry in metadata.get("measured_on", [own]):
        builder = open_dataset(entry["dataset"]["name"], data_dirs)
        examples = builder.as_dataset(split=entry["split"]).take(
            -1 if limit is None else limit
        )
        rows = map(reader(builder, entry["dataset"], model), examples)
        read = [(np.asarray(row[0])[()], row[1]) for row in rows]
        yield (entry["dataset"]["name"], entry["split"], *_columns(read))


def _columns(rows: list[Any]) -> tuple[list[Any], list[list[str]]]:
    sources, targets = zip(*rows, strict=True)
    references = [[t.decode() for t in np.atleast_1d(some)] for some in targets]
    return list(sources), references


def _judge_translations(
    texts: list[str], references: list[list[str]]
) -> Callable[[Any], float]:
    """A function from places to the sacreBLEU of the translations there."""
    from rnnzoo.metrics import sacrebleu

    return lambda places: sacrebleu(
        [texts[i] for i in places], [references[i] for i in places]
    )[0]


def _judge_captions(
    texts: list[str], references: list[list[str]]
) -> Callable[[Any], float]:
    """A function from places to the mean CIDEr-D of the captions there, with the
    frequencies of all references."""
    from rnnzoo.metrics.caption_tokens import caption_tokens
    from rnnzoo.metrics.cider import CiderD
    from rnnzoo.metrics.ngrams import count_ngrams

    cider = CiderD([[count_ngrams(caption_tokens(t)) for t in r] for r in references])
    worth = np.array(
        [
            100 * cider.score(count_ngrams(caption_tokens(text)), i)
            for i, text in enumerate(texts)
        ]
    )
    return lambda places: float(worth[list(places)].mean())


@click.command(help=__doc__)
@click.argument("preset")
@click.option(
    "--limit", type=click.IntRange(min=3), help="Examples of each split at most."
)
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
@click.option("--folder", help="Images and captions.json, to be captioned instead.")
@click.option("--split", default="all", help='Part of the folder, "all[100:]".')
def main(
    preset: str,
    limit: int | None,
    data_dirs: tuple[str, ...],
    folder: str | None,
    split: str,
) -> None:
    """Reads the command line, measures and prints."""
    import_tensorflow_quietly()
    try:
        for found in measure_scores(preset, limit, data_dirs, folder, split):
            click.echo(
                f"{found['dataset']}, {found['split']}, {found['examples']:,} "
                f"examples: {found['metric']} {found['all']:.1f}"
            )
            for name in PARTS:
                value, low, high = found[name]
                click.echo(f"  {name:6}  {value:5.1f}  scores {low:.2f} to {high:.2f}")
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m training.measure_scores")
