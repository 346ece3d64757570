"""The card of a preset: a README made from its configuration and metadata."""

import importlib
from pathlib import Path
from typing import Any

from training.cards.data_card import DataCard
from training.core.numbers import rounded
from zoo_models.core.presets import FOLDERS, read_config, read_metadata
from zoo_models.core.saving import write_json

_MODULES = [
    importlib.import_module(f"training.cards.{folder}") for folder in FOLDERS.values()
]
# The cards by model and data set, and those for unknown data sets by model.
CARDS: dict[tuple[str, str], DataCard] = {
    (card.model, name): card
    for module in _MODULES
    for card in module.CARDS
    for name in card.datasets
}
UNKNOWN: dict[str, DataCard] = {
    module.UNKNOWN.model: module.UNKNOWN for module in _MODULES
}

CONFIDENCE = Path(__file__).with_name("confidence.md")

FIGURES = """\
## Figures

{figures}

Printed by

```
rnnzoo evaluate {name} --json
```

{seeds}
{classes}{memory}"""

MEMORY = """
### Memory

In {examples} examples of the first split above we replace each {step} in turn and
measure the change at the end. The horizon is the longest distance at which the change
is a hundredth of the largest one. The last column is the median number of steps in
which a change of a layer's state halves.

| output | horizon | a change halves in |
|---|---|---|
{rows}

Printed by `python -m training.measure memory {name}`.
"""

TRAINING = """\
- Command: `{command}`
- {minutes} minutes on a machine of {cores} CPU cores, with Keras {keras} and TensorFlow
  {tensorflow}
- {parameters:,} weights, {weights}; the figures above are of these"""


