"""The matrix products of a decoder, and a decoder of PyTorch: see `answers`."""

from collections.abc import Callable
from typing import Any


def count_rows(model: Any, batch: list[Any]) -> list[int]:
    """Returns the number of hypotheses in each decoding step for a batch."""
    decoder, preprocessor = model.attention_decoder, model.preprocessor
    start, counted = decoder.start_search, []

    def start_counting(*arguments: Any) -> Any:
        step, states, fixed = start(*arguments)

        def count(token_ids: Any, *others: Any) -> Any:
            counted.append(int(token_ids.shape[0]))
            return step(token_ids, *others)

        return count, states, fixed

    inputs = [preprocessor.check(raw, "an input") for raw in batch]
    inputs = model.inference.preprocess(inputs)
    decoder.start_search = start_counting
    try:
        model.search(inputs, model.default_max_length(), 1)
    finally:
        del decoder.start_search
    return counted


def products(model: Any, counted: list[int]) -> Callable[[], Any]:
    """Returns a function that runs only the matrix products of these steps."""
    import tensorflow as tf

    from zoo_models.core.attention_decoder import FoldedStep

    decoder = model.attention_decoder
    kernels = [decoder.skip.kernel, decoder.layers[0].cell.kernel]
    kernels += [layer.cell.recurrent_kernel for layer in decoder.layers]
    # Products with the encoder outputs run once for a text.
    for of_states, _, of_ids in FoldedStep(decoder).kernels:
        kernels += [of_states, of_ids]
    kernels = [tf.constant(kernel) for kernel in kernels]
    table = tf.constant(decoder.embed.embeddings)
    sizes = {kernel.shape[0] for kernel in kernels} | {table.shape[1]}
    inputs = {size: tf.random.normal((max(counted), size)) for size in sizes}
    rows = tf.constant(counted)

    @tf.function(autograph=False)
    def multiply() -> Any:
        def step(t: Any, last: Any) -> Any:
            # Depends on the step before, so that none is optimised away.
            tied = {size: x[: rows[t]] + last for size, x in inputs.items()}
            results = [tf.matmul(tied[kernel.shape[0]], kernel) for kernel in kernels]
            features = tied[table.shape[1]]
            results.append(tf.matmul(features, table, transpose_b=True))
            return t + 1, 1e-9 * tf.add_n([result[0, 0] for result in results])

        start = tf.constant(0), tf.constant(0.0)
        return tf.while_loop(lambda t, _: t < len(counted), step, start)[1]

    return multiply


def rival(model: Any, counted: list[int]) -> Callable[[], Any]:
    """Returns a function that runs these steps with plain cells of PyTorch."""
    import torch

    decoder = model.attention_decoder
    size, dim = decoder.embed.vocabulary_size, decoder.embed.embedding_dim
    units = decoder.layers[0].units
    embed = torch.nn.Embedding(size, dim)
    cells = [torch.nn.RNNCell(dim, units), torch.nn.RNNCell(units, units)]
    features = torch.nn.Linear(units, dim)
    beams = getattr(model.sampler, "num_beams", 1)

    @torch.inference_mode()
    def write() -> Any:
        last, totals = torch.full((counted[0],), 2), torch.zeros(counted[0])
        states = [torch.zeros(counted[0], units) for _ in cells]
        for rows in counted:
            last, totals = last[:rows], totals[:rows]
            states = [state[:rows] for state in states]
            x = embed(last)
            for i, cell in enumerate(cells):
                x = states[i] = cell(x, states[i])
            gains = torch.log_softmax(features(x) @ embed.weight.T, -1)
            sums = (totals[:, None] + gains).view(-1, beams * size)
            sums, best = sums.topk(beams)
            totals, last = sums.view(-1), (best % size).view(-1)
            first = torch.arange(rows // beams)[:, None] * beams
            source = (first + best // size).view(-1)
            states = [state[source] for state in states]
        return last

    return write
