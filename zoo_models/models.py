"""The public names of this package, for the facade.

A new model is a folder beside this file and one below `training`, and two lines here
for type checkers. Importing this module imports neither Keras nor a model.
"""

from typing import TYPE_CHECKING

from zoo_models.core.presets import FOLDERS

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


# The modules of the public names that `rnnzoo` takes from this package.
PUBLIC = {
    **{name: f"zoo_models.{folder}.model" for name, folder in FOLDERS.items()},
    **{
        f"{name}Preprocessor": f"zoo_models.{folder}.preprocessor"
        for name, folder in FOLDERS.items()
    },
    "Preset": "zoo_models.core.presets",
    "ZooModel": "zoo_models.core.zoo_model",
    "evaluate_preset": "zoo_models.core.evaluation",
    "explain": "zoo_models.core.explaining",
    "find_preset": "zoo_models.core.presets",
    "list_presets": "zoo_models.core.presets",
}
