"""Pairs with other names and numbers, and pairs of several sentences."""

import re

import numpy as np

from training.core.names import NAMES, draw_name, make_name
from training.translator import mixing

PAIRS = [
    *[(f"I saw Tom at {i}.", f"Ich sah Tom um {i}.") for i in range(20, 50)],
    *[
        (f"Did Mary see {i} of us?", f"Hat Maria {i} von uns gesehen?")
        for i in range(30)
    ],
    *[("Yes, Monday.", "Ja, Montag."), ("A rose is red.", "Eine Rose ist rot.")] * 30,
    *[("It is Rose.", "Es ist Rose.")] * 30,
]


def test_names_stand_in_both_and_are_never_small():
    assert mixing.find_names(PAIRS) == {"Tom"}


def test_names_and_numbers_are_exchanged_on_both_sides():
    made = mixing.exchange(PAIRS, 50, seed=0, names={"Tom"})
    assert len(made) == 50
    pattern = re.compile(r"I saw (\w+) at (\d\d)\. \| Ich sah \1 um \2\.")
    seen = [pattern.fullmatch(" | ".join(pair)) for pair in made]
    names = {match[1] for match in seen if match}
    assert len(names) > 10
    assert "Tom" not in names
    assert mixing.exchange(PAIRS, 50, seed=0, names={"Tom"}) == made
    assert mixing.exchange(PAIRS[60:], 50, seed=0, names=set()) == []


def test_a_german_genitive_follows_the_name():
    made = mixing.exchange([("Tom's hat.", "Toms Hut.")], 3, seed=1, names={"Tom"})
    assert made
    for source, target in made:
        name = source.removesuffix("'s hat.")
        end = "'" if name[-1] in "szxß" else "s"
        assert target == f"{name}{end} Hut."


def test_short_sentences_are_joined():
    pairs = [
        ("A.", "B!"),
        ("C?", "D."),
        ("no end", "kein Ende"),
        ("x" * 99 + ".", "y."),
    ]
    made = mixing.join([*pairs, ("E.", "F.")], 20, seed=0)
    assert len(made) == 20
    translation = {"A.": "B!", "C?": "D.", "E.": "F."}
    for source, target in made:
        parts = source.split(" ")
        assert 2 <= len(parts) <= 3
        assert target == " ".join(translation[part] for part in parts)
    assert mixing.join(pairs, 20, seed=0) == []


def test_marks_are_left_out_on_both_sides():
    pairs = [("A b.", "C d."), ("E?", "F?"), ("no end", "kein Ende"), ("G.", "H")]
    made = mixing.unmark([*pairs, ('"I j!"', "„K l!“")], 9, seed=0)
    assert ("A b", "C d") in made
    assert all(source[-1] not in ".?!" for source, _ in made)
    assert not {"no end", "G"} & {source for source, _ in made}
    assert mixing.unmark(pairs * 9, 3, seed=0) == mixing.unmark(pairs * 9, 3, seed=0)
    assert len(mixing.unmark(pairs * 9, 3, seed=0)) == 3


def test_names_are_known_or_made_up():
    draw = np.random.default_rng(0)
    made = [make_name(draw) for _ in range(200)]
    assert all(re.fullmatch("[A-Z][a-z]+", name) for name in made)
    assert len(set(made)) > 190
    assert {draw_name(draw, made_up=0) for _ in range(2000)} == set(NAMES)
