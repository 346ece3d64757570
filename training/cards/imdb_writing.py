"""The card of language models of IMDB's film reviews."""

from training.cards import unknown_writing
from training.cards.data_card import DataCard

CARD = DataCard(
    "LanguageModel",
    ("imdb_reviews",),
    "imdb_writing.md",
    unknown_writing.describe,
    examples=(
        "The film",
        "I went to see this movie because",
        "The acting is good, but the story",
        "If you like old westerns,",
    ),
)
