"""Steps of training on the backends that have them."""

import keras
import numpy as np
import pytest

from tests.training.core.tiny_training import Config, make_trainer
from training.core.steps import make_steps


def test_a_backend_without_steps_is_named(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ValueError, match="Received: KERAS_BACKEND=torch"):
        make_steps()


def test_a_step_moves_the_weights_and_their_averages(tmp_path):
    trainer = make_trainer(Config(workdir=tmp_path))
    steps = trainer.steps
    batch = next(iter(trainer.training.epoch()))
    averages = None
    for step in range(3):
        before = [np.array(v) for v in steps.trainable]
        loss = steps.train(batch)
        after = [np.array(v) for v in steps.trainable]
        assert np.isfinite(loss)
        # The rate rises from zero.
        moved = [(one != other).any() for one, other in zip(before, after, strict=True)]
        assert all(moved) if step else not any(moved)
        # The first weights are all that is averaged; then the average lags behind.
        averages = (
            [0.7 * a + 0.3 * v for a, v in zip(averages, after, strict=True)]
            if step
            else after
        )
        for expected, received in zip(averages, steps.averages, strict=True):
            np.testing.assert_allclose(received, expected, atol=1e-6)
    assert steps.results()["loss"] > 0


def test_what_is_measured_is_the_mean_of_the_batches(tmp_path):
    trainer = make_trainer(Config(workdir=tmp_path))
    values = trainer.steps.measure(trainer.validation)
    losses, right, sizes = [], [], []
    for inputs, labels in trainer.validation.epoch():
        outputs = np.array(trainer.model(np.array(inputs), training=False))
        labels = np.array(labels)
        losses += (-np.log(outputs[np.arange(len(labels)), labels])).tolist()
        right += (outputs.argmax(-1) == labels).tolist()
        sizes.append(len(labels))
    assert sum(sizes) == len(losses)
    assert values["loss"] == pytest.approx(np.mean(losses), rel=1e-4)
    assert values["accuracy"] == pytest.approx(np.mean(right), rel=1e-4)
