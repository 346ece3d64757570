"""The page's scripts: the ids, texts, beams and pixels of Python."""

import json
import random

import numpy as np
import pytest

from rnnzoo.images import ImagePreprocessor
from rnnzoo.onnx.images import read_image, resize, to_pixels
from rnnzoo.onnx.ink import center_ink
from rnnzoo.onnx.search import draw, log_softmax, search_beams
from rnnzoo.onnx.texts import TextReader, TextWriter
from rnnzoo.text import SubwordTokenizer, Tokenizer, Vocabulary, describe_sentences
from tests.onnx.test_texts import described, every_detokenizer, make_texts
from tests.page.node import needs_node, run_script
from training.image_classifier.drawn_pages import STYLES, draw_pages
from zoo_models.core.presets import PRESETS_FOLDER

pytestmark = needs_node
ROOT = PRESETS_FOLDER.parents[1]
INK = ImagePreprocessor((28, 28, 1), is_ink=True).describe()

ALPHABETS = (
    "Привет, мир! Ёж №5.",
    "Ἀρχὴ σοφίας, ΟΔΟΣ",
    "שלום עולם",
    "مرحبا بالعالم ١٢٣",
    "नमस्ते दुनिया",
    "東京へ行きました。はい！",
    "한국어 문장입니다.",
    "Ünïcödé naïve façade ŒUVRE ﬁn Straße",
    "👍🏽 Great 🎬!! 👨‍👩‍👧 10/10 ❤️",
    "I paid $9.99 (about €8,50) on 3/5/1987—really…",
    "“Don't,” she said; ‘it’s mine’ — O'Neill's",
    "a" * 300,
    "word " * 1500,
)


