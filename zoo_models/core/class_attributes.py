"""Attributes of model classes that are read from tables."""

from typing import Any

from zoo_models.core.presets import list_presets
from zoo_models.models import find_info


class PresetNames:
    """Reads as the names of the presets of the class it is asked on.

    The class that owns it has all.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner = owner

    def __get__(self, instance: Any, owner: type) -> list[str]:
        return [
            preset.name
            for preset in list_presets()
            if owner is self.owner or preset.class_name == owner.__name__
        ]


class FromTable:
    """Reads as what the table of models says of a class, or of one it derives from.

    Args:
        default: What it reads as if the table says nothing; an `AttributeError` if this
            is `None`. Default `None`.
    """

    def __init__(self, default: str | None = None):
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> str:
        info = find_info(c.__name__ for c in owner.__mro__)
        if info is not None:
            return str(getattr(info, self.name))
        if self.default is None:
            raise AttributeError(f"{owner.__name__} is not in the table of models")
        return self.default
