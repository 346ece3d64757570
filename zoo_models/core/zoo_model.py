"""The base of all models of the zoo: raw inputs in, training, presets, export."""

import copy
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, Literal, Self

import keras
import numpy as np

from rnnzoo.layers import Elman
from zoo_models.core.calibration import calibrate
from zoo_models.core.confidence import Calibration, Confidence, mean_state
from zoo_models.core.encoding import encode
from zoo_models.core.exporting import Origin, export_model
from zoo_models.core.inference import Inference, Verbose
from zoo_models.core.preprocessor import Preprocessor, is_dataset
from zoo_models.core.presets import PresetNames, folder_module
from zoo_models.core.saving import load_model, write_preset
from zoo_models.core.types import Json, Nest, Raw, RawInputs, Targets, Tensor, TFTensor


class ZooModel(keras.Model):
    """A pretrained functional model that takes raw inputs, such as texts.

    `fit`, `evaluate` and `predict` take raw examples.

    Args:
        inputs: Keras input of the network.
        outputs: Keras output of the network.
        confidence: The signals that the model measures of an input.
        preprocessor: Turns raw inputs into the network's input, or `None` to feed
            arrays. Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Attributes:
        task: The task in a few words.
        input_kind: `"text"` or `"image"`.
        verb: The method that answers, `"classify"` or `"generate"`.
        answer_name: Name of the answer in dictionaries and SavedModels.
        metric: Name of the metric that compares such models.
        presets: Names of the presets of this class.
        preset: Name of the preset that the model was loaded from, or `None`.
        origin: The metadata of that preset.
        confidence: The signals and their calibration.
        inference: Compiles and runs the passes of an answer.
    """

    task: ClassVar[str]
    input_kind: ClassVar[Literal["text", "image"]] = "text"
    verb: ClassVar[Literal["classify", "generate"]]
    answer_name: ClassVar[str]
    metric: ClassVar[str]
    presets: ClassVar[Any] = PresetNames()
    preprocessor_class: ClassVar[type[Preprocessor]]
    # Training replaces this layer to compare cells.
    recurrent_layer: ClassVar[Any] = Elman

    def __init__(
        self,
        inputs: Nest,
        outputs: Nest,
        confidence: Confidence,
        preprocessor: Any = None,
        **kwargs: Any,
    ):
        unknown = sorted(set(kwargs) - {"name", "trainable"})
        if unknown:
            raise TypeError(f"{type(self).__name__} has no arguments {unknown}")
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        self.confidence = confidence
        self.inference = Inference(self)
        # Keras would save these a second time if they were attributes.
        self._untracked = SimpleNamespace()
        self.preprocessor = preprocessor
        self.preset: str | None = None
        self.origin = Origin()
        self.compile()

    # Defined by a subclass

    def default_loss(self) -> keras.losses.Loss:
        """The loss of `compile(loss="auto")`."""
        raise NotImplementedError

    def default_metrics(self) -> list[keras.metrics.Metric]:
        """The metrics of `compile(metrics="auto")`."""
        raise NotImplementedError

    def answer(self, raw: TFTensor) -> dict[str, TFTensor]:
        """Returns the answers to a batch of raw inputs by name, in TensorFlow ops."""
        raise NotImplementedError

    def encode_states(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the states for `encode`, `(batch, time, size)`, and their mask,
        `(batch, time)`, for the network's first input, in `keras.ops`."""
        raise NotImplementedError

    # May be changed by a subclass

    def summarize(self, states: np.ndarray) -> np.ndarray:
        """Returns the features of an input, `(size,)`, from its states,
        `(time, size)`."""
        return states.mean(axis=0)

    def check_targets(self, targets: Targets) -> np.ndarray:
        """Returns a list of targets as an array, or raises an error."""
        return self.preprocessor.check_targets(targets)

    def endpoints(self) -> Json:
        """Returns the arguments of `rnnzoo.export.export_saved_model`, by signature."""
        return {"serving_default": (self.answer, [self.preprocessor.spec()])}

    def resources(self) -> list[Any]:
        """Returns the tables and variables that `endpoints` use."""
        return self.preprocessor.resources()

    def num_parameters(self) -> int:
        """Returns the number of parameters, by default of the trainable ones."""
        return sum(int(np.prod(w.shape)) for w in self.trainable_weights)

    # The network

    def network(self) -> keras.Model:
        """Returns the network alone, a functional model without an optimizer."""
        return keras.Model(self.inputs, self.outputs[0], name=self.name)

    @property
    def preprocessor(self) -> Any:
        """Turns raw inputs into arrays; `None` if the model takes arrays."""
        return self.inference.preprocessor

    @preprocessor.setter
    def preprocessor(self, preprocessor: Any) -> None:
        self.inference.preprocessor = self.preprocessor_class.adopt(preprocessor)
        self.inference.clear()

    def folder_module(self, name: str) -> ModuleType:
        """Imports a module of the model's folder, such as `"onnx_graphs"`."""
        return folder_module(type(self), name)

    # Training

    def compile(
        self,
        optimizer: str | keras.optimizers.Optimizer = "auto",
        loss: str | keras.losses.Loss | None = "auto",
        metrics: Any = "auto",
        **kwargs: Any,
    ) -> None:
        """Configures training as `keras.Model.compile` does.

        Args:
            optimizer: `"auto"` is Adam at 0.001 with gradients clipped to norm 1.
            loss: `"auto"` is the loss that the model was made for.
            metrics: `"auto"` are the metrics that the model was made for.
            **kwargs: Other arguments of `keras.Model.compile`. `run_eagerly` applies to
                answers too. `jit_compile` is `False` by default.
        """
        if isinstance(optimizer, str) and optimizer == "auto":
            optimizer = keras.optimizers.Adam(1e-3, global_clipnorm=1.0)
        if isinstance(loss, str) and loss == "auto":
            loss = self.default_loss()
        if isinstance(metrics, str) and metrics == "auto":
            metrics = self.default_metrics()
        kwargs.setdefault("jit_compile", False)  # XLA would compile for each length
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def compile_from_config(self, config: Json) -> None:
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def fit(
        self,
        x: RawInputs = None,
        y: Targets = None,
        batch_size: int | None = None,
        *,
        validation_data: Any = None,
        sample_weight: Targets = None,
        shuffle: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Trains on raw examples, or on arrays if there is no preprocessor.

        Args:
            x: Raw inputs, or a `tf.data.Dataset` of raw inputs and labels, such as
                `tfds.load(..., as_supervised=True)` gives, batched or not.
            y: Labels; `None` with a dataset, or where inputs are all to learn from.
            batch_size: Number of examples in a batch. Default 32.
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
        if self.calibration is not None:
            self.calibration = None  # it belongs to the old parameters
        if self.preprocessor is None:
            kwargs |= {"batch_size": batch_size, "validation_data": validation_data}
            kwargs |= {"sample_weight": sample_weight, "shuffle": shuffle}
            return super().fit(x, y, **kwargs)
        if validation_data is not None:
            validation_data = self.to_dataset(validation_data, batch_size)
        has_targets = y is not None or self.preprocessor.learns_from_inputs
        if not has_targets and not is_dataset(x):
            raise ValueError("`fit` needs labels: `y`, or a dataset that holds them.")
        dataset = self.to_dataset((x, y, sample_weight), batch_size, shuffle)
        return super().fit(
            dataset, validation_data=validation_data, shuffle=False, **kwargs
        )

    def evaluate(
        self,
        x: RawInputs = None,
        y: Targets = None,
        batch_size: int | None = None,
        *,
        sample_weight: Targets = None,
        **kwargs: Any,
    ) -> Any:
        """Returns loss and metrics on raw examples, or on arrays without a
        preprocessor. Arguments as in `fit`, others as in `keras.Model.evaluate`."""
        # The `fit` of Keras calls this with prepared data after each epoch.
        is_prepared = kwargs.get("_use_cached_eval_dataset", False)
        if self.preprocessor is None or is_prepared:
            return super().evaluate(
                x, y, batch_size=batch_size, sample_weight=sample_weight, **kwargs
            )
        dataset = self.to_dataset((x, y, sample_weight), batch_size)
        return super().evaluate(dataset, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> Any:
        """Returns the network's outputs for raw inputs, or for arrays without a
        preprocessor. Other arguments as in `keras.Model.predict`."""
        if self.preprocessor is None or isinstance(x, dict):
            return super().predict(x, batch_size=batch_size, **kwargs)
        if isinstance(x, list | tuple) and not x:
            raise ValueError("`predict` needs at least one input. Received: none")
        return super().predict(self.to_dataset((x,), batch_size), **kwargs)

    def to_dataset(
        self, data: Any, batch_size: int | None = None, shuffle: bool = False
    ) -> Any:
        """Returns raw examples as batches: see `Preprocessor.to_dataset`."""
        parts = (data,) if is_dataset(data) else tuple(data)
        x, y, weights, *_ = *parts, None, None
        return self.preprocessor.to_dataset(
            x, y, weights, batch_size, shuffle, self.check_targets
        )

    # Analysis

    encode = encode

    def preprocess(self, inputs: Sequence[Raw]) -> np.ndarray:
        """Returns the network's first input for raw inputs, which it checks."""
        check = self.preprocessor.check
        batch = [check(raw, f"inputs[{i}]") for i, raw in enumerate(inputs)]
        return self.inference.preprocess(batch)

    def prepare_analysis(self, raws: RawInputs) -> tuple[Nest, Nest]:
        """Returns the network's inputs for raw inputs, and the names of the steps: see
        `rnnzoo.analysis.read_states`."""
        raws = [raws] if isinstance(raws, str | bytes | Path) else list(raws)
        return self.folder_module("explanation").prepare(self, raws)

    # Presets

    @classmethod
    def from_preset(
        cls, preset: str | Path, load_weights: bool = True, **overrides: Any
    ) -> Self:
        """Loads a published model, or one that `save_to_preset` wrote.

        Args:
            preset: Name of a preset, or a folder.
            load_weights: Whether to load the weights or draw them. Default `True`.
            **overrides: Arguments that replace the preset's, such as `labels`. Weights
                whose shape no longer fits stay random, with a warning.

        Raises:
            ValueError: If there is no such preset, it is of another class, or a file
                is missing or was changed.
        """
        return load_model(cls, preset, load_weights, overrides)

    save_to_preset = write_preset

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Saves the network as `keras.Model.save` does, without the preprocessor."""
        if self.preprocessor is not None:
            warnings.warn(
                "A .keras file holds the network, not the preprocessor. "
                "`save_to_preset` keeps both.",
                stacklevel=2,
            )
        return super().save(filepath, *args, **kwargs)

    def keep_config(self, **arguments: Any) -> None:
        """Keeps the arguments of a subclass, for `get_config` and as attributes."""
        self._untracked.config = arguments
        for name in arguments.keys() - {*dir(type(self))}:
            setattr(self, name, arguments[name])

    def get_config(self) -> Json:
        return copy.deepcopy({"name": self.name, **self._untracked.config})

    @classmethod
    def from_config(cls, config: Json, custom_objects: Any = None) -> Self:
        return cls(**config)

    # Confidence

    @property
    def calibration(self) -> Calibration | None:
        """The calibration of the confidence, or `None`: see `calibrate`."""
        return self.confidence.calibration

    @calibration.setter
    def calibration(self, calibration: Calibration | None) -> None:
        self.confidence.check(calibration)
        self.confidence.calibration = calibration
        self.inference.clear()

    def measure(
        self, inputs: RawInputs, batch_size: int = 64, verbose: Verbose = "auto"
    ) -> np.ndarray:
        """Returns the values and weights of the signals, `(inputs, signals, 2)`: see
        `Calibration.distances`. It takes the arguments of `calibrate`."""
        batches = self.inference.answer(self.measure_batch, inputs, batch_size, verbose)
        return np.stack(batches[0])

    def measure_batch(self, batch: list[Raw]) -> Sequence[np.ndarray]:
        """Returns the values of the signals, `(signals, 2)`, for each checked input."""
        raise NotImplementedError

    def pool_states(self, inputs: Tensor) -> Tensor:
        """Returns the pooled states whose distance is a signal, `(batch, size)`, in
        `keras.ops`."""
        return mean_state(*self.encode_states(inputs))

    calibrate = calibrate

    # Serving

    export = export_model
