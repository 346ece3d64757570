"""Initialisers that draw nothing where the weights are about to be loaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras

_IS_LOADING = ContextVar("is_loading", default=False)


@contextmanager
def without_drawing() -> Iterator[None]:
    """Inside, the initialisers of this module give zeros: to draw large tables, and to
    make kernels orthogonal, takes longer than to load them."""
    token = _IS_LOADING.set(True)
    try:
        yield
    finally:
        _IS_LOADING.reset(token)


class _Drawing:
    """What the initialisers of this module have before those of Keras."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if _IS_LOADING.get():
            return keras.ops.zeros(shape, dtype)
        return super().__call__(shape, dtype)  # type: ignore[misc]


@keras.saving.register_keras_serializable(package="rnnzoo")
class GlorotUniform(_Drawing, keras.initializers.GlorotUniform):
    """`keras.initializers.GlorotUniform`, but for `without_drawing`."""


@keras.saving.register_keras_serializable(package="rnnzoo")
class Orthogonal(_Drawing, keras.initializers.Orthogonal):
    """`keras.initializers.Orthogonal`, but for `without_drawing`."""


@keras.saving.register_keras_serializable(package="rnnzoo")
class RandomNormal(_Drawing, keras.initializers.RandomNormal):
    """`keras.initializers.RandomNormal`, but for `without_drawing`."""
