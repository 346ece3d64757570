"""One to many, from a start: the beginning of a text in, its continuation out."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.layers import TiedEmbedding
from rnnzoo.samplers import BeamSampler, RandomSampler, Sampler
from rnnzoo.text import END_ID, PAD_ID, START_ID, Vocabulary
from zoo_models.core.confidence import UNKNOWN_WORDS, Confidence
from zoo_models.core.inference import Verbose
from zoo_models.core.text_generator import TextGenerator
from zoo_models.core.types import Nest, Raw, RawInputs, Tensor
from zoo_models.language_model.network import NextWordNetwork, count_tokens
from zoo_models.language_model.preprocessor import LanguageModelPreprocessor
from zoo_models.language_model.stops import check_stops, cut_at, pieces


@keras.saving.register_keras_serializable(package="rnnzoo")
class LanguageModel(TextGenerator):
    """Predicts the next word of a text with Elman cells.

    One Elman layer reads the embedded words. A dense layer maps each state to a vector
    whose products with the embedding table are the logits of the next word. `generate`
    continues texts, by default with the sampler `"top_p"`. A continuation does not
    repeat the beginning, and `""` starts a new text.

    Args:
        vocabulary_size: Number of ids, special tokens included.
        embedding_dim: Size of an embedding. Default 128.
        units: Number of units. Default 256.
        dropout: Dropout rate of embeddings and of states. Default 0.1.
        preprocessor: A `rnnzoo.LanguageModelPreprocessor`, the
            `rnnzoo.text.Vocabulary` for one, or `None` to feed ids: an int32 array of
            shape `(batch, time)` with 0 as right padding. Default `None`.
        embed: The `rnnzoo.layers.TiedEmbedding` of another language model, to share.
            It is not part of the configuration. Default: a new one.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's vocabulary
            has another size.

    Example:

    ```python
    from rnnzoo import LanguageModel
    from rnnzoo.text import Vocabulary

    model = LanguageModel(
        8, embedding_dim=4, units=5, preprocessor=Vocabulary(["a", "film", "good", "."])
    )
    model.fit(["a good film."] * 8, epochs=1, verbose=0)
    assert isinstance(model.generate("a good", max_length=3), str)
    assert model.score("a good film.")["tokens"] == 5
    ```

    References:
        - Elman, "Finding Structure in Time", 1990: word prediction.
        - Mikolov et al., "Recurrent Neural Network Based Language Model", 2010.
        - Press and Wolf, "Using the Output Embedding to Improve Language Models",
          2017: one table for inputs and outputs.
    """

    task = "continuation of a text (one to many, from a start)"
    answer_name = "text"
    metric = "perplexity"
    preprocessor_class = LanguageModelPreprocessor
    default_sampler = "top_p"

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int = 128,
        units: int = 256,
        dropout: float = 0.1,
        preprocessor: LanguageModelPreprocessor | Vocabulary | None = None,
        embed: TiedEmbedding | None = None,
        **kwargs: Any,
    ):
        preprocessor = self.preprocessor_class.adopt(
            preprocessor, vocabulary_size=vocabulary_size
        )
        words = NextWordNetwork(
            vocabulary_size, embedding_dim, units, dropout, self.recurrent_layer, embed
        )
        token_ids = keras.Input((None,), dtype="int32", name="token_ids")
        _, features, _ = words.encode(token_ids)
        scores = words.embed(features, reverse=True)
        confidence = Confidence((UNKNOWN_WORDS, words.likelihood_signal()))
        super().__init__(token_ids, scores, confidence, preprocessor, **kwargs)
        self.words = words

        self.keep_config(
            vocabulary_size=vocabulary_size,
            embedding_dim=embedding_dim,
            units=units,
            dropout=dropout,
        )

    # Texts

    def generate(  # type: ignore[override]  # there is no attention to return
        self,
        inputs: RawInputs,
        max_length: int | None = None,
        batch_size: int = 64,
        verbose: Verbose = "auto",
        num_return: int | None = None,
        return_scores: bool = False,
        stop: str | Sequence[str] = (),
    ) -> Any:
        """Continues texts. The continuation does not repeat the beginning.

        Args:
            inputs: The beginning of a text, a list or array of them, or a
                `tf.data.Dataset` of raw examples; arrays of ids without a preprocessor.
                `""` starts a new text.
            max_length: Largest number of words of a continuation, the end token
                included. Default: that of the preprocessor.
            batch_size: Number of texts in a batch. Default 64.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1
                always, 0 never.
            num_return: Number of continuations of each text, the likeliest first.
                Default: one.
            return_scores: Whether to return the scores too. Default `False`.
            stop: Lower-case strings that end a continuation, which does not contain
                them. Its score is that of the whole. Default: none.

        Returns:
            As `TextGenerator.generate`: a continuation of each text, with
            `return_scores` in a dictionary with `score` and `confidence`.

        Raises:
            TypeError: If an input is not a text.
            ValueError: If an argument is out of range.
        """
        stops = check_stops(stop)
        if stops and self.preprocessor is None:
            raise ValueError("`stop` cuts texts, so it needs the preprocessor.")

        def cut(answer: Any) -> Any:
            if isinstance(answer, list):
                return [cut(one) for one in answer]
            if isinstance(answer, dict):
                return {**answer, "text": cut_at(answer["text"], stops)}
            return cut_at(answer, stops)

        answers = super().generate(
            inputs, max_length, batch_size, verbose, num_return, return_scores
        )
        return cut(answers) if stops else answers

    def stream(
        self,
        prompt: str,
        max_length: int | None = None,
        stop: str | Sequence[str] = (),
        temperature: float | None = None,
        seed: int | None = None,
    ) -> Iterator[str]:
        """Continues one text and yields each word when it is chosen.

        Args:
            prompt: Beginning of a text, `""` for none.
            max_length: Words at most. Default as in `generate`.
            stop: Strings that end the continuation. Text that may begin one is yielded
                later. Default: none.
            temperature: Divisor of the logits, for random samplers. Default: that of
                the sampler.
            seed: Integer seed of the draws, 0 or more. Default: a new one each time.

        Yields:
            Parts of the continuation.

        Raises:
            TypeError: If the prompt is not a text.
            ValueError: If there is no preprocessor, if the sampler is a beam, or if an
                argument is out of range.
        """
        if self.preprocessor is None:
            raise ValueError("`stream` writes text, so it needs the preprocessor.")
        if max_length is None:
            max_length = self.default_max_length()
        check_positive("max_length", max_length)
        sampler = self._sampler_for(temperature)
        raw = self.preprocessor.check(prompt, "the prompt")
        stops = check_stops(stop)
        token_ids = self._choose(raw, max_length, sampler, np.random.default_rng(seed))
        return pieces(token_ids, self.preprocessor.spell, stops)

    def _choose(
        self, raw: bytes, max_length: int, sampler: Sampler, rng: np.random.Generator
    ) -> Iterator[int]:
        """Yields the words that the sampler chooses, up to the end token."""
        run, width = self.inference.run, 1 + sum(self.words.state_sizes())
        scores, states = run(self.start_stream, self.inference.preprocess([raw]))
        for left in reversed(range(max_length)):
            chance = ops.convert_to_tensor(rng.random(1, "float32"))
            token_id = int(sampler.pick(scores, chance)[0])
            if token_id == END_ID:
                return
            yield token_id
            if left:
                row = np.concatenate([*states, [[token_id]]], axis=1, dtype="float32")
                scores, states = run(self.words.advance, row, shape=(1, width))

    def _sampler_for(self, temperature: float | None) -> Sampler:
        sampler = self.sampler
        if isinstance(sampler, BeamSampler):
            raise ValueError(
                "Beams are known when all is written: to stream, compile with the "
                "sampler 'greedy', 'top_k' or 'top_p'. Received: 'beam'"
            )
        if temperature is None:
            return sampler
        if not isinstance(sampler, RandomSampler):
            raise ValueError(
                "`temperature` is for samplers that draw, 'top_k' and 'top_p'. "
                f"Received: {type(sampler).__name__}"
            )
        sampler = copy.copy(sampler)
        sampler.set_temperature(temperature)
        return sampler

    def score(
        self, inputs: RawInputs, batch_size: int = 16, verbose: Verbose = "auto"
    ) -> Any:
        """Scores texts by their likelihood.

        Args:
            inputs: Texts, as in `generate`. The model reads the last 4 095 words.
            batch_size: Number of texts in a batch. Default 16.
            verbose: Progress bar, as in `generate`.

        Returns:
            A dictionary for each text, in a list unless `inputs` is a single text:
            `score`, the mean natural log-probability of a word among all of the
            vocabulary, at most 0; `perplexity`, exp of its negative, at least 1; and
            `tokens`, the number of words, the end token included. An unknown word
            counts as the token for unknown words.
        """

        def score_batch(batch: list[Raw]) -> list[tuple[Tensor, Tensor]]:
            token_ids = self.inference.preprocess(batch)
            return list(
                zip(*self.inference.run(self.words.total, token_ids), strict=True)
            )

        rows, is_single = self.inference.answer(
            score_batch, inputs, batch_size, verbose
        )
        answers = []
        for total, count in rows:
            score = float(total) / int(count)
            answers.append({"score": score, "perplexity": float(np.exp(-score))})
            answers[-1]["tokens"] = int(count)
        return answers[0] if is_single else answers

    # Passes

    def search(
        self, inputs: Tensor, max_length: int, num_return: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        words, rows = self.words, ops.shape(inputs)[0]
        lengths = count_tokens(inputs)
        last = ops.take_along_axis(inputs, lengths[:, None] - 1, axis=1)[:, 0]
        # The network reads all words but the last, which starts the continuation.
        places = ops.arange(ops.shape(inputs)[1], dtype="int32")
        is_before = places[None] < lengths[:, None] - 1
        _, _, states = words.encode(inputs, mask=is_before)
        states = [ops.reshape(state, (rows, state.shape[-1])) for state in states]

        def step(token_ids: Tensor, carried: Nest, _: Nest) -> tuple[Tensor, Nest]:
            states, opening = carried
            token_ids = ops.where(token_ids == START_ID, opening, token_ids)
            scores, states = words.step(token_ids, states)
            return scores, (states, opening)

        token_ids, scores = self.sampler(
            step, (states, last), max_length, num_return, fixed=()
        )
        return token_ids, scores, self.measure_signals(inputs)

    def measure_signals(self, inputs: Tensor) -> Tensor:
        """Returns the values of the signals of beginnings, `(batch, signals, 2)`, in
        `keras.ops`."""
        return self.confidence.measure(inputs, outputs=None)

    def measure_batch(self, batch: list[Raw]) -> Sequence[np.ndarray]:
        inputs = self.inference.preprocess(batch)
        return self.inference.run(self.measure_signals, inputs)

    def encode_states(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        outputs, _, _ = self.words.encode(inputs)
        return outputs, inputs != PAD_ID

    def summarize(self, states: np.ndarray) -> np.ndarray:
        return states[-1]

    def start_stream(self, inputs: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Returns the logits of the word after one text, `(1, vocabulary_size)`, and
        the states, in `keras.ops`."""
        _, features, states = self.words.encode(inputs, mask=inputs != PAD_ID)
        last = count_tokens(inputs)[:, None, None] - 1
        features = ops.take_along_axis(features, last, axis=1)[:, 0]
        return self.words.embed(features, reverse=True), states
