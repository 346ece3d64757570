"""Pretrained plain (Elman) recurrent networks for Keras.

Names are resolved when they are first used: importing `rnnzoo` imports neither
Keras nor TensorFlow.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

# Where each public name is defined.
_PUBLIC = {
    "CaptionPreprocessor": "zoo_models.image_captioner.preprocessor",
    "ImageCaptioner": "zoo_models.image_captioner.model",
    "ImageClassifier": "zoo_models.image_classifier.model",
    "PairTokenizer": "zoo_models.translator.preprocessor",
    "Preset": "zoo_models.core.presets",
    "SentimentClassifier": "zoo_models.sentiment_classifier.model",
    "Translator": "zoo_models.translator.model",
    "ZooModel": "zoo_models.core.zoo_model",
    "evaluate_preset": "zoo_models.core.evaluation",
    "list_presets": "zoo_models.core.presets",
}
_MODULES = (
    "analysis",
    "datasets",
    "export",
    "images",
    "layers",
    "metrics",
    "samplers",
    "serving",
    "text",
)

__all__ = [*_PUBLIC, *_MODULES, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(_PUBLIC[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"rnnzoo.{name}")
    raise AttributeError(f"module 'rnnzoo' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
