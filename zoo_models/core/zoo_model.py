"""What all models of the zoo share."""

import importlib
import threading
from pathlib import Path
from typing import Any, ClassVar, Self

import keras
import numpy as np

from rnnzoo.layers import Elman
from zoo_models.core import presets as preset_files
from zoo_models.core.exporting import Origin, export_model
from zoo_models.core.inference import as_list, batches, compile_model
from zoo_models.core.raw_data_model import RawDataModel
from zoo_models.core.saving import load_what_fits, write_preset

# Calls from several threads wait for the first one to build a function.
_BUILD_LOCK = threading.Lock()


class _PresetNames:
    """Reads as the names of the presets of the class it is asked on."""

    def __get__(self, instance: Any, owner: type) -> list[str]:
        return [
            preset.name
            for preset in preset_files.list_presets()
            if owner is ZooModel or preset.class_name == owner.__name__
        ]


class ZooModel(RawDataModel):
    """A pretrained model that takes raw inputs, such as texts.

    Subclasses build a functional network and say how raw inputs become arrays
    and outputs answers. `ZooModel.from_preset` loads any preset.

    Args:
        inputs: Keras input of the network.
        outputs: Keras output of the network.
        preprocessor: Turns raw inputs into the network's input, or `None` to feed
            arrays. Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Attributes:
        input_kind: What it reads, `"text"` or `"image"`.
        presets: Names of the presets of this class.
        preset: Name of the preset it was loaded from, or `None`.
    """

    task: ClassVar[str]
    input_kind: ClassVar[str] = "text"
    # The layer that reads sequences: training puts others here, for comparison.
    recurrent_layer: ClassVar[Any] = Elman
    presets: ClassVar[Any] = _PresetNames()

    def __init__(self, inputs, outputs, preprocessor=None, **kwargs):
        super().__init__(inputs, outputs, preprocessor, **kwargs)
        self.preset = None
        self._untracked.origin = Origin()

    # What a subclass defines

    @classmethod
    def load_preprocessor(cls, folder: Path, config: dict[str, Any]) -> Any:
        """The preprocessor in a preset's folder, made from its `config.json`."""
        raise NotImplementedError

    def save_preprocessor(self, folder: Path) -> dict[str, Any] | None:
        """Writes the preprocessor's files and returns its settings."""
        raise NotImplementedError

    def endpoints(self) -> dict[str, Any]:
        """The functions of the SavedModel: see `rnnzoo.export.export_saved_model`."""
        raise NotImplementedError

    def resources(self) -> list[Any]:
        """The lookup tables that `endpoints` use."""
        raise NotImplementedError

    def num_parameters(self) -> int:
        """Number of weights: those that are trained, unless a subclass counts more."""
        return sum(int(np.prod(w.shape)) for w in self.trainable_weights)

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
        folder = preset_files.find_preset(preset)
        config = preset_files.read_config(folder)
        module = importlib.import_module(
            preset_files.MODEL_MODULES[config["class_name"]]
        )
        model_class = getattr(module, config["class_name"])
        if not issubclass(model_class, cls):
            raise ValueError(
                f"{cls.__name__} has the presets {cls.presets}. Received: "
                f"{str(preset)!r}, a {model_class.__name__}"
            )
        preset_files.verify(folder)
        arguments = {**config["config"], **overrides}
        if "preprocessor" not in arguments:
            arguments["preprocessor"] = model_class.load_preprocessor(folder, config)
        model = model_class(**arguments)
        if load_weights:
            path = folder / preset_files.WEIGHTS_FILE
            if set(overrides) - {"preprocessor", "name"}:
                load_what_fits(model.network(), path)
            else:
                model.network().load_weights(path)
        model.preset = folder.resolve().name
        is_as_published = load_weights and not set(overrides) - {"name"}
        model._untracked.origin = Origin.of(model, folder, is_as_published)
        return model

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

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(**config)

    # Answers

    def run(
        self, inputs: Any, output: Any, batch_size: int, verbose: Any
    ) -> tuple[list[np.ndarray], bool]:
        """Runs the network on raw inputs, or on arrays without a preprocessor.

        Args:
            inputs: One input, a list or array of them, or a `tf.data.Dataset` of
                raw examples, whose labels are passed over.
            output: Name of the layer whose output is wanted, `None` for the last, or
                what else a subclass builds functions for.
            batch_size: Number of inputs at once.
            verbose: Progress bar: `"auto"`, 0 or 1.

        Returns:
            A pair: a list with the output for each input, and whether a single
            input came.
        """
        is_raw = self.preprocessor is not None
        rank = len(self.inputs[0].shape) - 1
        rank_of = self.rank_of if is_raw else lambda _: rank
        inputs, is_single = as_list(inputs, rank_of)
        if not is_raw and any(isinstance(x, str | bytes | Path) for x in inputs):
            raise ValueError(
                "Without its preprocessor the model takes arrays, not texts. It comes "
                "with `from_preset` and `save_to_preset`, not with a .keras file."
            )
        order: Any = range(len(inputs))
        if is_raw:
            inputs = [
                self.check_input(x, "the input" if is_single else f"inputs[{i}]")
                for i, x in enumerate(inputs)
            ]
            # Inputs of like length together need little padding.
            order = sorted(order, key=lambda i: len(inputs[i]))
        function = self._function(output)
        outputs: list[Any] = [None] * len(inputs)
        for batch in batches(order, batch_size, verbose):
            rows = function([inputs[i] for i in batch])
            for i, row in zip(batch, rows, strict=True):
                outputs[i] = row
        return outputs, is_single

    def _function(self, output):
        functions = self._untracked.functions
        if output not in functions:
            with _BUILD_LOCK:
                if output not in functions:
                    functions[output] = self._build_function(output)
        return functions[output]

    def _build_function(self, output):
        model = self
        if output is not None:
            model = keras.Model(self.inputs, self.get_layer(output).output)
        run = compile_model(model)
        if self.preprocessor is None or self.prepares_singly:
            return lambda batch: run(np.stack(batch))
        import tensorflow as tf

        prepare = tf.function(
            self.prepare, input_signature=[tf.TensorSpec([None], tf.string)]
        ).get_concrete_function()
        return lambda batch: run(prepare(tf.constant(batch)).numpy())

    # Serving

    @property
    def origin(self):
        """What the preset says of itself: see `zoo_models.core.exporting.Origin`."""
        return self._untracked.origin

    def export(self, base, version=None, name=None, format="saved_model"):
        """Writes a model for deployment, with a `signature.json` beside it.

        `"saved_model"` takes raw inputs: TensorFlow Serving reads it as it is and warms
        it up with the preset's examples. `"litert"`, for classifiers, takes what
        the preprocessor gives, one example at a time, and needs no more than LiteRT's
        built-in operations; the vocabularies lie beside it.

        Args:
            base: Folder of all models. The files go to `<base>/<name>/<version>`.
            version: Positive integer. Default 1.
            name: Name of the model. Default: the preset's.
            format: `"saved_model"` or `"litert"`. Default `"saved_model"`.

        Returns:
            The folder of the version.

        Raises:
            FileExistsError: If the version is there already.
            ValueError: If there is no preprocessor, if the model cannot be converted,
                or on another backend than TensorFlow.
        """
        name = name or self.preset or self.name
        return export_model(self, base, version, name, format)
