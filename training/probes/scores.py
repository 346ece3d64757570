"""Quality of answers by thirds of their scores.

A score is the mean log-probability of a token. If it predicts quality, the third with
the best scores has the highest metric.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

THIRDS = ("best", "middle", "worst")


def measure(
    preset: str | Path,
    data_dirs: Sequence[str | Path] = (),
    limit: int | None = None,
    folder: str | Path | None = None,
    split: str = "all",
) -> dict[str, Any]:
    """Measures a preset on the splits that its card names, or on a folder.

    Args:
        preset: Name or folder of a `Translator` or an `ImageCaptioner`.
        data_dirs: Folders of prepared TFDS sets.
        limit: Examples of each split at most, three or more. Default: all.
        folder: Images and captions instead of a data set: see
            `rnnzoo.datasets.read_caption_folder`.
        split: The part of that folder. Default `"all"`.

    Returns:
        `splits`: for each its `dataset`, `split`, number of `examples`, the name of the
        `metric`, its value for `all`, and for the thirds `best`, `middle` and `worst`
        the value and the `lowest` and `highest` score.

    Raises:
        ValueError: If the model is neither a translator nor a captioner.
    """
    from rnnzoo import ImageCaptioner, Translator, ZooModel

    if limit is not None and limit < len(THIRDS):
        raise ValueError(f"`limit` must be three or more. Received: {limit}")
    model = ZooModel.from_preset(preset)
    if isinstance(model, Translator):
        metric, judge, name = "sacreBLEU", _judge_translations, "translation"
    elif isinstance(model, ImageCaptioner):
        metric, judge, name = "CIDEr-D", _judge_captions, "caption"
    else:
        raise ValueError(
            "Scores are measured for translators and captioners. Received: "
            f"{preset}, a {type(model).__name__}"
        )
    if folder is not None and not isinstance(model, ImageCaptioner):
        raise ValueError(f"Only a captioner takes a folder. Received: {preset}")
    splits = []
    for dataset, part, sources, references in _read(
        model, preset, limit, data_dirs, folder, split
    ):
        answers = model.generate(sources, return_scores=True, verbose=0)
        value_of = judge([answer[name] for answer in answers], references)
        scores = np.array([answer["score"] for answer in answers])
        order = np.array_split(np.argsort(-scores, kind="stable"), len(THIRDS))
        thirds = {
            third: {
                "value": value_of(indices),
                "lowest": float(scores[indices].min()),
                "highest": float(scores[indices].max()),
            }
            for third, indices in zip(THIRDS, order, strict=True)
        }
        splits.append(
            {
                "dataset": dataset,
                "split": part,
                "examples": len(sources),
                "metric": metric,
                "all": value_of(range(len(sources))),
                **thirds,
            }
        )
    return {"splits": splits}


def _read(
    model: Any,
    preset: str | Path,
    limit: int | None,
    data_dirs: Sequence[str | Path],
    folder: str | Path | None,
    split: str,
) -> Iterator[tuple[str, str, list[Any], list[list[str]]]]:
    """Yields the name of a set, its split, its inputs, and the references of each."""
    from rnnzoo.datasets import read_caption_folder
    from zoo_models.core.evaluation import read_splits

    if folder is not None:
        rows = read_caption_folder(folder, split)[:limit]
        yield (str(folder), split, *_columns(rows))
        return
    for dataset, part, examples in read_splits(model, preset, data_dirs, limit):
        yield (dataset, part, *_columns([example[:2] for example in examples]))


def _columns(rows: list[Any]) -> tuple[list[Any], list[list[str]]]:
    sources, targets = zip(*rows, strict=True)
    references = [[t.decode() for t in np.atleast_1d(some)] for some in targets]
    return list(sources), references


def _judge_translations(
    texts: list[str], references: list[list[str]]
) -> Callable[[Any], float]:
    """Returns a function from indices to the sacreBLEU of these translations."""
    from rnnzoo.metrics import sacrebleu

    return lambda places: sacrebleu(
        [texts[i] for i in places], [references[i] for i in places]
    )[0]


def _judge_captions(
    texts: list[str], references: list[list[str]]
) -> Callable[[Any], float]:
    """Returns a function from indices to the mean CIDEr-D of these captions.

    The document frequencies are those of all references.
    """
    from rnnzoo.metrics.caption_tokens import caption_tokens
    from rnnzoo.metrics.cider import CiderD, count_ngrams

    cider = CiderD([[count_ngrams(caption_tokens(t)) for t in r] for r in references])
    values = np.array(
        [
            100 * cider.score(count_ngrams(caption_tokens(text)), i)
            for i, text in enumerate(texts)
        ]
    )
    return lambda places: float(values[list(places)].mean())
