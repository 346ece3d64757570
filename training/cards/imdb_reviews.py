"""The card of classifiers of IMDB's film reviews."""

from training.cards import unknown_text
from training.cards.data_card import DataCard

CARD = DataCard(
    "SentimentClassifier",
    ("imdb_reviews",),
    "imdb_reviews.md",
    unknown_text.describe,
    examples=(
        "What a film! I laughed, I cried, and I would see it again tomorrow.",
        "Two hours of my life that nobody will give me back. Dull from start to end.",
        "The plot is thin, but the acting is so good that it hardly matters.",
        "I wanted to like it. The first half promises much, the second keeps nothing.",
        "Not bad at all.",
    ),
    probes=("behaviour",),
)
