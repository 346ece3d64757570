"""A translator of a few weights, and pairs that it can learn by heart."""

SOURCE = ("▁a", "▁the", "▁red", "▁dog", "▁cat", "▁runs", "s", ".")
TARGET = ("▁Ein", "▁Der", "▁roter", "▁Hund", "▁Kater", "▁läuft", ".", "e")
PAIRS = {
    "A dog runs.": "Ein Hund läuft.",
    "The cat runs.": "Der Kater läuft.",
    "a red dog": "Ein roter Hund",
    "The dog.": "Der Hund.",
}


def make_translator(**arguments):
    """An untrained translator."""
    from rnnzoo import Translator, TranslatorPreprocessor
    from rnnzoo.text import SubwordTokenizer, Vocabulary

    tokenizer = TranslatorPreprocessor(
        SubwordTokenizer(Vocabulary(SOURCE), 12, lowercase=True),
        SubwordTokenizer(Vocabulary(TARGET), 10),
    )
    settings = {
        "source_vocabulary_size": len(tokenizer.source.vocabulary),
        "target_vocabulary_size": len(tokenizer.target.vocabulary),
        "embedding_dim": 8,
        "encoder_units": 3,
        "units": 5,
        "preprocessor": tokenizer,
        **arguments,
    }
    return Translator(**settings)
