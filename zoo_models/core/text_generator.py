"""What the models share that write texts piece by piece."""

from typing import Any, ClassVar

import keras

from rnnzoo.samplers import check_positive
from rnnzoo.samplers import get as get_sampler
from zoo_models.core.zoo_model import ZooModel


class TextGenerator(ZooModel):
    """A model whose answer is a text that a sampler chooses.

    Args:
        inputs: Keras input of the network.
        outputs: Keras output: scores of the next id at every step, of shape
            `(batch, time, vocabulary_size)`.
        preprocessor: See `ZooModel`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.
    """

    # What its texts are called in answers.
    output_name: ClassVar[str]

    def default_max_length(self) -> int:
        """Ids of an answer at most, the end included."""
        raise NotImplementedError

    def explain(self, *details: Any) -> dict[str, Any]:
        """What `return_attention` adds to an answer."""
        raise NotImplementedError

    def default_loss(self):
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )

    def default_metrics(self):
        return []  # padding would count in them: see `compile`

    def compile(
        self, optimizer="auto", loss="auto", metrics="auto", sampler="beam", **kwargs
    ):
        """Configures training, as `keras.Model.compile` does, and `generate`.

        Args:
            optimizer: `"auto"` is Adam at 0.001 with gradients clipped to norm 1.
            loss: `"auto"` is the cross-entropy of the next id.
            metrics: `"auto"` is the share of ids that are told rightly.
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

    @property
    def sampler(self):
        """What chooses the ids of an answer."""
        return self._untracked.sampler

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
        rows, is_single = self.run(inputs, key, batch_size, verbose)
        answers: list[Any] = []
        for row in rows:
            texts = []
            for text, score, *details in row:
                text = text.decode() if isinstance(text, bytes) else text
                answer = {self.output_name: text}
                if return_scores:
                    answer["score"] = float(score)
                if return_attention:
                    answer |= self.explain(*details)
                texts.append(answer if return_scores or return_attention else text)
            answers.append(texts[0] if num_return is None else texts)
        return answers[0] if is_single else answers
