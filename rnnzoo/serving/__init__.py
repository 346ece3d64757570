"""A server of exported models.

Names are resolved when they are first used: importing loads no TensorFlow.
"""

import importlib
from typing import Any

# Where each public name is defined.
_PUBLIC = {
    "Server": "rnnzoo.serving.server",
    "ServerSettings": "rnnzoo.serving.settings",
    "ServingError": "rnnzoo.serving.errors",
    "log_to_stderr": "rnnzoo.serving.log",
}

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'rnnzoo.serving' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
