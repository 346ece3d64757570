"""One to many: an image in, a sentence about it out."""

import math
from typing import Any

import keras
import numpy as np

from rnnzoo.images import ImagePreprocessor, image_rank
from rnnzoo.text import CaptionTokenizer, Vocabulary
from zoo_models.core.raw_data import is_dataset
from zoo_models.core.text_generator import TextGenerator
from zoo_models.image_captioner.functions import build_attention, build_captions
from zoo_models.image_captioner.image_encoder import STRIDE, image_encoder
from zoo_models.image_captioner.network import CaptionNetwork
from zoo_models.image_captioner.preprocessor import CaptionPreprocessor
from zoo_models.image_captioner.raw_captions import to_captioned

VOCABULARY_FILE = "vocabulary.txt"
MAX_LENGTH = 24  # words of a caption, without a preprocessor that says more
INTERPOLATION = "bicubic"  # as the encoder was trained


@keras.saving.register_keras_serializable(package="rnnzoo")
class ImageCaptioner(TextGenerator):
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
        preprocessor: A `rnnzoo.CaptionPreprocessor`, or `None` to feed
            arrays: pixels from 0 to 1, of shape `(image_size, image_size, 3)`.
            Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raw inputs are paths, the bytes of JPEG or PNG files, or arrays: see
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

    task = "caption of an image (one to many)"
    output_name = "caption"
    input_kind = "image"
    prepares_singly = True

    def __init__(
        self,
        vocabulary_size,
        encoder="lite0",
        image_size=224,
        embedding_dim=256,
        memory_dim=512,
        attention_dim=256,
        units=512,
        word_dropout=0.02,
        dropout=0.4,
        preprocessor=None,
        **kwargs,
    ):
        if preprocessor is not None:
            preprocessor.check(vocabulary_size, image_size)

        # === Layers ===
        eye = image_encoder(encoder, image_size)
        eye.trainable = False
        parts = CaptionNetwork(
            vocabulary_size,
            embedding_dim,
            memory_dim,
            attention_dim,
            units,
            word_dropout,
            dropout,
            self.recurrent_layer,
        )

        # === Graph ===
        pixels = keras.Input((image_size, image_size, 3), name="pixels")
        token_ids = keras.Input((None, None), dtype="int32", name="token_ids")
        scores, weights = parts.decode(token_ids, eye(pixels))
        inputs = {"pixels": pixels, "token_ids": token_ids}
        super().__init__(inputs, scores, preprocessor, **kwargs)
        self._untracked.parts = parts
        self._untracked.encoder = eye
        self._untracked.attention = weights

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

    def get_config(self):
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
        }

    @property
    def encoder(self):
        """The image encoder, a Keras model that is not trained unless its `trainable`
        is set."""
        return self._untracked.encoder

    @property
    def parts(self):
        """The decoder's layers, a `CaptionNetwork`."""
        return self._untracked.parts

    def decoder(self):
        """The network behind the encoder, a Keras model from `image_features`,
        `(batch, places, 1280)`, and `token_ids`, `(batch, captions, time)`, to the
        scores of the next words."""
        features = keras.Input(self.encoder.output_shape[1:], name="image_features")
        token_ids = keras.Input((None, None), dtype="int32", name="token_ids")
        scores, _ = self.parts.decode(token_ids, features)
        inputs = {"image_features": features, "token_ids": token_ids}
        return keras.Model(inputs, scores)

    def num_parameters(self):
        return self.count_params()  # those of the encoder too

    def check_input(self, raw, name):
        return self.preprocessor.images.read(raw, name)

    def rank_of(self, inputs):
        return image_rank(inputs)

    def predict(self, x, batch_size=None, **kwargs):
        """The scores of the next words, for arrays: a captioner with its preprocessor
        captions with `generate`."""
        if self.preprocessor is not None and not isinstance(x, dict):
            raise TypeError(
                "`predict` takes a dictionary of `pixels` and `token_ids`; images are "
                f"captioned by `generate`. Received: {type(x).__name__}"
            )
        return keras.Model.predict(self, x, batch_size=batch_size, **kwargs)

    def _to_dataset(self, data, batch_size, shuffle=False):
        parts = (data,) if is_dataset(data) else tuple(data)
        return to_captioned(
            *(*parts, None, None)[:3],
            batch_size=batch_size,
            shuffle=shuffle,
            preprocessor=self.preprocessor,
            check_input=self.check_input,
            rank_of=self.rank_of,
        )

    # Captions

    def default_max_length(self):
        return (
            self.preprocessor.captions.max_length if self.preprocessor else MAX_LENGTH
        )

    def explain(self, pixels, token_ids):
        """The weights of the decoder's second look, `(words, rows, columns)` of the
        grid, each of which has the sum 1, and the words."""
        token_ids = token_ids[: np.count_nonzero(token_ids)]
        side = math.ceil(self.image_size / STRIDE)
        weights = self._function("attention")(pixels, token_ids)
        answer = {"attention": weights.reshape(-1, side, side), "words": token_ids}
        if self.preprocessor is not None:
            tokens = self.preprocessor.captions.vocabulary.tokens
            answer["words"] = [tokens[i] for i in token_ids]
        return answer

    def caption_features(
        self, image_features: Any, max_length: int, num_return: int
    ) -> Any:
        """Captions what the encoder saw, in `keras.ops`.

        Args:
            image_features: `(batch, places, 1280)`.
            max_length: Words of a caption at most, the end included.
            num_return: Number of captions for each image.

        Returns:
            Ids, `(batch, num_return, max_length)`, and scores,
            `(batch, num_return)`.
        """
        parts = self.parts
        fixed, states = parts.start(image_features)

        def step(token_ids, states):
            return parts.step(fixed, token_ids, states)

        return self.sampler(step, states, max_length, num_return)

    def to_texts(self, token_ids: Any) -> Any:
        """Captions for ids, `(batch, num_return, max_length)`, in TensorFlow ops."""
        import tensorflow as tf

        flat = tf.reshape(token_ids, [-1, token_ids.shape[-1]])
        texts = self.preprocessor.captions.detokenize(flat)
        return tf.reshape(texts, tf.shape(token_ids)[:2])

    def _build_function(self, output):
        if output == "attention":
            return build_attention(self, self._untracked.attention)
        return build_captions(self, *output[1:])

    # Presets and serving

    @classmethod
    def load_preprocessor(cls, folder, config):
        settings = config.get("preprocessor")
        if settings is None:
            return None
        size = config["config"]["image_size"]
        return CaptionPreprocessor(
            ImagePreprocessor((size, size, 3), INTERPOLATION),
            CaptionTokenizer(Vocabulary.load(folder / VOCABULARY_FILE), **settings),
        )

    def save_preprocessor(self, folder):
        if self.preprocessor is None:
            return None
        captions = self.preprocessor.captions
        captions.vocabulary.save(folder / VOCABULARY_FILE)
        return {"max_length": captions.max_length}

    def answer(self, raw: Any) -> dict[str, Any]:
        """Captions a batch of images in a TensorFlow graph.

        Returns:
            `caption` and its `score`, both of shape `(batch,)`.
        """
        features = self.encoder(self.prepare(raw), training=False)
        ids, scores = self.caption_features(features, self.default_max_length(), 1)
        return {"caption": self.to_texts(ids)[:, 0], "score": scores[:, 0]}

    def endpoints(self):
        import tensorflow as tf

        image_bytes = tf.TensorSpec([None], tf.string, name="image_bytes")
        return {"serving_default": (self.answer, [image_bytes])}

    def resources(self):
        return self.sampler.resources()
