"""The table of models, for the facade, the command line and tests.

A new model is a row here, a folder beside this file and one below `training`. Importing
this module imports neither Keras nor a model.
"""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # for editors and type checkers
    from zoo_models.core.evaluation import evaluate_preset as evaluate_preset
    from zoo_models.core.explaining import explain as explain
    from zoo_models.core.presets import Preset as Preset
    from zoo_models.core.presets import find_preset as find_preset
    from zoo_models.core.presets import list_presets as list_presets
    from zoo_models.core.zoo_model import ZooModel as ZooModel
    from zoo_models.image_captioner.model import ImageCaptioner as ImageCaptioner
    from zoo_models.image_captioner.preprocessor import (
        ImageCaptionerPreprocessor as ImageCaptionerPreprocessor,
    )
    from zoo_models.image_classifier.model import ImageClassifier as ImageClassifier
    from zoo_models.image_classifier.preprocessor import (
        ImageClassifierPreprocessor as ImageClassifierPreprocessor,
    )
    from zoo_models.language_model.model import LanguageModel as LanguageModel
    from zoo_models.language_model.preprocessor import (
        LanguageModelPreprocessor as LanguageModelPreprocessor,
    )
    from zoo_models.sentiment_classifier.model import (
        SentimentClassifier as SentimentClassifier,
    )
    from zoo_models.sentiment_classifier.preprocessor import (
        SentimentClassifierPreprocessor as SentimentClassifierPreprocessor,
    )
    from zoo_models.translator.model import Translator as Translator
    from zoo_models.translator.preprocessor import (
        TranslatorPreprocessor as TranslatorPreprocessor,
    )


@dataclass(frozen=True)
class ModelInfo:
    """A row of the table.

    Attributes:
        class_name: Class of the model, in `model.py` of its folder.
        folder: Folder below `zoo_models`.
        preprocessor: Class of its preprocessor, in `preprocessor.py` of its folder.
    """

    class_name: str
    folder: str
    preprocessor: str

    @property
    def module(self) -> str:
        """Module of the class."""
        return f"zoo_models.{self.folder}.model"

    def load(self) -> Any:
        """Imports and returns the class."""
        return getattr(importlib.import_module(self.module), self.class_name)


MODELS = (
    ModelInfo("ImageCaptioner", "image_captioner", "ImageCaptionerPreprocessor"),
    ModelInfo("ImageClassifier", "image_classifier", "ImageClassifierPreprocessor"),
    ModelInfo("LanguageModel", "language_model", "LanguageModelPreprocessor"),
    ModelInfo(
        "SentimentClassifier", "sentiment_classifier", "SentimentClassifierPreprocessor"
    ),
    ModelInfo("Translator", "translator", "TranslatorPreprocessor"),
)

# The modules of the public names that `rnnzoo` takes from this package.
PUBLIC = {
    **{info.class_name: info.module for info in MODELS},
    **{info.preprocessor: f"zoo_models.{info.folder}.preprocessor" for info in MODELS},
    "Preset": "zoo_models.core.presets",
    "ZooModel": "zoo_models.core.zoo_model",
    "evaluate_preset": "zoo_models.core.evaluation",
    "explain": "zoo_models.core.explaining",
    "find_preset": "zoo_models.core.presets",
    "list_presets": "zoo_models.core.presets",
}
