"""Times a step of each training script on Elman cells, beside other cells.

    python -m benchmarks.training                    all scripts, some ten minutes
    python -m benchmarks.training sentiment rows     two of them
    python -m benchmarks.training --quick            small networks: does it run?

The networks and the sizes of batches are those of the scripts' defaults; the ids and
pixels are made up. A step is the loss, its gradients and
Adam. All cells have as many units, so that gated ones have three or four times the
weights. `SimpleRNN in fit` is the network as `fit` of Keras compiles it, as a whole
with XLA; where XLA cannot, the program says so. Every round takes a step with every
contender, in a new order; a figure is the median in ms and half the distance between
the quartiles, and an epoch is the median times the number of batches in the published
run.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.report import compare, limit_cores, machine, make_parser, save

ELMAN = "Elman"
IN_FIT = "SimpleRNN in fit"
# Batches in an epoch of each published run, at the sizes below.
BATCHES = {
    "sentiment": 1_172,  # 75 000 reviews, 64 each
    "language_model": 3_750,  # 19 million words, 64 rows of 80
    "rows": 432,  # 55 200 images, 128 each
    "translator": 454,  # 29 000 pairs, 64 each
    "captioner": 188,  # 6 000 images, 32 each, with five captions
}
Part = tuple[Any, Any, Any]  # a Keras model, its loss, a batch


def _of(model_class: Any, layer: Any) -> Any:
    return type(model_class.__name__, (model_class,), {"recurrent_layer": layer})


def _ids(*shape: int, most: int) -> np.ndarray:
    return np.random.default_rng(1).integers(4, most, shape).astype("int32")


def _sentiment(layer: Any, less: int) -> Part:
    import keras

    from rnnzoo import SentimentClassifier

    model = _of(SentimentClassifier, layer)(20_000 // less, units=256 // less)
    ids = _ids(64 // less, 400 // less, most=20_000 // less)
    labels = np.eye(2, dtype="float32")[_ids(len(ids), most=6) % 2]
    return model, keras.losses.CategoricalCrossentropy(), (ids, labels)


def _language_model(layer: Any, less: int) -> Part:
    from rnnzoo import LanguageModel
    from training.language_model.task import MeanSurprise, NextWordTask

    size, rows = 20_000 // less, 64 // less
    make_model = _of(LanguageModel, layer)
    models = {"forward": make_model(size, units=256 // less, dropout=0.05)}
    embed = models["forward"].words.embed
    models["backward"] = make_model(size, units=256 // less, dropout=0.05, embed=embed)
    task = NextWordTask(models, np.ones(size), 512 // less, rows)
    ids = {name: _ids(rows, 81, most=size) for name in models}
    return task, MeanSurprise(), (ids, np.zeros(rows, "float32"))


def _rows(layer: Any, less: int) -> Part:
    import keras

    from rnnzoo import ImageClassifier

    model = _of(ImageClassifier, layer)(
        (28, 28, 1), labels=tuple("0123456789"), read="rows", units=(128 // less,) * 2
    )
    pixels = np.random.default_rng(1).random((128, 28, 28, 1), "float32")
    labels = _ids(128, most=14) - 4
    return model, keras.losses.SparseCategoricalCrossentropy(), (pixels, labels)


def _translator(layer: Any, less: int) -> Part:
    from rnnzoo import Translator
    from training.core.losses import SmoothedCrossEntropy

    size, rows = 5_000 // less, 64 // less
    model = _of(Translator, layer)(
        size, size, encoder_units=256 // less, units=512 // less
    )
    ids = _ids(rows, 18, most=size)
    inputs = {"source_ids": ids, "target_ids": ids}
    return model, SmoothedCrossEntropy(), (inputs, ids)


def _captioner(layer: Any, less: int) -> Part:
    import keras

    from rnnzoo import ImageCaptioner
    from training.core.losses import SmoothedCrossEntropy

    size, images = 2_600 // less, 32 // less
    model = _of(ImageCaptioner, layer)(size, units=512 // less)
    keras.utils.set_random_seed(1)
    seen = np.random.default_rng(1).random((images, 49, 1280), "float32")
    ids = _ids(images, 5, 13, most=size)
    return (
        model.decoder(),
        SmoothedCrossEntropy(),
        ({"image_features": seen, "token_ids": ids}, ids),
    )


PARTS: dict[str, Callable[[Any, int], Part]] = {
    "sentiment": _sentiment,
    "language_model": _language_model,
    "rows": _rows,
    "translator": _translator,
    "captioner": _captioner,
}


def step_of(part: Part) -> Callable[[], Any]:
    """Returns a step as the training scripts take it."""
    import keras
    import tensorflow as tf

    model, loss, batch = part
    batch = tf.nest.map_structure(tf.constant, batch)
    optimizer = keras.optimizers.Adam(1e-3, global_clipnorm=1.0)
    variables = model.trainable_variables
    optimizer.build(variables)

    @tf.function
    def step() -> Any:
        inputs, targets = batch
        with tf.GradientTape() as tape:
            value = loss(targets, model(inputs, training=True))
        optimizer.apply(tape.gradient(value, variables), variables)
        return value

    return lambda: float(step())


def step_in_fit(part: Part) -> Callable[[], Any]:
    """Returns a step as `fit` takes it."""
    import keras

    model, loss, (inputs, targets) = part
    optimizer = keras.optimizers.Adam(1e-3, global_clipnorm=1.0)
    if hasattr(model, "outputs"):  # no longer a model of the zoo, with its own `fit`
        model = keras.Model(model.input, model.output)
    model.compile(optimizer=optimizer, loss=loss, jit_compile=True)
    return lambda: model.train_on_batch(inputs, targets)


def contenders(name: str, quick: bool) -> dict[str, Callable[[], Any]]:
    """Returns a step of each contender, after its first call."""
    import keras

    from rnnzoo.layers import Elman

    layers = {
        ELMAN: Elman,
        "SimpleRNN": keras.layers.SimpleRNN,
        "GRU": keras.layers.GRU,
        "LSTM": keras.layers.LSTM,
    }
    less = 8 if quick else 1
    steps = {label: step_of(PARTS[name](cell, less)) for label, cell in layers.items()}
    steps[IN_FIT] = step_in_fit(PARTS[name](keras.layers.SimpleRNN, less))
    for label in list(steps):
        try:
            steps[label]()
        except Exception as error:
            if label != IN_FIT:
                raise
            print(f"{name}: XLA cannot compile this step ({type(error).__name__}).")
            del steps[label]
    return steps


def main() -> None:
    """Reads the command line, measures and prints a table."""
    parser = make_parser(__doc__, rounds=11)
    parser.add_argument("scripts", nargs="*", default=list(PARTS), help="default: all")
    arguments = parser.parse_args()
    if unknown := set(arguments.scripts) - set(PARTS):
        parser.error(f"scripts are {', '.join(PARTS)}. Received: {', '.join(unknown)}")
    limit_cores(arguments.threads)
    facts = machine(arguments.threads)
    print(f"{facts['processor']}, load {facts['load']:.1f}")
    found = {}
    for name in arguments.scripts:
        found[name] = compare(contenders(name, arguments.quick), arguments.rounds)
        ours = found[name][ELMAN]["median"]
        print(f"\n| {name} | ms a step | x Elman | an epoch, min |\n|---|---|---|---|")
        for label, one in found[name].items():
            minutes = one["median"] * BATCHES[name] / 60_000
            print(
                f"| {label} | {one['median']:.1f} ± {one['spread']:.1f} "
                f"| {one['median'] / ours:.2f} | {minutes:.1f} |",
                flush=True,
            )
    save(arguments.json, {"machine": facts, "figures": found})


if __name__ == "__main__":
    main()
