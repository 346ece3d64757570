"""The card of a preset: a README made from its metadata alone."""

from typing import Any

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
- Command: `{command}`
- {minutes} minutes on {cores} CPU cores, with Keras {keras} and TensorFlow {tensorflow}
- {parameters:,} weights, stored in half precision; the figures above are of these

## Licence and permitted use

{licence}

## Limits and biases

{limits}
"""

# What the metadata cannot tell: one entry for each class of the zoo.
PROSE: dict[str, dict[str, str]] = {
    "SentimentClassifier": {
        "summary": (
            "Says whether a film review in English is positive or negative. Words, and "
            "pairs of words that tell much, are embedded; one Elman layer reads them "
            "forwards and one backwards; the maximum and mean of their states feed a "
            "softmax layer. No gates, no attention, no pre-training."
        ),
        "example": (
            "from rnnzoo import SentimentClassifier\n\n"
            'classifier = SentimentClassifier.from_preset("{name}")\n'
            'print(classifier.classify("What a film!"))'
        ),
        "data": (
            "the labelled train split of `{dataset}` {version} (Maas et al., 2011), a "
            "part of it held out to choose the epoch and the seed; neither the "
            "unlabelled reviews nor any other text. Half of each target comes from a "
            "linear model of words and pairs that was fitted on other folds of the "
            "same reviews"
        ),
        "licence": (
            "The weights are under Apache-2.0. The reviews were collected from IMDB "
            "for research and carry no licence of their own; Maas et al. ask to be "
            "cited. Use the model for research, teaching and prototypes; before you "
            "sell its answers, judge for yourself whether weights learnt from these "
            "reviews may be used so."
        ),
        "limits": (
            "- It knows film reviews in English of up to 2011. On product reviews, "
            "tweets or other languages its scores mean little; in another script every "
            "word is unknown, and it still answers.\n"
            "- Neutral texts get a label too. A score near 0.5 means that it cannot "
            "tell.\n"
            "- Negation over many words, irony and quoted praise mislead it.\n"
            "- It reads {max_length} words and marks at most: of a longer text the "
            "first third and the last two thirds of these {max_length}.\n"
            "- It may rate texts by the names, nations or genres in them, as the "
            "reviewers did. Do not use it to judge people."
        ),
    }
}


def make_card(metadata: dict[str, Any], config: dict[str, Any]) -> str:
    """Writes the card of a preset.

    Args:
        metadata: Content of `metadata.json`.
        config: Content of `config.json`.

    Returns:
        Markdown.
    """
    prose = PROSE[metadata["class_name"]]
    training, dataset = metadata["training"], metadata["dataset"]
    words = {
        "name": metadata["name"],
        "dataset": dataset["name"],
        "version": dataset["version"],
        "max_length": (config.get("preprocessor") or {}).get("max_length"),
    }
    return TEMPLATE.format(
        name=metadata["name"],
        figures=_figures(metadata["evaluations"]),
        evaluate=f"rnnzoo evaluate {metadata['name']} --json",
        seeds=_seeds(training["seeds"]),
        command=training["command"],
        minutes=training["minutes"],
        cores=training["environment"]["cores"],
        keras=training["environment"]["keras"],
        tensorflow=training["environment"]["tensorflow"],
        parameters=metadata["parameters"],
        **{key: text.format(**words) for key, text in prose.items()},
    )


def _figures(evaluations: list[dict[str, Any]]) -> str:
    lines = [
        "| data set | split | examples | metric | value |",
        "|---|---|---|---|---|",
    ]
    for result in evaluations:
        for metric, value in result["metrics"].items():
            lines.append(
                f"| {result['dataset']} | {result['split']} | "
                f"{result['num_examples']:,} | {metric} | {value:.4f} |"
            )
    return "\n".join(lines)


def _seeds(seeds: dict[str, Any]) -> str:
    runs = ", ".join(
        f"seed {run['seed']}: validation {run['validation']:.4f}, "
        f"test {run['test']:.4f}"
        for run in seeds["runs"]
    )
    return (
        f"Of {len(seeds['runs'])} runs that differ in their seed the one with the best "
        f"{seeds['metric']} on validation is shipped. Test {seeds['metric']} of the "
        f"runs: mean {seeds['mean']:.4f}, standard deviation "
        f"{seeds['standard_deviation']:.4f} ({runs})."
    )