def real_texts():
    """Lines of what the project says of itself, and sentences of its tests."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")]
    pages += [*PRESETS_FOLDER.glob("*/README.md")]
    pages += [ROOT / "training" / "translator" / "everyday.txt"]
    lines = [line for page in pages for line in page.read_text("utf-8").splitlines()]
    return [line for line in lines if line.strip()]


def preset_tokenizer(name):
    """A tokenizer of a preset, without its weights."""
    folder = PRESETS_FOLDER / name
    settings = json.loads((folder / "config.json").read_text("utf-8"))["preprocessor"]
    if name.startswith("translator"):
        vocabulary = Vocabulary.load(folder / "vocabulary_source.txt")
        source = settings["source"]
        return SubwordTokenizer(
            vocabulary, source["max_length"], source["lowercase"], source["spells"]
        )
    vocabulary = Vocabulary.load(folder / "vocabulary.txt")
    return Tokenizer(vocabulary, settings["max_length"])


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("sentiment_en", {}),
        ("language_model_imdb_en", {"opens": True, "max_length": 400}),
        ("translator_en_de", {"sentences": describe_sentences()}),
    ],
)
def test_ids_of_thousands_of_texts(name, more, tmp_path):
    rules, tokens = described(preset_tokenizer(name))
    rules = json.loads(json.dumps({**rules, **more}))
    texts = [*make_texts(2000), *ALPHABETS, *real_texts()]
    assert len(texts) > 3000
    received = run_script(
        tmp_path,
        """
        import { TextReader } from "./text.js";
        const reader = new TextReader(given.rules, given.tokens);
        const ids = (sentence) => reader.tokenize(sentence);
        const read = (text) => reader.sentences(text).map(ids);
        say(given.texts.map((text) => [reader.ending(text), ...read(text)]));
        """,
        {"rules": rules, "tokens": tokens, "texts": texts},
    )
    reader = TextReader(rules, tokens)
    for text, (ending, *rows) in zip(texts, received, strict=True):
        expected = [row.tolist() for row in reader.read(text, "it")]
        assert rows == expected, ascii(text)
        assert ending == reader.ending(text), ascii(text)
    assert any(ending for ending, *_ in received) == ("sentences" in more)


@every_detokenizer
def test_texts_of_ids(tokenizer, tmp_path):
    rules, tokens = described(tokenizer)
    rng = random.Random(0)
    rows = [[rng.randrange(len(tokens)) for _ in range(8)] for _ in range(500)]
    received = run_script(
        tmp_path,
        """
        import { TextWriter } from "./text.js";
        const writer = new TextWriter(given.rules, given.tokens);
        say(given.rows.map((row) => writer.detokenize(row)));
        """,
        {"rules": rules, "tokens": tokens, "rows": rows},
    )
    writer = TextWriter(rules, tokens)
    assert len(set(received)) > 100
    assert received == [writer.detokenize(row) for row in rows]


@pytest.mark.parametrize("beams", [1, 3, 5])
@pytest.mark.parametrize("length", [4, 12])
def test_beams(beams, length, tmp_path):
    rng = np.random.default_rng(beams)
    tables = rng.normal(0, 2, (8, 12, 12)).astype("float32")
    tables[:, :, 3] += 1  # some end early, some never
    received = run_script(
        tmp_path,
        """
        import { searchBeams } from "./search.js";
        const results = [];
        for (const table of given.tables) {
          const step = async (last) => ({
            rows: last.map((id) => Float32Array.from(table[id])),
          });
          const { beams, length } = given;
          const settings = { beams, length, penalty: 1, openPenalty: 1e4 };
          const found = await searchBeams(step, settings);
          results.push(found.map(({ ids, score }) => ({ ids, score })));
        }
        say(results);
        """,
        {"tables": tables.tolist(), "beams": beams, "length": length},
    )
    for table, found in zip(tables, received, strict=True):
        ids, scores = search_beams(
            lambda last, states, table=table: (table[last], states),
            [],
            1,
            length,
            beams,
            1.0,
            1e4,
        )
        for one, row, score in zip(found, ids[0], scores[0], strict=True):
            assert one["ids"] == [i for i in row.tolist() if i != 0]
            assert one["score"] == pytest.approx(score, abs=1e-4)


def test_what_is_expected_and_drawn(tmp_path):
    class Chance:
        def __init__(self, value):
            self.value = value

        def random(self, shape):
            return np.full(shape, self.value)

    rng = np.random.default_rng(0)
    rows = rng.normal(0, 3, (40, 30)).astype("float32")
    settings = [
        {"temperature": temperature, "p": p, "chance": chance}
        for temperature in (0.3, 1.0, 2.0)
        for p in (0.3, 0.9)
        for chance in (0.01, 0.5, 0.98)
    ]
    received = run_script(
        tmp_path,
        """
        import { draw, expected, logSoftmax } from "./search.js";
        const gains = given.rows.map((row) => logSoftmax(row));
        say({
          gains: gains.map((row) => [...row]),
          drawn: gains.map((row) => given.settings.map(
            ({ temperature, p, chance }) => draw(row, temperature, p, chance))),
          expected: gains.map((row) => expected(row, 0.5, 5)),
        });
        """,
        {"rows": rows.tolist(), "settings": settings},
    )
    gains = log_softmax(rows)
    np.testing.assert_allclose(received["gains"], gains, rtol=1e-4, atol=1e-4)
    shares = np.exp(gains / 0.5)
    shares /= shares.sum(axis=1, keepdims=True)
    for row, found in zip(shares, received["expected"], strict=True):
        assert [i for i, _ in found] == np.argsort(-row)[:5].tolist()
        np.testing.assert_allclose([p for _, p in found], np.sort(row)[::-1][:5], 1e-3)
    for i, one in enumerate(settings):
        chance = Chance(one["chance"])
        picked = draw(gains, chance, None, one["p"], one["temperature"])
        assert [row[i] for row in received["drawn"]] == picked.tolist()


def as_bytes(image):
    """Red, green, blue and opacity of an image, as a canvas has them."""
    image = image[..., None] if image.ndim == 2 else image
    if image.shape[-1] == 1:
        image = np.repeat(image, 3, axis=2)
    opaque = np.full((*image.shape[:2], 1), 255, "uint8")
    return np.concatenate([image[..., :3], opaque], axis=2)


def test_ink(tmp_path):
    rng = np.random.default_rng(0)
    pages = [page for style in STYLES for page in draw_pages(style, 1, seed=3)[0][:4]]
    images = [np.asarray(page, "uint8") for page in pages]
    for folder in ("image_classifier_mnist", "image_classifier_fashion_mnist_rows"):
        for path in sorted((PRESETS_FOLDER / folder).glob("*.png")):
            images.append(read_image(path, path.name, INK["max_pixels"])[..., :3])
    images += [*rng.integers(0, 256, (5, 20, 31), "uint8")]
    images += [np.full((9, 9), 7, "uint8"), np.full((300, 200), 255, "uint8")]
    rows = [as_bytes(image) for image in images]
    received = run_script(
        tmp_path,
        """
        import { pixelsOf } from "./images.js";
        import { centerInk } from "./ink.js";
        const { ink, luminance } = given.rules;
        say(given.images.map(({ bytes, height, width }) => [
          ...centerInk(pixelsOf(bytes, height, width, 1, luminance), 28, 28, ink).data,
        ]));
        """,
        {
            "rules": INK,
            "images": [
                {"bytes": r.reshape(-1).tolist(), "height": len(r), "width": r.shape[1]}
                for r in rows
            ],
        },
    )
    grey = [to_pixels(row[..., :3], 1, INK["luminance"]) for row in rows]
    expected = [center_ink(pixels, 28, 28, INK["ink"]) for pixels in grey]
    assert np.count_nonzero(np.max(expected, axis=(1, 2, 3))) >= len(rows) - 2
    for found, ink in zip(received, expected, strict=True):
        np.testing.assert_allclose(np.reshape(found, ink.shape), ink, atol=2e-3)


@pytest.mark.parametrize("kind", ["bilinear", "bicubic"])
def test_sizes(kind, tmp_path):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (37, 50, 3), "uint8")
    sizes = [(20, 30), (60, 80), (37, 224)]
    received = run_script(
        tmp_path,
        """
        import { pixelsOf, resize } from "./images.js";
        const image = pixelsOf(given.bytes, 37, 50, 3);
        say(given.sizes.map((size) => [...resize(image, ...size, given.kind).data]));
        """,
        {"bytes": as_bytes(image).reshape(-1).tolist(), "sizes": sizes, "kind": kind},
    )
    for found, size in zip(received, sizes, strict=True):
        expected = resize(to_pixels(image, 3, INK["luminance"]), *size, kind)
        np.testing.assert_allclose(
            np.reshape(found, expected.shape), expected, atol=1e-5
        )
