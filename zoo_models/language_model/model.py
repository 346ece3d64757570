"""One to many, from a start: the beginning of a text in, its continuation out."""

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.samplers import BeamSampler, RandomSampler, Sampler
from rnnzoo.text import END_ID, PAD_ID, START_ID
from zoo_models.core.confidence import Signal
from zoo_models.core.inference import check_names, compile_function, compute
from zoo_models.core.text_generator import TextGenerator
from zoo_models.language_model.confidence import SIGNALS, measure_beginning
from zoo_models.language_model.network import NextWordNetwork, count_words
from zoo_models.language_model.preprocessor import LanguageModelPreprocessor
from zoo_models.language_model.stops import check_stops, cut_at, pieces


@keras.saving.register_keras_serializable(package="rnnzoo")
class LanguageModel(TextGenerator):
    """Reads words with Elman cells and expects the next one.

    The words are embedded and read by one Elman layer; a dense layer makes of each
    state what is held against the table of embeddings, and so tells how likely each
    word is to come next.

    Args:
        vocabulary_size: Number of ids, special tokens included.
        embedding_dim: Size of an embedding. Default 128.
        units: Number of units. Default 256.
        dropout: Dropout rate of embeddings and of states. Default 0.1.
        preprocessor: A `rnnzoo.LanguageModelPreprocessor`, an `rnnzoo.text.Vocabulary`
            to make one of, or `None` to feed ids: an int32 array of shape
            `(batch, time)` with 0 as right padding. Default `None`.
        embed: The `rnnzoo.layers.TiedEmbedding` of another language model, to share
            with it; it is not part of the configuration. Default: one of its own.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Raises:
        ValueError: If an argument is out of range, or the preprocessor's vocabulary
            is of another size.

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
        - Elman, "Finding Structure in Time", 1990: words told from what came before.
        - Mikolov et al., "Recurrent Neural Network Based Language Model", 2010.
        - Press and Wolf, "Using the Output Embedding to Improve Language Models",
          2017: one table for what is read and what is written.
    """

    preprocessor_class = LanguageModelPreprocessor

    def __init__(
        self,
        vocabulary_size: int,
        embedding_dim: int = 128,
        units: int = 256,
        dropout: float = 0.1,
        preprocessor: Any = None,
        embed: Any = None,
        **kwargs: Any,
    ):
        if preprocessor is not None:
            preprocessor = self.preprocessor_class.adopt(preprocessor)
            preprocessor.check_sizes(vocabulary_size)
        words = NextWordNetwork(
            vocabulary_size, embedding_dim, units, dropout, self.recurrent_layer, embed
        )
        token_ids = keras.Input((None,), dtype="int32", name="token_ids")
        _, features, _ = words.read(token_ids)
        scores = words.embed(features, reverse=True)
        super().__init__(token_ids, scores, preprocessor, **kwargs)
        self._untracked.words = words

        # === Config ===
        self.vocabulary_size = vocabulary_size
        self.embedding_dim = embedding_dim
        self.units = units
        self.dropout = dropout

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "vocabulary_size": self.vocabulary_size,
            "embedding_dim": self.embedding_dim,
            "units": self.units,
            "dropout": self.dropout,
        }

    @property
    def words(self) -> NextWordNetwork:
        """What reads words and expects the next."""
        return self._untracked.words

    def compile(
        self,
        optimizer: Any = "auto",
        loss: Any = "auto",
        metrics: Any = "auto",
        sampler: Any = "top_p",
        **kwargs: Any,
    ) -> None:
        """Configures training and `generate`, as `TextGenerator.compile` does.

        Args:
            optimizer: These three are as there.
            loss: See `optimizer`.
            metrics: See `optimizer`.
            sampler: Default `"top_p"`: draws from the likeliest words that together
                have the probability 0.9. A beam would find what is always said.
            **kwargs: Other arguments of `keras.Model.compile`.
        """
        super().compile(optimizer, loss, metrics, sampler, **kwargs)

    # Texts

    def generate(
        self,
        inputs: Any,
        max_length: int | None = None,
        batch_size: int = 64,
        verbose: Any = "auto",
        num_return: int | None = None,
        return_scores: bool = False,
        stop: str | Sequence[str] = (),
    ) -> Any:
        """Continues texts; what is given is not repeated.

        Args:
            inputs: Beginnings of texts, as in `TextGenerator.generate`; `""` begins
                with nothing.
            max_length: Words of a continuation at most. Default: 100, or what the
                preprocessor says.
            batch_size: Number of texts at once. Default 64.
            verbose: Progress bar: `"auto"`, 1 or 0.
            num_return: Number of continuations of each, the likeliest first. Default:
                one.
            return_scores: Whether to give the scores too: the mean log-probability of
                a word. Default `False`.
            stop: Strings at the first of which a continuation is cut off; it is not
                part of the text, which is in lower case. Scores are those of the whole.
                Default: none.

        Raises:
            TypeError: If an input is no text.
            ValueError: If an argument is out of range.
        """
        stops = check_stops(stop)
        if stops and self.preprocessor is None:
            raise ValueError("`stop` cuts texts, so it needs the preprocessor.")

        def cut(answer: Any) -> Any:
            if isinstance(answer, list):
                return [cut(one) for one in answer]
            if isinstance(answer, dict):
                name = self.answer_name
                return {**answer, name: cut_at(answer[name], stops)}
            return cut_at(answer, stops)

        answers = self._generate(
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
        """Continues one text and yields each word as it is chosen.

        Args:
            prompt: Beginning of a text, `""` for none.
            max_length: Words at most. Default as in `generate`.
            stop: Strings at the first of which it stops. What might begin one is
                held back until it is known not to. Default: none.
            temperature: What scores are divided by, for samplers that draw. Default:
                the sampler's own.
            seed: Integer for draws that can be repeated, 0 or more. Default: another
                draw each time.

        Yields:
            Pieces of text; joined they are the continuation.

        Raises:
            TypeError: If the prompt is not a text.
            ValueError: If there is no preprocessor, if the sampler follows several
                hypotheses at once, or if an argument is out of range.
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
        self,
        raw: bytes,
        max_length: int,
        sampler: Sampler,
        chances: np.random.Generator,
    ) -> Iterator[int]:
        """Yields the words that the sampler chooses, one by one, up to the end."""
        scores, states = self.function("begin")([raw])
        for left in reversed(range(max_length)):
            chance = ops.convert_to_tensor(chances.random(1, "float32"))
            token_id = int(sampler.pick(scores, chance)[0])
            if token_id == END_ID:
                return
            yield token_id
            if left:
                scores, states = self.function("continue")(token_id, states)

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
        self, inputs: Any, batch_size: int = 16, verbose: Any = "auto"
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """How likely texts are.

        Args:
            inputs: Texts, as in `generate`. Of more than 4 095 words the last ones
                are read.
            batch_size: Number of texts at once. Default 16.
            verbose: Progress bar, as in `generate`.

        Returns:
            For each text a dictionary, a list of them unless a single text came:
            `score`, the mean natural log-probability of a word among all of the
            vocabulary, at most 0; `perplexity`, exp of its negative, at least 1; and
            `tokens`, the number of words, the end of the text included, over which
            the mean is taken. An unknown word counts as the one unknown word.
        """
        rows, is_single = compute(self, inputs, "score", batch_size, verbose)
        answers = [
            {
                "score": float(total) / int(count),
                "perplexity": float(np.exp(-float(total) / int(count))),
                "tokens": int(count),
            }
            for total, count in rows
        ]
        return answers[0] if is_single else answers

    def encode(
        self,
        inputs: Any,
        return_states: bool = False,
        batch_size: int = 64,
        verbose: Any = "auto",
        return_tokens: bool = False,
    ) -> Any:
        """The states of the network, as features of the texts.

        Args:
            inputs: Texts, as in `generate`.
            return_states: Whether to give the states of every step instead of the
                last. Default `False`.
            batch_size: Number of texts at once. Default 64.
            verbose: Progress bar, as in `generate`.
            return_tokens: Whether to give these with the names of what was read, for
                which it needs a preprocessor. Default `False`.

        Returns:
            An array for each text, of shape `(units,)`; with `return_states` of shape
            `(time, units)`: the state before the first word, then that after each; with
            `return_tokens` a dictionary of these `states` and of `tokens`, a name for
            each, first an end token. A list of them unless a single text came.
        """
        if return_tokens:
            check_names(self)
        rows, is_single = compute(self, inputs, "states", batch_size, verbose)
        answers: list[Any] = []
        for states, n, token_ids in rows:
            if return_tokens:
                names = self.preprocessor.source_names(token_ids[:n])
                answers.append({"states": states[:n], "tokens": names})
            else:
                answers.append(states[:n] if return_states else states[n - 1])
        return answers[0] if is_single else answers

    def write(self, inputs: Any, max_length: int, num_return: int) -> tuple[Any, Any]:
        words, rows = self.words, ops.shape(inputs)[0]
        lengths = count_words(inputs)
        last = ops.take_along_axis(inputs, lengths[:, None] - 1, axis=1)[:, 0]
        # All but the last word is read at once; that one opens what is written.
        is_before = ops.arange(ops.shape(inputs)[1])[None] < lengths[:, None] - 1
        _, _, states = words.read(inputs, mask=is_before)
        states = [ops.reshape(state, (rows, state.shape[-1])) for state in states]

        def step(token_ids: Any, carried: Any, _: Any) -> Any:
            states, opening = carried
            token_ids = ops.where(token_ids == START_ID, opening, token_ids)
            scores, states = words.step(token_ids, states)
            return scores, (states, opening)

        return self.sampler(step, (states, last), max_length, num_return, fixed=())

    @property
    def signals(self) -> tuple[Signal, ...]:
        return SIGNALS

    def signal_values(self, inputs: Any, scores: Any) -> Any:
        return measure_beginning(self.words, inputs)

    def measure(self, inputs: Any, batch_size: int, verbose: Any) -> np.ndarray:
        rows, _ = compute(self, inputs, "signals", batch_size, verbose)
        return np.stack([values for (values,) in rows])

    # Compiled functions

    def build_function(self, output: Any) -> Callable[..., Any]:
        builders: dict[Any, Callable[[Any], Any]] = {
            "score": self.words.total,
            "states": self._states,
            "begin": self._begin,
            "signals": lambda inputs: (self.signal_values(inputs, None),),
        }
        if output == "continue":
            return self._build_continue()
        if output not in builders:
            return super().build_function(output)
        (spec,) = self.inputs
        compiled = compile_function(
            builders[output],
            spec.shape,
            spec.dtype,
            self.network().variables,
            eager=self.run_eagerly,
        )
        prepare = self.build_preparation()
        if output == "begin":
            return lambda batch: compiled(prepare(batch))
        return lambda batch: list(zip(*compiled(prepare(batch)), strict=True))

    def _states(self, token_ids: Any) -> tuple[Any, Any, Any]:
        outputs, _, _ = self.words.read(token_ids)
        return outputs, count_words(token_ids), token_ids

    def _begin(self, token_ids: Any) -> tuple[Any, list[Any]]:
        """Scores of the word after one text, `(1, vocabulary_size)`, and the states."""
        _, features, states = self.words.read(token_ids, mask=token_ids != PAD_ID)
        last = count_words(token_ids)[:, None, None] - 1
        features = ops.take_along_axis(features, last, axis=1)[:, 0]
        return self.words.embed(features, reverse=True), states

    def _build_continue(self) -> Callable[[int, Any], Any]:
        """A function of a word and the states before it, to scores and states."""
        width = 1 + sum(self.words.state_sizes())
        compiled = compile_function(
            self.words.advance, (1, width), "float32", self.network().variables
        )

        def go_on(token_id: int, states: Any) -> Any:
            row = np.concatenate([*states, [[token_id]]], axis=1)
            return compiled(row.astype("float32"))

        return go_on
