"""The table of behaviour: its sentences, and what simple readers make of them."""

import json
import re
from collections import Counter

import pytest

from tests.tiny_translator import make_translator
from training.probes.behaviour import (
    LABELS,
    PARTS,
    TEMPLATES,
    behaviour_table,
    count_passed,
    judge,
    list_cases,
    measure,
)

DATA = json.loads(TEMPLATES.read_text(encoding="utf-8"))
WORDS = DATA["words"]
KINDS = [*DATA["kinds"]]
PRAISE = {*WORDS["positive"], *WORDS["superb"], *WORDS["nice"], "loved", "better"}
BLAME = {*WORDS["negative"], *WORDS["awful"], *WORDS["nasty"], "hated", "worse"}


def count(model, part="all"):
    return count_passed(judge(model, part))


each_kind = pytest.mark.parametrize("kind", KINDS)


def cases_of(kind, part="all"):
    return [case for case in list_cases(part) if case.kind == kind]


def tokens(text):
    return re.findall(r"[\w']+|[^\w\s]", text.lower())


class Counting:
    """Counts praise and blame; knows nothing of order, nor of "not"."""

    def classify(self, texts):
        return [self.answer(Counter(tokens(text))) for text in texts]

    def answer(self, counts):
        balance = sum(counts[word] for word in PRAISE)
        balance -= sum(counts[word] for word in BLAME)
        score = 0.5 if not balance else 0.9
        return {"label": LABELS[balance > 0], "score": score}


class Knowing:
    """Has the true answers by heart."""

    def __init__(self):
        self.labels = {c.texts[0]: c.label for c in list_cases() if c.label}

    def classify(self, texts):
        labels = [self.labels.get(text, "positive") for text in texts]
        return [{"label": label, "score": 0.6} for label in labels]


@each_kind
def test_a_kind_has_enough_cases_in_both_halves(kind):
    counts = {part: len(cases_of(kind, part)) for part in PARTS}
    assert 40 <= sum(counts.values()) <= 60
    assert counts["open"] == counts["held_out"]


def test_sentences_are_sentences_and_all_distinct():
    texts = [text for case in list_cases() for text in case.texts]
    assert len(texts) > 500
    repeated = [t for t, n in Counter(t.lower() for t in texts).items() if n > 1]
    assert not repeated
    assert not [t for t in texts if not re.fullmatch(r"[A-Z][^{}]+\.", t)]


def test_no_template_is_in_both_halves():
    for kind, content in DATA["kinds"].items():
        halves = []
        for part in PARTS:
            lists = content[part]
            lists = lists.values() if isinstance(lists, dict) else [lists]
            halves.append({str(t) for templates in lists for t in templates})
        assert not halves[0] & halves[1], kind


@each_kind
def test_labels_are_balanced(kind):
    for part in PARTS:
        labels = Counter(case.label for case in cases_of(kind, part))
        if DATA["kinds"][kind]["passes"] == "label":
            assert labels["negative"] == labels["positive"] > 0
            assert len(labels) == 2
        else:
            assert set(labels) == {None}


def test_the_list_is_the_same_each_time_and_its_halves_make_the_whole():
    everything = list_cases()
    assert everything == list_cases()
    halves = [case for part in PARTS for case in list_cases(part)]
    assert sorted(halves, key=str) == sorted(everything, key=str)
    assert all(case.part == "open" for case in list_cases("open"))
    with pytest.raises(ValueError, match="Received: 'test'"):
        list_cases("test")


def test_twins_of_order_have_the_same_words():
    for part in PARTS:
        cases = cases_of("order", part)
        twins = {label: [c for c in cases if c.label == label] for label in LABELS}
        for negative, positive in zip(*twins.values(), strict=True):
            (left,), (right,) = negative.texts, positive.texts
            assert left != right
            assert sorted(tokens(left)) == sorted(tokens(right))


def test_a_typo_swaps_two_letters_of_one_word_that_tells_nothing():
    telling = {
        w for slot in ("positive", "negative", "superb", "awful") for w in WORDS[slot]
    }
    for case in cases_of("typos"):
        clean, slip = (re.findall(r"\w+", text) for text in case.texts)
        ((word, typo),) = [
            pair for pair in zip(clean, slip, strict=True) if pair[0] != pair[1]
        ]
        swaps = {
            word[:i] + word[i + 1] + word[i] + word[i + 2 :]
            for i in range(len(word) - 1)
        }
        assert typo in swaps
        assert word not in telling


