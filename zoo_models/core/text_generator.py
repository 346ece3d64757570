"""The base of models that write texts piece by piece."""

from collections.abc import Callable
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from rnnzoo.core.checks import check_positive
from rnnzoo.layers.elman_scan import forward_only
from rnnzoo.samplers import get as get_sampler
from zoo_models.core.confidence import Signal, stack_signals
from zoo_models.core.confident_model import ConfidentModel
from zoo_models.core.inference import compile_function, compile_graph, compute

SCORE = Signal("score", "no text seems likely for it", 0.05, low=True)


class TextGenerator(ConfidentModel):
    """A model whose answer is a text that a sampler chooses.

    Its network gives scores of the next id at every step, of shape
    `(…, time, vocabulary_size)`. Arguments as in `ZooModel`.
    """

    # Ids of a text, without a preprocessor that says more.
    fallback_max_length: ClassVar[int] = 100

    # What a subclass defines

    def write(self, inputs: Any, max_length: int, num_return: int) -> tuple[Any, Any]:
        """Writes for a batch of the network's first input, in `keras.ops`.

        Args:
            inputs: What the preprocessor makes of raw inputs.
            max_length: Ids of a text at most, the end included.
            num_return: Number of texts for each input.

        Returns:
            Ids, `(batch, num_return, max_length)`, and scores,
            `(batch, num_return)`.
        """
        raise NotImplementedError

    # What it is made of

    @property
    def sampler(self) -> Any:
        """What chooses the ids of an answer."""
        return self._untracked.sampler

    def default_max_length(self) -> int:
        """Ids of an answer at most, the end included."""
        if self.preprocessor is None:
            return self.fallback_max_length
        return self.preprocessor.max_length

    def default_loss(self) -> Any:
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )

    def default_metrics(self) -> list[Any]:
        return []  # padding would count in them: see `compile`

    def compile(
        self,
        optimizer: Any = "auto",
        loss: Any = "auto",
        metrics: Any = "auto",
        sampler: Any = "beam",
        **kwargs: Any,
    ) -> None:
        """Configures training, as `keras.Model.compile` does, and `generate`.

        Args:
            optimizer: `"auto"` is Adam at 0.001 with gradients clipped to norm 1.
            loss: `"auto"` is the cross-entropy of the next id.
            metrics: `"auto"` is token accuracy: the share of the next ids to which
                the highest score is given, padding left out.
            sampler: `"beam"`, `"greedy"`, `"top_k"`, `"top_p"`, or an object of
                `rnnzoo.samplers`. Default `"beam"`, of five hypotheses.
            **kwargs: Other arguments of `keras.Model.compile`. With `run_eagerly` a
                first text comes sooner, and those after it take longer.
        """
        self._untracked.sampler = get_sampler(sampler)
        self._untracked.functions.clear()
        if isinstance(metrics, str) and metrics == "auto":
            accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
            kwargs.setdefault("weighted_metrics", [accuracy])
        super().compile(optimizer, loss, metrics, **kwargs)

    # Texts

    def generate(
        self,
        inputs: Any,
        max_length: int | None = None,
        batch_size: int = 64,
        verbose: Any = "auto",
        num_return: int | None = None,
        return_scores: bool = False,
    ) -> Any:
        """Writes a text for each input.

        Args:
            inputs: One raw input, a list or array of them, or a `tf.data.Dataset` of
                raw examples; arrays without a preprocessor.
            max_length: Pieces of a text at most, the end included. Default: that of
                the preprocessor.
            batch_size: Number of inputs at once. Default 64.
            verbose: Progress bar: `"auto"` on a terminal for several batches, 1
                always, 0 never.
            num_return: Number of texts for each input, the best first. Default: the
                best alone.
            return_scores: Whether to give the scores too. Default `False`.

        Returns:
            A text for each input, a list of them unless a single one came; with
            `num_return` a list of texts for each. With `return_scores` a text comes in
            a dictionary with its `score`, by which beams are ranked, and the
            `confidence`, from 0 to 1, which says how far the input lies from what the
            model knows. The score is the mean log-probability of a piece or, if the
            sampler has another `length_penalty` than 1, the log-probability of the
            text over that power of its length. Under a confidence of 0.5 there is a
            `doubt`, too: the reason in words. It is calibrated for texts that the
            model's own sampler finds; without a calibration (see `calibrate`) it is
            the exponential of the score, and nothing is doubted. Without a
            preprocessor ids take the place of texts.

        Raises:
            TypeError: If an input is of a type that cannot be read.
            ValueError: If `max_length` or `num_return` is out of range.
        """
        return self._generate(
            inputs, max_length, batch_size, verbose, num_return, return_scores
        )

    def _generate(
        self,
        inputs: Any,
        max_length: int | None,
        batch_size: int,
        verbose: Any,
        num_return: int | None,
        return_scores: bool,
        explain: Callable[..., dict[str, Any]] | None = None,
    ) -> Any:
        """`generate`; `explain` tells, of the ids that were read and written, what
        else is in an answer."""
        max_length = self.default_max_length() if max_length is None else max_length
        check_positive("max_length", max_length)
        count = 1 if num_return is None else num_return
        self.sampler.num_hypotheses(count)
        key = "generate", max_length, count, explain is not None
        rows, is_single = compute(self, inputs, key, batch_size, verbose)
        answers: list[Any] = []
        for row in rows:
            (added,) = self.sure(row[0][-1][None], np.exp([max(r[1] for r in row)]))
            texts = []
            for text, score, *details, _ in row:
                text = text.decode() if isinstance(text, bytes) else text
                answer = {self.answer_name: text}
                if return_scores:
                    answer["score"] = float(score)
                if explain is not None:
                    answer |= explain(*details)
                answer |= added
                texts.append(answer if return_scores or explain else text)
            answers.append(texts[0] if num_return is None else texts)
        return answers[0] if is_single else answers

    # Confidence

    @property
    def signals(self) -> tuple[Signal, ...]:
        return (SCORE,)

    def signal_values(self, inputs: Any, scores: Any) -> Any:
        """Values of the signals: see `zoo_models.core.confidence.stack_signals`.

        Args:
            inputs: The network's first input.
            scores: Those of the texts written for it, `(batch, num_return)`.
        """
        return stack_signals([(ops.max(scores, axis=1), 1.0)])

    def measure(self, inputs: Any, batch_size: int, verbose: Any) -> np.ndarray:
        key = "generate", self.default_max_length(), 1, False
        rows, _ = compute(self, inputs, key, batch_size, verbose)
        return np.stack([row[0][-1] for row in rows])

    def examine(
        self, inputs: Any, max_length: int, num_return: int
    ) -> tuple[Any, Any, Any]:
        """As `write`, with the values of the signals, `(batch, signals, 2)`."""
        with forward_only():
            token_ids, scores = self.write(inputs, max_length, num_return)
        return token_ids, scores, self.signal_values(inputs, scores)

    def to_texts(self, token_ids: Any) -> Any:
        """Texts, `(batch, num_return)`, for ids, `(batch, num_return, time)`, in
        TensorFlow ops."""
        import tensorflow as tf

        flat = tf.reshape(token_ids, [-1, token_ids.shape[-1]])
        texts = self.preprocessor.detokenize(flat)
        return tf.reshape(texts, tf.shape(token_ids)[:2])

    def answer(self, raw: Any) -> dict[str, Any]:
        """Writes for a batch of raw inputs in a TensorFlow graph.

        Returns:
            The text, by the name of the model's output, and its `score`, both of shape
            `(batch,)`.
        """
        answer = self.answer_with_confidence(raw)
        return {name: answer[name] for name in (self.answer_name, "score")}

    def answer_with_confidence(self, raw: Any) -> dict[str, Any]:
        """As `answer`, with the `confidence`, `(batch,)`."""
        token_ids, scores, values = self.examine(
            self.preprocessor(raw), self.default_max_length(), 1
        )
        score = scores[:, 0]
        return {
            self.answer_name: self.to_texts(token_ids)[:, 0],
            "score": score,
            "confidence": self.confidence_of(values, ops.exp(score)),
        }

    def endpoints(self) -> dict[str, Any]:
        import tensorflow as tf

        spec = [self.preprocessor.spec()]
        # Both signatures call one function, which is traced, saved and loaded once.
        whole = tf.function(
            self.answer_with_confidence, spec, autograph=False
        ).get_concrete_function()

        def answer(raw: Any) -> dict[str, Any]:
            found = whole(raw)
            return {name: found[name] for name in (self.answer_name, "score")}

        return {
            "serving_default": (answer, spec),
            "serve_confidence": (lambda raw: whole(raw), spec),
        }

    def resources(self) -> list[Any]:
        return [*super().resources(), *self.sampler.resources()]

    # Compiled functions

    def build_function(self, output: Any) -> Callable[..., Any]:
        spec = self.inputs[0]
        prepare = self.build_preparation()
        _, max_length, num_return, explains = output
        write = compile_function(
            lambda inputs: self.examine(inputs, max_length, num_return),
            spec.shape,
            spec.dtype,
            self.variables,
            self.sampler.seeds(),
            self.run_eagerly,
        )
        to_texts = self._build_to_texts(max_length, num_return)

        def answer(batch: list[Any]) -> list[Any]:
            inputs = prepare(batch)
            token_ids, scores, values = write(inputs)
            texts = to_texts(token_ids)

            def details(i: int, j: int) -> tuple[Any, ...]:
                # All images together are more than a memory holds.
                return (inputs[i], token_ids[i, j]) if explains else ()

            return [
                [
                    (texts[i, j], scores[i, j], *details(i, j), values[i])
                    for j in range(num_return)
                ]
                for i in range(len(batch))
            ]

        return answer

    def _build_to_texts(self, max_length: int, num_return: int) -> Callable[..., Any]:
        if self.preprocessor is None:
            return lambda token_ids: token_ids
        import tensorflow as tf

        spec = tf.TensorSpec([None, num_return, max_length], tf.int32)
        compiled = compile_graph(self.to_texts, spec, self.run_eagerly)
        return lambda token_ids: compiled(tf.constant(token_ids)).numpy()
