"""Models for deployment: SavedModels, LiteRT, ONNX, and what describes and warms them.

Names are resolved when they are first used: importing brings neither Keras nor
TensorFlow.
"""

import importlib
from typing import Any

# Where each public name is defined.
_PUBLIC = {
    "export_litert": "rnnzoo.export.litert",
    "export_onnx": "rnnzoo.export.onnx",
    "export_saved_model": "rnnzoo.export.saved_model",
    "load_litert": "rnnzoo.export.litert",
}

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'rnnzoo.export' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
