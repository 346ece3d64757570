"""The language model: scores, continuations in one graph and word by word, states."""

import keras
import numpy as np
import pytest

from rnnzoo.samplers import TopKSampler, TopPSampler
from tests.tiny_language_model import TEXTS, WORDS, make_language_model

IDS = {word: i for i, word in enumerate(WORDS, start=4)}
UNKNOWN, END = 1, 3
# Each with the ids of its words.
SPLIT = {
    "The film is not good.": [5, 6, 7, 8, 9, 13],
    "A dull, dull film": [4, 10, 14, 10, 6],
    "": [],
    "a xyzzy film": [4, UNKNOWN, 6],
    "well-made": [11, 15, 12],
}
on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="a SavedModel needs TensorFlow"
)


@pytest.fixture(scope="module")
def greedy():
    """One that has learnt nothing, but is sure of what it writes."""
    model = make_language_model()
    network, rng = model.network(), np.random.default_rng(0)
    weights = [rng.normal(size=w.shape) for w in network.get_weights()]
    weights[1][END] -= 1.0  # the bias: it does not end at once
    network.set_weights(weights)
    model.compile(sampler="greedy")
    return model


@pytest.fixture
def drawing(greedy):
    """The same weights, with a sampler that draws."""
    model = make_language_model()
    model.network().set_weights(greedy.network().get_weights())
    return model


def log_probabilities(model, ids):
    """Of the word after each of the ids, by the whole network."""
    scores = keras.ops.convert_to_numpy(model.network()([np.array([ids], "int32")]))[0]
    scores = scores.astype("float64")
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def test_a_score_is_the_mean_log_probability_of_the_network(greedy):
    answers = greedy.score([*SPLIT], batch_size=2, verbose=0)
    for ids, answer in zip(SPLIT.values(), answers, strict=True):
        logs = log_probabilities(greedy, [END, *ids])
        told = [logs[t, i] for t, i in enumerate([*ids, END])]
        assert answer["score"] == pytest.approx(np.mean(told), abs=1e-5)
        assert answer["perplexity"] == pytest.approx(np.exp(-np.mean(told)), rel=1e-4)
        assert answer["tokens"] == len(told)
    # Order and batch change nothing, nor does coming alone.
    turned = greedy.score([*SPLIT][::-1], verbose=0)[::-1]
    for text, answer, other in zip(SPLIT, answers, turned, strict=True):
        assert other["score"] == pytest.approx(answer["score"], abs=1e-5)
        assert greedy.score(text)["score"] == pytest.approx(answer["score"], abs=1e-5)
    assert greedy.score([]) == []


def test_scores_of_long_texts_are_computed_in_parts(greedy):
    """600 words and 3: more than the 512 steps that are compared at once."""
    ids = [4 + i % len(WORDS) for i in range(600)]
    long = " ".join(WORDS[i - 4] for i in ids)
    logs = log_probabilities(greedy, [END, *ids])
    expected = np.mean([logs[t, i] for t, i in enumerate([*ids, END])])
    answers = greedy.score([long, "a dull film"], verbose=0)
    assert answers[0] == {
        "score": pytest.approx(expected, abs=1e-5),
        "perplexity": pytest.approx(np.exp(-expected), rel=1e-4),
        "tokens": 601,
    }
    alone = greedy.score("a dull film")["score"]
    assert answers[1]["score"] == pytest.approx(alone, abs=1e-5)


def test_the_last_words_of_a_text_that_is_too_long_are_read():
    preprocessor = make_language_model().preprocessor
    ids = preprocessor(["a " * 4090 + "the film is dull. Not good, not well-made"])
    assert ids.shape == (1, 4096)
    assert ids.numpy()[0, [0, 1]].tolist() == [END, IDS["a"]]
    assert ids.numpy()[0, -3:].tolist() == [IDS["well"], IDS["-"], IDS["made"]]


