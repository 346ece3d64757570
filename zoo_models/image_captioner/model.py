"""One to many: an image in, a sentence about it out."""

import math
from typing import Any

import keras
import numpy as np

from zoo_models.core.attention_decoder import AttentionDecoder, attention_of
from zoo_models.core.confidence import (
    OTHER_IMAGES,
    SCORE,
    Confidence,
    mean_state,
)
from zoo_models.core.text_generator import TextGenerator
from zoo_models.core.types import Json, Tensor
from zoo_models.image_captioner.class_reader import FORMS, ClassReader
from zoo_models.image_captioner.copying_decoder import CopyingDecoder
from zoo_models.image_captioner.image_encoder import STRIDE, image_encoder
from zoo_models.image_captioner.network import CaptionLayout, GridEncoder
from zoo_models.image_captioner.preprocessor import ImageCaptionerPreprocessor

# The entries of `class_words`.
CLASS_WORDS = ("classes", "words", "kinds", "rare_ids")

SIGNALS = (OTHER_IMAGES, SCORE)


@keras.saving.register_keras_serializable(package="rnnzoo")
class ImageCaptioner(TextGenerator):
    """Describes an image in a sentence with Elman cells.

    An EfficientNet-Lite, trained on ImageNet and not trained further, turns the image
    into a grid of features. Their mean starts the states of two layers of Elman cells,
    which generate word by word. Each layer attends to the grid, with attention as a
    read-out: it passes nothing from step to step. The embedding table of the words is
    also the output layer.

    Args:
        vocabulary_size: Number of ids, special tokens included.
        encoder: Variant of the image encoder, `"lite0"`, `"lite1"` or `"lite2"`.
            Default `"lite0"`.
        image_size: Side of the encoder's images. Default 224.
        embedding_dim: Size of an embedding. Default 256.
        memory_dim: Size of the encoder output for a place of the grid. Default 512.
        attention_dim: Size in which attention compares states and places. Default 256.
        units: Units of each layer. Default 512.
        word_dropout: Fraction of the words that are dropped from a caption in training:
            see `rnnzoo.layers.WordDropout`. Default 0.02.
        dropout: Dropout rate between layers. Default 0.4.
        class_words: The words for the classes of the encoder's classifier, from
            `make_class_words`; `None` for a captioner without them. Default `None`.
        num_words: Number of such words for an image, the most probable. Default 8.
        hidden_words: Fraction of them that are hidden in training: see
            `CopyingDecoder`. Default 0.3.
        preprocessor: A `rnnzoo.ImageCaptionerPreprocessor`, or `None` to feed
            arrays: pixels from 0 to 1, of shape `(image_size, image_size, 3)`.
            Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raw inputs are paths, the bytes of image files, or arrays: see
    `rnnzoo.images.read_image`. `fit` takes images and the captions of each, a text or a
    list of texts.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor does not fit.

    Example:

    ```python
    import numpy as np
    from rnnzoo import ImageCaptionerPreprocessor, ImageCaptioner
    from rnnzoo.images import ImagePreprocessor
    from rnnzoo.text import CaptionTokenizer, Vocabulary

    preprocessor = ImageCaptionerPreprocessor(
        ImagePreprocessor((64, 64, 3)), CaptionTokenizer(Vocabulary(["dark", "night"]))
    )
    captioner = ImageCaptioner(6, image_size=64, units=8, preprocessor=preprocessor)
    images = [np.zeros((80, 90, 3), "uint8")] * 4
    captioner.fit(images, [["a dark night", "night"]] * 4, epochs=1, verbose=0)
    assert isinstance(captioner.generate(images[0], max_length=3), str)
    ```

    References:
        - Elman, "Finding Structure in Time", 1990.
        - Xu et al., "Show, Attend and Tell", 2015.
        - Tan and Le, "EfficientNet", 2019.
        - Hodosh et al., "Framing Image Description as a Ranking Task", 2013: Flickr8k.
    """

    task = "caption of an image (one to many)"
    input_kind = "image"
    answer_name = "caption"
    metric = "cider"
    preprocessor_class = ImageCaptionerPreprocessor
    fallback_max_length = 24

    def __init__(
        self,
        vocabulary_size: int,
        encoder: str = "lite0",
        image_size: int = 224,
        embedding_dim: int = 256,
        memory_dim: int = 512,
        attention_dim: int = 256,
        units: int = 512,
        word_dropout: float = 0.02,
        dropout: float = 0.4,
        class_words: Json | None = None,
        num_words: int = 8,
        hidden_words: float = 0.3,
        preprocessor: ImageCaptionerPreprocessor | None = None,
        **kwargs: Any,
    ):
        preprocessor = self.preprocessor_class.adopt(
            preprocessor, vocabulary_size=vocabulary_size, image_size=image_size
        )

        # === Layers ===
        encode = image_encoder(encoder, image_size)
        encode.trainable = False
        grid = GridEncoder(memory_dim, dropout)
        settings: dict[str, Any] = {
            "vocabulary_size": vocabulary_size,
            "embedding_dim": embedding_dim,
            "units": units,
            "attention_dim": attention_dim,
            "word_dropout": word_dropout,
            "dropout": dropout,
            "recurrent_layer": self.recurrent_layer,
        }
        name_classes: Any = None
        if class_words is None:
            decoder: Any = AttentionDecoder(**settings)
        else:
            classes, words, kinds, rare_ids = (class_words[k] for k in CLASS_WORDS)
            name_classes = ClassReader(classes, words, num_words, name="class_head")
            decoder = CopyingDecoder(words, kinds, rare_ids, hidden_words, **settings)
        layout = CaptionLayout()

        # === Graph ===
        pixels = keras.Input((image_size, image_size, 3), name="pixels")
        token_ids = keras.Input((None, None), dtype="int32", name="token_ids")
        features = encode(pixels)
        words = decoder.prepare(*name_classes(features)) if name_classes else None
        scores, attention = layout.decode(
            decoder, token_ids, *grid.encode(features, words), words
        )
        inputs = {"pixels": pixels, "token_ids": token_ids}
        super().__init__(inputs, scores, Confidence(SIGNALS), preprocessor, **kwargs)
        self._untracked.encoder = encode
        self.attention_decoder = decoder
        self._untracked.attention = keras.Model([pixels, token_ids], attention)
        self.grid = grid
        self._layout = layout
        self._untracked.name_classes = name_classes

        self.keep_config(
            vocabulary_size=vocabulary_size,
            encoder=encoder,
            image_size=image_size,
            embedding_dim=embedding_dim,
            memory_dim=memory_dim,
            attention_dim=attention_dim,
            units=units,
            word_dropout=word_dropout,
            dropout=dropout,
            class_words=class_words,
            num_words=num_words,
            hidden_words=hidden_words,
        )

    @property
    def encoder(self) -> keras.Model:
        """The image encoder, a Keras model whose `trainable` is false by default."""
        return self._untracked.encoder

    @property
    def class_head(self) -> ClassReader | None:
        """The encoder's classifier, if the captioner has one."""
        return self._untracked.name_classes

    def decoder(self) -> keras.Model:
        """Returns the network after the encoder and its classifier, from the result of
        `decoder_inputs` and `token_ids`, `(batch, captions, time)`, to logits."""
        features = keras.Input(self.encoder.output_shape[1:], name="image_features")
        token_ids = keras.Input((None, None), dtype="int32", name="token_ids")
        inputs = {"image_features": features}
        words = None
        if self.class_head is not None:
            shape = (FORMS * self.num_words,)
            inputs["word_ids"] = keras.Input(shape, dtype="int32", name="word_ids")
            inputs["word_logs"] = keras.Input(shape, name="word_logs")
            words = self._prepare_words(inputs)
        scores, _ = self._layout.decode(
            self.attention_decoder, token_ids, *self.grid.encode(features, words), words
        )
        return keras.Model({**inputs, "token_ids": token_ids}, scores)

    def num_parameters(self) -> int:
        return self.count_params()  # those of the encoder too

    # Passes

    def encode_inputs(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """Returns the encoder outputs, their mask, the decoder's first states and the
        class words, for pixels, in `keras.ops`."""
        return self.encode_features(
            self.decoder_inputs(self.encoder(inputs, training=False))
        )

    def search(
        self, inputs: Tensor, max_length: int, num_return: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        encoded = self.encode_inputs(inputs)
        token_ids, scores = self.attention_decoder.search(
            self.sampler, encoded, max_length, num_return
        )
        pooled = mean_state(*self._grid_of(*encoded[:2]))
        return token_ids, scores, self.confidence.measure(inputs, scores, pooled)

    def encode_states(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        outputs, mask, *_ = self.encode_inputs(inputs)
        return self._grid_of(outputs, mask)

    def _grid_of(self, outputs: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the encoder outputs of the grid, without those of class words."""
        places = self.encoder.output_shape[1]
        return outputs[:, :places], mask[:, :places]

    def attend(self, source: np.ndarray, token_ids: np.ndarray) -> Json:
        """Returns the second `attention` weights of a caption, `(words, rows, columns)`
        of the grid, which sum to 1 for each word, and the `words`; their ids without a
        preprocessor."""
        token_ids = token_ids[: np.count_nonzero(token_ids)]
        side = math.ceil(self.image_size / STRIDE)
        weights = attention_of(self._untracked.attention, source, token_ids)
        weights = weights[:, : side * side]  # without the places of class words
        weights = weights / weights.sum(axis=1, keepdims=True)
        answer = {"attention": weights.reshape(-1, side, side), "words": token_ids}
        if self.preprocessor is not None:
            answer["words"] = self.preprocessor.captions.vocabulary.names(token_ids)
        return answer

    def decoder_inputs(self, image_features: Tensor) -> dict[str, Tensor]:
        """Returns the inputs of `decoder` for features of the image encoder, `(batch,
        places, 1280)`: these and, with `class_words`, the outputs of the `ClassReader`,
        `word_ids` and `word_logs`, `(batch, words)`."""
        if self.class_head is None:
            return {"image_features": image_features}
        ids, logs = self.class_head(image_features)
        return {"image_features": image_features, "word_ids": ids, "word_logs": logs}

    def encode_features(self, seen: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """Returns the result of `encode_inputs` for the result of `decoder_inputs`."""
        words = self._prepare_words(seen)
        outputs, mask, summary = self.grid.encode(seen["image_features"], words)
        return outputs, mask, self.attention_decoder.begin(summary), words

    def _prepare_words(self, seen: dict[str, Tensor]) -> dict[str, Tensor] | None:
        """Returns the class words as the decoder takes them."""
        if "word_ids" not in seen:
            return None
        decoder: Any = self.attention_decoder
        return decoder.prepare(seen["word_ids"], seen["word_logs"])
