"""Configs of data sets of translations: a direction each."""

import tensorflow_datasets as tfds


class DirectionConfig(tfds.core.BuilderConfig):
    """A direction of translation, such as `en_de`.

    Args:
        source: Code of the language to translate from.
        target: Code of the language to translate to.
    """

    def __init__(self, source: str, target: str):
        super().__init__(
            name=f"{source}_{target}", description=f"From {source} to {target}."
        )
        self.source = source
        self.target = target
