"""Answers and metrics in print."""

from collections.abc import Iterable
from typing import Any

import click

# Up to these limits a text is generated faster without compiling the search.
FEW = 8  # inputs
SHORT = 100  # characters of a text or path


def answer_inputs(model: Any, inputs: Any, top: int | None, **options: Any) -> Any:
    """Returns the answers of a model of either verb, with scores.

    A Keras model answers a few short inputs eagerly; its `run_eagerly` is restored.

    Args:
        model: A model of the zoo, or a `rnnzoo.onnx.Runner`.
        inputs: A list of raw inputs.
        top: Number of answers to each input; `None` for the best one.
        **options: Arguments of `generate`, for models with this verb.
    """
    if model.verb != "generate":
        return model.classify(inputs, top=top)
    is_keras = hasattr(model, "run_eagerly")
    before = is_keras and model.run_eagerly
    if is_keras and len(inputs) <= FEW and max(map(len, inputs), default=0) <= SHORT:
        model.run_eagerly = True
    try:
        return model.generate(inputs, num_return=top, return_scores=True, **options)
    finally:
        if is_keras:
            model.run_eagerly = before


def in_words(answer: dict[str, Any] | Iterable[dict[str, Any]]) -> str:
    """Returns labels and scores on one line, or texts on a line each."""
    answers = [answer] if isinstance(answer, dict) else [*answer]
    if "label" in answers[0]:
        return "  ".join(f"{a['label']} {a['score']:.3f}" for a in answers)
    # The text is the first value.
    return "\n".join(next(iter(a.values())) for a in answers)


def echo_doubt(
    answer: dict[str, Any] | list[dict[str, Any]], err: bool = False
) -> None:
    """Prints why an answer has low confidence, if it does."""
    first = answer if isinstance(answer, dict) else answer[0]
    if "warning" in first:
        click.secho(
            f"  ? unsure, confidence {first['confidence']:.2f}: {first['warning']}",
            fg="yellow",
            err=err,
        )


def figures_of(result: dict[str, Any], form: str) -> list[tuple[str, str]]:
    """Returns the formatted metrics of an evaluation, without signatures."""
    return [
        (name, format(value, form))
        for name, value in result["metrics"].items()
        if not isinstance(value, str)
    ]
