"""Translations of its own that a translator learns from."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.tiny_translator import PAIRS, make_translator
from tests.training.core.critic import check_that_it_learns
from training.translator.self_critical import TranslationCritic, translation_reward


def test_the_reward_is_what_both_have_in_common():
    references = np.array([[5, 6, 7, 3], [5, 3, 0, 0]])
    same = np.array([[[5, 6, 7, 3]], [[5, 3, 0, 0]]])
    assert translation_reward(same, references).tolist() == [[1.0], [1.0]]
    # 4 + 3 + 2 + 1 sequences; in common are 5, 6, 3 and "5 6".
    near = translation_reward(np.array([[[5, 6, 8, 3]]]), references[:1])
    assert near[0, 0] == pytest.approx(4 / 10)
    # Of two ids there are three sequences; ten are in the longer one.
    short = translation_reward(np.array([[[5, 6]]]), references[:1])
    assert short[0, 0] == pytest.approx(3 / 10)
    assert translation_reward(np.array([[[8, 0]]]), references[:1])[0, 0] == 0


@pytest.mark.slow
def test_the_critic_makes_what_is_rewarded_likelier():
    keras.utils.set_random_seed(3)
    model = make_translator(dropout=0.0, word_dropout=0.0)
    wanted = 6

    def reward(token_ids, references):
        assert references.shape[0] == 4
        return (token_ids == wanted).mean(axis=-1).astype("float32")

    critic = TranslationCritic(model, model, reward, 6, 8, seed=1)
    sources, targets = [*PAIRS], [*PAIRS.values()]
    inputs, expected, _ = next(iter(model.to_dataset((sources, targets), 4)))
    inputs = {**inputs, "references": expected}
    check_that_it_learns(critic, inputs, wanted)
    # The odds of a text are those that the network gives it.
    names = ("source_ids", "target_ids")
    alone = critic.logits(inputs, tf.repeat(inputs["target_ids"][:, None], 6, axis=1))
    truth = model({name: inputs[name] for name in names}, training=False)
    np.testing.assert_allclose(alone[:, 2], truth, atol=1e-4)
    np.testing.assert_allclose(critic(inputs), truth, atol=1e-6)
