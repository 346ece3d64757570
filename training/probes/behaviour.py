"""Accuracy of a sentiment classifier on template sentences, by kind.

The templates are in `behaviour.json`. Half of each kind is `open`, for development; the
other half is `held_out`, for the final measurement. No model is trained or selected on
them.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

TEMPLATES = Path(__file__).with_suffix(".json")
PARTS = ("open", "held_out")
LABELS = ("negative", "positive")
UNSURE = 0.70  # highest score of a neutral sentence that passes
# The words of the table.
PASSES = {
    "label": "the label is right",
    "same": "both of a pair get the same label",
    "unsure": f"the score is {UNSURE:.2f} at most",
}

Counts = dict[str, dict[str, Any]]
Answers = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """Texts for a model, and the condition to pass.

    Attributes:
        kind: Row of the table.
        passes: `"label"`: the answer is `label`; `"same"`: two texts get the same
            label; `"unsure"`: the score is at most 0.70.
        texts: A sentence, or the two of a pair.
        label: The true label, where there is one.
    """

    kind: str
    passes: str
    texts: tuple[str, ...]
    label: str | None = None

    def is_passed(self, answers: Answers) -> bool:
        """Returns whether the answers to the texts meet the condition."""
        if self.passes == "label":
            return bool(answers[0]["label"] == self.label)
        if self.passes == "same":
            return len({answer["label"] for answer in answers}) == 1
        return bool(answers[0]["score"] <= UNSURE)


def read_templates() -> dict[str, Any]:
    """Returns the templates of each kind and the words for their slots."""
    data: dict[str, Any] = json.loads(TEMPLATES.read_text(encoding="utf-8"))
    return data


def list_cases(part: str) -> list[Case]:
    """Returns the cases of a part, the same ones in the same order at each call."""
    data = read_templates()
    cases = []
    for kind, content in data["kinds"].items():
        by_label = content[part]
        if not isinstance(by_label, dict):
            by_label = {None: by_label}
        for label, templates in by_label.items():
            cases += [
                Case(kind, content["passes"], texts, label)
                for texts in _fill(templates, data["words"], data["fills"])
            ]
    return cases


def _fill(
    templates: Iterable[str | Sequence[str]],
    words: Mapping[str, Sequence[str]],
    fills: int,
) -> Iterator[tuple[str, ...]]:
    """Fills each template several times, each slot with the next word of its list.

    Both texts of a pair get the same words. Each list of templates starts from the
    first words: two whose templates have the same slots are filled alike.
    """
    cycles = {slot: itertools.cycle(choices) for slot, choices in words.items()}
    for template in templates:
        texts = (template,) if isinstance(template, str) else tuple(template)
        slots = {s for text in texts for _, s, _, _ in Formatter().parse(text) if s}
        for _ in range(fills):
            chosen = {slot: next(cycles[slot]) for slot in slots}
            yield tuple(text.format(**chosen) for text in texts)


def judge(model: Any, part: str) -> list[tuple[Case, Answers]]:
    """Returns the cases of a part with the answers of a model.

    Args:
        model: A model whose `classify(texts)` returns a list of
            `{"label": …, "score": …}`, with the labels `"negative"` and `"positive"`.
        part: `"open"` or `"held_out"`.

    Raises:
        ValueError: If the model has other labels.
    """
    cases = list_cases(part)
    answers = list(model.classify([text for case in cases for text in case.texts]))
    others = {answer["label"] for answer in answers} - set(LABELS)
    if others:
        raise ValueError(
            f"The model's labels must be {[*LABELS]}. Received: {sorted(others)}"
        )
    rest = iter(answers)
    return [(case, [next(rest) for _ in case.texts]) for case in cases]


def count_passed(outcomes: Iterable[tuple[Case, Answers]]) -> Counts:
    """Counts outcomes by kind: see `measure`."""
    counts: Counts = {}
    for case, answers in outcomes:
        row = counts.setdefault(case.kind, {"passed": 0, "count": 0})
        row["passed"] += case.is_passed(answers)
        row["count"] += 1
    for row in counts.values():
        row["rate"] = row["passed"] / row["count"]
    return counts


def measure(preset: str | Path) -> dict[str, Any]:
    """Counts how many cases of each kind a sentiment classifier passes.

    A case with a label passes if the predicted label is right. In the kind `order` each
    sentence has a twin with the same words in another order and the other label, so
    that a model without order passes exactly half. In `names` and `typos` a case is a
    pair of sentences that differ in a name or a typing error; it passes if both get the
    same label. A neutral sentence passes if the score is at most 0.70.

    Args:
        preset: Name or folder of a `SentimentClassifier` with the labels `"negative"`
            and `"positive"`.

    Returns:
        `open` and `held_out`: for each kind `passed`, `count` and `rate` (0 to 1); and
        the `failures` of the open part, with `kind`, `texts` and `answers`.

    Raises:
        ValueError: If the model has other labels.

    References:
        - Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with
          CheckList", 2020.
    """
    from rnnzoo import SentimentClassifier

    model = SentimentClassifier.from_preset(preset)
    outcomes = {part: judge(model, part) for part in PARTS}
    failures = [
        {"kind": case.kind, "texts": case.texts, "answers": answers}
        for case, answers in outcomes["open"]
        if not case.is_passed(answers)
    ]
    counts = {part: count_passed(some) for part, some in outcomes.items()}
    return {**counts, "failures": failures}


def behaviour_table(results: Mapping[str, Counts]) -> str:
    """Returns a Markdown table with a row for each kind.

    Args:
        results: The counts of one part or several, by the part's name.
    """
    names = [part.replace("_", " ") for part in results]
    lines = [
        f"| kind | passes if | {' | '.join(names)} |",
        f"|---|---|{'---|' * len(names)}",
    ]
    for kind, content in read_templates()["kinds"].items():
        cells = [
            "{passed} of {count}, {rate:.0%}".format(**counts[kind])
            for counts in results.values()
        ]
        lines.append(f"| {kind} | {PASSES[content['passes']]} | {' | '.join(cells)} |")
    return "\n".join(lines)
