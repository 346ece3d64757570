"""Validation by sentence: no phrase of a held-out sentence is trained on."""

from training.sentiment_classifier.sentences import split_by_sentence

SENTENCES = [
    "the film is a fine piece of work .",
    "nobody needs this film at all .",
    "a dull story told without any wit .",
    "the acting saves what the script has lost .",
]


def phrases(sentence):
    words = sentence.split()
    return [
        " ".join(words[i:j])
        for i in range(len(words))
        for j in range(i + 1, len(words) + 1)
    ]


def test_phrases_stay_with_their_sentence():
    texts = [p.encode() for s in SENTENCES for p in phrases(s)]
    kept, held_out = split_by_sentence(texts, 0.5, seed=1)
    chosen = [texts[i].decode() for i in held_out]
    assert len(chosen) == 2
    assert set(chosen) < set(SENTENCES)
    for i in kept:
        phrase = texts[i].decode()
        if len(phrase.split()) >= 3:
            assert not any(f" {phrase} " in f" {sentence} " for sentence in chosen)
    rest = {p for s in SENTENCES if s not in chosen for p in phrases(s)}
    assert {texts[i].decode() for i in kept} >= {p for p in rest if p not in chosen}


def test_the_seed_decides():
    texts = [s.encode() for s in SENTENCES]
    draws = {tuple(split_by_sentence(texts, 0.25, seed)[1]) for seed in range(8)}
    assert len(draws) > 1
    again = [split_by_sentence(texts, 0.25, 3)[1].tolist() for _ in range(2)]
    assert again[0] == again[1]
