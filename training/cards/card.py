"""The card of a preset: a README made from its configuration and metadata alone."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from training.cards.data_card import DataCard
from training.image_classifier.confusion import PICTURE, describe_confusion
from zoo_models.core.presets import read_config, read_metadata


def _collect() -> tuple[dict[tuple[str, str], DataCard], dict[str, DataCard]]:
    """The cards in the modules beside this one, by model and data set; and those of
    sets about which nothing is known, by model."""
    cards: dict[tuple[str, str], DataCard] = {}
    unknown: dict[str, DataCard] = {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if info.name == __name__.rpartition(".")[2]:
            continue
        module = importlib.import_module(f"{__package__}.{info.name}")
        for card in vars(module).values():
            if isinstance(card, DataCard):
                cards.update({(card.model, name): card for name in card.datasets})
                if not card.datasets:
                    unknown[card.model] = card
    return cards, unknown


# What the metadata cannot tell. A card about another set says no more than is known
# of it.
CARDS, UNKNOWN = _collect()

FIGURES = """\
## Figures

{figures}

Printed by

```
rnnzoo evaluate {name} --json
```

{seeds}
{classes}"""

TRAINING = """\
- Command: `{command}`
- {minutes} minutes on a machine of {cores} CPU cores, with Keras {keras} and TensorFlow
  {tensorflow}
- {parameters:,} weights, {weights}; the figures above are of these"""


def find_card(class_name: str, dataset: str) -> DataCard:
    """What a data set makes of the card.

    Args:
        class_name: Class of the model.
        dataset: Name of the TFDS set, with or without config and version.

    Raises:
        ValueError: If there are no cards for models of that class.
    """
    if class_name not in UNKNOWN:
        raise ValueError(
            f"The class of a model with a card must be one of {sorted(UNKNOWN)}. "
            f"Received: {class_name!r}"
        )
    with_config = dataset.split(":")[0]
    names = (with_config, with_config.split("/")[0])
    known = [CARDS[class_name, name] for name in names if (class_name, name) in CARDS]
    return [*known, UNKNOWN[class_name]][0]


def make_card(metadata: dict[str, Any], config: dict[str, Any]) -> str:
    """The card of a preset.

    Args:
        metadata: Content of `metadata.json`.
        config: Content of `config.json`.

    Returns:
        Markdown.
    """
    dataset = metadata["dataset"]
    card = find_card(metadata["class_name"], dataset["name"])
    return card.read_template().format(
        name=metadata["name"],
        dataset=dataset["name"],
        version=dataset["version"],
        licence=metadata["licence"],
        figures=_figures(metadata),
        training=_training(metadata),
        **card.words(metadata, config),
    )


def write_card(folder: Path) -> None:
    """Adds the card to the folder of a preset."""
    card = make_card(read_metadata(folder), read_config(folder))
    (folder / "README.md").write_text(card, encoding="utf-8")


def _figures(metadata: dict[str, Any]) -> str:
    """The section with what was measured."""
    text = FIGURES.format(
        name=metadata["name"],
        figures=_evaluations(metadata["evaluations"]),
        seeds=_seeds(metadata["training"]["seeds"]),
        classes=_classes(metadata.get("confusion")),
    )
    return text.rstrip()


def _training(metadata: dict[str, Any]) -> str:
    """How the preset came about, as items of a list."""
    training = metadata["training"]
    return TRAINING.format(
        command=training["command"],
        minutes=training["minutes"],
        cores=training["environment"]["cores"],
        keras=training["environment"]["keras"],
        tensorflow=training["environment"]["tensorflow"],
        parameters=metadata["parameters"],
        weights=metadata.get("weights", "stored in half precision"),
    )


def _evaluations(evaluations: list[dict[str, Any]]) -> str:
    lines = [
        "| data set | split | examples | metric | value |",
        "|---|---|---|---|---|",
    ]
    for result in evaluations:
        for metric, value in result["metrics"].items():
            is_text = isinstance(value, str)
            shown = value.replace("|", r"\|") if is_text else f"{value:.4f}"
            lines.append(
                f"| {result['dataset']} | {result['split']} | "
                f"{result['num_examples']:,} | {metric} | {shown} |"
            )
    return "\n".join(lines)


def _seeds(seeds: dict[str, Any]) -> str:
    metric, runs = seeds["metric"], seeds["runs"]
    lines = [f"| seed | validation {metric} | test {metric} |", "|---|---|---|"]
    for run in runs:
        lines.append(f"| {run['seed']} | {run['validation']:.4f} | {run['test']:.4f} |")
    table = "\n".join(lines)
    if len(runs) == 1:
        return f"There was one run:\n\n{table}"
    return (
        f"Of {len(runs)} runs that differ in nothing but their seed the one with the "
        f"best {metric} on validation is shipped. On the test split they have a mean "
        f"of {seeds['mean']:.4f} and a standard deviation of "
        f"{seeds['standard_deviation']:.4f}, before weights are stored in half "
        f"precision:\n\n{table}"
    )


def _classes(confusion: dict[str, Any] | None) -> str:
    if confusion is None:
        return ""
    table = describe_confusion(confusion["counts"], confusion["labels"])
    return (
        f"\n### Class by class\n\nOn the same examples:\n\n{table}\n\n"
        f"![Confusion matrix]({PICTURE})\n"
    )