def test_swapped_names_leave_the_rest_as_it_is():
    """What differs are names, nations and words for men and women."""
    slots = ("man", "woman", "stranger", "actor_a", "actor_b", "country_a", "country_b")
    slots += ("nation_a", "nation_b", "city_a", "city_b")
    names = {w for slot in slots for words in WORDS[slot] for w in words.split()}
    names |= {"He", "She", "his", "her", "actor", "actress", "king", "queen"}
    for case in cases_of("names"):
        ours, theirs = (Counter(re.findall(r"\w+", text)) for text in case.texts)
        assert set((ours - theirs) + (theirs - ours)) <= names, case
        assert ours != theirs


def test_counting_words_is_not_reading():
    counts = count(Counting())
    assert counts["order"]["rate"] == 0.5
    assert counts["negation"]["rate"] < 0.5
    assert counts["names"]["rate"] == 1.0
    assert counts["typos"]["rate"] == 1.0
    assert counts["but-clauses"]["rate"] < 0.9
    assert counts["comparison"]["rate"] > 0.7


@each_kind
def test_the_truth_passes(kind):
    result = count(Knowing())[kind]
    assert result == {
        "passed": result["count"],
        "count": len(cases_of(kind)),
        "rate": 1,
    }


def test_a_neutral_sentence_passes_by_its_score_alone():
    class Sure:
        def __init__(self, score):
            self.score = score

        def classify(self, texts):
            return [{"label": "positive", "score": self.score} for _ in texts]

    assert count(Sure(0.7))["neutral"]["rate"] == 1
    counts = count(Sure(0.71))
    assert counts["neutral"]["rate"] == 0
    # Always the same answer: half of the labels, and each pair.
    assert counts["negation"]["rate"] == counts["order"]["rate"] == 0.5
    assert counts["names"]["rate"] == 1


def test_one_changed_answer_of_a_pair_fails_it():
    changed = cases_of("names", "open")[4].texts[1]

    class Partial(Counting):
        def classify(self, texts):
            answers = super().classify(texts)
            place = texts.index(changed)
            other = {"negative": "positive", "positive": "negative"}
            answers[place]["label"] = other[answers[place]["label"]]
            return answers

    (failed,) = [
        o
        for o in judge(Partial(), "open")
        if o.case.kind == "names" and not o.is_passed
    ]
    assert failed.case.texts[1] == changed
    assert len({answer["label"] for answer in failed.answers}) == 2


def test_other_labels_are_refused():
    class Stars:
        def classify(self, texts):
            return [{"label": "5 stars", "score": 0.5} for _ in texts]

    with pytest.raises(ValueError, match=r"Received: \['5 stars'\]"):
        count(Stars())


def test_the_table_has_a_row_for_each_kind():
    results = {part: count(Counting(), part) for part in PARTS}
    header, line, *rows = behaviour_table(results).splitlines()
    assert header == "| kind | passes if | open | held out |"
    assert line == "|---|---|---|---|"
    assert [row.split(" | ")[0] for row in rows] == [f"| {kind}" for kind in KINDS]
    assert "| order | the label is right | 15 of 30, 50% | 15 of 30, 50% |" in rows


def test_counts_add_up():
    outcomes = judge(Counting())
    whole = count_passed(outcomes)
    halves = [count(Counting(), part) for part in PARTS]
    for kind in KINDS:
        assert whole[kind]["passed"] == sum(half[kind]["passed"] for half in halves)
        assert whole[kind]["rate"] == whole[kind]["passed"] / whole[kind]["count"]


def test_a_preset_is_measured_on_both_parts(preset_folder, classifier):
    result = measure(preset_folder)
    assert result["open"] == count(classifier, "open")
    assert result["held_out"] == count(classifier, "held_out")
    failed = [o for o in judge(classifier, "open") if not o.is_passed]
    assert [f["texts"] for f in result["failures"]] == [o.case.texts for o in failed]


@pytest.mark.parametrize("name", ["nonsense", "translator"])
def test_other_presets_are_refused(name, tmp_path):
    if name == "translator":
        make_translator().save_to_preset(tmp_path / name)
    with pytest.raises(ValueError, match=f"Received: .*{name}"):
        measure(tmp_path / name)
