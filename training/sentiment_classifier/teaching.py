"""Targets, evidence and neutral sentences from the teacher."""

from typing import Any

import numpy as np

from rnnzoo.text import END_ID, Vocabulary
from training.core.training_run import TrainingRun
from training.sentiment_classifier.evidence import collect_evidence
from training.sentiment_classifier.neutral import find_neutral

EMPTY = 0.02  # empty texts among the neutral ones


def wants_teacher(config: Any, classes: int) -> bool:
    """Returns whether there is a teacher; it needs two labels."""
    is_asked = bool(config.teacher_weight or config.evidence_weight)
    if is_asked and classes != 2:
        print(f"The teacher needs two labels. Received: {classes}. It is left out.")
    return is_asked and classes == 2


def teach(
    run: TrainingRun[Any],
    rows: list[np.ndarray],
    labels: np.ndarray,
    vocabulary: Vocabulary,
) -> tuple[np.ndarray, list[np.ndarray | None], list[np.ndarray]]:
    """Fits the teacher, or reads its results from the folder of a resumed run.

    Args:
        run: The run, in whose folder it is kept.
        rows: Ids of the words of each text, the labelled ones first.
        labels: 0 or 1 for each of the labelled texts.
        vocabulary: That of the ids.

    Returns:
        Probabilities of the labels for each text, `(texts, 2)`; the evidence in each,
        if it is wanted; and ids of neutral sentences.
    """
    config = run.config
    print("Fitting the teacher on each fold ...", flush=True)

    def make() -> dict[str, np.ndarray]:
        positive, steps = collect_evidence(rows, labels, config.teacher_folds, seed=0)
        return {
            "probabilities": positive,
            "steps": np.concatenate(steps).astype("float16"),
        }

    cached = run.cached("teacher", make)
    positive = cached["probabilities"]
    targets = np.stack([1 - positive, positive], axis=1)
    known = np.eye(2)[labels]
    weight = config.teacher_weight
    targets[: len(labels)] = known + weight * (targets[: len(labels)] - known)
    steps = np.split(cached["steps"], np.cumsum([len(row) for row in rows])[:-1])
    neutral: list[np.ndarray] = []
    if config.neutral_sentences:
        count = min(config.neutral_sentences, len(rows))
        stops = [i for i, token in enumerate(vocabulary.tokens) if token in ".!?"]
        neutral = find_neutral(rows, steps, stops, count, seed=0)
        neutral += [np.array([END_ID], rows[0].dtype)] * int(EMPTY * len(neutral))
    evidence: list[np.ndarray | None] = [None] * len(rows)
    if config.evidence_weight:
        evidence = [*steps]
    return targets, evidence, neutral
