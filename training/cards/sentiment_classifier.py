"""The cards of text classifiers."""

from typing import Any

from training.cards.data_card import DataCard, name_labels, name_run

REVIEWS = (
    "What a film! I laughed, I cried, and I would see it again tomorrow.",
    "Two hours of my life that nobody will give me back. Dull from start to end.",
    "The plot is thin, but the acting is so good that it hardly matters.",
    "I wanted to like it. The first half promises much, the second keeps nothing.",
    "Not bad at all.",
)


def describe(metadata: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Returns the template fields of a text classifier's card."""
    settings = metadata["training"]["config"]
    return {
        "validation": settings.get("validation_fraction", 0.0),
        "max_length": (config.get("preprocessor") or {}).get("max_length"),
        "units": config["config"].get("units"),
        "temperature": config["config"].get("temperature", 1.0),
        "start": _start(metadata, metadata),
        "targets": _targets(metadata, settings),
        "second": _second(settings),
        "remarks": "".join(f"\n- {line}" for line in metadata.get("remarks", [])),
        "behaviour": _behaviour(metadata),
        "labels": name_labels(config["config"]["labels"]),
    }


def _start(metadata: dict[str, Any], made: dict[str, Any]) -> str:
    """Returns the initial parameters of a classifier whose run `made` describes."""
    start = made.get("started_from")
    if start is not None:
        run, before = name_run(metadata, start["command"]), _start(metadata, start)
        return f"the classifier that {run} trains from {before}"
    command = made.get("grown_from")
    if command is None:
        return "random weights"
    run = name_run(metadata, command)
    return f"the language models of both directions that {run} trains"


def _targets(metadata: dict[str, Any], settings: dict[str, Any]) -> str:
    targets = "the labels"
    if settings.get("teacher_weight"):
        targets += (
            f", and with a share of {settings['teacher_weight']:.0%} what a linear "
            "model of words, pairs and triples says that was fitted on other folds of "
            "the same texts"
        )
        if metadata.get("unlabelled", settings.get("unlabelled_split")):
            targets += "; of the unlabelled texts what it says alone"
    if settings.get("evidence_weight"):
        targets += (
            "; at each word, from the states of each direction, what the phrases that "
            "end or begin there add to that model's judgement"
        )
    if settings.get("neutral_sentences"):
        targets += (
            f"; {settings['neutral_sentences']:,} sentences of the texts in which that "
            "model sees nothing, a quarter of them with most words hidden, are taught "
            "as undecided"
        )
    if settings.get("negation_sentences"):
        targets += (
            f"; {settings['negation_sentences']:,} short sentences made from templates "
            'teach what "not", "nobody" and "rather than" do to an adjective (the '
            "templates below are others)"
        )
    return targets


def _second(settings: dict[str, Any]) -> str:
    name = settings.get("second_dataset")
    if not name:
        return ""
    source = " (Socher et al., 2013)" if name == "glue/sst2" else ""
    return (
        f"\n- Beside them the sentences and phrases of `{name}`{source}, by their "
        "labels; held out by sentence, so that no phrase of three words or more of a "
        "sentence that chose the epoch was trained on"
    )


def _behaviour(metadata: dict[str, Any]) -> str:
    counts = metadata.get("behaviour")
    if counts is None:
        return ""
    from training.probes.behaviour import behaviour_table

    return (
        "\n\n### Template sentences\n\nShort sentences made from templates, none of "
        'them used in training or selection; after Ribeiro et al., "Beyond Accuracy: '
        'Behavioral Testing of NLP Models with CheckList" (2020). Printed by `python '
        f"-m training.measure behaviour {metadata['name']}`:\n\n"
        + behaviour_table(counts)
    )


UNKNOWN = DataCard(
    "SentimentClassifier",
    (),
    "unknown_text.md",
    describe,
    task="label of a text (many to one)",
)
CARDS = (
    DataCard(
        "SentimentClassifier",
        ("imdb_reviews",),
        "imdb_reviews.md",
        describe,
        examples=REVIEWS,
        probes=("behaviour",),
    ),
)
