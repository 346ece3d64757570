"""The reader of `ImageCaptioner`, and the layout of several captions of an image."""

import keras
from keras import ops

from rnnzoo.text import PAD_ID
from zoo_models.core.attention_decoder import AttentionDecoder
from zoo_models.core.types import Tensor


class GridEncoder:
    """Turns the grid of image features into the encoder outputs of a decoder: see
    `ImageCaptioner` for the arguments. The functional model there tracks the layers."""

    def __init__(self, memory_dim: int, dropout: float):
        self.project = keras.layers.Dense(memory_dim, name="memory")
        self.norm = keras.layers.LayerNormalization(name="memory_norm")
        self.drop_grid = keras.layers.Dropout(dropout, name="grid_dropout")
        self.drop_outputs = keras.layers.Dropout(dropout, name="memory_dropout")
        self.project_words = keras.layers.Dense(memory_dim, name="word_memory")
        self.word_norm = keras.layers.LayerNormalization(name="word_memory_norm")

    def encode(
        self, image_features: Tensor, words: dict[str, Tensor] | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the encoder outputs, `(batch, places, memory_dim)`, their mask, false
        at padding, and the mean over the grid, `(batch, memory_dim)`.

        Args:
            image_features: `(batch, places, features)`.
            words: The result of `CopyingDecoder.prepare`: places after those of the
                grid.
        """
        x = self.project(self.drop_grid(image_features))
        outputs = self.drop_outputs(self.norm(x))
        mask = ops.ones_like(outputs[..., 0], dtype="bool")
        summary = ops.mean(outputs, axis=1)
        if words is None:
            return outputs, mask, summary
        logs = ops.cast(words["logs"], words["entries"].dtype)
        x = ops.concatenate([words["entries"], ops.expand_dims(logs, -1)], axis=-1)
        named = self.drop_outputs(self.word_norm(self.project_words(x)))
        outputs = ops.concatenate([outputs, named], axis=1)
        mask = ops.concatenate([mask, ops.not_equal(words["ids"], PAD_ID)], axis=1)
        return outputs, mask, summary


class CaptionLayout:
    """Several captions of an image, decoded all at once from its encoder outputs."""

    def __init__(self) -> None:
        self.to_rows, self.regroup = ToRows(name="rows"), Regroup(name="regroup")
        self.repeat_for, self.split = RepeatFor(name="repeat"), Regroup(name="split")

    def decode(
        self,
        decoder: AttentionDecoder,
        token_ids: Tensor,
        outputs: Tensor,
        mask: Tensor,
        summary: Tensor,
        words: Tensor = None,
    ) -> tuple[Tensor, Tensor]:
        """Returns logits, `(batch, captions, time, vocabulary_size)`, and the second
        attention weights, `(batch, captions * time, places)`.

        Args:
            decoder: The decoder.
            token_ids: `(batch, captions, time)`, of several captions for each image.
            outputs: The results of `GridEncoder.encode`: these three.
            mask: See `outputs`.
            summary: See `outputs`.
            words: The result of `CopyingDecoder.prepare`.
        """
        states = keras.tree.map_structure(
            lambda state: self.repeat_for(state, token_ids), decoder.begin(summary)
        )
        scores, weights = decoder.decode(
            self.to_rows(token_ids), outputs, mask, states, self.regroup, words
        )
        return self.split(scores, ops.expand_dims(token_ids, -1)), weights


@keras.saving.register_keras_serializable(package="rnnzoo")
class ToRows(keras.layers.Layer):
    """`(batch, captions, time)` to `(batch * captions, time)`."""

    def call(self, inputs: Tensor) -> Tensor:
        return ops.reshape(inputs, (-1, ops.shape(inputs)[-1]))

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor((None, inputs.shape[-1]), inputs.dtype)


@keras.saving.register_keras_serializable(package="rnnzoo")
class Regroup(keras.layers.Layer):
    """Gives vectors the first axes of `like`, all but its last: `(rows, time, size)`
    to `(batch, captions * time, size)`, and back."""

    def call(self, inputs: Tensor, like: Tensor) -> Tensor:
        first = ops.shape(like)[: len(like.shape) - 2]
        return ops.reshape(inputs, (*first, -1, inputs.shape[-1]))

    def compute_output_spec(
        self, inputs: keras.KerasTensor, like: keras.KerasTensor
    ) -> keras.KerasTensor:
        shape = (*like.shape[:-2], None, inputs.shape[-1])
        return keras.KerasTensor(shape, inputs.dtype)


@keras.saving.register_keras_serializable(package="rnnzoo")
class RepeatFor(keras.layers.Layer):
    """`(batch, size)` to `(batch * captions, size)`, for the captions of `like`,
    `(batch, captions, time)`."""

    def call(self, inputs: Tensor, like: Tensor) -> Tensor:
        return ops.repeat(inputs, ops.shape(like)[1], axis=0)

    def compute_output_spec(
        self, inputs: keras.KerasTensor, like: keras.KerasTensor
    ) -> keras.KerasTensor:
        return keras.KerasTensor((None, inputs.shape[-1]), inputs.dtype)
