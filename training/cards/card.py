"""The card of a preset: a README made from its metadata alone."""

from typing import Any

from training.cards import caption_card, translation_card
from training.image_classifier.confusion import PICTURE, describe_confusion

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
{classes}
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
    },
    "mnist": {
        "summary": (
            "Says which digit an image shows. {reading} No gates, no convolution, no "
            "attention."
        ),
        "data": (
            "the train split of `{dataset}` {version} (LeCun et al., 1998), "
            "{validation:.0%} of it held out to choose the epoch and the seed; each "
            "digit bent, turned and moved anew in every epoch"
        ),
        "licence": (
            "The weights are under {licence}. MNIST is by Yann LeCun and Corinna "
            "Cortes, made from sets of NIST and given out under CC BY-SA 3.0. The "
            "drawings in this folder were made for this project. Use the model for "
            "research, teaching and prototypes."
        ),
        "limits": (
            "- It knows single digits, as Americans wrote them around 1990: a 1 with a "
            "long flag may be taken for a 7. Whatever else it is shown, a letter or a "
            "face, gets a digit too, and often a high score.\n"
            "- It looks for ink on plain paper, dark on bright or bright on dark: what "
            "most of the border is like is paper, all that differs from it is ink. "
            "Ink is cut out, scaled to 20 pixels, put into the middle by its centre of "
            "mass, as MNIST's makers did, and deslanted. Lines, shadows, stamps and "
            "second digits are ink too: crop them away.\n"
            "- Rotated by a quarter or mirrored, digits are not recognised."
        ),
    },
}
UNKNOWN_IMAGES = {
    "summary": "Says what an image shows. {reading}",
    "data": "`{dataset}` {version}, {validation:.0%} of the train split held out",
    "licence": (
        "The weights are under {licence}. Look up what the licence of `{dataset}` "
        "allows before you use them."
    ),
    "limits": "- It knows images like those of `{dataset}`.",
}
READINGS = {
    "whole": (
        "Stacked Elman cells read the image at once, each in one step from the zero "
        "state: S = activation(W_l · X + b), what is left of a recurrent network "
        "without time. W is held at zero and not counted."
    ),
    "rows": (
        "Stacked Elman layers read the image row by row, downwards and upwards; the "
        "states of all rows feed a softmax layer."
    ),
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
EXAMPLES = {
    "SentimentClassifier": """\
from rnnzoo import SentimentClassifier

classifier = SentimentClassifier.from_preset("{name}")
print(classifier.classify("What a film!"))""",
    "ImageClassifier": """\
import numpy as np
from rnnzoo import ImageClassifier

classifier = ImageClassifier.from_preset("{name}")
image = np.full((60, 40), 255, "uint8")  # or the path or bytes of a JPEG or PNG file
image[10:50, 18:23] = 0
print(classifier.classify(image, top=3))""",
}


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
    own = {"ImageCaptioner": caption_card, "Translator": translation_card}
    if class_name in own:
        prose = own[class_name].describe(metadata, config)
        example = own[class_name].EXAMPLE
    else:
        prose, example = _describe(metadata, config), EXAMPLES[class_name]
    return TEMPLATE.format(
        name=name,
        figures=_figures(metadata["evaluations"]),
        evaluate=f"rnnzoo evaluate {name} --json",
        seeds=_seeds(training["seeds"]),
        classes=_classes(metadata.get("confusion")),
        example=example.format(name=name),
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
    """The summary, data, licence, limits and targets of a classifier's card."""
    settings, dataset = metadata["training"]["config"], metadata["dataset"]
    is_image = metadata["class_name"] == "ImageClassifier"
    words = {
        "dataset": dataset["name"],
        "version": dataset["version"],
        "licence": metadata["licence"],
        "validation": settings.get("validation_fraction", 0.0),
        "max_length": (config.get("preprocessor") or {}).get("max_length"),
        "reading": READINGS.get(config["config"].get("read"), ""),
    }
    prose = PROSE.get(dataset["name"], UNKNOWN_IMAGES if is_image else UNKNOWN_SET)
    return {
        **{key: text.format(**words) for key, text in prose.items()},
        "targets": _targets(settings.get("teacher_weight", 0)),
    }


def _classes(confusion: dict[str, Any] | None) -> str:
    if confusion is None:
        return ""
    table = describe_confusion(confusion["counts"], confusion["labels"])
    return (
        f"\n### Class by class\n\nOn the same examples:\n\n{table}\n\n"
        f"![Confusion matrix]({PICTURE})\n"
    )


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
