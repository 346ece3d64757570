"""What one training step adds to the process, for each layer in a fresh child.

    python -m benchmarks.memory            batch 64, 2 000 steps, 128 inputs, 256 units
    python -m benchmarks.memory --quick    a tenth of the steps

A child builds the layer, takes one small step (so that libraries and code are loaded),
notes its resident memory, takes the full-sized step, and reports how far the peak rose
above the note.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time

LAYERS = ("keras SimpleRNN", "fused Elman")


def measure(layer_name: str, batch: int, steps: int, inputs: int, units: int) -> float:
    """Runs in the child; returns MiB."""
    import psutil
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.threading.set_inter_op_parallelism_threads(2)
    import keras

    from rnnzoo.layers import Elman

    make = {LAYERS[0]: keras.layers.SimpleRNN, LAYERS[1]: Elman}[layer_name]
    layer = make(units, return_sequences=True)
    layer.build((batch, None, inputs))

    @tf.function(autograph=False)
    def train_step(x):
        weights = [w.value for w in layer.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x, training=True) ** 2)
        return [tf.reduce_sum(g) for g in tape.gradient(loss, [x, *weights])]

    def one(length: int) -> None:
        x = tf.random.stateless_normal((batch, length, inputs), seed=(1, 2))
        for value in train_step(x):
            value.numpy()

    one(4)
    process, peak, stop = psutil.Process(), 0, threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not stop.is_set():
            peak = max(peak, process.memory_info().rss)
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    one(steps)
    stop.set()
    watcher.join()
    return (peak - before) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batch", type=int, default=64, help="sequences in the batch")
    parser.add_argument("--steps", type=int, default=2000, help="time steps")
    parser.add_argument("--inputs", type=int, default=128, help="input size")
    parser.add_argument("--units", type=int, default=256, help="state size")
    parser.add_argument("--quick", action="store_true", help="a tenth of the steps")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--child", choices=LAYERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    steps = options.steps // 10 if options.quick else options.steps
    sizes = options.batch, steps, options.inputs, options.units
    if options.child:
        print(measure(options.child, *sizes))
        return
    environment = {
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    figures = {}
    for layer in LAYERS:
        names = ("--batch", "--steps", "--inputs", "--units")
        sized = [str(x) for pair in zip(names, sizes, strict=True) for x in pair]
        command = [sys.executable, "-m", "benchmarks.memory", "--child", layer, *sized]
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        figures[layer] = float(done.stdout.split()[-1])
        print(f"{layer:16} {figures[layer]:8.0f} MiB", flush=True)
    share = figures[LAYERS[1]] / figures[LAYERS[0]]
    print(f"fused / SimpleRNN {share:.2f}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"sizes": sizes, "mib": figures, "share": share}, file, indent=1)


if __name__ == "__main__":
    main()
