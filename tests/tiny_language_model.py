"""A language model of a few weights, and texts that it knows the words of."""

WORDS = ("a", "the", "film", "is", "not", "good", "dull", "well", "made", ".", ",", "-")
TEXTS = ["a good film.", "A dull, dull film", "well-made", ""]


def make_language_model(**arguments):
    """An untrained language model that writes seven words at most."""
    from rnnzoo import LanguageModel, LanguageModelPreprocessor
    from rnnzoo.text import Vocabulary

    vocabulary = Vocabulary(WORDS)
    settings = {
        "vocabulary_size": len(vocabulary),
        "embedding_dim": 6,
        "units": 5,
        "preprocessor": LanguageModelPreprocessor(vocabulary, max_length=7),
        **arguments,
    }
    return LanguageModel(**settings)
