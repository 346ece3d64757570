"""The base of models that generate texts token by token."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NamedTuple

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.samplers import Sampler
from rnnzoo.samplers import get as get_sampler
from zoo_models.core.inference import Verbose
from zoo_models.core.types import Json, Raw, RawInputs, Tensor, TFTensor
from zoo_models.core.zoo_model import ZooModel


class Hypothesis(NamedTuple):
    """A generated text.

    Attributes:
        text: The text in UTF-8; its ids without a preprocessor.
        score: Its score.
        signals: The values of its input's signals, `(signals, 2)`.
        source: The network's first input, if attention is wanted.
        token_ids: The ids of the text, if attention is wanted.
    """

    text: Any
    score: float
    signals: np.ndarray
    source: np.ndarray | None = None
    token_ids: np.ndarray | None = None


class TextGenerator(ZooModel):
    """A model that generates a text, whose tokens a sampler chooses.

    `generate` has three passes: `preprocess`, `search` and `postprocess`. The output of
    the network is the logits of the next id at every step, of shape
    `(…, time, vocabulary_size)`. It takes the arguments of `ZooModel`. Its attribute
    `sampler` chooses the ids of a text.
    """

    verb: ClassVar[Literal["classify", "generate"]] = "generate"
    # Number of ids of a text without a preprocessor.
    fallback_max_length: ClassVar[int] = 100
    # Sampler of `compile(sampler="auto")`.
    default_sampler: ClassVar[str] = "beam"

    # Defined by a subclass

    def search(
        self, inputs: Tensor, max_length: int, num_return: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Generates texts for a batch of the network's first input, in `keras.ops`.

        Returns:
            Ids, `(batch, num_return, max_length)`, scores, `(batch, num_return)`, and
            the values of the signals, `(batch, signals, 2)`.
        """
        raise NotImplementedError

    def attend(self, source: np.ndarray, token_ids: np.ndarray) -> Json:
        """Returns the `attention` of a text's ids, and the tokens or places that it
        belongs to."""
        raise NotImplementedError

    # Settings

    def default_max_length(self) -> int:
        """Returns the largest number of ids of a text, the end token included."""
        preprocessor = self.inference.preprocessor
        return preprocessor.max_length if preprocessor else self.fallback_max_length

    def default_loss(self) -> keras.losses.Loss:
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )

    def default_metrics(self) -> list[keras.metrics.Metric]:
        return []  # metrics without weights would count padding: see `compile`

    def compile(
        self,
        optimizer: str | keras.optimizers.Optimizer = "auto",
        loss: str | keras.losses.Loss | None = "auto",
        metrics: Any = "auto",
        sampler: str | Sampler = "auto",
        **kwargs: Any,
    ) -> None:
        """Configures training, as `keras.Model.compile` does, and `generate`.

        Args:
            optimizer: `"auto"` is Adam at 0.001 with gradients clipped to norm 1.
            loss: `"auto"` is the cross-entropy of the next id.
            metrics: `"auto"` is token accuracy: the share of the next ids to which
                the model gives the highest score, without padding.
            sampler: `"beam"`, `"greedy"`, `"top_k"`, `"top_p"`, or an object of
                `rnnzoo.samplers`. `"auto"` is `"beam"`, of five hypotheses; for a
                language model `"top_p"`, which samples from the likeliest words that
                together have the probability 0.9.
            **kwargs: Other arguments of `keras.Model.compile`. With `run_eagerly` the
                first text is faster and later ones are slower.
        """
        if isinstance(sampler, str) and sampler == "auto":
            sampler = self.default_sampler
        self.sampler: Sampler = get_sampler(sampler)
        self.inference.seeds = self.sampler.seeds()
        self.inference.clear()
        if isinstance(metrics, str) and metrics == "auto":
            accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
            kwargs.setdefault("weighted_metrics", [accuracy])
        super().compile(optimizer, loss, metrics, **kwargs)

    # Texts

    def generate(
        self,
        inputs: RawInputs,
        max_length: int | None = None,
        batch_size: int = 64,
        verbose: Verbose = "auto",
        num_return: int | None = None,
        return_scores: bool = False,
        return_attention: bool = False,
    ) -> Any:
        """Generates a text for each input.

        Args:
            inputs: One raw input, a list or array of them, or a `tf.data.Dataset` of
                raw examples; arrays without a preprocessor.
            max_length: Largest number of tokens of a text, the end token included.
                Default: that of the preprocessor.
            batch_size: Number of inputs in a batch. Default 64.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1
                always, 0 never.
            num_return: Number of texts for each input, the best first. Default: the
                best alone.
            return_scores: Whether to return the scores too. Default `False`.
            return_attention: Whether to return the attention weights of each text.
                Default `False`.

        Returns:
            A text for each input, in a list unless `inputs` is a single input. With
            `num_return` it is a list of texts. Without a preprocessor it is an array of
            ids.

            With `return_scores` a text is in a dictionary with its `score` and the
            `confidence`, from 0 to 1, which is low for out-of-distribution inputs. The
            score is the mean log-probability of a token or, if the sampler has another
            `length_penalty` than 1, the log-probability of the text over that power
            of its length. Below a confidence of 0.5 there is also a `warning`, the
            reason in words. The calibration holds for the model's own sampler. Without
            one (see `calibrate`) the confidence is the exponential of the score, and
            there is no `warning`.

            With `return_attention` the dictionary contains the `attention` weights and
            their tokens: see `attend`.

        Raises:
            TypeError: If an input is of a type that cannot be read.
            ValueError: If `max_length` or `num_return` is out of range.
        """
        if max_length is None:
            max_length = self.default_max_length()
        else:
            check_positive("max_length", max_length)
        count = 1 if num_return is None else num_return
        self.sampler.num_hypotheses(count)  # raises an error for too many
        rows, is_single = self.inference.answer(
            lambda batch: self.generate_batch(
                batch, max_length, count, return_attention
            ),
            inputs,
            batch_size,
            verbose,
        )
        answers = [self.postprocess(r, return_scores, return_attention) for r in rows]
        answers = answers if num_return is not None else [texts[0] for texts in answers]
        return answers[0] if is_single else answers

    def generate_batch(
        self,
        batch: list[Raw],
        max_length: int,
        num_return: int,
        return_attention: bool = False,
    ) -> list[list[Hypothesis]]:
        """Returns the texts for each checked input, the best first. It takes the
        arguments of `generate`."""
        inputs = self.inference.preprocess(batch)
        token_ids, scores, signals = self.inference.run(
            self.search, inputs, max_length, num_return
        )
        texts = token_ids
        if self.inference.preprocessor is not None:
            texts = self.inference.run_graph(self.detokenize, token_ids)

        def hypothesis(i: int, j: int) -> Hypothesis:
            # All images of a long list would not fit into memory.
            arrays = (inputs[i], token_ids[i, j]) if return_attention else ()
            return Hypothesis(texts[i, j], scores[i, j], signals[i], *arrays)

        return [
            [hypothesis(i, j) for j in range(num_return)] for i in range(len(batch))
        ]

    def postprocess(
        self,
        row: Sequence[Hypothesis],
        return_scores: bool = False,
        return_attention: bool = False,
    ) -> list[Any]:
        """Returns the texts for one input, as `generate` does with `num_return`."""
        best = np.exp([max(hypothesis.score for hypothesis in row)])
        (fields,) = self.confidence.fields(row[0].signals[None], best)
        texts: list[Any] = []
        for text, score, _, source, token_ids in row:
            text = text.decode() if isinstance(text, bytes) else text
            if not (return_scores or return_attention):
                texts.append(text)
                continue
            answer = {self.answer_name: text}
            if return_scores:
                answer["score"] = float(score)
            if source is not None and token_ids is not None:
                answer |= self.attend(source, token_ids)
            texts.append({**answer, **fields})
        return texts

    def measure_batch(self, batch: list[Raw]) -> Sequence[np.ndarray]:
        rows = self.generate_batch(batch, self.default_max_length(), 1)
        return [row[0].signals for row in rows]

    def detokenize(self, token_ids: TFTensor) -> TFTensor:
        """Returns the texts, `(batch, num_return)`, of ids, `(batch, num_return,
        time)`, in TensorFlow ops."""
        import tensorflow as tf

        flat = tf.reshape(token_ids, [-1, token_ids.shape[-1]])
        texts = self.inference.preprocessor.detokenize(flat)
        return tf.reshape(texts, tf.shape(token_ids)[:2])

    # Serving

    def answer(self, raw: TFTensor) -> dict[str, TFTensor]:
        """Returns the text, by `answer_name`, its `score` and the `confidence`, all
        `(batch,)`, for raw inputs, in TensorFlow ops."""
        token_ids, scores, signals = self.search(
            self.preprocessor(raw), self.default_max_length(), 1
        )
        score = scores[:, 0]
        return {
            self.answer_name: self.detokenize(token_ids)[:, 0],
            "score": score,
            "confidence": self.confidence.of(signals, ops.exp(score), ops),
        }

    def endpoints(self) -> Json:
        import tensorflow as tf

        spec = [self.preprocessor.spec()]
        # Both signatures call one function, so that it is traced and saved once.
        whole = tf.function(self.answer, spec, autograph=False).get_concrete_function()

        def answer(raw: TFTensor) -> dict[str, TFTensor]:
            found = whole(raw)
            return {name: found[name] for name in (self.answer_name, "score")}

        return {
            "serving_default": (answer, spec),
            "serve_confidence": (lambda raw: whole(raw), spec),
        }

    def resources(self) -> list[Any]:
        return [*super().resources(), *self.sampler.resources()]
