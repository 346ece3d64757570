"""Words of the encoder's classifier: read, copied, and hidden in training."""

import keras
import numpy as np
import pytest
from keras import ops

from rnnzoo.text import Vocabulary
from tests.tiny_captioner import CLASS_WORDS, WORDS, make_captioner
from zoo_models.image_captioner.class_reader import ClassReader
from zoo_models.image_captioner.class_words import (
    KINDS,
    all_forms,
    make_class_words,
    plural,
    read_class_words,
)
from zoo_models.image_captioner.copying_decoder import (
    ClassEmbedding,
    HideWords,
    Pointer,
)

FIELD, NIGHT, ROOM, NIGHTS = 8, 9, 10, 12


def softmax(scores):
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return scores / scores.sum(axis=-1, keepdims=True)


def test_classes_of_a_word_add_up():
    keras.utils.set_random_seed(1)
    reader = ClassReader(CLASS_WORDS["classes"], CLASS_WORDS["words"], num_words=2)
    features = np.random.default_rng(1).normal(size=(4, 9, 1280)).astype("float32")
    reader(features)
    kernel, bias = reader.get_weights()
    bias[:4] = (-9.0, 3.0, 3.0, -9.0)  # one word is seen, the others are not
    reader.set_weights([kernel, bias])
    ids, logs = (ops.convert_to_numpy(x) for x in reader(features))
    kernel, bias = (ops.convert_to_numpy(w) for w in reader.weights)
    probable = softmax(features.mean(axis=1) @ kernel + bias)[:, :4]
    probable = np.maximum(probable - 0.005, 0)
    sums = np.stack([probable[:, 0], probable[:, 1:3].sum(1), probable[:, 3]], 1)
    order = np.argsort(-sums, axis=1)[:, :2]
    forms = np.array(CLASS_WORDS["words"])
    found = np.take_along_axis(sums, order, 1)
    expected = np.where(found[..., None] > 0, forms[order], 0).reshape(4, 4)
    assert ids.tolist() == expected.tolist()
    assert 0 < (ids[:, ::2] > 0).mean() < 1
    expected = np.log(found + 1e-6).repeat(2, axis=1)
    np.testing.assert_allclose(logs, expected, rtol=1e-4)
    assert not reader.trainable_variables
    with pytest.raises(ValueError, match="1000 places"):
        ClassReader([0, 1], CLASS_WORDS["words"], 2)


def test_hidden_words_are_those_of_both_forms():
    ids = ops.convert_to_tensor([[NIGHT, NIGHTS, FIELD, 0]] * 400)
    hide = HideWords(0.25, seed=1)
    known, hidden = map(ops.convert_to_numpy, hide(ids))
    assert not hidden.any()
    np.testing.assert_array_equal(known, ids)
    known, hidden = map(ops.convert_to_numpy, hide(ids, training=True))
    np.testing.assert_array_equal(known, ids)
    assert set(hidden[:, 0]) == {0, NIGHT}
    assert set(hidden[:, 2]) == {0, FIELD}
    assert ((hidden[:, 0] > 0) == (hidden[:, 1] > 0)).all()
    assert 0.15 < (hidden[:, 0] > 0).mean() < 0.35


def test_words_with_a_minus_are_hidden():
    ids = ops.convert_to_tensor([[-NIGHT, NIGHTS, FIELD, 0]] * 40)
    for training in (False, True):
        known, hidden = map(
            ops.convert_to_numpy, HideWords(0.25, seed=1)(ids, training=training)
        )
        np.testing.assert_array_equal(known, np.abs(ops.convert_to_numpy(ids)))
        assert set(hidden[:, 0]) == {NIGHT}
        assert (FIELD in hidden[:, 2]) == training


