"""Sets the scores of a translator beside how good its translations are.

    python -m training.measure_scores translator_en_de
    python -m training.measure_scores runs/mine/preset --limit 500

prints, for the splits that its card names, the BLEU of all translations, of the third
with the best scores, of the middle one and of the worst. A score is the mean
log-probability of a piece; if it means something, the first BLEU is the highest.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from rnnzoo.quiet import import_tensorflow_quietly

PARTS = ("best", "middle", "worst")


def measure_scores(
    preset: str | Path, limit: int | None = None, data_dirs: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """Measures a preset, split by split.

    Args:
        preset: Name or folder of a `Translator`.
        limit: Sentences of each split at most, three or more. Default: all.
        data_dirs: Folders of prepared TFDS sets.

    Yields:
        `dataset`, `split`, the number of `examples`, the sacreBLEU of `all`, and for
        each of the thirds `best`, `middle` and `worst` its sacreBLEU and its lowest
        and highest score.
    """
    from rnnzoo import Translator
    from rnnzoo.datasets import open_dataset
    from rnnzoo.metrics import sacrebleu
    from zoo_models.core.presets import find_preset, read_metadata
    from zoo_models.translator.evaluation import reader

    model = Translator.from_preset(preset)
    metadata = read_metadata(find_preset(preset))
    own = {"dataset": metadata["dataset"], "split": "test_2016_flickr"}
    for entry in metadata.get("measured_on", [own]):
        builder = open_dataset(entry["dataset"]["name"], data_dirs)
        read = reader(builder, entry["dataset"], model)
        examples = builder.as_dataset(split=entry["split"]).take(
            -1 if limit is None else limit
        )
        sources, targets, _ = zip(*map(read, examples.as_numpy_iterator()), strict=True)
        references = [[t.decode() for t in np.atleast_1d(some)] for some in targets]
        answers = model.generate(list(sources), return_scores=True, verbose=0)
        scores = np.array([answer["score"] for answer in answers])

        def measure(
            places: Any, answers: Any = answers, references: Any = references
        ) -> float:
            texts = [answers[i]["translation"] for i in places]
            return sacrebleu(texts, [references[i] for i in places])[0]

        found = {
            "dataset": entry["dataset"]["name"],
            "split": entry["split"],
            "examples": len(sources),
            "all": measure(range(len(sources))),
        }
        thirds = np.array_split(np.argsort(-scores, kind="stable"), len(PARTS))
        for name, places in zip(PARTS, thirds, strict=True):
            some = scores[places]
            found[name] = (measure(places), float(some.min()), float(some.max()))
        yield found


@click.command(help=__doc__)
@click.argument("preset")
@click.option(
    "--limit", type=click.IntRange(min=3), help="Sentences of each split at most."
)
@click.option("--data-dir", "data_dirs", multiple=True, help="Prepared TFDS sets.")
def main(preset: str, limit: int | None, data_dirs: tuple[str, ...]) -> None:
    """Reads the command line, measures and prints."""
    import_tensorflow_quietly()
    try:
        for found in measure_scores(preset, limit, data_dirs):
            click.echo(
                f"{found['dataset']}, {found['split']}, {found['examples']:,} "
                f"sentences: sacreBLEU {found['all']:.1f}"
            )
            for name in PARTS:
                value, low, high = found[name]
                click.echo(f"  {name:6}  {value:5.1f}  scores {low:.2f} to {high:.2f}")
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m training.measure_scores")
