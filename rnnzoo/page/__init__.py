"""The models in the browser: a page that is written once and needs no server.

Names are resolved when they are first used: importing brings nothing else.
"""

import importlib
from typing import Any

# Where each public name is defined.
_PUBLIC = {
    "PageServer": "rnnzoo.page.server",
    "find_runtime": "rnnzoo.page.runtime",
    "write_page": "rnnzoo.page.writer",
}

__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'rnnzoo.page' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
