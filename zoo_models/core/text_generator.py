"""The base of models that write texts piece by piece."""

from collections.abc import Callable
from typing import Any, ClassVar

import keras
import numpy as np

from rnnzoo.checks import check_positive
from rnnzoo.samplers import get as get_sampler
from rnnzoo.text import START_ID
from zoo_models.core.attending_decoder import AttendingDecoder
from zoo_models.core.inference import compile_function, compute, without_gradients
from zoo_models.core.zoo_model import ZooModel


class TextGenerator(ZooModel):
    """A model whose answer is a text that a sampler chooses.

    Args:
        inputs: Keras inputs of the network, by name: what is read, then the ids that
            are written, from the start token on.
        outputs: Keras output: scores of the next id at every step, of shape
            `(…, time, vocabulary_size)`.
        decoder: What writes.
        attention: Keras tensor with the weights of its second look.
        preprocessor: See `ZooModel`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        decoder: AttendingDecoder,
        attention: Any,
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        super().__init__(inputs, outputs, preprocessor, **kwargs)
        self._untracked.attending_decoder = decoder
        self._untracked.attention = attention

    # Ids of a text, without a preprocessor that says more.
    fallback_max_length: ClassVar[int] = 100

    # What a subclass defines

    def read(self, inputs: Any) -> tuple[Any, Any, list[Any]]:
        """Reads a batch of the network's first input, in `keras.ops`.

        Returns:
            The memory that the decoder looks at, its mask, and the first states: see
            `AttendingDecoder.decode`.
        """
        raise NotImplementedError

    def explain(self, inputs: Any, token_ids: Any) -> dict[str, Any]:
        """What `return_attention` adds to an answer: the weights of the decoder's
        second look, and what they belong to."""
        raise NotImplementedError

    # What it is made of

    @property
    def attending_decoder(self) -> AttendingDecoder:
        """What writes."""
        return self._untracked.attending_decoder

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
            **kwargs: Other arguments of `keras.Model.compile`.
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
        return_attention: bool = False,
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
            return_attention: Whether to give what the model looked at. Default
                `False`.

        Returns:
            A text for each input, a list of them unless a single one came; with
            `num_return` a list of texts for each. With `return_scores` or
            `return_attention` a text comes in a dictionary with its `score`, the mean
            log-probability of a piece, by which beams are ranked, or its
            `attention`. Without a preprocessor ids take the place of texts.

        Raises:
            TypeError: If an input is of a type that cannot be read.
            ValueError: If `max_length` or `num_return` is out of range.
        """
        max_length = self.default_max_length() if max_length is None else max_length
        check_positive("max_length", max_length)
        count = 1 if num_return is None else num_return
        self.sampler.num_hypotheses(count)
        key = "generate", max_length, count
        rows, is_single = compute(self, inputs, key, batch_size, verbose)
        answers: list[Any] = []
        for row in rows:
            texts = []
            for text, score, *details in row:
                text = text.decode() if isinstance(text, bytes) else text
                answer = {self.answer_name: text}
                if return_scores:
                    answer["score"] = float(score)
                if return_attention:
                    answer |= self.explain(*details)
                texts.append(answer if return_scores or return_attention else text)
            answers.append(texts[0] if num_return is None else texts)
        return answers[0] if is_single else answers

    def search(
        self,
        memory: Any,
        mask: Any,
        states: list[Any],
        max_length: int,
        num_return: int,
    ) -> tuple[Any, Any]:
        """Writes for what was read, in `keras.ops`.

        Args:
            memory: These three are what `read` gives.
            mask: See `memory`.
            states: See `memory`.
            max_length: Ids of a text at most, the end included.
            num_return: Number of texts for each input.

        Returns:
            Ids, `(batch, num_return, max_length)`, and scores,
            `(batch, num_return)`.
        """
        decoder = self.attending_decoder
        fixed, states = decoder.start(memory, mask, states)

        def step(token_ids: Any, states: Any) -> Any:
            return decoder.step(fixed, token_ids, states)

        return self.sampler(step, states, max_length, num_return)

    def write(self, inputs: Any, max_length: int, num_return: int) -> tuple[Any, Any]:
        """As `search`, from the network's first input."""
        return self.search(*self.read(inputs), max_length, num_return)

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
        token_ids, scores = self.write(
            self.preprocessor(raw), self.default_max_length(), 1
        )
        return {self.answer_name: self.to_texts(token_ids)[:, 0], "score": scores[:, 0]}

    def resources(self) -> list[Any]:
        return [*super().resources(), *self.sampler.resources()]

    # Compiled functions

    def build_function(self, output: Any) -> Callable[..., Any]:
        if output == "attention":
            return self._build_attention()
        _, max_length, num_return = output
        spec = self.inputs[0]
        write = compile_function(
            lambda inputs: self.write(inputs, max_length, num_return),
            spec.shape,
            spec.dtype,
        )
        prepare = self.build_preparation()
        to_texts = self._build_to_texts(max_length, num_return)

        def answer(batch: list[Any]) -> list[Any]:
            inputs = prepare(batch)
            token_ids, scores = write(inputs)
            texts = to_texts(token_ids)
            return [
                [
                    (texts[i, j], scores[i, j], inputs[i], token_ids[i, j])
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
        compiled = tf.function(
            self.to_texts, input_signature=[spec], autograph=False
        ).get_concrete_function()
        return lambda token_ids: compiled(tf.constant(token_ids)).numpy()

    def _build_attention(self) -> Callable[[Any, Any], np.ndarray]:
        """A function from what was read, and the ids of a text, to the weights of the
        decoder's second look, `(ids, places)`."""
        read, written = self.inputs
        network = keras.Model([read, written], self._untracked.attention)
        axes = (1,) * (len(written.shape) - 1)

        def attend(inputs: Any, token_ids: Any) -> np.ndarray:
            before = np.append(START_ID, token_ids[:-1]).astype("int32")
            before = before.reshape((*axes, -1))
            arrays = [inputs[None].astype(read.dtype), before]
            with without_gradients():
                weights = network(arrays, training=False)
            return keras.ops.convert_to_numpy(weights)[0]

        return attend
