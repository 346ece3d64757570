"""What the captioner's script is made of: its data, its reward, its critic."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.metrics import caption_metrics
from rnnzoo.text import CaptionTokenizer, Vocabulary
from tests.tiny_captioner import CAPTIONS, CLASS_WORDS, WORDS, make_captioner
from training import train_captioner
from training.core.trainer import Outcome
from training.core.training_run import TrainingRun
from training.image_captioner import self_critical
from training.image_captioner.critic import CaptionCritic, CriticalLoss
from training.image_captioner.data import (
    CaptionedImages,
    count_words,
    learn_vocabulary,
    to_batches,
    to_rows,
)
from training.image_captioner.image_features import MIRRORED, cached_features, crop
from training.image_captioner.reward import CaptionReward
from training.image_captioner.self_critical import self_criticise, to_arrays

TEXTS = [[text.encode() for text in texts] for texts in CAPTIONS]
TOKENIZER = CaptionTokenizer(Vocabulary(WORDS), 6)


def test_words_that_occur_often_are_known():
    vocabulary = learn_vocabulary(count_words(TEXTS), 2)
    assert vocabulary.tokens[4:] == ["dark", "night", "the", "a", "bright", "field"]


IDS = np.array([[7, 0, 9, 0], [9, 0, 7, 0], [7, 0, 10, 0]], "int32")


def test_batches_hold_all_captions_of_an_image():
    features = [np.full((3, 4, 2), side, "float16") for side in (0, 10)]
    for part in features:
        part += np.arange(3, dtype="float16")[:, None, None]
    views = [{"image_features": part, "word_ids": IDS} for part in features]
    data = CaptionedImages(views, TEXTS)
    batches = to_batches(data, TOKENIZER, 3, seed=1, with_numbers=True)
    sides = set()
    for inputs, expected, weights in batches.stream().take(12):
        numbers = inputs["numbers"].numpy()
        seen = inputs["image_features"].numpy()[:, 0, 0]
        sides |= set((seen - numbers).tolist())
        np.testing.assert_array_equal(inputs["word_ids"], IDS[numbers])
        assert sorted(numbers) == [0, 1, 2]
        row = numbers.tolist().index(1)
        assert inputs["token_ids"].numpy()[row, :, 0].tolist() == [2, 2, 2]
        texts = TOKENIZER.detokenize(expected[row]).numpy().tolist()
        assert texts == TEXTS[1]
        # One caption of three, the others are padding.
        row = numbers.tolist().index(2)
        assert weights.numpy()[row].sum(-1).tolist() == [4, 0, 0]
    assert sides == {0, 10}


def test_the_reward_is_cider_with_the_end_as_a_word():
    """In ids what `caption_metrics` counts in words."""
    captions = ["a dark field", "the night", "red red room"]
    references = [
        [row[row > 0] for row in rows[1:].T if row.any()]
        for rows in to_rows(TEXTS, TOKENIZER)
    ]
    reward = CaptionReward(references)
    ids = TOKENIZER(captions).numpy()[:, None, 1:]
    rewards = reward(ids, np.arange(3))
    assert rewards.shape == (3, 1)
    ended = [[f"{text} end" for text in texts] for texts in CAPTIONS]
    expected = caption_metrics([f"{caption} end" for caption in captions], ended)
    # coco-caption counts lengths in pairs, as many for all as here.
    assert 100 * rewards.mean() == pytest.approx(expected["cider"], rel=1e-4)
    perfect = reward(TOKENIZER(["the red room"]).numpy()[:, None, 1:], np.array([2]))
    assert perfect[0, 0] == pytest.approx(10, rel=1e-5)


def test_what_other_images_have_too_is_worth_less():
    references = [
        [row[row > 0] for row in rows[1:].T if row.any()]
        for rows in to_rows(TEXTS, TOKENIZER)
    ]
    ids = TOKENIZER(["a dark field"] * 3).numpy()[:, None, 1:]
    worth = CaptionReward(references)(ids, np.arange(3))[:, 0]
    assert worth[0] > worth[1:].max()
    rewards = CaptionReward(references, variety=0.5)(ids, np.arange(3))[:, 0]
    others = (worth.sum() - worth) / 2
    np.testing.assert_allclose(rewards, worth - 0.5 * others, rtol=1e-5)
    # An image that comes twice is no other.
    twice = CaptionReward(references, variety=0.5)(ids[:2], np.array([0, 0]))
    np.testing.assert_allclose(twice[:, 0], worth[0], rtol=1e-6)


def test_part_of_the_weights_before_is_kept(monkeypatch, tmp_path):
    """A second part that has ended is not repeated."""
    model = make_captioner()
    model.compile(sampler="greedy")
    decoder = model.decoder()
    start = [np.zeros_like(w) for w in decoder.get_weights()]
    decoder.set_weights(start)
    first = to_arrays(decoder, Outcome({}, [], 1.0, 3, None))
    folders = []

    def learn(config, model, decoder, training, validation):
        folders.append(config.workdir)
        assert all((w == 0).all() for w in decoder.get_weights())
        decoder.set_weights([w + config.seed for w in start])
        return to_arrays(decoder, Outcome({"val_cider": 1.0}, [], 5.0, 3, None))

    monkeypatch.setattr(self_critical, "_learn", learn)
    monkeypatch.setattr(self_critical, "measure", lambda *_: {"cider": 7.0})
    config = train_captioner.Config(workdir=tmp_path, seed=3, critical_kept=0.5)
    run = TrainingRun(config, None)
    for _ in range(2):
        outcome = self_criticise(run, model, decoder, None, None, first)
        assert all((w == 1.5).all() for w in decoder.get_weights())
        assert outcome.seconds == 6.0
        assert outcome.best["val_cider"] == 7.0
    assert folders == [tmp_path / "self_critical"]


@pytest.mark.slow
def test_the_critic_makes_what_is_rewarded_likelier():
    keras.utils.set_random_seed(3)
    model = make_captioner(dropout=0.0, word_dropout=0.0)
    decoder = model.decoder()
    wanted = WORDS.index("red") + 4

    def reward(token_ids, numbers):
        assert numbers.tolist() == [0, 1, 2, 3]
        return (token_ids == wanted).mean(axis=-1).astype("float32")

    critic = CaptionCritic(model, decoder, reward, 6, 8, seed=1)
    inputs = {
        "image_features": tf.random.stateless_uniform((4, 4, 1280), (1, 2)),
        "numbers": tf.range(4),
        "token_ids": tf.ones((4, 1, 1), tf.int32),
    }
    check_that_it_learns(critic, inputs, wanted)
    changed = {**inputs, "token_ids": tf.ones((4, 2, 3), tf.int32)}
    assert critic(changed).shape == (4, 2, 3, 13)
    check_that_it_imitates(critic, changed, tf.ones((4, 2, 3), tf.int32))
    with pytest.raises(ValueError, match="num_samples=1"):
        CaptionCritic(model, decoder, reward, 1, 8, seed=1)


def check_that_it_learns(critic, inputs, wanted):
    """Rewarded for the id `wanted`, it writes that more often after fifteen steps."""
    optimizer, loss = keras.optimizers.Adam(0.03), CriticalLoss(0.1)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = loss(None, critic(inputs, training=True))
        variables = critic.trainable_variables
        optimizer.apply_gradients(
            zip(tape.gradient(value, variables), variables, strict=True)
        )
        token_ids, advantages = critic.draw(inputs)
        return tf.reduce_mean(tf.cast(token_ids == wanted, tf.float32)), advantages

    shares = []
    for _ in range(15):
        share, advantages = step()
        shares.append(float(share))
        # What one text is better by, others are worse by.
        np.testing.assert_allclose(advantages.numpy().sum(axis=1), 0, atol=1e-5)
    assert np.mean(shares[-3:]) > np.mean(shares[:3]) + 0.2


def check_that_it_imitates(critic, inputs, targets):
    """True texts count beside its own, by their weight in the loss."""
    critic.imitates = True
    losses, scores = critic(inputs, training=True)
    assert scores.shape[:-1] == targets.shape
    values = [
        float(CriticalLoss(0.1, weight)(targets, (losses, scores)))
        for weight in (0.0, 0.5)
    ]
    entropy = float(CriticalLoss(0.1)(targets, scores))
    np.testing.assert_allclose(values[0], losses.numpy().mean(), rtol=1e-5)
    np.testing.assert_allclose(values[1], values[0] + 0.5 * entropy, rtol=1e-5)


def test_words_are_hidden_while_the_critic_draws():
    model = make_captioner(class_words=CLASS_WORDS, num_words=2)
    decoder = model.decoder()
    seen = []

    def reward(token_ids, numbers):
        seen.append(token_ids)
        return np.zeros(token_ids.shape[:2], "float32")

    night = WORDS.index("night") + 4
    inputs = {
        "image_features": tf.zeros((2, 4, 1280)),
        "word_ids": tf.constant([[night, 0, 0, 0]] * 2),
        "word_logs": tf.zeros((2, 4)),
        "numbers": tf.range(2),
        "token_ids": tf.ones((2, 1, 1), tf.int32),
    }
    # The pointer never copies: what is hidden cannot be written then.
    model.attention_decoder.point.vocabulary_bias.assign([99.0])
    shares = []
    for hidden_words in (0.0, 1.0):
        critic = CaptionCritic(
            model, decoder, reward, 40, 8, 1, hidden_words=hidden_words
        )
        critic(inputs, training=True)
        shares.append((seen[-1] == night).mean())
    assert shares[0] > shares[1] == 0


class Builder:
    """A data set of three images."""

    info = SimpleNamespace(full_name="shapes/odd:1.0.0")
    reads = 0

    def as_dataset(self, split):
        Builder.reads += 1
        pixels = np.random.default_rng(1).random((3, 4, 4, 3)).astype("float32")
        return tf.data.Dataset.from_tensor_slices(pixels)


def test_features_are_computed_once_for_each_encoder_and_view(tmp_path):
    inputs = keras.Input((4, 4, 3))
    encoder = keras.Model(inputs, keras.layers.Reshape((4, 12))(inputs))
    arguments = Builder(), "train", lambda example: example, encoder
    plain = cached_features(*arguments, "one", tmp_path)
    assert (plain.shape, plain.dtype) == ((3, 4, 12), np.float16)
    pixels = next(Builder().as_dataset("train").batch(3).as_numpy_iterator())
    np.testing.assert_allclose(plain.reshape(pixels.shape), pixels, atol=1e-3)
    flipped = cached_features(*arguments, "one", tmp_path, MIRRORED)
    np.testing.assert_array_equal(
        flipped.reshape(pixels.shape), plain.reshape(pixels.shape)[:, :, ::-1]
    )
    cached_features(*arguments, "two", tmp_path)
    reads = Builder.reads
    again = cached_features(*arguments, "one", tmp_path)
    np.testing.assert_array_equal(again, plain)
    assert Builder.reads == reads
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.npy")}
    folder = "shapes-odd-1.0.0"
    assert found == {
        f"{folder}/one/train.npy",
        f"{folder}/one/train-flipped.npy",
        f"{folder}/two/train.npy",
    }


def test_a_crop_is_a_part_of_the_image_and_always_the_same():
    ramp = np.linspace(0.0, 1.0, 40, dtype="float32")
    pixels = np.broadcast_to(ramp[:, None, None], (40, 40, 3))
    parts = [
        crop(i).change(pixels, number).numpy() for i in (0, 1) for number in (5, 6)
    ]
    for part in parts:
        assert part.shape == pixels.shape
        span = part[-1].mean() - part[0].mean()
        assert 0.6 < span < 1.01  # at least seven tenths of the side
    assert len({part.tobytes() for part in parts}) == 4
    again = crop(0).change(pixels, 5).numpy()
    np.testing.assert_array_equal(again, parts[0])
    # Some are mirrored.
    across = np.swapaxes(pixels, 0, 1)
    slopes = [crop(0).change(across, i).numpy()[0, :, 0] for i in range(12)]
    assert {bool(row[-1] > row[0]) for row in slopes} == {True, False}
