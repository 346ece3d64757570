"""The base of all models of the zoo: raw inputs in, training, presets, export."""

import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Self

import keras
import numpy as np

from rnnzoo.layers import Elman
from zoo_models.core.class_attributes import FromTable, PresetNames
from zoo_models.core.explaining import reading
from zoo_models.core.exporting import Origin, export_model
from zoo_models.core.inference import compile_function, compile_graph
from zoo_models.core.preprocessor import Preprocessor
from zoo_models.core.raw_data import is_dataset, split_validation
from zoo_models.core.saving import load_model, write_preset

# Calls from several threads wait for the first one to build a function.
_BUILD_LOCK = threading.RLock()


class ZooModel(keras.Model):
    """A pretrained functional model that takes raw inputs, such as texts.

    Its `fit`, `evaluate` and `predict` take raw examples. Subclasses build the network
    and say how outputs become answers; `ZooModel.from_preset` loads any preset.

    Args:
        inputs: Keras input of the network.
        outputs: Keras output of the network.
        preprocessor: Turns raw inputs into the network's input, or `None` to feed
            arrays. Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Attributes:
        task: What it does, in a few words.
        input_kind: What it reads, `"text"` or `"image"`.
        verb: The method that answers, `"classify"` or `"generate"`.
        answer_name: What an answer is called, in dictionaries and SavedModels.
        presets: Names of the presets of this class.
        preset: Name of the preset it was loaded from, or `None`.
    """

    task: ClassVar[Any] = FromTable()
    input_kind: ClassVar[Any] = FromTable(default="text")
    verb: ClassVar[Any] = FromTable()
    answer_name: ClassVar[Any] = FromTable()
    presets: ClassVar[Any] = PresetNames()
    preprocessor_class: ClassVar[type[Preprocessor]]
    # The layer that reads sequences: training puts others here, for comparison.
    recurrent_layer: ClassVar[Any] = Elman
    # What `ConfidentModel` goes by.
    calibration: Any = None

    def __init__(
        self, inputs: Any, outputs: Any, preprocessor: Any = None, **kwargs: Any
    ):
        unknown = sorted(set(kwargs) - {"name", "trainable"})
        if unknown:
            raise TypeError(f"{type(self).__name__} has no arguments {unknown}")
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        # A namespace keeps these from Keras, which would write them into SavedModels.
        self._untracked = SimpleNamespace(functions={}, origin=Origin())
        self.preprocessor = preprocessor
        self.preset: str | None = None
        self.compile()

    # What a subclass defines

    def default_loss(self) -> Any:
        """The loss of `compile(loss="auto")`."""
        raise NotImplementedError

    def default_metrics(self) -> list[Any]:
        """The metrics of `compile(metrics="auto")`."""
        raise NotImplementedError

    def answer(self, raw: Any) -> dict[str, Any]:
        """Answers a batch of raw inputs in a TensorFlow graph, by name."""
        raise NotImplementedError

    # What a subclass may change

    def check_targets(self, targets: Any) -> np.ndarray:
        """Returns targets that came in a list as an array, or raises an error."""
        return self.preprocessor.check_targets(targets)

    def endpoints(self) -> dict[str, Any]:
        """The functions of the SavedModel: see `rnnzoo.export.export_saved_model`."""
        return {"serving_default": (self.answer, [self.preprocessor.spec()])}

    def resources(self) -> list[Any]:
        """The tables and variables that `endpoints` use."""
        return self.preprocessor.resources()

    def num_parameters(self) -> int:
        """Number of weights: those that are trained, unless a subclass counts more."""
        return sum(int(np.prod(w.shape)) for w in self.trainable_weights)

    # The network

    def network(self) -> keras.Model:
        """The network alone, a plain functional model without an optimizer."""
        return keras.Model(self.inputs, self.outputs[0], name=self.name)

    @property
    def preprocessor(self) -> Any:
        """Turns raw inputs into arrays; `None` if the model takes arrays itself."""
        return self._untracked.preprocessor

    @preprocessor.setter
    def preprocessor(self, preprocessor: Any) -> None:
        if preprocessor is not None:
            preprocessor = self.preprocessor_class.adopt(preprocessor)
        self._untracked.preprocessor = preprocessor
        self._untracked.functions.clear()

    # Training

    def compile(
        self,
        optimizer: Any = "auto",
        loss: Any = "auto",
        metrics: Any = "auto",
        **kwargs: Any,
    ) -> None:
        """Configures training as `keras.Model.compile` does.

        Args:
            optimizer: `"auto"` is Adam at 0.001 with gradients clipped to norm 1.
            loss: `"auto"` is the loss that the model was made for.
            metrics: `"auto"` are the metrics that the model was made for.
            **kwargs: Other arguments of `keras.Model.compile`. `run_eagerly` counts
                for answers, too. `jit_compile` is `False` unless asked for: lengths
                of batches differ, and XLA would compile for each of them.
        """
        if isinstance(optimizer, str) and optimizer == "auto":
            optimizer = keras.optimizers.Adam(1e-3, global_clipnorm=1.0)
        if isinstance(loss, str) and loss == "auto":
            loss = self.default_loss()
        if isinstance(metrics, str) and metrics == "auto":
            metrics = self.default_metrics()
        kwargs.setdefault("jit_compile", False)
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        *,
        validation_split: float = 0.0,
        validation_data: Any = None,
        sample_weight: Any = None,
        shuffle: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Trains on raw examples, or on arrays if there is no preprocessor.

        Args:
            x: Raw inputs, or a `tf.data.Dataset` of raw inputs and labels, such as
                `tfds.load(..., as_supervised=True)` gives, batched or not.
            y: Labels; `None` with a dataset, or where inputs are all to learn from.
            batch_size: Number of examples in a batch. Default 32.
            validation_split: Fraction of lists or arrays held out, from their end.
            validation_data: Raw examples held out: `(x, y)`, `(x, y, weight)` or a
                dataset.
            sample_weight: Weight of each example.
            shuffle: Whether lists and arrays are shuffled anew in each epoch.
            **kwargs: Other arguments of `keras.Model.fit`, such as `epochs`.

        Returns:
            The `History` of `keras.Model.fit`.

        Raises:
            ValueError: If inputs, labels and weights do not fit each other.
        """
        self.calibration = None  # it is one of other weights
        if self.preprocessor is None:
            return super().fit(
                x,
                y,
                batch_size=batch_size,
                validation_split=validation_split,
                validation_data=validation_data,
                sample_weight=sample_weight,
                shuffle=shuffle,
                **kwargs,
            )
        data = (x, y, sample_weight)
        if validation_split:
            data, validation_data = split_validation(*data, validation_split)
        if validation_data is not None:
            validation_data = self.to_dataset(validation_data, batch_size)
        is_told = y is not None or self.preprocessor.learns_from_inputs
        if not is_told and not is_dataset(x):
            raise ValueError("`fit` needs labels: `y`, or a dataset that holds them.")
        dataset = self.to_dataset(data, batch_size, shuffle)
        return super().fit(
            dataset, validation_data=validation_data, shuffle=False, **kwargs
        )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        *,
        sample_weight: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics on raw examples, or on arrays if there is no
        preprocessor. Arguments as in `fit`, others as in `keras.Model.evaluate`."""
        # Keras's own `fit` comes here after each epoch with what is prepared.
        is_prepared = kwargs.get("_use_cached_eval_dataset", False)
        if self.preprocessor is None or is_prepared:
            return super().evaluate(
                x, y, batch_size=batch_size, sample_weight=sample_weight, **kwargs
            )
        dataset = self.to_dataset((x, y, sample_weight), batch_size)
        return super().evaluate(dataset, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> Any:
        """The network's outputs for raw inputs, or for arrays if there is no
        preprocessor. A dictionary of arrays goes to the network as it is. Other
        arguments as in `keras.Model.predict`."""
        if self.preprocessor is None or isinstance(x, dict):
            return super().predict(x, batch_size=batch_size, **kwargs)
        if self.preprocessor.needs_targets:
            names = [tensor.name for tensor in self.inputs]
            raise TypeError(
                f"`predict` takes a dictionary of arrays, {names}; `generate` answers "
                f"raw inputs. Received: {type(x).__name__}"
            )
        return super().predict(self.to_dataset((x,), batch_size), **kwargs)

    def to_dataset(
        self, data: Any, batch_size: int | None = None, shuffle: bool = False
    ) -> Any:
        """Raw examples, `(x, y, weight)` or a dataset, as batches for the network: see
        `Preprocessor.to_dataset`."""
        parts = (data,) if is_dataset(data) else tuple(data)
        return self.preprocessor.to_dataset(
            *(*parts, None, None)[:3],
            batch_size=batch_size,
            shuffle=shuffle,
            check_targets=self.check_targets,
        )

    reading = reading  # what the analysis asks

    # Presets

    @classmethod
    def from_preset(
        cls, preset: str | Path, load_weights: bool = True, **overrides: Any
    ) -> Self:
        """Loads a model that was published or saved with `save_to_preset`.

        Args:
            preset: Name of a preset, or a folder of one's own.
            load_weights: Whether to load the weights; if not, they are random.
                Default `True`.
            **overrides: Arguments of the class that replace the preset's, such as
                `preprocessor=None` or `labels`. Weights whose shape no longer fits
                stay random, with a warning.

        Raises:
            ValueError: If there is no such preset, if it is of another class, or if
                a file is missing or is not the one that was saved.
        """
        return load_model(cls, preset, load_weights, overrides)

    def save_to_preset(
        self,
        folder: str | Path,
        metadata: dict[str, Any] | None = None,
        weights_dtype: str = "float32",
    ) -> None:
        """Writes the model so that `from_preset(folder)` gives it back.

        A preset that is there already is replaced once the new one is complete.

        Args:
            folder: Folder to write.
            metadata: More entries for `metadata.json`.
            weights_dtype: Type of the weights on disk, `"float32"` or the half as
                large `"float16"`. Default `"float32"`.

        Raises:
            FileExistsError: If the folder holds something that is not a preset.
        """
        write_preset(self, Path(folder), metadata or {}, weights_dtype)

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Saves the network as `keras.Model.save` does, without the preprocessor."""
        if self.preprocessor is not None:
            warnings.warn(
                "A .keras file holds the network, not the preprocessor: loaded again "
                "it takes arrays. `save_to_preset` keeps both.",
                stacklevel=2,
            )
        return super().save(filepath, *args, **kwargs)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        return cls(**config)

    # Answers

    def function(self, output: Any) -> Callable[..., Any]:
        """The function of a batch of checked inputs for an output, built when it is
        first asked for, and compiled unless the model runs eagerly: `None` for the
        network's last, the name of a layer, or what else a subclass builds them for."""
        functions, key = self._untracked.functions, (output, self.run_eagerly)
        if key not in functions:
            with _BUILD_LOCK:
                if key not in functions:
                    functions[key] = self.build_function(output)
        return functions[key]

    def build_function(self, output: Any) -> Callable[..., Any]:
        """Builds what `function` returns."""
        network = self.network()
        if output is not None:
            network = keras.Model(self.inputs, self.get_layer(output).output)
        (tensor,) = self.inputs
        compiled = compile_function(
            lambda inputs: network(inputs, training=False),
            tensor.shape,
            tensor.dtype,
            network.variables,
            eager=self.run_eagerly,
        )
        prepare = self.build_preparation()
        return lambda batch: compiled(prepare(batch))

    def build_preparation(self) -> Callable[[list[Any]], np.ndarray]:
        """Builds the function of a batch of checked inputs to the network's input."""
        if self.preprocessor is None or self.preprocessor.prepares_singly:
            dtype = self.inputs[0].dtype
            return lambda batch: np.stack(batch).astype(dtype)
        import tensorflow as tf

        spec = self.preprocessor.spec()
        prepare = compile_graph(self.preprocessor, spec, self.run_eagerly)
        return lambda batch: prepare(tf.constant(batch)).numpy()

    # Serving

    @property
    def origin(self) -> Origin:
        """What the preset says of itself: see `zoo_models.core.exporting.Origin`."""
        return self._untracked.origin

    @origin.setter
    def origin(self, origin: Origin) -> None:
        self._untracked.origin = origin

    def export(
        self,
        base: str | Path,
        version: int | None = None,
        name: str | None = None,
        format: str = "saved_model",
        weights: str | None = None,
        explains: bool = False,
    ) -> Path:
        """Writes a model for deployment, with a `signature.json` beside it.

        `"saved_model"` is for TensorFlow Serving, warmed up with the preset's examples;
        `"litert"`, for classifiers, takes one input that the preprocessor made, and
        needs built-in operations alone; `"onnx"` is for `rnnzoo.onnx.Runner`.

        Args:
            base: Folder of all models. The files go to `<base>/<name>/<version>`.
            version: Positive integer. Default 1.
            name: Name of the model. Default: the preset's.
            format: `"saved_model"`, `"litert"` or `"onnx"`. Default `"saved_model"`.
            weights: Of ONNX: `"exact"` (default), `"float32"`, `"float16"` or `"int8"`.
            explains: Whether graphs in ONNX give states or attention. Default `False`.

        Returns:
            The folder of the version.

        Raises:
            FileExistsError: If the version is there already.
            ImportError: If what the format needs is not installed.
            ValueError: If there is no preprocessor, or no way to convert the model.
        """
        return export_model(self, base, version, name, format, weights, explains)
