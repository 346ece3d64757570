"""Figures are written, and what does not fit is refused."""

import sys

import numpy as np
import pytest

from rnnzoo.analysis import plot_attention, plot_image_attention

ANSWER = {
    "attention": np.full((2, 3), 1 / 3),
    "source": ["▁a", "▁dog", "[END]"],
    "target": ["▁Hund", "e"],
}


def test_attention_is_drawn(tmp_path):
    plot_attention(ANSWER, tmp_path / "a.svg")
    drawn = (tmp_path / "a.svg").read_text()
    for word in ("dog", "Hund", "-e", "[END]"):
        assert f"<!-- {word} -->" in drawn


def test_weights_must_fit():
    with pytest.raises(ValueError, match=r"\(2, 3\).*Received: shape \(3, 2\)"):
        plot_attention({**ANSWER, "attention": np.zeros((3, 2))}, "a.png")


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"rnnzoo\[plots\]"):
        plot_attention(ANSWER, "a.png")


def test_without_a_path_figures_are_shown_and_returned(monkeypatch):
    from matplotlib import pyplot

    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.extend(pyplot.get_fignums()))
    picture = {"attention": np.full((2, 3, 3), 1 / 9), "words": ["dog", "[END]"]}
    figures = [
        plot_attention(ANSWER),
        plot_image_attention(picture, np.zeros((8, 8, 3), "uint8")),
    ]
    assert [len(figure.axes) for figure in figures] == [
        2,
        2,
    ]  # the first has a bar of its colours
    # The second call shows what is open: the first figure too.
    assert shown == [figures[0].number, *(figure.number for figure in figures)]
    pyplot.close("all")
