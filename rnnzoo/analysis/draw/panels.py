"""How each kind of what is measured is drawn, in a part of a figure of its own."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

SPACE = "▁"  # stands for the space before a piece
LABELS = 45  # tokens that can be named one by one below an axis
# Brightness that rises evenly, of what is signed too: seen with colour vision or
# without.
SCALE = "cividis"
COLUMNS = 5  # of the words of an image's caption
DARK, BRIGHT = "#00336f", "#c27a00"


def word(piece: str) -> str:
    """A piece as a reader knows it: a hyphen where it goes on a word."""
    is_start = piece.startswith((SPACE, "[")) or not piece[:1].isalnum()
    return piece.removeprefix(SPACE) if is_start else f"-{piece}"


def words(pieces: Sequence[str]) -> list[str]:
    """Pieces as a reader knows them; whole words stay as they are."""
    is_cut = any(piece.startswith(SPACE) for piece in pieces)
    return [word(piece) if is_cut else piece for piece in pieces]


def shorten(text: str, size: int) -> str:
    """A text of `size` letters at most, its middle left out if need be."""
    text = " ".join(text.split()).replace("$", r"\$")
    if len(text) <= size:
        return text
    half = (size - 3) // 2
    return f"{text[:half].rstrip()} … {text[-half:].lstrip()}"


def label_steps(axes: Any, tokens: Sequence[str]) -> None:
    """Names the steps below an axis: all of them if they fit, else by number."""
    if len(tokens) <= LABELS:
        names = [shorten(token, 16) for token in tokens]
        axes.set_xticks(range(len(tokens)), names, rotation=60, ha="right", fontsize=8)
        for label in axes.get_xticklabels():
            label.set_rotation_mode("anchor")
    else:
        axes.set_xlabel("step, from 0")


def draw_states(figure: Any, states: Any) -> None:
    """A heat map: units that move alike are neighbours."""
    values = states.by_position()
    tokens = words([states.tokens[i] for i in np.argsort(states.positions)])
    order = states.order_units()
    axes = figure.add_subplot()
    limit = float(np.abs(values).max()) or 1.0
    image = axes.imshow(
        values[:, order].T,
        aspect="auto",
        cmap=SCALE,
        vmin=-limit if (values < 0).any() else 0,
        vmax=limit,
        interpolation="nearest",
    )
    is_backwards = len(states) > 1 and states.positions[0] > states.positions[-1]
    reads = ", read backwards" if is_backwards else ""
    axes.set_title(f"States of {states.layer}{reads}", fontsize=10)
    axes.set_ylabel("unit, like beside like")
    axes.set_yticks([])
    label_steps(axes, tokens)
    figure.colorbar(image, label="activation", pad=0.01)


def draw_evidence(figure: Any, evidence: Any) -> None:
    """Bars for and against, and the course of the score above them."""
    has_course = evidence.course is not None
    rows = figure.subplots(1 + has_course, 1, sharex=True, squeeze=False)[:, 0]
    steps = np.arange(len(evidence.tokens))
    if has_course:
        rows[0].plot(evidence.course, color=DARK, drawstyle="steps-mid")
        rows[0].axhline(0, color="grey", linewidth=0.8)
        rows[0].set_ylabel(f"score,\n{evidence.unit}", fontsize=8)
        rows[0].set_title(
            f"Evidence for “{evidence.answer}” as it is read", fontsize=10
        )
    axes, values = rows[-1], evidence.attributions
    is_for = values >= 0
    axes.bar(steps[is_for], values[is_for], color=DARK, label="for")
    axes.bar(steps[~is_for], values[~is_for], color=BRIGHT, hatch="//", label="against")
    axes.axhline(0, color="grey", linewidth=0.8)
    axes.set_ylabel(f"what a step adds,\n{evidence.unit}", fontsize=8)
    axes.set_title(
        f"What each step says for “{evidence.answer}” ({evidence.method})", fontsize=10
    )
    axes.legend(loc="upper left", fontsize=8, ncols=2)
    axes.margins(x=0.01, y=0.35)
    if len(steps) > LABELS:
        for i in evidence.strongest(12):
            axes.annotate(
                shorten(evidence.tokens[i], 16),
                (i, values[i]),
                ha="center",
                va="bottom" if values[i] >= 0 else "top",
                rotation=30,
                fontsize=7,
            )
    label_steps(axes, words(evidence.tokens))


def draw_map(figure: Any, part: Any) -> None:
    """Rows are answers, columns are steps that were read."""
    values, tokens = part.shares(), words(part.tokens)
    axes = figure.add_subplot()
    image = axes.imshow(
        values, aspect="auto", cmap=SCALE, vmin=0, interpolation="nearest"
    )
    axes.set_title(
        f"How much each step made the answer, read by {part.layer}", fontsize=10
    )
    if len(part.answers) <= LABELS:
        names = [shorten(a, 16) for a in words(part.answers)]
        axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylabel("answer")
    label_steps(axes, tokens)
    figure.colorbar(image, label="share of the gradient", pad=0.01)


def draw_gradient(figure: Any, part: Any) -> None:
    """Norms over time on a logarithmic axis."""
    axes = figure.add_subplot()
    decades = part.log_gains / np.log(10)
    finite = np.where(np.isfinite(decades), decades, np.nan)
    steps = np.arange(len(decades))
    axes.plot(steps, finite, color=DARK, label="of the last state, dS_T/dS_t")
    if part.loss_norms is not None:
        with np.errstate(divide="ignore"):
            norms = np.log10(part.loss_norms)
        norms[~np.isfinite(norms)] = np.nan
        axes.plot(
            steps, norms, color=BRIGHT, linestyle="--", label="of the loss, dLoss/dS_t"
        )
    axes.set_ylabel("powers of ten")
    axes.set_title(f"Gradient through time of {part.layer}", fontsize=10)
    axes.legend(fontsize=8)
    axes.margins(x=0.01)
    label_steps(axes, part.tokens)


def draw_attention(figure: Any, part: Any) -> None:
    """Rows are what was written, columns what was read."""
    axes = figure.add_subplot()
    image = axes.imshow(part.values, cmap=SCALE, vmin=0, vmax=1, aspect="auto")
    axes.set_title("What was looked at for each piece", fontsize=10)
    names = words(part.target)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylabel("written")
    label_steps(axes, words(part.source))
    figure.colorbar(image, label="weight", pad=0.01)


def draw_image_attention(figure: Any, part: Any) -> None:
    """The image once for each word, bright where it was looked at."""
    rows = -(-len(part.words) // COLUMNS)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    figure.suptitle(
        "Where was looked for each word, and the largest share", fontsize=10
    )
    extent = 0, 1, 0, 1
    for axes in panels:
        axes.set_axis_off()
    for axes, text, grid in zip(panels, part.words, part.values, strict=False):
        axes.imshow(part.image, cmap="gray", extent=extent)
        axes.imshow(grid, cmap="inferno", alpha=0.55, extent=extent, vmin=0)
        axes.set_title(f"{text}  ≤ {grid.max():.0%}", fontsize=9)


def draw_image(figure: Any, part: Any) -> None:
    """The image, and beside it what its pixels say."""
    left, right = figure.subplots(1, 2)
    left.imshow(part.image, cmap="gray", vmin=0, vmax=1)
    left.set_title("What the network reads", fontsize=10)
    limit = float(np.abs(part.attributions).max()) or 1.0
    image = right.imshow(part.attributions, cmap=SCALE, vmin=-limit, vmax=limit)
    right.set_title(f"What each pixel says for “{part.answer}”", fontsize=10)
    for axes in (left, right):
        axes.set(xlabel="column, pixels", ylabel="row, pixels")
    figure.colorbar(image, label="nats of log-odds", pad=0.01)


def _matrix_height(rows: int) -> float:
    return 1.7 + 0.22 * min(rows, LABELS)


# By class: how to draw a measurement into a figure, and its height in inches.
PANELS: dict[str, tuple[Callable[[Any, Any], None], Callable[[Any], float]]] = {
    "States": (draw_states, lambda part: 3.2),
    "Evidence": (draw_evidence, lambda part: 2.9 if part.course is None else 4.4),
    "GradientMap": (draw_map, lambda part: _matrix_height(len(part.answers))),
    "GradientThroughTime": (draw_gradient, lambda part: 3.0),
    "Attention": (draw_attention, lambda part: _matrix_height(len(part.target))),
    "ImageAttention": (
        draw_image_attention,
        lambda part: 0.4 + 2.2 * -(-len(part.words) // COLUMNS),
    ),
    "Image": (draw_image, lambda part: 4.2),
}


def find_panel(part: Any) -> tuple[Callable[[Any, Any], None], Callable[[Any], float]]:
    """Returns the entry of `PANELS` for a measurement, or raises `TypeError`."""
    panel = PANELS.get(type(part).__name__)
    if panel is None:
        raise TypeError(
            f"A part to draw must be one of {sorted(PANELS)}. Received: "
            f"{type(part).__name__}"
        )
    return panel
