"""A decoder's step with all that stays the same multiplied beforehand."""

from typing import Any

from keras import ops

from rnnzoo.layers import ElmanCell
from rnnzoo.layers.dot_attention import attention_weights


class FoldedStep:
    """One step of an `AttendingDecoder` of Elman cells, for its memory.

    The scores of a look are `(x Q) · (K m)`, and what was seen goes, times a kernel,
    into a sum. Both are linear in the memory: its places are multiplied once, with `Q`
    and `K` and with the part of the kernel that meets them, instead of every hypothesis
    in every step.

    Args:
        decoder: The `AttendingDecoder`.
    """

    def __init__(self, decoder: Any):
        self.decoder = decoder
        units = decoder.layers[0].units
        # Each of these meets what came before, what was seen, and the ids.
        self.kernels = []
        for kernel in (decoder.layers[1].cell.kernel, decoder.features.kernel):
            kernel = ops.convert_to_tensor(kernel)
            seen = kernel.shape[0] - decoder.embed.embedding_dim
            self.kernels.append((kernel[:units], kernel[units:seen], kernel[seen:]))

    @staticmethod
    def suits(decoder: Any) -> bool:
        """Whether a decoder can be followed so: its cells must be Elman cells, and
        compute with the precision of their weights."""
        return all(
            type(layer.cell) is ElmanCell and layer.compute_dtype == "float32"
            for layer in decoder.layers
        )

    def start(self, memory: Any, mask: Any) -> dict[str, Any]:
        """What a step needs of each example, `(batch, …)`."""
        fixed = {"bias": ops.where(mask, 0.0, -1e9)[:, None]}
        for i, attention in enumerate(self.decoder.attentions):
            query_kernel = ops.transpose(attention.query_kernel)
            keys = ops.matmul(attention.keys(memory), query_kernel)
            keys = ops.transpose(keys * attention.units**-0.5, (0, 2, 1))
            fixed[f"keys_{i}"] = keys  # (batch, units, places)
            fixed[f"values_{i}"] = ops.matmul(memory, self.kernels[i][1])
        return fixed

    def __call__(
        self, token_ids: Any, states: list[Any], fixed: dict[str, Any]
    ) -> tuple[Any, list[Any]]:
        """Scores of the next ids and the states: see `AttendingDecoder.step`."""
        decoder = self.decoder
        first, second = (layer.cell for layer in decoder.layers)
        examples = ops.shape(fixed["bias"])[0]

        def look(i: int, y: Any) -> Any:
            queries = ops.reshape(y, (examples, -1, y.shape[-1]))
            scores = ops.matmul(queries, fixed[f"keys_{i}"]) + fixed["bias"]
            seen = ops.matmul(attention_weights(scores), fixed[f"values_{i}"])
            return ops.reshape(seen, (-1, seen.shape[-1]))

        def join(i: int, y: Any, x: Any) -> Any:
            of_states, _, of_ids = self.kernels[i]
            return ops.matmul(y, of_states) + look(i, y) + ops.matmul(x, of_ids)

        x = decoder.read_ids(token_ids, fixed)
        state, _ = first(x, [states[0]])
        y = decoder.norms[0](decoder.skip(x) + state)
        inputs = join(0, y, x) + ops.matmul(states[1], second.recurrent_kernel)
        last = second.activation(inputs + second.bias)
        y = decoder.norms[1](y + last)
        features = join(1, y, x) + decoder.features.bias
        return decoder.score(features, fixed), [state, last]
