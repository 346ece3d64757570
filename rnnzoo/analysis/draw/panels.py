"""How each kind of measurement is drawn into a part of a figure."""

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
    """Returns a piece for readers: with a hyphen if it continues a word."""
    is_start = piece.startswith((SPACE, "[")) or not piece[:1].isalnum()
    return piece.removeprefix(SPACE) if is_start else f"-{piece}"


def words(pieces: Sequence[str]) -> list[str]:
    """Returns pieces for readers; whole words stay as they are."""
    is_cut = any(piece.startswith(SPACE) for piece in pieces)
    return [word(piece) if is_cut else piece for piece in pieces]


def shorten(text: str, size: int) -> str:
    """Returns a text of `size` letters at most, without its middle if need be."""
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


def heat_map(
    figure: Any,
    values: np.ndarray,
    title: str,
    rows: tuple[str, Sequence[str]],
    tokens: Sequence[str],
    unit: str,
    **limits: float,
) -> None:
    """Draws a matrix with names of rows, `(axis, names)`, if they fit, and of steps."""
    axes = figure.add_subplot()
    image = axes.imshow(
        values, aspect="auto", cmap=SCALE, interpolation="nearest", **limits
    )
    axes.set_title(title, fontsize=10)
    label, names = rows
    axes.set_ylabel(label)
    names = [shorten(name, 16) for name in names] if len(names) <= LABELS else []
    axes.set_yticks(range(len(names)), names, fontsize=8)
    label_steps(axes, tokens)
    figure.colorbar(image, label=unit, pad=0.01)


def draw_states(figure: Any, states: Any) -> None:
    """Draws units that move alike as neighbours."""
    values = states.by_position()
    tokens = words([states.tokens[i] for i in np.argsort(states.positions)])
    limit = float(np.abs(values).max(initial=0.0)) or 1.0
    is_backwards = len(states) > 1 and states.positions[0] > states.positions[-1]
    heat_map(
        figure,
        values[:, states.order_units()].T,
        f"States of {states.layer}{', read backwards' if is_backwards else ''}",
        ("unit, sorted by similarity", ()),
        tokens,
        "activation",
        vmin=-limit if (values < 0).any() else 0,
        vmax=limit,
    )


def draw_evidence(figure: Any, evidence: Any) -> None:
    """Draws bars for and against, and the score after each step above them."""
    has_course = evidence.course is not None
    rows = figure.subplots(1 + has_course, 1, sharex=True, squeeze=False)[:, 0]
    steps = np.arange(len(evidence.tokens))
    if has_course:
        rows[0].plot(evidence.course, color=DARK, drawstyle="steps-mid")
        rows[0].axhline(0, color="grey", linewidth=0.8)
        rows[0].set_ylabel(f"score,\n{evidence.unit}", fontsize=8)
        rows[0].set_title(f"Score of “{evidence.answer}” after each step", fontsize=10)
    axes, values = rows[-1], evidence.attributions
    is_for = values >= 0
    axes.bar(steps[is_for], values[is_for], color=DARK, label="for")
    axes.bar(steps[~is_for], values[~is_for], color=BRIGHT, hatch="//", label="against")
    axes.axhline(0, color="grey", linewidth=0.8)
    axes.set_ylabel(f"attribution,\n{evidence.unit}", fontsize=8)
    axes.set_title(
        f"Attribution of each step to “{evidence.answer}” ({evidence.method})",
        fontsize=10,
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
    """Draws answers as rows, steps as columns."""
    heat_map(
        figure,
        part.shares(),
        f"Gradient of each answer with respect to each step, at {part.layer}",
        ("answer", words(part.answers)),
        words(part.tokens),
        "share of the gradient",
        vmin=0,
    )


def draw_gradient(figure: Any, part: Any) -> None:
    """Draws norms over time on a logarithmic axis."""
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
    """Draws target pieces as rows, source pieces as columns."""
    heat_map(
        figure,
        part.values,
        "Attention weights",
        ("target", words(part.target)),
        words(part.source),
        "weight",
        vmin=0,
        vmax=1,
    )


def draw_image_attention(figure: Any, part: Any) -> None:
    """Draws the image once for each word, bright where the weights are large."""
    rows = -(-len(part.words) // COLUMNS)
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    figure.suptitle("Attention for each word, and its largest weight", fontsize=10)
    extent = 0, 1, 0, 1
    for axes in panels:
        axes.set_axis_off()
    for axes, text, grid in zip(panels, part.words, part.values, strict=False):
        axes.imshow(part.image, cmap="gray", extent=extent)
        axes.imshow(grid, cmap="inferno", alpha=0.55, extent=extent, vmin=0)
        axes.set_title(f"{text}  ≤ {grid.max():.0%}", fontsize=9)


def draw_image(figure: Any, part: Any) -> None:
    """Draws the image and the attribution of its pixels."""
    left, right = figure.subplots(1, 2)
    left.imshow(part.image, cmap="gray", vmin=0, vmax=1)
    left.set_title("Input of the network", fontsize=10)
    limit = float(np.abs(part.attributions).max()) or 1.0
    image = right.imshow(part.attributions, cmap=SCALE, vmin=-limit, vmax=limit)
    right.set_title(f"Attribution of each pixel to “{part.answer}”", fontsize=10)
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