def find_card(class_name: str, dataset: str) -> DataCard:
    """Returns the card of a model and a data set.

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


def card_of(metadata: dict[str, Any]) -> DataCard:
    """Returns the card of a preset. A preset of made-up examples has the card for
    unknown data sets."""
    if metadata["training"]["config"].get("smoke"):
        return UNKNOWN[metadata["class_name"]]
    return find_card(metadata["class_name"], metadata["dataset"]["name"])


def make_card(metadata: dict[str, Any], config: dict[str, Any]) -> str:
    """Returns the card of a preset in Markdown.

    Args:
        metadata: Content of `metadata.json`.
        config: Content of `config.json`.
    """
    dataset = metadata["dataset"]
    card = card_of(metadata)
    return card.read_template().format(
        name=metadata["name"],
        dataset=dataset["name"],
        version=dataset["version"],
        licence=metadata["licence"],
        figures=_figures(metadata, config),
        training=_training(metadata),
        **card.words(metadata, config),
    )


def write_card(folder: Path) -> None:
    """Writes the card into the folder of a preset, and its task into the metadata."""
    metadata = read_metadata(folder)
    task = card_of(metadata).task
    if task is not None:
        metadata["task"] = task
        write_json(folder / "metadata.json", metadata)
    card = make_card(metadata, read_config(folder))
    (folder / "README.md").write_text(card, encoding="utf-8")


def _warning(training: dict[str, Any]) -> str:
    """Returns the section with the warning of a run."""
    text = training.get("warning")
    return f"\n\n### Warning\n\n{text}" if text else ""


def _figures(metadata: dict[str, Any], config: dict[str, Any]) -> str:
    """Returns the section with metrics."""
    text = FIGURES.format(
        name=metadata["name"],
        figures=_evaluations(metadata["evaluations"]),
        seeds=_seeds(metadata["training"]["seeds"]),
        classes=_classes(metadata.get("confusion")),
        memory=_memory(metadata.get("memory"), metadata["name"]),
    )
    more = _confidence(metadata, config) + _warning(metadata["training"])
    return text.rstrip() + more


def _training(metadata: dict[str, Any]) -> str:
    """Returns the training facts as items of a list."""
    training = metadata["training"]
    examples = training.get("examples")
    first = "" if examples is None else f"- Trained on {examples:,} examples\n"
    return first + TRAINING.format(
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
            shown = value.replace("|", r"\|") if is_text else rounded(value)
            lines.append(
                f"| {result['dataset']} | {result['split']} | "
                f"{result['num_examples']:,} | {metric} | {shown} |"
            )
    return "\n".join(lines)


def _seeds(seeds: dict[str, Any]) -> str:
    metric, runs = seeds["metric"], seeds["runs"]
    split = seeds.get("split", "test")
    split = "" if split == "test" else f" ({split})"
    lines = [f"| seed | validation {metric} | test {metric}{split} |", "|---|---|---|"]
    for run in runs:
        validation, test = rounded(run["validation"]), rounded(run["test"])
        lines.append(f"| {run['seed']} | {validation} | {test} |")
    table = "\n".join(lines)
    if len(runs) == 1:
        return f"There was one run:\n\n{table}"
    return (
        f"Of {len(runs)} runs that differ in nothing but their seed the one with the "
        f"best {metric} on validation is shipped. On the test split they have a mean "
        f"of {rounded(seeds['mean'])} and a standard deviation of "
        f"{rounded(seeds['standard_deviation'])}, before weights are stored in half "
        f"precision:\n\n{table}"
    )


def _classes(confusion: dict[str, Any] | None) -> str:
    """Returns a table with the accuracy of each class and its most frequent errors."""
    if confusion is None:
        return ""
    labels = confusion["labels"]
    lines = ["| class | examples | accuracy | taken for |", "|---|---|---|---|"]
    for i, (label, counts) in enumerate(zip(labels, confusion["counts"], strict=True)):
        total = sum(counts)
        others = [j for j, count in enumerate(counts) if count and j != i]
        worst = sorted(others, key=lambda j: -counts[j])[:2]
        taken = ", ".join(f"{labels[j]} ({counts[j]})" for j in worst)
        accuracy = f"{counts[i] / total:.4f}" if total else "–"
        lines.append(f"| {label} | {total:,} | {accuracy} | {taken or '–'} |")
    table = "\n".join(lines)
    return f"\n### Class by class\n\nOn the same examples:\n\n{table}\n"


def _confidence(metadata: dict[str, Any], config: dict[str, Any]) -> str:
    """Returns the section on confidence and out-of-distribution detection."""
    measured, calibration = metadata.get("confidence"), config.get("confidence")
    if measured is None or calibration is None:
        return ""
    text = CONFIDENCE.read_text(encoding="utf-8").format(
        unsure=calibration["unsure_below"],
        examples=measured["validation_examples"],
        limits=_limits(calibration["ranges"]),
        inputs=_inputs(measured["inputs"]),
        name=metadata["name"],
    )
    return f"\n\n{text.rstrip()}"


def _limits(ranges: dict[str, Any]) -> str:
    lines = ["| measure | typical | lowest | highest |", "|---|---|---|---|"]
    for name, values in ranges.items():
        typical, below, above = values["typical"], values["below"], values["above"]
        low = "–" if below is None else f"{typical - below:.3g}"
        high = "–" if above is None else f"{typical + above:.3g}"
        lines.append(f"| {name} | {typical:.3g} | {low} | {high} |")
    return "\n".join(lines)


def _inputs(kinds: list[dict[str, Any]]) -> str:
    lines = ["| inputs | examples | marked | AUROC |", "|---|---|---|---|"]
    for kind in kinds:
        value = f"{kind['auroc']:.3f}" if "auroc" in kind else "–"
        cells = kind["name"], f"{kind['examples']:,}", f"{kind['marked']:.1%}", value
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _memory(memory: dict[str, Any] | None, name: str) -> str:
    if memory is None:
        return ""
    output, rows = memory["output"], []
    if output is None and not memory["layers"]:
        return (
            "\n### Memory\n\nNone: the model reads the input in one step and passes "
            "no state on.\n"
        )
    step = "step" if output is None else output["step"].removesuffix("s")
    if output is not None:
        rows.append(f"| {output['name']} | {_horizon(output)} {output['step']} | |")
    for layer in memory["layers"]:
        half = layer["half_life"]
        shown = "does not fade" if half is None else f"{half:.3g} steps"
        rows.append(
            f"| last state of `{layer['name']}` | {_horizon(layer)} steps | {shown} |"
        )
    return MEMORY.format(
        examples=(output or memory["layers"][0])["examples"],
        step=step,
        rows="\n".join(rows),
        name=name,
    )


def _horizon(entry: dict[str, Any]) -> str:
    """Returns a horizon, marked if it is only a lower bound."""
    return f"{'' if entry['is_bounded'] else 'at least '}{entry['horizon']}"
