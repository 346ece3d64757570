"""When `Elman` takes the fused recurrence, and what becomes of it there."""

import os
import subprocess
import sys
import textwrap
import threading

import keras
import numpy as np
import pytest

from rnnzoo.layers import Elman
from rnnzoo.layers.elman_scan import elman_scan
from tests.layers.test_elman_scan import arrays, tensorflow_only


@pytest.mark.parametrize(
    "options",
    [{"activation": "gelu"}, {"unroll": True}, {"recurrent_dropout": 0.1}],
)
def test_other_settings_go_step_by_step(options):
    layer = Elman(3, **options)
    assert not layer.is_fused(training=True)
    assert layer(arrays()[0], training=True).shape == (2, 3)


def test_recurrent_dropout_does_not_matter_outside_training():
    assert Elman(3, recurrent_dropout=0.1).is_fused(training=False)


@pytest.mark.parametrize(
    "policy",
    ["mixed_bfloat16"]
    + [pytest.param(p, marks=pytest.mark.slow) for p in ("float32", "mixed_float16")],
)
def test_fit_learns(policy):
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(0).normal(size=(50, 6, 5)).astype("float32")
    y = x.sum((1, 2), keepdims=True)[:, 0] > 0
    model = keras.Sequential(
        [
            keras.layers.Masking(),
            Elman(8, fused=True, return_sequences=True, dtype=policy),
            Elman(8, fused=True, go_backwards=True, dtype=policy),
            keras.layers.Dense(1, "sigmoid", dtype="float32"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
    losses = model.fit(x, y.astype("float32"), 16, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0] - 0.05


@tensorflow_only
def test_eager_training_with_new_shapes_compiles_nothing(monkeypatch):
    import tensorflow as tf

    from rnnzoo.layers import elman_scan_tensorflow

    def compiled(*arguments):
        raise AssertionError("an eager call went to XLA")

    monkeypatch.setattr(elman_scan_tensorflow, "XLA", (compiled, compiled, 1))
    for time in (3, 40):
        tensors = [tf.constant(x) for x in arrays(time=time)]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            loss = tf.reduce_sum(elman_scan(*tensors, training=True)[0])
        assert tape.gradient(loss, tensors)[2].shape == (3, 3)


@tensorflow_only
@pytest.mark.slow
def test_new_lengths_share_programs(tmp_path):
    """Twelve lengths and two batch sizes: one program forward, one backward."""
    script = """
        import numpy as np
        import tensorflow as tf
        from rnnzoo.layers.elman_scan import elman_scan

        weights = [tf.ones([5, 3]), tf.ones([3, 3]), tf.ones([3])]

        @tf.function(input_signature=[tf.TensorSpec([None, None, 5])])
        def gradient(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                first = tf.zeros([tf.shape(x)[0], 3])
                states, _ = elman_scan(x, *weights, first, training=True)
            return tape.gradient(states, x)

        for time in range(20, 32):
            for batch in (5, 8):
                gradient(tf.ones([batch, time, 5]))
    """
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "XLA_FLAGS": f"--xla_dump_to={tmp_path} --xla_dump_hlo_as_text",
    }
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], env=environment, check=True
    )
    assert len(list(tmp_path.glob("*before_optimizations.txt"))) == 2


@tensorflow_only
def test_survives_a_mirrored_strategy():
    import tensorflow as tf

    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = keras.Sequential([Elman(3, fused=True), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
    x = arrays(batch=6)[0]
    loss = model.fit(x, np.ones((6, 1)), 4, epochs=2, verbose=0).history["loss"]
    assert loss[1] < loss[0]


@tensorflow_only
def test_threads_share_one_trained_function():
    import tensorflow as tf

    tensors = [tf.constant(x) for x in arrays()]

    @tf.function(autograph=False)
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(elman_scan(x, *tensors[1:], training=True)[0])
        return tape.gradient(loss, x)

    want, got = gradient(tensors[0]).numpy(), []

    def work():
        got.extend(gradient(tensors[0]).numpy() for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20
    assert all(np.array_equal(x, want) for x in got)
