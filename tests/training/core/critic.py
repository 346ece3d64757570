"""What any `SelfCritic` must do."""

import keras
import numpy as np
import tensorflow as tf

from training.core.self_critical import CriticalLoss


def check_that_it_learns(critic, inputs, wanted):
    """Rewarded for the id `wanted`, it writes that more often after fifteen steps."""
    optimizer, loss = keras.optimizers.Adam(0.03), CriticalLoss(0.1)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = loss(None, critic(inputs, training=True))
        variables = critic.trainable_variables
        optimizer.apply_gradients(
            zip(tape.gradient(value, variables), variables, strict=True)
        )
        token_ids, advantages = critic.draw(inputs)
        return tf.reduce_mean(tf.cast(token_ids == wanted, tf.float32)), advantages

    shares = []
    for _ in range(15):
        share, advantages = step()
        shares.append(float(share))
        # What one text is better by, others are worse by.
        np.testing.assert_allclose(advantages.numpy().sum(axis=1), 0, atol=1e-5)
    assert np.mean(shares[-3:]) > np.mean(shares[:3]) + 0.2


def check_that_it_imitates(critic, inputs, targets):
    """True texts count beside its own, by their weight in the loss."""
    critic.imitates = True
    losses, scores = critic(inputs, training=True)
    assert scores.shape[:-1] == targets.shape
    values = [
        float(CriticalLoss(0.1, weight)(targets, (losses, scores)))
        for weight in (0.0, 0.5)
    ]
    entropy = float(CriticalLoss(0.1)(targets, scores))
    np.testing.assert_allclose(values[0], losses.numpy().mean(), rtol=1e-5)
    np.testing.assert_allclose(values[1], values[0] + 0.5 * entropy, rtol=1e-5)
