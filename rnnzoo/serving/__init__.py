"""A server of exported models, and a client that asks it.

Names are resolved when they are first used: the client needs neither Keras nor
TensorFlow.
"""

import importlib
from typing import Any

# Where each public name is defined.
_PUBLIC = {
    "Client": "rnnzoo.serving.client",
    "Server": "rnnzoo.serving.server",
    "ServerSettings": "rnnzoo.serving.settings",
    "ServingError": "rnnzoo.serving.errors",
    "log_to_stderr": "rnnzoo.serving.log",
    # Their home was here once.
    "export_litert": "rnnzoo.export",
    "export_saved_model": "rnnzoo.export",
    "load_litert": "rnnzoo.export",
}

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'rnnzoo.serving' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
