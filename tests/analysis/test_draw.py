"""Pictures have titles and units, and are written in the format asked for."""

import math
import sys

import numpy as np
import pytest

from rnnzoo.analysis import (
    Attention,
    Evidence,
    Explanation,
    GradientMap,
    Image,
    ImageAttention,
    gradient_through_time,
    plot,
)
from rnnzoo.analysis.draw.panels import PANELS, shorten
from tests.analysis.known import UNITS, make, rotation

TOKENS = ("▁what", "▁a", "▁film", "!")
STATES = make(0.9 * rotation(), "tanh")
PARTS = [
    STATES,
    gradient_through_time(STATES, direct=np.ones_like(STATES.values)),
    Evidence(
        "positive",
        TOKENS,
        np.array([0.5, -0.1, 0.0, 2.0]),
        2.4,
        0.0,
        "integrated gradients",
        course=np.arange(4.0),
    ),
    GradientMap("elman", np.ones((2, 4)), ("a", "b"), TOKENS),
    Attention(np.full((2, 4), 0.25), ("▁Was", "▁ein"), TOKENS),
    ImageAttention(np.full((2, 3, 3), 1 / 9), ("dog", "[END]"), np.zeros((6, 6, 3))),
    Image(np.zeros((6, 6)), np.eye(6), "seven"),
]


def test_every_kind_has_a_part_here():
    assert {type(part).__name__ for part in PARTS} == set(PANELS)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_each_part_has_a_title_and_units(part, tmp_path):
    picture = plot(part, path=tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert picture._repr_png_().startswith(b"\x89PNG")
    axes = [a for f in picture.figure.subfigs for a in f.axes]
    assert any(a.get_title() for a in axes)
    if not isinstance(part, ImageAttention):
        assert any(a.get_ylabel() or a.get_xlabel() for a in axes)


def test_all_together_as_svg(tmp_path):
    explanation = Explanation("tiny", "positive $5 & <more>", tuple(PARTS))
    explanation.plot(tmp_path / "all.svg")
    drawn = (tmp_path / "all.svg").read_text()
    assert drawn.count("<!-- film -->") >= 2
    assert "tiny: positive" in drawn
    assert explanation._repr_png_().startswith(b"\x89PNG")


def test_signs_are_told_without_colour():
    (figure,) = plot(PARTS[2]).figure.subfigs
    bars = [p for p in figure.axes[-1].patches if p.get_height()]
    assert {bool(p.get_hatch()) for p in bars if p.get_height() < 0} == {True}
    assert {bool(p.get_hatch()) for p in bars if p.get_height() > 0} == {False}


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(TypeError, match="Received: int"):
        plot(3)
    with pytest.raises(ValueError, match="Received: none"):
        plot()
    empty = type(STATES).of(STATES.recurrence, np.zeros((0, UNITS)))
    with pytest.raises(ValueError, match="1 steps or more"):
        plot(empty)


def test_long_sequences_and_single_units_are_drawn():
    one = type(STATES.recurrence)(np.ones((1, 1)), np.ones((1, 1)), np.zeros(1), "tanh")
    states = type(STATES).of(one, np.zeros((500, 1)))
    plot(states, gradient_through_time(states))._repr_png_()
    assert not math.isnan(states.values.sum())


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"rnnzoo\[plots\]"):
        plot(STATES)


def test_titles_are_shortened_in_the_middle():
    assert shorten("a " * 50, 20) == "a a a a … a a a a"
    assert shorten("what\n a film", 20) == "what a film"
