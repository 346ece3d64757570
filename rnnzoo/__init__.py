"""Pretrained plain (Elman) recurrent networks for Keras.

Names are resolved when they are first used: importing `rnnzoo` imports neither
Keras nor TensorFlow.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnzoo import (
        analysis as analysis,
    )
    from rnnzoo import (
        datasets as datasets,
    )
    from rnnzoo import (
        export as export,
    )
    from rnnzoo import (
        images as images,
    )
    from rnnzoo import (
        layers as layers,
    )
    from rnnzoo import (
        metrics as metrics,
    )
    from rnnzoo import (
        onnx as onnx,
    )
    from rnnzoo import (
        samplers as samplers,
    )
    from rnnzoo import (
        serving as serving,
    )
    from rnnzoo import (
        text as text,
    )
    from zoo_models.models import *  # noqa: F403

__version__ = "0.2.0"

_MODULES = (
    "analysis",
    "datasets",
    "export",
    "images",
    "layers",
    "metrics",
    "onnx",
    "samplers",
    "serving",
    "text",
)


def _public() -> dict[str, str]:
    """Where each name is defined that the models bring."""
    return importlib.import_module("zoo_models.models").PUBLIC


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"rnnzoo.{name}")
    if name == "__all__":
        return [*_public(), *_MODULES, "__version__"]
    if not name.startswith("_") and name in _public():
        module = _public()[name]
        if module != "zoo_models.core.presets":  # the others bring TensorFlow
            importlib.import_module("rnnzoo.core.quiet").hush_tensorflow()
        return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'rnnzoo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))
