"""A step of a decoder that looks at a memory: the captioner's, the translator's."""

from collections.abc import Sequence
from typing import Any

from keras import ops


def attending_step(
    embed: Any,
    skip: Any,
    decoders: Sequence[Any],
    norms: Sequence[Any],
    attentions: Sequence[Any],
    features: Any,
    fixed: dict[str, Any],
    token_ids: Any,
    states: Sequence[Any],
) -> tuple[Any, list[Any]]:
    """Takes one step: two Elman cells, after each a look at the memory.

    Args:
        embed: The table of the ids, which also tells the next one.
        skip: Layer around the first cell.
        decoders: The two recurrent layers.
        norms: The normalisation after each.
        attentions: The look after each.
        features: Layer from which the next id is told.
        fixed: `memory`, its `mask`, and the `keys` of each look.
        token_ids: The last ids, `(rows,)`, with as many rows for each example as there
            are hypotheses, one after another.
        states: State of each recurrent layer, `(rows, units)`.

    Returns:
        Scores of the next ids, `(rows, vocabulary_size)`, and the states.
    """
    memory, mask = fixed["memory"], fixed["mask"]
    examples = ops.shape(memory)[0]

    def read(attention: Any, keys: Any, queries: Any) -> Any:
        # Hypotheses of an example ask its memory as steps do in training.
        queries = ops.reshape(queries, (examples, -1, queries.shape[-1]))
        contexts, _ = attention.read(queries, keys, memory, mask)
        return ops.reshape(contexts, (-1, contexts.shape[-1]))

    x = embed(token_ids)
    first, second = (layer.cell for layer in decoders)
    state_1, _ = first(x, [states[0]])
    y = norms[0](skip(x) + state_1)
    context = read(attentions[0], fixed["keys"][0], y)
    state_2, _ = second(ops.concatenate([y, context, x], axis=-1), [states[1]])
    y = norms[1](y + state_2)
    context = read(attentions[1], fixed["keys"][1], y)
    told = features(ops.concatenate([y, context, x], axis=-1))
    return embed(told, reverse=True), [state_1, state_2]
