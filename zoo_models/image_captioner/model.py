"""One to many: an image in, a sentence about it out."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from zoo_models.core.attending_decoder import AttendingDecoder
from zoo_models.core.attending_generator import AttendingGenerator
from zoo_models.core.confidence import Signal, stack_signals
from zoo_models.core.text_generator import SCORE
from zoo_models.image_captioner.class_reader import FORMS, ClassReader
from zoo_models.image_captioner.copying_decoder import CopyingDecoder
from zoo_models.image_captioner.image_encoder import STRIDE, image_encoder
from zoo_models.image_captioner.network import CaptionLayout, GridReader
from zoo_models.image_captioner.preprocessor import CaptionPreprocessor

# What a captioner must know of the words of its classes.
CLASS_WORDS = ("classes", "words", "kinds", "rare_ids")

SIGNALS = (
    Signal("states", "it is unlike the images it learnt", 0.05, high=True),
    SCORE,
)


@keras.saving.register_keras_serializable(package="rnnzoo")
class ImageCaptioner(AttendingGenerator):
    """Looks at an image and writes a sentence about it with Elman cells.

    An EfficientNet-Lite, trained on ImageNet and left as it is, turns the image into a
    grid of features. Their mean starts the states of two layers of Elman cells, which
    write word by word; after each layer they look at the grid, with attention as a
    read-out: it hands nothing from step to step. The table that embeds the words also
    tells the next one.

    Args:
        vocabulary_size: Number of ids, special tokens included.
        encoder: Variant of the image encoder, `"lite0"`, `"lite1"` or `"lite2"`.
            Default `"lite0"`.
        image_size: Side of the images that the encoder reads. Default 224.
        embedding_dim: Size of an embedding. Default 256.
        memory_dim: Size of a place of the grid, as the cells see it. Default 512.
        attention_dim: Size in which states and places are compared. Default 256.
        units: Units of each layer. Default 512.
        word_dropout: Fraction of the words that each caption forgets in training: see
            `rnnzoo.layers.WordDropout`. Default 0.02.
        dropout: Dropout rate between layers. Default 0.4.
        class_words: What the classes of the encoder's classifier are called, from
            `make_class_words`; `None` for a captioner that does without. Default
            `None`.
        num_words: Number of such words for an image, the most probable. Default 8.
        hidden_words: Fraction of them that are hidden in training: see
            `CopyingDecoder`. Default 0.3.
        preprocessor: A `rnnzoo.CaptionPreprocessor`, or `None` to feed
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
    from rnnzoo import CaptionPreprocessor, ImageCaptioner
    from rnnzoo.images import ImagePreprocessor
    from rnnzoo.text import CaptionTokenizer, Vocabulary

    preprocessor = CaptionPreprocessor(
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

    preprocessor_class = CaptionPreprocessor
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
        class_words: dict[str, Any] | None = None,
        num_words: int = 8,
        hidden_words: float = 0.3,
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        if preprocessor is not None:
            preprocessor = self.preprocessor_class.adopt(preprocessor)
            preprocessor.check_sizes(vocabulary_size, image_size)

        # === Layers ===
        encode = image_encoder(encoder, image_size)
        encode.trainable = False
        grid = GridReader(memory_dim, dropout)
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
            decoder: Any = AttendingDecoder(**settings)
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
            decoder, token_ids, *grid.read(features, words), words
        )
        inputs = {"pixels": pixels, "token_ids": token_ids}
        super().__init__(inputs, scores, decoder, attention, preprocessor, **kwargs)
        self._untracked.encoder = encode
        self._untracked.grid = grid
        self._untracked.layout = layout
        self._untracked.name_classes = name_classes

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.encoder_variant = encoder
        self.image_size = image_size
        self.embedding_dim = embedding_dim
        self.memory_dim = memory_dim
        self.attention_dim = attention_dim
        self.units = units
        self.word_dropout = word_dropout
        self.dropout = dropout
        self.class_words = class_words
        self.num_words = num_words
        self.hidden_words = hidden_words

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "vocabulary_size": self.vocabulary_size,
            "encoder": self.encoder_variant,
            "image_size": self.image_size,
            "embedding_dim": self.embedding_dim,
            "memory_dim": self.memory_dim,
            "attention_dim": self.attention_dim,
            "units": self.units,
            "word_dropout": self.word_dropout,
            "dropout": self.dropout,
            "class_words": self.class_words,
            "num_words": self.num_words,
            "hidden_words": self.hidden_words,
        }

    @property
    def encoder(self) -> keras.Model:
        """The image encoder, a Keras model that is not trained unless its `trainable`
        is set."""
        return self._untracked.encoder

    @property
    def class_head(self) -> ClassReader | None:
        """The encoder's classifier, if the captioner has one."""
        return self._untracked.name_classes

    @property
    def grid(self) -> GridReader:
        """What makes a memory of what the encoder sees."""
        return self._untracked.grid

    def decoder(self) -> keras.Model:
        """The network behind the encoder and its classifier, a Keras model from what
        `see` gives, and `token_ids`, `(batch, captions, time)`, to the scores of the
        next words."""
        features = keras.Input(self.encoder.output_shape[1:], name="image_features")
        token_ids = keras.Input((None, None), dtype="int32", name="token_ids")
        inputs = {"image_features": features}
        words = None
        if self.class_head is not None:
            shape = (FORMS * self.num_words,)
            inputs["word_ids"] = keras.Input(shape, dtype="int32", name="word_ids")
            inputs["word_logs"] = keras.Input(shape, name="word_logs")
            words = self._name(inputs)
        scores, _ = self._untracked.layout.decode(
            self.attending_decoder, token_ids, *self.grid.read(features, words), words
        )
        return keras.Model({**inputs, "token_ids": token_ids}, scores)

    def num_parameters(self) -> int:
        return self.count_params()  # those of the encoder too

    def read(self, inputs: Any) -> tuple[Any, ...]:
        return self.read_seen(self.see(self.encoder(inputs, training=False)))

    def see(self, image_features: Any) -> dict[str, Any]:
        """What is known of images, from the features that the encoder gave.

        Args:
            image_features: `(batch, places, 1280)`.

        Returns:
            The `image_features` and, of a captioner with `class_words`, what its
            `ClassReader` reads off them: `word_ids` and `word_logs`, `(batch, words)`.
        """
        if self.class_head is None:
            return {"image_features": image_features}
        ids, logs = self.class_head(image_features)
        return {"image_features": image_features, "word_ids": ids, "word_logs": logs}

    def read_seen(self, seen: dict[str, Any]) -> tuple[Any, ...]:
        """As `read`, from what `see` gives."""
        words = self._name(seen)
        memory, mask, summary = self.grid.read(seen["image_features"], words)
        return memory, mask, self.attending_decoder.begin(summary), words

    def _name(self, seen: dict[str, Any]) -> dict[str, Any] | None:
        """The words of the encoder's classifier, as the decoder needs them."""
        if "word_ids" not in seen:
            return None
        decoder: Any = self.attending_decoder
        return decoder.prepare(seen["word_ids"], seen["word_logs"])

    def remember(self, inputs: Any) -> tuple[Any, Any]:
        """The grid alone: words are read off it."""
        return self._cut(*super().remember(inputs))

    def _cut(self, memory: Any, mask: Any) -> tuple[Any, Any]:
        places = self.encoder.output_shape[1]
        return memory[:, :places], mask[:, :places]

    @property
    def signals(self) -> tuple[Signal, ...]:
        return SIGNALS

    def examine(
        self, inputs: Any, max_length: int, num_return: int
    ) -> tuple[Any, Any, Any]:
        seen = self.read(inputs)  # once: the encoder is what takes longest
        token_ids, scores = self.search(seen, max_length, num_return)
        distance = self.distance(self.pool(*self._cut(*seen[:2])))
        values = stack_signals([(distance, 1.0), (ops.max(scores, axis=1), 1.0)])
        return token_ids, scores, values

    def explain(self, inputs: Any, token_ids: Any) -> dict[str, Any]:
        """The weights of the decoder's second look, `(words, rows, columns)` of the
        grid, each of which has the sum 1, and the words."""
        token_ids = token_ids[: np.count_nonzero(token_ids)]
        side = math.ceil(self.image_size / STRIDE)
        weights = self.function("attention")(inputs, token_ids)
        weights = weights[:, : side * side]  # what goes to the grid, not to words
        weights = weights / weights.sum(axis=1, keepdims=True)
        answer = {"attention": weights.reshape(-1, side, side), "words": token_ids}
        if self.preprocessor is not None:
            tokens = self.preprocessor.captions.vocabulary.tokens
            answer["words"] = [tokens[i] for i in token_ids]
        return answer
