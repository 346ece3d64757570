"""Lessons from translations of one's own: see `training.core.self_critical`."""

from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from rnnzoo.metrics.ngrams import MAX_ORDER, count_ngrams
from rnnzoo.text import PAD_ID
from training.core.self_critical import SelfCritic


class TranslationCritic(SelfCritic):
    """The `SelfCritic` of a `Translator`. Beside the network's inputs it takes
    `references`, ids of the true translations with the end, `(batch, time)`."""

    def read(self, inputs: dict[str, Any]) -> tuple[Any, ...]:
        return self.generator.encode_inputs(inputs["source_ids"])

    def judged_by(self, inputs: dict[str, Any]) -> Any:
        return inputs["references"]

    def true_logits(self, inputs: dict[str, Any], training: bool) -> Any:
        names = ("source_ids", "target_ids")
        return self.network({n: inputs[n] for n in names}, training=training)

    def logits(self, inputs: dict[str, Any], token_ids: Any) -> Any:
        memory, mask, states = self.read(inputs)
        texts = self.num_samples

        def regroup(vectors: Any, like: Any) -> Any:
            return ops.reshape(vectors, (ops.shape(like)[0], -1, vectors.shape[-1]))

        rows = tf.reshape(token_ids, [-1, tf.shape(token_ids)[-1]])
        scores, _ = self.generator.attending_decoder.decode(
            rows, memory, mask, [ops.repeat(s, texts, axis=0) for s in states], regroup
        )
        return tf.reshape(scores, [*tf.unstack(tf.shape(token_ids)), scores.shape[-1]])


def translation_reward(token_ids: np.ndarray, references: np.ndarray) -> np.ndarray:
    """GLEU of translations in ids, each against a true one.

    Of all sequences of one to four ids, those that both have, divided by the number
    in the longer of the two. The end counts as an id: a translation that breaks off is
    not rewarded.

    Args:
        token_ids: `(batch, texts, time)`, 0 after the end.
        references: `(batch, time)`, 0 after the end.

    Returns:
        Float32 array of shape `(batch, texts)`, from 0 to 1.

    References:
        - Wu et al., "Google's Neural Machine Translation System", 2016.
    """
    rewards = np.zeros(token_ids.shape[:2], "float32")
    for i, reference in enumerate(references):
        expected, total = _count(reference)
        for j, row in enumerate(token_ids[i]):
            received, number = _count(row)
            common = sum(
                sum((received[order] & expected[order]).values())
                for order in range(MAX_ORDER)
            )
            rewards[i, j] = common / max(total, number, 1)
    return rewards


def _count(row: np.ndarray) -> tuple[list[Any], int]:
    counts = count_ngrams(row[row != PAD_ID].tolist())
    return counts, sum(sum(some.values()) for some in counts)
