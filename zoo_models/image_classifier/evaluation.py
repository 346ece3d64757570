"""How good a classifier's labels are: its accuracy."""

from zoo_models.core.classification import measure, reader

__all__ = ["measure", "reader"]
