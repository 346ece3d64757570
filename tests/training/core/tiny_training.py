"""A tiny network with all that a step can change, and settings to train it with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.core.config import TrainingConfig


@dataclass
class Config(TrainingConfig):
    """Settings for two epochs of seven steps."""

    script = "tests.training.core.tiny_training"

    workdir: Path = Path("runs/tiny")
    epochs: int = 2
    batch_size: int = 4
    learning_rate: float = 0.05
    min_steps: int = 1
    warmup_steps: int = 3
    ema_momentum: float | None = 0.7
    checkpoint_every: int = 3


def make_model():
    """Dropout, normalisation and a recurrence: seeds, averages, weights."""
    import keras

    from rnnzoo.layers import Elman

    inputs = keras.Input((None, 3))
    vectors = keras.layers.Dropout(0.3)(inputs)
    states = Elman(5, return_sequences=True)(vectors)
    states = keras.layers.BatchNormalization()(states)
    pooled = keras.layers.GlobalMaxPooling1D()(keras.layers.Dropout(0.2)(states))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(pooled))


def make_examples(size):
    """Sequences of different lengths, labelled by the sign of their sum."""
    rng = np.random.default_rng(0)
    rows = [rng.normal(size=(n, 3)).astype("float32") for n in rng.integers(1, 9, size)]
    return rows, np.array([row.sum() > 0 for row in rows], "int32")


def make_trainer(config, **arguments):
    """A trainer of a fresh model, ready to run."""
    import keras

    from training.core.batches import Batches
    from training.core.trainer import Trainer

    keras.utils.set_random_seed(config.seed)
    rows, labels = make_examples(40)
    lengths = [len(row) for row in rows]
    settings = {
        "loss": keras.losses.SparseCategoricalCrossentropy(),
        "metrics": [keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        "training": Batches(
            (rows[:30], labels[:30]),
            config.batch_size,
            config.seed,
            lengths[:30],
            edges=(4, 8),
        ),
        "validation": Batches((rows[30:], labels[30:]), 4, None, lengths[30:]),
        **arguments,
    }
    model = settings.pop("model", None) or make_model()
    return Trainer(model, config, **settings)
