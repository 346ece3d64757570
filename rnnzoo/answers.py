"""Answers and figures as the command line shows them."""

from collections.abc import Iterable
from typing import Any

import click

# To compile the search for texts takes as long as thirty words of a text for which
# nothing is compiled. So much is answered sooner without.
FEW = 8  # inputs
SHORT = 100  # characters, or the path of an image


def answer_inputs(model: Any, inputs: Any, top: int | None, **options: Any) -> Any:
    """Answers of a model of either verb, with scores, as soon as may be.

    A model that is here writes a few short texts op by op, then is as it was.

    Args:
        model: A model of the zoo, or a `rnnzoo.serving.Client`.
        inputs: A list of raw inputs.
        top: Number of answers to each; `None` for the best alone.
        **options: Those of `generate`, where that is the verb.
    """
    if model.verb != "generate":
        return model.classify(inputs, top=top)
    is_here = hasattr(model, "run_eagerly")
    before = is_here and model.run_eagerly
    if is_here and len(inputs) <= FEW and max(map(len, inputs), default=0) <= SHORT:
        model.run_eagerly = True
    try:
        return model.generate(inputs, num_return=top, return_scores=True, **options)
    finally:
        if is_here:
            model.run_eagerly = before


def in_words(answer: dict[str, Any] | Iterable[dict[str, Any]]) -> str:
    """The best labels with their scores on a line, or the texts, each on a line."""
    answers = [answer] if isinstance(answer, dict) else [*answer]
    if "label" in answers[0]:
        return "  ".join(f"{a['label']} {a['score']:.3f}" for a in answers)
    # The text comes first: a doubt is one, too.
    return "\n".join(next(iter(a.values())) for a in answers)


def echo_doubt(
    answer: dict[str, Any] | list[dict[str, Any]], err: bool = False
) -> None:
    """Marks an answer that the model is unsure of, with one line that says why."""
    first = answer if isinstance(answer, dict) else answer[0]
    if "doubt" in first:
        click.secho(
            f"  ? unsure, confidence {first['confidence']:.2f}: {first['doubt']}",
            fg="yellow",
            err=err,
        )


def figures_of(result: dict[str, Any], form: str) -> list[tuple[str, str]]:
    """The metrics of an evaluation that are numbers, in print."""
    return [
        (name, format(value, form))
        for name, value in result["metrics"].items()
        if not isinstance(value, str)
    ]