def continue_by_hand(model, ids, max_length):
    """The likeliest words, told one by one by the whole network."""
    written, total = [], 0.0
    while len(written) < max_length:
        logs = log_probabilities(model, [END, *ids, *written])[-1]
        logs[:END] = -np.inf  # padding, unknown and start are never written
        logs -= np.log(np.exp(logs).sum())
        total += logs.max()
        written.append(int(logs.argmax()))
        if written[-1] == END:
            break
    return written, total / len(written)


def test_greedy_continuations_are_those_of_the_network(greedy):
    answers = greedy.generate([*SPLIT], 6, return_scores=True, verbose=0)
    for (text, ids), answer in zip(SPLIT.items(), answers, strict=True):
        written, score = continue_by_hand(greedy, ids, 6)
        assert answer["text"] == greedy.preprocessor.spell(written)
        assert answer["score"] == pytest.approx(score, abs=1e-4)
        alone = greedy.generate(text, 6, return_scores=True)
        assert alone["text"] == answer["text"]


def test_a_stream_gives_the_words_of_generate(greedy):
    for text in SPLIT:
        pieces = [*greedy.stream(text, max_length=6)]
        assert "".join(pieces) == greedy.generate(text, max_length=6)
        assert len(pieces) == 6
    pieces = [*greedy.stream("a")]  # without a length it is the preprocessor's
    assert pieces == ["the", " the", " dull", " well", ",", " not", " good"]
    assert [*greedy.stream("a", max_length=2)] == pieces[:2]
    assert greedy.generate("a", max_length=2) == "the the"
    assert greedy.generate("a") == "the the dull well, not good"


def test_stop_strings_cut(greedy):
    text = greedy.generate("a", max_length=6)
    for stop in ("e d", "not", ["well", "l w"], "nowhere"):
        stops = [stop] if isinstance(stop, str) else stop
        expected = min((text.partition(s)[0] for s in stops), key=len)
        assert greedy.generate("a", max_length=6, stop=stop) == expected
        assert "".join(greedy.stream("a", max_length=6, stop=stop)) == expected
    answers = greedy.generate(["a", "the"], 6, stop=" well", return_scores=True)
    assert answers[0]["text"] == "the the dull"
    assert set(answers[1]) == {"text", "score", "confidence"}


def test_samplers_draw_by_their_seed(drawing):
    for make in (lambda: TopPSampler(seed=5), lambda: TopKSampler(4, seed=5)):
        texts = []
        for _ in range(2):
            drawing.compile(sampler=make())
            texts.append(drawing.generate(["a", "the film"] * 4, verbose=0))
        assert texts[0] == texts[1]
        assert len(set(texts[0])) > 2
        drawn = drawing.generate("a", num_return=5, return_scores=True, max_length=4)
        assert len(drawn) == 5
        scores = [answer["score"] for answer in drawn]
        assert scores == sorted(scores, reverse=True)
    drawing.compile(sampler="beam")
    beams = drawing.generate("a", num_return=3, max_length=4)
    assert len(set(beams)) == 3


def test_it_draws_unless_told_otherwise(drawing):
    assert isinstance(drawing.sampler, TopPSampler)
    assert len(set(drawing.generate(["a"] * 12, verbose=0))) > 2


def test_temperature_and_seed_of_a_stream(greedy, drawing):
    def draw(seed=None, temperature=None):
        return "".join(drawing.stream("a", temperature=temperature, seed=seed))

    assert draw(3) == draw(3)
    assert len({draw(seed, 3.0) for seed in range(6)}) > 2
    assert {draw(seed, 1e-4) for seed in range(4)} == {greedy.generate("a")}
    assert drawing.sampler.temperature == 1.0
    assert len({draw() for _ in range(12)}) > 2


