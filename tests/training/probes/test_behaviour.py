"""The table of behaviour: its sentences, and the results of simple classifiers."""

import re
from collections import Counter

import pytest

from tests.tiny_translator import make_translator
from training.probes.behaviour import (
    LABELS,
    PARTS,
    behaviour_table,
    count_passed,
    judge,
    list_cases,
    measure,
    read_templates,
)

DATA = read_templates()
WORDS = DATA["words"]
KINDS = [*DATA["kinds"]]
PRAISE = {*WORDS["positive"], *WORDS["superb"], *WORDS["nice"], "loved", "better"}
BLAME = {*WORDS["negative"], *WORDS["awful"], *WORDS["nasty"], "hated", "worse"}
CASES = {part: list_cases(part) for part in PARTS}


def count(model, part="open"):
    return count_passed(judge(model, part))


def cases_of(kind):
    return [case for part in PARTS for case in CASES[part] if case.kind == kind]


def tokens(text):
    return re.findall(r"[\w']+|[^\w\s]", text.lower())


class Counting:
    """Counts praise and blame; ignores order and "not"."""

    def classify(self, texts):
        return [self.answer(Counter(tokens(text))) for text in texts]

    def answer(self, counts):
        balance = sum(counts[word] for word in PRAISE)
        balance -= sum(counts[word] for word in BLAME)
        score = 0.5 if not balance else 0.9
        return {"label": LABELS[balance > 0], "score": score}


class Constant:
    """Gives each text the same answer."""

    def __init__(self, label, score):
        self.answer = {"label": label, "score": score}

    def classify(self, texts):
        return [self.answer for _ in texts]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_balanced_cases_in_both_halves(kind):
    halves = [[c for c in CASES[part] if c.kind == kind] for part in PARTS]
    assert len(halves[0]) == len(halves[1])
    assert 40 <= len(halves[0]) + len(halves[1]) <= 60
    for half in halves:
        labels = Counter(case.label for case in half)
        if DATA["kinds"][kind]["passes"] == "label":
            assert labels["negative"] == labels["positive"] == len(half) / 2
        else:
            assert set(labels) == {None}


def test_sentences_are_sentences_and_all_distinct():
    """In both halves together, so that no template is in both."""
    assert [list_cases(part) for part in PARTS] == [*CASES.values()]
    texts = [text for cases in CASES.values() for case in cases for text in case.texts]
    assert len(texts) > 500
    repeated = [t for t, n in Counter(t.lower() for t in texts).items() if n > 1]
    assert not repeated
    assert not [t for t in texts if not re.fullmatch(r"[A-Z][^{}]+\.", t)]
    for kind, content in DATA["kinds"].items():
        halves = []
        for part in PARTS:
            lists = content[part]
            lists = lists.values() if isinstance(lists, dict) else [lists]
            halves.append({str(t) for templates in lists for t in templates})
        assert not halves[0] & halves[1], kind


def test_twins_of_order_have_the_same_words():
    for cases in CASES.values():
        twins = [
            [c.texts[0] for c in cases if (c.kind, c.label) == ("order", label)]
            for label in LABELS
        ]
        for left, right in zip(*twins, strict=True):
            assert left != right
            assert sorted(tokens(left)) == sorted(tokens(right))


def test_a_typo_swaps_two_letters_of_one_word_without_sentiment():
    telling = {
        w for slot in ("positive", "negative", "superb", "awful") for w in WORDS[slot]
    }
    for case in cases_of("typos"):
        clean, slip = (re.findall(r"\w+", text) for text in case.texts)
        ((word, typo),) = [
            pair for pair in zip(clean, slip, strict=True) if pair[0] != pair[1]
        ]
        assert typo in {
            word[:i] + word[i + 1] + word[i] + word[i + 2 :]
            for i in range(len(word) - 1)
        }
        assert word not in telling


def test_swapped_names_leave_the_rest_as_it_is():
    """Only names, nations and words for men and women differ."""
    slots = ("man", "woman", "stranger", "actor_a", "actor_b", "country_a", "country_b")
    slots += ("nation_a", "nation_b", "city_a", "city_b")
    names = {w for slot in slots for words in WORDS[slot] for w in words.split()}
    names |= {"He", "She", "his", "her", "actor", "actress", "king", "queen"}
    for case in cases_of("names"):
        ours, theirs = (Counter(re.findall(r"\w+", text)) for text in case.texts)
        assert set((ours - theirs) + (theirs - ours)) <= names, case
        assert ours != theirs


def test_counting_words_is_not_reading():
    results = {part: count(Counting(), part) for part in PARTS}
    for counts in results.values():
        assert counts["order"]["rate"] == 0.5
        assert counts["negation"]["rate"] < 0.5
        assert counts["names"]["rate"] == counts["typos"]["rate"] == 1.0
        assert counts["but-clauses"]["rate"] < 0.9
        assert counts["comparison"]["rate"] > 0.7
    header, line, *rows = behaviour_table(results).splitlines()
    assert header == "| kind | passes if | open | held out |"
    assert line == "|---|---|---|---|"
    assert [row.split(" | ")[0] for row in rows] == [f"| {kind}" for kind in KINDS]
    assert "| order | the label is right | 15 of 30, 50% | 15 of 30, 50% |" in rows


def test_the_truth_passes():
    class Knowing:
        def classify(self, texts):
            known = {c.texts[0]: c.label for c in CASES["open"] if c.label}
            return [
                {"label": known.get(text, "positive"), "score": 0.6} for text in texts
            ]

    for result in count(Knowing()).values():
        assert result["passed"] == result["count"]
        assert result["rate"] == 1


def test_a_neutral_sentence_passes_by_its_score_alone():
    assert count(Constant("positive", 0.7))["neutral"]["rate"] == 1
    counts = count(Constant("positive", 0.71))
    assert counts["neutral"]["rate"] == 0
    # Always the same answer: half of the labels, and each pair.
    assert counts["negation"]["rate"] == counts["order"]["rate"] == 0.5
    assert counts["names"]["rate"] == 1
    with pytest.raises(ValueError, match=r"Received: \['5 stars'\]"):
        count(Constant("5 stars", 0.5))


def test_one_changed_answer_of_a_pair_fails_it():
    pair = [case for case in CASES["open"] if case.kind == "names"][4]

    class Partial(Counting):
        def classify(self, texts):
            answers = super().classify(texts)
            place = texts.index(pair.texts[1])
            other = {"negative": "positive", "positive": "negative"}
            answers[place]["label"] = other[answers[place]["label"]]
            return answers

    outcomes = judge(Partial(), "open")
    failed = [c for c, a in outcomes if c.kind == "names" and not c.is_passed(a)]
    assert failed == [pair]


def test_a_preset_is_measured_on_both_parts(preset_folder, classifier):
    result = measure(preset_folder)
    assert result["open"] == count(classifier, "open")
    assert result["held_out"] == count(classifier, "held_out")
    failed = [c for c, a in judge(classifier, "open") if not c.is_passed(a)]
    assert [f["texts"] for f in result["failures"]] == [case.texts for case in failed]


@pytest.mark.parametrize("name", ["nonsense", "translator"])
def test_other_presets_are_refused(name, tmp_path):
    if name == "translator":
        make_translator().save_to_preset(tmp_path / name)
    with pytest.raises(ValueError, match=f"Received: .*{name}"):
        measure(tmp_path / name)
