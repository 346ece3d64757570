"""The card of a preset: a README made from its metadata alone."""

from typing import Any

from training import translation_card

TEMPLATE = """\
# {name}

{summary}

## Figures

{figures}

Printed by

```
{evaluate}
```

{seeds}

## Use

```python
{example}
```

## Training

- Data: {data}
- Targets: {targets}
- Command: `{command}`
- {minutes} minutes on a machine of {cores} CPU cores, with Keras {keras} and TensorFlow
  {tensorflow}
- {parameters:,} weights, {weights}; the figures above are of these

## Licence and permitted use

{licence}

## Limits and biases

{limits}
"""

# What the metadata cannot tell, for the data sets that presets were made from. A card
# about another set says no more than is known of it.
PROSE: dict[str, dict[str, str]] = {
    "imdb_reviews": {
        "summary": (
            "Says whether a film review in English is positive or negative. Words, and "
            "pairs of words that tell much, are embedded; one Elman layer reads them "
            "forwards and one backwards; the maximum and mean of their states feed a "
            "softmax layer. No gates, no attention, no pre-training."
        ),
        "data": (
            "the labelled train split of `{dataset}` {version} (Maas et al., 2011), "
            "{validation:.0%} of it held out to choose the epoch and the seed; neither "
            "the unlabelled reviews nor any other text"
        ),
        "licence": (
            "The weights are under {licence}. The reviews were collected from IMDB "
            "for research and carry no licence of their own; Maas et al. ask to be "
            "cited. Use the model for research, teaching and prototypes; before you "
            "sell its answers, judge for yourself whether weights learnt from these "
            "reviews may be used so."
        ),
        "limits": (
            "- It knows film reviews in English of up to 2011. On product reviews, "
            "tweets or other languages its scores mean little; in another script every "
            "word is unknown, and it still answers.\n"
            "- Neutral texts get a label too.\n"
            '- Negation misleads it, even short negation: it takes "Not bad at all." '
            "for blame. So do irony and quoted praise.\n"
            "- It was trained on reviews of some 270 words. On a sentence or two it is "
            "often wrong and too sure of itself: do not read its score as a chance "
            "there.\n"
            "- It reads {max_length} words and marks at most: of a longer text the "
            "first third and the last two thirds of these {max_length}.\n"
            "- It may rate texts by the names, nations or genres in them, as the "
            "reviewers did. Do not use it to judge people."
        ),
    }
}
UNKNOWN_SET = {
    "summary": "A text classifier with one Elman layer in each direction.",
    "data": "`{dataset}` {version}, {validation:.0%} of the train split held out",
    "licence": (
        "The weights are under {licence}. Look up what the licence of `{dataset}` "
        "allows before you use them."
    ),
    "limits": (
        "- It knows texts like those of `{dataset}`.\n"
        "- It reads {max_length} words and marks at most: of a longer text the first "
        "third and the last two thirds of these {max_length}."
    ),
}
EXAMPLE = """\
from rnnzoo import {class_name}

classifier = {class_name}.from_preset("{name}")
print(classifier.classify("What a film!"))"""


def make_card(metadata: dict[str, Any], config: dict[str, Any]) -> str:
    """Writes the card of a preset.

    Args:
        metadata: Content of `metadata.json`.
        config: Content of `config.json`.

    Returns:
        Markdown.
    """
    training = metadata["training"]
    name, class_name = metadata["name"], metadata["class_name"]
    if class_name == "Translator":
        prose, example = (
            translation_card.describe(metadata, config),
            translation_card.EXAMPLE,
        )
    else:
        prose, example = _describe(metadata, config), EXAMPLE
    return TEMPLATE.format(
        name=name,
        figures=_figures(metadata["evaluations"]),
        evaluate=f"rnnzoo evaluate {name} --json",
        seeds=_seeds(training["seeds"]),
        example=example.format(name=name, class_name=class_name),
        command=training["command"],
        minutes=training["minutes"],
        cores=training["environment"]["cores"],
        keras=training["environment"]["keras"],
        tensorflow=training["environment"]["tensorflow"],
        parameters=metadata["parameters"],
        weights=metadata.get("weights", "stored in half precision"),
        **prose,
    )


def _describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, str]:
    """The summary, data, licence, limits and targets of a text classifier's card."""
    settings, dataset = metadata["training"]["config"], metadata["dataset"]
    words = {
        "dataset": dataset["name"],
        "version": dataset["version"],
        "licence": metadata["licence"],
        "validation": settings.get("validation_fraction", 0.0),
        "max_length": (config.get("preprocessor") or {}).get("max_length"),
    }
    prose = PROSE.get(dataset["name"], UNKNOWN_SET)
    return {
        **{key: text.format(**words) for key, text in prose.items()},
        "targets": _targets(settings.get("teacher_weight", 0)),
    }


def _targets(teacher_weight: float) -> str:
    if not teacher_weight:
        return "the labels"
    return (
        f"the labels, and with a share of {teacher_weight:.0%} what a linear model of "
        "words and pairs says that was fitted on other folds of the same texts"
    )


def _figures(evaluations: list[dict[str, Any]]) -> str:
    lines = [
        "| data set | split | examples | metric | value |",
        "|---|---|---|---|---|",
    ]
    for result in evaluations:
        for metric, value in result["metrics"].items():
            shown = value if isinstance(value, str) else f"{value:.4f}"
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