def test_a_hidden_word_reads_as_what_it_is():
    naming = ClassEmbedding(
        13, 2, *(CLASS_WORDS[k] for k in ("words", "kinds")), [ROOM]
    )
    ids = np.array([[NIGHT, NIGHTS], [ROOM, 4]])
    own = np.arange(8, dtype="float32").reshape(2, 2, 2) + 10
    hidden = np.array([[NIGHT, 0], [0, 0]])
    vectors = ops.convert_to_numpy(naming(own, ids, hidden))
    table = ops.convert_to_numpy(naming.table)
    np.testing.assert_allclose(vectors[0, 0], table[1], rtol=1e-5)  # hidden
    np.testing.assert_allclose(vectors[0, 1], own[0, 1] + table[2], rtol=1e-5)
    np.testing.assert_allclose(vectors[1, 0], table[11], rtol=1e-5)  # always so
    np.testing.assert_allclose(vectors[1, 1], own[1, 1])  # no word of a class
    # As many rows as an image has hypotheses.
    rows = naming(own.reshape(4, 2), ids.reshape(4), hidden)
    np.testing.assert_allclose(ops.convert_to_numpy(rows), vectors.reshape(4, 2))


def test_the_pointer_mixes_what_it_copies_with_the_vocabulary():
    draw = np.random.default_rng(2)
    features = draw.normal(size=(4, 5)).astype("float32")  # two rows an image
    logits = draw.normal(size=(4, 13)).astype("float32")
    entries = draw.normal(size=(2, 3, 6)).astype("float32")
    word_ids = np.array([[ROOM, NIGHT, 0], [FIELD, NIGHT, NIGHTS]])
    logs = np.log(np.array([[0.5, 0.2, 0.1]] * 2, "float32"))
    hidden = np.array([[0, NIGHT, 0], [0, 0, 0]])
    point = Pointer(4, [ROOM])
    given = features, logits, word_ids, logs, entries, hidden
    point(*given)
    point.set_weights([draw.normal(size=w.shape) for w in point.get_weights()])
    mixed = np.exp(ops.convert_to_numpy(point(*given)))
    np.testing.assert_allclose(mixed.sum(axis=1), 1, atol=1e-4)
    query, key, weight, kernel, bias = point.get_weights()
    for row in range(4):
        image = row // 2
        never = [ROOM, NIGHT] if image == 0 else [ROOM]
        own = np.where(np.isin(np.arange(13), never), -1e9, logits[row])
        scores = entries[image] @ key @ (features[row] @ query) / 2
        scores = np.where(word_ids[image] > 0, scores + weight * logs[image], -1e9)
        shares = softmax(np.append(features[row] @ kernel + bias, scores))
        expected = shares[0] * softmax(own)
        np.add.at(expected, word_ids[image], shares[1:])
        np.testing.assert_allclose(mixed[row], expected, rtol=1e-3, atol=1e-6)


def test_a_rare_word_is_written_only_where_the_classifier_sees_it():
    keras.utils.set_random_seed(4)
    model = make_captioner(class_words=CLASS_WORDS, num_words=1)
    features = np.random.default_rng(3).normal(size=(2, 4, 1280)).astype("float32")
    features = ops.convert_to_tensor(features)
    bias = np.zeros(1000, "float32")
    bias[3] = 50.0  # room
    tokens = ops.convert_to_tensor(np.full((2, 1, 3), 5, "int32"))
    probable = []
    for sees in (0.0, 1.0):
        kernel, _ = model.class_head.get_weights()
        model.class_head.set_weights([0 * kernel, sees * bias])
        scores = model.decoder()(
            {**model.decoder_inputs(features), "token_ids": tokens}
        )
        probable.append(np.exp(ops.convert_to_numpy(scores))[..., ROOM])
    assert probable[0].max() < 1e-6 < 1e-2 < probable[1].min()


def test_words_and_their_forms():
    forms = dict(all_forms(read_class_words()))
    told = ("zebra", "bus", "sheep", "laptop")
    assert [forms[word] for word in told] == ["zebras", "buses", "", ""]
    assert [plural(w) for w in ("puppy", "fox", "toy", "glass")] == [
        "puppies",
        "foxes",
        "toys",
        "glasses",
    ]
    words = {form for pair in forms.items() for form in pair if form}
    vocabulary = Vocabulary(sorted(words | set(WORDS)))
    table = make_class_words(vocabulary, {"dog": 20, "dogs": 19}, rare_below=20)
    place = table["classes"][340]
    assert vocabulary.names(table["words"][place]) == ["zebra", "zebras"]
    assert KINDS[table["kinds"][place]] == "animal"
    rare = vocabulary.names(table["rare_ids"])
    assert "dog" not in rare
    assert {"dogs", "zebra"} < set(rare)
