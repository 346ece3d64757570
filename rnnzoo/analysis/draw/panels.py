"""How each kind of what is measured is drawn, in a part of a figure of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SPACE = "▁"  # stands for the space before a piece
LABELS = 45  # tokens that can be named one by one below an axis
# Brightness that rises evenly, of what is signed too: seen with colour vision or
# without.
SCALE = "cividis"
DARK, BRIGHT = "#00336f", "#c27a00"


@dataclass(frozen=True)
class Panel:
    """A way to draw a kind of part.

    Attributes:
        draw: Draws a part into a Matplotlib (sub)figure.
        height: Inches that a part takes.
        width: Inches that a part needs, at least.
    """

    draw: Callable[[Any, Any], None]
    height: Callable[[Any], float]
    width: Callable[[Any], float] = lambda part: 0.0


def find_panel(part: Any) -> Panel:
    """The way to draw a part.

    Raises:
        TypeError: If there is none.
    """
    panel = PANELS.get(type(part).__name__)
    if panel is None:
        raise TypeError(
            f"A part to draw must be one of {sorted(PANELS)}. Received: "
            f"{type(part).__name__}"
        )
    return panel


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


def label_steps(axes: Any, tokens: Sequence[str], name: str = "step") -> None:
    """Names the steps below an axis: all of them if they fit, else by number."""
    if len(tokens) <= LABELS:
        names = [shorten(token, 16) for token in tokens]
        axes.set_xticks(range(len(tokens)), names, rotation=60, ha="right", fontsize=8)
        for label in axes.get_xticklabels():
            label.set_rotation_mode("anchor")
    else:
        axes.set_xlabel(f"{name}, from 0")


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


def draw_trajectory(figure: Any, way: Any) -> None:
    """The way of the state through a plane."""
    axes = figure.add_subplot()
    x, y = way.points.T
    axes.plot(x, y, color="0.6", linewidth=0.8, zorder=1)
    dots = axes.scatter(x, y, c=range(len(x)), cmap=SCALE, s=18, zorder=2)
    axes.plot(x[:1], y[:1], "o", mfc="none", color="black", markersize=10)
    axes.plot(x[-1:], y[-1:], "s", mfc="none", color="black", markersize=10)
    named = range(len(x)) if len(x) <= LABELS else _farthest(way.points, 20)
    for i in named:
        axes.annotate(
            shorten(way.tokens[i], 16),
            (x[i], y[i]),
            xytext=(4, 3),
            textcoords="offset points",
            fontsize=7,
        )
    first, second = (f"{share:.0%} of the variance" for share in way.shares)
    axes.set(xlabel=f"first component, {first}", ylabel=f"second component, {second}")
    axes.set_title(
        f"Way of the state of {way.layer}: circle first step, square last", fontsize=10
    )
    figure.colorbar(dots, label="step", pad=0.01)


def _farthest(points: np.ndarray, count: int) -> np.ndarray:
    moves = np.linalg.norm(np.diff(points, axis=0, prepend=points[:1]), axis=1)
    return np.argsort(-moves)[:count]


def draw_evidence(figure: Any, evidence: Any) -> None:
    """Bars for and against, and the course of the score above them."""
    has_course = evidence.course is not None
    rows = figure.subplots(
        1 + has_course,
        1,
        sharex=True,
        squeeze=False,
        height_ratios=[1] * (1 + has_course),
    )[:, 0]
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


def draw_horizon(figure: Any, part: Any) -> None:
    """What a changed input still does, by its age."""
    axes = figure.add_subplot()
    axes.plot(part.lags, part.changes, color=DARK, marker="o", markersize=3)
    axes.axhline(part.share, color="grey", linewidth=0.8, linestyle=":")
    axes.axvline(part.horizon, color=BRIGHT, linestyle="--")
    axes.set(
        yscale="log",
        xlabel="steps since the changed input",
        ylabel="change, share of the largest",
        ylim=(min(part.share / 10, 1e-3), 2),
    )
    axes.set_title(f"Memory horizon of {part}", fontsize=10)


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


def draw_image_attention(figure: Any, part: Any, columns: int = 5) -> None:
    """The image once for each word, bright where it was looked at."""
    rows = -(-len(part.words) // columns)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
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


PANELS = {
    "States": Panel(draw_states, lambda part: 3.2),
    "Trajectory": Panel(draw_trajectory, lambda part: 5.5),
    "Evidence": Panel(draw_evidence, lambda part: 2.9 if part.course is None else 4.4),
    "GradientMap": Panel(draw_map, lambda part: _matrix_height(len(part.answers))),
    "GradientThroughTime": Panel(draw_gradient, lambda part: 3.0),
    "MemoryHorizon": Panel(draw_horizon, lambda part: 3.0),
    "Attention": Panel(draw_attention, lambda part: _matrix_height(len(part.target))),
    "ImageAttention": Panel(
        draw_image_attention, lambda part: 0.4 + 2.2 * -(-len(part.words) // 5)
    ),
    "Image": Panel(draw_image, lambda part: 4.2),
}
