"""LiteRT (TensorFlow Lite) models, in the folders of versions."""

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from rnnzoo.core.files import atomic_write
from rnnzoo.export.saved_model import require_tensorflow
from rnnzoo.export.signature import describe_tensors, write_signature
from rnnzoo.export.versions import FORMAT_FILES, new_version_folder
from rnnzoo.layers import Elman

# How far the outputs of the two may differ. Sums come in another order.
TOLERANCE = 1e-4


@keras.saving.register_keras_serializable(package="rnnzoo")
class PlainLoopElman(Elman):
    """`Elman` for inference, in a loop that LiteRT knows without an extra library.

    TensorFlow's arrays of states have no counterpart there. Here the states of all
    steps are one tensor; each step drops its first row and adds a last one.

    Args:
        **kwargs: Arguments of `Elman`.
    """

    def inner_loop(
        self, sequences: Any, initial_state: Any, mask: Any, training: bool = False
    ) -> tuple[Any, Any, list[Any]]:
        import tensorflow as tf

        cell = self.cell
        (first,) = keras.tree.flatten(initial_state)
        if self.go_backwards:
            sequences = tf.reverse(sequences, [1])
            mask = None if mask is None else tf.reverse(mask, [1])
        projected = tf.matmul(sequences, cell.kernel)
        if cell.bias is not None:
            projected += cell.bias
        projected = tf.transpose(projected, (1, 0, 2))  # (time, batch, units)
        keep = None if mask is None else tf.transpose(mask)[..., None]
        w = tf.convert_to_tensor(cell.recurrent_kernel)

        def step(t: Any, state: Any, states: Any) -> tuple[Any, Any, Any]:
            new = cell.activation(projected[t] + tf.matmul(state, w))
            state = new if keep is None else tf.where(keep[t], new, state)
            state = tf.ensure_shape(state, first.shape)
            states = tf.concat([states[1:], state[None]], 0)
            return t + 1, state, tf.ensure_shape(states, projected.shape)

        num_steps = tf.shape(projected)[0]
        _, last, states = tf.while_loop(
            lambda t, *_: t < num_steps, step, (0, first, tf.zeros_like(projected))
        )
        return last, tf.transpose(states, (1, 0, 2)), [last]


def export_litert(
    network: keras.Model,
    examples: Sequence[Any],
    output: str,
    base: str | Path,
    name: str,
    version: int | None = None,
    files: Mapping[str, bytes] | None = None,
    description: Mapping[str, Any] | None = None,
) -> Path:
    """Writes `<base>/<name>/<version>/model.tflite` and its `signature.json`.

    The model takes the network's arrays, one example at a time: strings stay outside.
    It is of LiteRT's built-in operations alone, and is not written unless it gives for
    the examples what the network gives.

    Args:
        network: A functional model with one input and one output.
        examples: Inputs of the network, without the batch dimension.
        output: What the output is called.
        base: Folder of all models.
        name: Name of the model: letters, digits, `_`, `-` and `.`.
        version: Positive integer. Default 1.
        files: Files to put beside it, by name. Default: none.
        description: More entries for `signature.json`. Default: none.

    Returns:
        The folder of the version.

    Raises:
        ValueError: If the backend is not TensorFlow, name or version do not fit, or the
            network has what LiteRT's built-in operations cannot do.
        RuntimeError: If the outputs differ.
        FileExistsError: If the version is there already.
    """
    require_tensorflow("a LiteRT model")
    folder = new_version_folder(base, name, version, "litert")
    network = keras.Model(network.inputs, network.outputs[0], name=network.name)
    copy = _copy_with_plain_loops(network)
    content = _convert(copy, output)
    difference = _largest_difference(network, content, examples, output)
    if not difference <= TOLERANCE:  # nor if it is not a number
        raise RuntimeError(
            f"The LiteRT model must give what the network gives, within {TOLERANCE}. "
            f"Received: a difference of {difference:.2g}. Nothing was written."
        )
    with atomic_write(folder) as aside:
        aside.mkdir()
        for file, data in (files or {}).items():
            (aside / file).write_bytes(data)
        (aside / FORMAT_FILES["litert"]).write_bytes(content)
        write_signature(
            aside,
            {
                "name": name,
                "version": int(folder.name),
                "format": "litert",
                **(description or {}),
                "signatures": {
                    "serving_default": {
                        "inputs": describe_tensors({copy.inputs[0].name: _spec(copy)}),
                        "outputs": describe_tensors({output: _spec(copy, "outputs")}),
                    }
                },
            },
        )
    return folder


def load_litert(content: bytes) -> Any:
    """Loads the bytes of `model.tflite`.

    Returns:
        A function from an array for each input, by name, with a batch dimension of 1,
        to a dictionary of outputs.
    """
    import tensorflow as tf

    with warnings.catch_warnings():
        # It says that the interpreter moves to a package of its own.
        warnings.simplefilter("ignore")
        # The delegate that it takes by default does not follow lengths that change, in
        # TensorFlow 2.19.
        resolvers = tf.lite.experimental.OpResolverType
        interpreter = tf.lite.Interpreter(
            model_content=content,
            experimental_op_resolver_type=resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
    return interpreter.get_signature_runner()


def _copy_with_plain_loops(network: keras.Model) -> keras.Model:
    def copy(layer: Any) -> Any:
        if isinstance(layer, keras.layers.Bidirectional):
            reader = layer.forward_layer
            if isinstance(reader, Elman):
                return keras.layers.Bidirectional(
                    PlainLoopElman.from_config(reader.get_config()),
                    merge_mode=layer.merge_mode,
                    name=layer.name,
                )
        if isinstance(layer, Elman):
            return PlainLoopElman.from_config(layer.get_config())
        return type(layer).from_config(layer.get_config())

    (tensor,) = network.inputs
    one = keras.Input(
        batch_shape=(1, *tensor.shape[1:]), dtype=tensor.dtype, name=tensor.name
    )
    copied = keras.models.clone_model(network, input_tensors=[one], clone_function=copy)
    for new, old in zip(copied.weights, network.weights, strict=True):
        new.assign(old)
        new.trainable = old.trainable
    return copied


def _spec(network: keras.Model, side: str = "inputs") -> Any:
    import tensorflow as tf

    (tensor,) = getattr(network, side)
    return tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)


def _convert(network: keras.Model, output: str) -> bytes:
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    archive.track(network)
    archive.add_endpoint(
        "serving_default",
        lambda x: {output: network([x], training=False)},
        input_signature=[_spec(network)],
    )
    with tempfile.TemporaryDirectory() as folder:
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        try:
            return converter.convert()
        except Exception as error:  # the converter's own class is not public
            raise ValueError(
                "The network must be of what LiteRT's built-in operations can do. "
                f"Received: {network.name}, of which the converter says: "
                f"{str(error).strip().splitlines()[-1]}"
            ) from error


def _largest_difference(
    network: keras.Model, content: bytes, examples: Sequence[Any], output: str
) -> float:
    import tensorflow as tf

    expect = tf.function(
        lambda x: network([x], training=False),
        input_signature=[_spec(network)],
        autograph=False,
    )
    run, key = load_litert(content), network.inputs[0].name
    differences = [0.0]
    for example in examples:
        batch = np.asarray(example)[None]
        received = run(**{key: batch})[output]
        differences.append(np.abs(received - expect(batch).numpy()).max())
    return float(np.max(differences))
