"""A Keras model that trains on raw examples."""

from types import SimpleNamespace
from typing import Any, ClassVar

import keras
import numpy as np

from zoo_models.core.raw_data import is_dataset, split_validation, to_dataset


class RawDataModel(keras.Model):
    """A functional model whose `fit`, `evaluate` and `predict` take raw examples.

    Args:
        inputs: Keras input of the network.
        outputs: Keras output of the network.
        preprocessor: Turns raw inputs into the network's input, or `None` to feed
            arrays. Default `None`.
        **kwargs: `name` and `trainable`, as in `keras.Model`.

    Attributes:
        prepares_singly: Whether `check_input` returns what the network takes, so that
            raw inputs of a list may differ in shape.
    """

    prepares_singly: ClassVar[bool] = False

    def __init__(self, inputs, outputs, preprocessor=None, **kwargs):
        unknown = sorted(set(kwargs) - {"name", "trainable"})
        if unknown:
            raise TypeError(f"{type(self).__name__} has no arguments {unknown}")
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        # A namespace keeps these from Keras and TensorFlow, which would otherwise
        # track them and write them into SavedModels.
        self._untracked = SimpleNamespace(preprocessor=preprocessor, functions={})
        self.compile()

    def network(self):
        """The network alone, a plain functional model without an optimizer."""
        return keras.Model(self.inputs, self.outputs[0], name=self.name)

    def check_input(self, raw: Any, name: str) -> Any:
        """Returns one raw input as it is fed, or raises an error that names it."""
        raise NotImplementedError

    def rank_of(self, inputs: Any) -> int:
        """The rank of one raw input, told from an array of one or many, or from the
        spec of a dataset: 0 for a text."""
        return 0

    def check_labels(self, labels: np.ndarray) -> None:
        """Raises `ValueError` for labels that cannot be learnt."""
        raise NotImplementedError

    def default_loss(self) -> Any:
        """The loss of `compile(loss="auto")`."""
        raise NotImplementedError

    def default_metrics(self) -> list[Any]:
        """The metrics of `compile(metrics="auto")`."""
        raise NotImplementedError

    @property
    def preprocessor(self) -> Any:
        """Turns raw inputs into arrays; `None` if the model takes arrays itself."""
        return self._untracked.preprocessor

    @preprocessor.setter
    def preprocessor(self, preprocessor: Any) -> None:
        self._untracked.preprocessor = preprocessor
        self._untracked.functions.clear()

    def prepare(self, raw: Any) -> Any:
        """The network's input for a batch of raw inputs, in TensorFlow ops."""
        return self.preprocessor(raw)

    def compile(self, optimizer="auto", loss="auto", metrics="auto", **kwargs):
        """Configures training as `keras.Model.compile` does.

        Args:
            optimizer: `"auto"` is Adam at 0.001 with gradients clipped to norm 1.
            loss: `"auto"` is the loss that the model was made for.
            metrics: `"auto"` are the metrics that the model was made for.
            **kwargs: Other arguments of `keras.Model.compile`. `jit_compile` is
                `False` unless asked for: lengths of batches differ, and XLA would
                compile for each of them.
        """
        if isinstance(optimizer, str) and optimizer == "auto":
            optimizer = keras.optimizers.Adam(1e-3, global_clipnorm=1.0)
        if isinstance(loss, str) and loss == "auto":
            loss = self.default_loss()
        if isinstance(metrics, str) and metrics == "auto":
            metrics = self.default_metrics()
        kwargs.setdefault("jit_compile", False)
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        *,
        validation_split=0.0,
        validation_data=None,
        sample_weight=None,
        shuffle=True,
        **kwargs,
    ):
        """Trains on raw examples, or on arrays if there is no preprocessor.

        Args:
            x: Raw inputs, or a `tf.data.Dataset` of raw inputs and labels, such as
                `tfds.load(..., as_supervised=True)` gives, batched or not.
            y: Labels; `None` with a dataset.
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
            validation_data = self._to_dataset(validation_data, batch_size)
        if y is None and not is_dataset(x):
            raise ValueError("`fit` needs labels: `y`, or a dataset that holds them.")
        dataset = self._to_dataset(data, batch_size, shuffle)
        return super().fit(
            dataset, validation_data=validation_data, shuffle=False, **kwargs
        )

    def evaluate(
        self, x=None, y=None, batch_size=None, *, sample_weight=None, **kwargs
    ):
        """Loss and metrics on raw examples, or on arrays if there is no
        preprocessor. Arguments as in `fit`, others as in `keras.Model.evaluate`."""
        # Keras's own `fit` comes here after each epoch with what is prepared.
        is_prepared = kwargs.get("_use_cached_eval_dataset", False)
        if self.preprocessor is None or is_prepared:
            return super().evaluate(
                x, y, batch_size=batch_size, sample_weight=sample_weight, **kwargs
            )
        dataset = self._to_dataset((x, y, sample_weight), batch_size)
        return super().evaluate(dataset, **kwargs)

    def predict(self, x, batch_size=None, **kwargs):
        """The network's outputs for raw inputs, or for arrays if there is no
        preprocessor. Other arguments as in `keras.Model.predict`."""
        if self.preprocessor is not None:
            return super().predict(self._to_dataset((x,), batch_size), **kwargs)
        return super().predict(x, batch_size=batch_size, **kwargs)

    def _to_dataset(self, data, batch_size, shuffle=False):
        parts = (data,) if is_dataset(data) else tuple(data)
        return to_dataset(
            *(*parts, None, None)[:3],
            batch_size=batch_size,
            shuffle=shuffle,
            prepare=self.prepare,
            check_input=self.check_input,
            check_labels=self.check_labels,
            rank_of=self.rank_of,
            prepares_singly=self.prepares_singly,
        )