def test_states_are_those_of_the_formula(greedy):
    words, cell = greedy.words, greedy.words.layer.cell
    table = keras.ops.convert_to_numpy(words.embed.embeddings)
    kernel, recurrent, bias = (
        keras.ops.convert_to_numpy(w)
        for w in (cell.kernel, cell.recurrent_kernel, cell.bias)
    )
    every = greedy.encode([*SPLIT], return_states=True, batch_size=3, verbose=0)
    last = greedy.encode([*SPLIT], verbose=0)
    for ids, states, end in zip(SPLIT.values(), every, last, strict=True):
        state, expected = np.zeros(5), []
        for i in [END, *ids]:
            inputs = table[i] * 6**0.5
            state = np.tanh(inputs @ kernel + state @ recurrent + bias)
            expected.append(state)
        assert states.shape == (len(ids) + 1, 5)
        np.testing.assert_allclose(states, expected, atol=1e-4)
        np.testing.assert_allclose(end, states[-1], atol=1e-6)
    assert greedy.encode("a dull film").shape == (5,)


def test_datasets_of_texts_with_and_without_labels(greedy):
    import tensorflow as tf

    texts = [*SPLIT]
    score = -np.average(
        [answer["score"] for answer in greedy.score(texts)],
        weights=[answer["tokens"] for answer in greedy.score(texts)],
    )
    alone = tf.data.Dataset.from_tensor_slices(texts)
    labelled = tf.data.Dataset.from_tensor_slices((texts, [0, 1, 1, 0, 1]))
    for data in (texts, alone, alone.batch(5), labelled):
        loss, _ = greedy.evaluate(data, verbose=0)
        assert loss == pytest.approx(score, abs=1e-4)
    first = -greedy.score(texts[0])["score"]
    loss, _ = greedy.evaluate(texts, sample_weight=np.eye(5)[0], verbose=0)
    assert loss == pytest.approx(first, abs=1e-4)


def test_bad_input_is_named(greedy, drawing):
    import tensorflow as tf

    bare = make_language_model(preprocessor=None)
    beams = make_language_model()
    beams.compile(sampler="beam")
    dictionaries = tf.data.Dataset.from_tensor_slices({"text": TEXTS})
    for call, error, message in (
        (lambda: greedy.stream(3), TypeError, "the prompt is of type int"),
        (lambda: greedy.stream(["a"]), TypeError, "the prompt is of type list"),
        (lambda: greedy.stream("a", max_length=0), ValueError, "max_length=0"),
        (lambda: greedy.stream("a", stop=""), ValueError, "stop=''"),
        (lambda: greedy.generate("a", stop=["b", ""]), ValueError, "none of them"),
        (lambda: bare.generate([[3, 4]], stop="a"), ValueError, "the preprocessor"),
        (lambda: greedy.stream("a", temperature=0.5), ValueError, "GreedySampler"),
        (lambda: drawing.stream("a", temperature=0), ValueError, "temperature=0"),
        (lambda: drawing.stream("a", seed=-1), ValueError, "non-negative"),
        (lambda: beams.stream("a"), ValueError, "Beams are known when all is"),
        (lambda: bare.stream("a"), ValueError, "needs the preprocessor"),
        (lambda: greedy.generate("a", num_return=2), ValueError, "num_return=2"),
        (lambda: greedy.score(["a", None]), TypeError, r"inputs\[1\] is of type None"),
        (lambda: greedy.fit(dictionaries), ValueError, r"texts alone, \(text, label\)"),
        (lambda: make_language_model(vocabulary_size=9), ValueError, "9}. Received"),
        (lambda: make_language_model(preprocessor="a"), TypeError, "Received: str"),
    ):
        with pytest.raises(error, match=message):
            call()


def test_two_models_share_a_table(greedy):
    other = make_language_model(embed=greedy.words.embed)
    assert other.words.embed is greedy.words.embed
    assert "embed" not in other.get_config()
    states = (model.encode("a film") for model in (greedy, other))
    assert np.abs(next(states) - next(states)).max() > 1e-3


@on_tensorflow
def test_a_saved_model_draws_another_text_each_time(drawing, tmp_path):
    import tensorflow as tf

    folder = drawing.export(tmp_path, name="tiny")
    write = tf.saved_model.load(str(folder)).signatures["serving_default"]
    texts = {write(prompt=tf.constant(["a"]))["text"].numpy()[0] for _ in range(9)}
    assert len(texts) > 2
