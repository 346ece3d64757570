"""The table of models: what the facade, the command line, presets and tests go by.

A new model is a row here, a folder beside this file and one below `training`. Nothing
here imports Keras, or a model: each is imported when it is first asked for.
"""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # what editors and type checkers know of `rnnzoo`
    from zoo_models.core.evaluation import evaluate_preset as evaluate_preset
    from zoo_models.core.explaining import explain as explain
    from zoo_models.core.presets import Preset as Preset
    from zoo_models.core.presets import find_preset as find_preset
    from zoo_models.core.presets import list_presets as list_presets
    from zoo_models.core.zoo_model import ZooModel as ZooModel
    from zoo_models.image_captioner.model import ImageCaptioner as ImageCaptioner
    from zoo_models.image_captioner.preprocessor import (
        CaptionPreprocessor as CaptionPreprocessor,
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
        SentimentPreprocessor as SentimentPreprocessor,
    )
    from zoo_models.translator.model import Translator as Translator
    from zoo_models.translator.preprocessor import PairTokenizer as PairTokenizer


@dataclass(frozen=True)
class ModelInfo:
    """A row of the table.

    Attributes:
        class_name: Class of the model, in `model.py` of its folder.
        folder: Folder below `zoo_models`.
        preprocessor: Class of its preprocessor, in `preprocessor.py` of its folder.
        task: What the model does, in a few words.
        input_kind: What it reads.
        verb: The method that answers, and the kind of answers: labels or texts.
        answer_name: What an answer is called, in dictionaries and SavedModels.
        metric: The metric that it is judged by.
    """

    class_name: str
    folder: str
    preprocessor: str
    task: str
    input_kind: Literal["text", "image"]
    verb: Literal["classify", "generate"]
    answer_name: str
    metric: str

    @property
    def module(self) -> str:
        """Module of the class."""
        return f"zoo_models.{self.folder}.model"

    def load(self) -> Any:
        """The class."""
        return getattr(importlib.import_module(self.module), self.class_name)

    def load_evaluation(self) -> ModuleType:
        """The module with `reader` and `measure`, and `read_folder` if the model can be
        measured on a user's own folder: see `zoo_models.core.evaluation`."""
        return importlib.import_module(f"zoo_models.{self.folder}.evaluation")

    def load_explanation(self) -> ModuleType:
        """The module with `read`, `explain` and `probe`: see
        `zoo_models.core.explaining`."""
        return importlib.import_module(f"zoo_models.{self.folder}.explanation")

    def load_onnx_graphs(self) -> ModuleType:
        """The module with `build` and `describe`: see `zoo_models.core.exporting`."""
        return importlib.import_module(f"zoo_models.{self.folder}.onnx_graphs")


MODELS = (
    ModelInfo(
        class_name="ImageCaptioner",
        folder="image_captioner",
        preprocessor="CaptionPreprocessor",
        task="caption of an image (one to many)",
        input_kind="image",
        verb="generate",
        answer_name="caption",
        metric="cider",
    ),
    ModelInfo(
        class_name="ImageClassifier",
        folder="image_classifier",
        preprocessor="ImageClassifierPreprocessor",
        task="label of an image (one to one)",
        input_kind="image",
        verb="classify",
        answer_name="probabilities",
        metric="accuracy",
    ),
    ModelInfo(
        class_name="LanguageModel",
        folder="language_model",
        preprocessor="LanguageModelPreprocessor",
        task="continuation of a text (one to many, from a start)",
        input_kind="text",
        verb="generate",
        answer_name="text",
        metric="perplexity",
    ),
    ModelInfo(
        class_name="SentimentClassifier",
        folder="sentiment_classifier",
        preprocessor="SentimentPreprocessor",
        task="sentiment of a text (many to one)",
        input_kind="text",
        verb="classify",
        answer_name="probabilities",
        metric="accuracy",
    ),
    ModelInfo(
        class_name="Translator",
        folder="translator",
        preprocessor="PairTokenizer",
        task="translation of a sentence (many to many)",
        input_kind="text",
        verb="generate",
        answer_name="translation",
        metric="bleu",
    ),
)

# Where each public name is defined that `rnnzoo` takes from this package.
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


def find_info(class_names: Iterable[str]) -> ModelInfo | None:
    """The row of the first class that has one, `None` if none has."""
    rows = {info.class_name: info for info in MODELS}
    return next((rows[name] for name in class_names if name in rows), None)
