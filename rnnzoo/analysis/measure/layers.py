"""Finds the plain recurrent layers of a Keras model."""

from typing import Any

from rnnzoo.analysis.measure.recurrence import is_plain


def find_recurrent(model: Any) -> list[tuple[str, Any]]:
    """The plain recurrent layers of a Keras model, with names that tell them apart.

    They are found by what they are: `Elman`, `SimpleRNN` and `RNN` around a plain
    cell, on their own or within `Bidirectional`, `Sequential` and other models.

    Raises:
        ValueError: If there is none.
    """
    import keras

    found: list[tuple[str, Any]] = []
    others: list[tuple[str, Any]] = []
    seen: set[int] = set()

    def visit(layer: Any, prefix: str, name: str) -> None:
        if id(layer) in seen:
            return
        seen.add(id(layer))
        if isinstance(layer, keras.layers.RNN):
            kind = found if is_plain(layer) else others
            kind.append((prefix + name, layer))
            return
        within = "" if layer is model else f"{prefix}{name}/"
        for name, part in _parts(layer):
            visit(part, within, name)

    visit(model, "", model.name)
    if not found:
        raise ValueError(
            "The model must have an Elman or SimpleRNN layer that is built. Received: "
            + (f"layers with gates, {[n for n, _ in others]}" if others else "none")
        )
    return found


def _parts(layer: Any) -> list[tuple[str, Any]]:
    """The layers within a layer, and what they are called there."""
    import keras

    if isinstance(layer, keras.layers.Bidirectional):
        # Their own names are numbered anew in each process.
        return [("forward", layer.forward_layer), ("backward", layer.backward_layer)]
    if isinstance(layer, keras.Model):
        return [(part.name, part) for part in layer.layers]
    values = vars(layer).values()
    lists = [v for v in values if isinstance(v, list | tuple)]
    candidates = [*values, *(part for parts in lists for part in parts)]
    parts = [part for part in candidates if isinstance(part, keras.layers.Layer)]
    return [(part.name, part) for part in parts]
