"""The accuracy of an `ImageClassifier`, and the examples that it is measured on."""

from zoo_models.core.classification import measure, reader

__all__ = ["measure", "reader"]
