"""Captions without images: those of others, in fives, and plain ones."""

import numpy as np

from rnnzoo.text import CaptionTokenizer, Vocabulary
from tests.tiny_captioner import CAPTIONS, WORDS
from training.image_captioner.data import CaptionedImages, mosaic, to_batches
from training.image_captioner.plain import SENTENCES, write_plainly
from training.image_captioner.texts import group_texts
from zoo_models.image_captioner.class_words import KINDS

IDS = np.array([[7, 0, 9, 0], [9, 0, 7, 0], [7, 0, 10, 0]], "int32")
LOGS = np.log(np.full(IDS.shape, 0.5, "float32"))
TEXTS = [[text.encode() for text in texts] for texts in CAPTIONS]
TOKENIZER = CaptionTokenizer(Vocabulary(WORDS), 6)
NIGHT, ROOM = WORDS.index("night") + 4, WORDS.index("room") + 4


def test_captions_without_images_come_with_their_words():
    features = np.arange(1, 4, dtype="float16")[:, None, None] * np.ones((1, 4, 2))
    view = {"image_features": features.astype("float16")}
    images = CaptionedImages([{**view, "word_ids": IDS, "word_logs": LOGS}], TEXTS)
    table = {"words": [[NIGHT, 0], [ROOM, 0]]}
    texts = [b"a dark night"] * 5 + [b"the room"] * 4 + [b"a red room"]
    plain = [[b"a red night", b"the room"]]
    groups = group_texts(texts, TOKENIZER, images, table, seed=1, more=plain)
    assert [len(some) for some in groups.captions] == [5, 5, 2]
    (seen,) = groups.seen
    for captions, ids, sure in zip(
        groups.captions, seen["word_ids"], seen["word_logs"], strict=True
    ):
        probable = {ids[i]: sure[i] for i in (0, 2) if ids[i]}
        for word, name in ((NIGHT, b"night"), (ROOM, b"room")):
            if any(name in text for text in captions):
                assert np.log(0.2) <= probable[word] <= np.log(0.95)
    (inputs, _, _) = next(iter(to_batches(images, TOKENIZER, 6, more=groups).epoch()))
    rows = inputs["image_features"].numpy()
    # Three images, two mosaics, and one of nothing.
    assert (rows == 0).all(axis=(1, 2)).sum() == 1
    assert len(rows) == 6


def test_a_mosaic_has_places_of_all_images():
    features = np.arange(50)[:, None, None] * np.ones((1, 30, 2))
    features += np.arange(30)[:, None] / 100
    made = mosaic(features, seed=3)
    assert made.shape == (30, 2)
    np.testing.assert_allclose(made[:, 0] % 1, np.arange(30) / 100)
    assert len(set(made[:, 0].astype(int))) > 10
    np.testing.assert_array_equal(made, mosaic(features, seed=3))


def test_plain_sentences_say_what_is_there():
    assert set(SENTENCES) >= set(KINDS) - {"person"}
    groups = write_plainly(300, {"dog": 10**6}, seed=1)
    assert groups == write_plainly(300, {"dog": 10**6}, seed=1)
    assert {len(some) for some in groups} == {5}
    words = {word for some in groups for text in some for word in text.split()}
    assert {b"dog", b"train", b"an", b"some"} < words
    assert not any(b"{" in word for word in words)
    for some in groups:
        for text in some:
            assert b"a sandals" not in text
            assert b" a airplane" not in text
