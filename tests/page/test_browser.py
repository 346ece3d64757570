"""The page in a real browser: every room as a person uses it, against Python."""

import base64
import functools
import io
import re

import numpy as np
import pytest
from PIL import Image

from rnnzoo.onnx.runner import Runner, stack
from rnnzoo.onnx.search import log_softmax
from rnnzoo.page.runtime import fetch_package
from rnnzoo.page.server import PageServer
from rnnzoo.page.writer import write_page
from tests.page.chromium import AXE, ROOMS, launch, visit
from zoo_models.core.presets import PRESETS_FOLDER

pytestmark = pytest.mark.browser
LONG = "the film was not bad , " * 4400
EMOJI = "What a film! 🎬👍🏽 ❤️ 10/10"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("public") / "page"
    return write_page(folder, download=True, with_french=True)


@pytest.fixture(scope="module")
def server(folder):
    with PageServer(folder) as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    with launch() as browser:
        yield browser


@pytest.fixture(scope="module")
def window(browser, server):
    """One window for all tests, in which nothing is asked of another host and nothing
    complains."""
    with visit(browser, server.url) as window:
        yield window
        assert len(window.asked) > 10
        others = [url for url in window.asked if not url.startswith(server.url)]
        assert [url for url in others if not url.startswith("blob:")] == []
        assert window.complaints == []


@pytest.fixture(scope="module")
def runner(folder):
    return functools.cache(lambda name: Runner(folder / "models" / name))


def percents(text):
    return [float(number) for number in re.findall(r"([\d.]+) %", text)]


def show_error(window, room):
    window.page.wait_for_selector(f"#{room} .error:not([hidden])")
    return window.text(f"#{room} .error")


def test_the_page_is_small_and_names_its_rooms(window, folder):
    sizes = {p: p.stat().st_size for p in folder.rglob("*") if p.is_file()}
    optional = [p for p in sizes if "translator_en_fr" in p.parts]
    assert len(optional) > 3
    assert sum(sizes.values()) - sum(sizes[p] for p in optional) < 70e6
    own = [p for p in sizes if not {"models", "onnxruntime"} & {*p.parts}]
    assert sum(sizes[p] for p in own) < 1e6
    links = window.page.query_selector_all(".cards a")
    assert [link.get_attribute("href")[1:] for link in links] == list(ROOMS)


def score(runner, rows):
    """Log-odds of "positive" of rows of ids."""
    chances = runner._run("model", [stack([*map(np.array, rows)])])["probabilities"]
    return np.log(chances[:, 1] / chances[:, 0])


def test_a_review_is_read(window, runner):
    model = runner("sentiment_en")
    window.enter("review")
    for text in ("A dull start, but what a wonderful end!", EMOJI, "", LONG):
        window.page.fill("#review-text", text)
        window.page.click("#review .main")
        expected = model.classify(text)
        window.page.wait_for_selector(
            f"#review .answer:has-text('{expected['label']}'):has-text('"
            f"{100 * expected['score']:.1f} %')"
        )
        window.settle("review")
        assert ("warning" in expected) == ("unsure" in window.text("#review .answer"))
    # Evidence, and the score after each word.
    text = "The plot is thin, but the acting is so good that it hardly matters."
    window.page.fill("#review-text", text)
    window.page.click("#review .main")
    window.page.wait_for_selector("#review .reading span:nth-child(16)")
    window.settle("review")
    window.page.click("#review summary")
    ids = model._reader.tokenize(text)
    without = [ids[:i] + ids[i + 1 :] for i in range(len(ids) - 1)]
    evidence = score(model, [ids])[0] - score(model, without)
    course = score(model, [[*ids[: i + 1], 3] for i in range(len(ids) - 1)])
    tokens = window.page.query_selector_all("#review .reading span")
    lines = window.text("#review [data-part=words]").splitlines()
    for line, i in zip(lines[:10], np.argsort(-np.abs(evidence)), strict=False):
        assert f"“{tokens[i].inner_text()}”" in line
        number = float(re.search(r"([−\d.]+) nats", line)[1].replace("−", "-"))
        assert number == pytest.approx(evidence[i], abs=0.02)
        assert percents(line)[0] == pytest.approx(100 / (1 + np.exp(-course[i])), abs=1)
    label = window.page.get_attribute("#review canvas", "aria-label")
    assert percents(label)[0] == pytest.approx(100 / (1 + np.exp(-course[-1])), abs=0.2)


def draw_seven(window):
    box = window.page.query_selector("#digit .pad").bounding_box()
    mouse = window.page.mouse
    for stroke in ([(80, 70), (200, 66), (130, 230)], [(110, 150), (185, 146)]):
        x, y = stroke[0]
        mouse.move(box["x"] + x, box["y"] + y)
        mouse.down()
        for x, y in stroke[1:]:
            mouse.move(box["x"] + x, box["y"] + y, steps=8)
        mouse.up()


def pad_as_png(window):
    script = "document.querySelector('#digit .pad').toDataURL().split(',')[1]"
    return base64.b64decode(window.page.evaluate(script))


def check_digit(window, runner):
    data = pad_as_png(window)
    text = window.text("#digit .answer")
    said = re.findall(r"(\d) ([\d.]+) %", text)
    names = ("image_classifier_mnist", "image_classifier_mnist_rows")
    for (label, percent), name in zip(said, names, strict=True):
        expected = runner(name).classify(data)
        assert label == expected["label"]
        assert float(percent) == pytest.approx(100 * expected["score"], abs=1.1)
    return said[0][0]


def test_a_digit_is_drawn_with_the_mouse(window, runner):
    window.enter("digit")
    draw_seven(window)
    window.page.wait_for_selector("#digit .answer strong")
    window.page.wait_for_timeout(400)  # the last stroke
    window.settle("digit")
    assert check_digit(window, runner) == "7"
    assert "row 28" in window.page.get_attribute("#digit figure canvas", "aria-label")
    window.page.click("#digit [data-part=clear]")
    assert "Draw a digit" in window.text("#digit .answer")


def test_a_digit_is_drawn_with_keys_and_uploaded(window, runner):
    window.enter("digit")
    window.page.focus("#digit .pad")
    press = window.page.keyboard.press
    press("Space")
    for _ in range(18):
        press("ArrowDown")
    press("Space")
    window.page.wait_for_selector("#digit .answer strong")
    window.page.wait_for_timeout(400)
    window.settle("digit")
    assert check_digit(window, runner) == "1"
    press("Escape")
    path = PRESETS_FOLDER / "image_classifier_mnist" / "three_white_on_black.png"
    window.page.set_input_files("#digit [data-part=upload]", path)
    window.page.wait_for_selector("#digit .answer strong")
    window.settle("digit")
    expected = runner("image_classifier_mnist_rows").classify(path)
    assert f"Row by row: {expected['label']} " in window.text("#digit .answer")


@pytest.mark.parametrize("room", ["digit", "image"])
def test_what_is_no_image_is_said_in_words(room, window):
    window.enter(room)
    for name, data in (("broken.png", b"\x89PNG\r\n\x1a\nno more"), ("empty.png", b"")):
        file = {"name": name, "mimeType": "image/png", "buffer": data}
        window.page.set_input_files(f"#{room} [data-part=upload]", file)
        assert f"“{name}” is no image that this browser can read" in show_error(
            window, room
        )


def test_an_image_is_described(window, runner):
    model = runner("captioner_flickr8k_en")
    window.enter("image")
    folder = PRESETS_FOLDER / "captioner_flickr8k_en"
    for name in ("astronaut", "cat"):
        file = io.BytesIO()
        Image.open(folder / f"{name}.jpg").convert("RGB").save(file, "PNG")
        data = file.getvalue()
        upload = {"name": f"{name}.png", "mimeType": "image/png", "buffer": data}
        window.page.set_input_files("#image [data-part=upload]", upload)
        expected = model.generate(data, num_return=5, return_scores=True)
        window.page.wait_for_selector(
            f"#image .answer strong:text-is('{expected[0]['caption']}')"
        )
        window.settle("image")
        beams = window.text("#image .beams").splitlines()
        for line, one in zip(beams, expected, strict=True):
            number = f"({one['score']:.2f})".replace("-", "−")
            assert line.strip().endswith(f"{one['caption']} {number}")
        words = expected[0]["caption"].split()
        looks = window.page.query_selector_all("#image [data-part=words] li")
        assert len(looks) >= len(words)


LANGUAGES = {"translator_en_de": "de", "translator_en_fr": "fr"}


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_sentence_is_translated(name, window, runner):
    model = runner(name)
    window.enter("translation")
    window.page.select_option("#translation [data-part=language]", name)
    window.settle("translation")
    for text in (
        "A dog runs through the grass.",
        "Good evening! Where is the station?",
        EMOJI,
        "🎬🎬🎬",
        "word " * 20_000,
    ):
        window.page.fill("#translation-text", text)
        window.page.press("#translation-text", "Tab")
        window.page.keyboard.press("Enter")
        window.settle("translation")
        expected = model.generate(text, return_scores=True)
        received = window.text("#translation .answer strong")
        assert received == (expected["translation"] or "…")
        assert ("warning" in expected) == (
            "unsure" in window.text("#translation .answer")
        )
    assert window.page.get_attribute("#translation .answer", "lang") == LANGUAGES[name]
    window.page.fill("#translation-text", "  ")
    window.page.click("#translation .main")
    assert "nothing to translate" in show_error(window, "translation")


def test_it_says_where_the_translator_looks(window, folder):
    import onnxruntime

    window.enter("translation")
    window.page.select_option("#translation [data-part=language]", "translator_en_de")
    window.page.fill("#translation-text", "Two women are waiting for the bus.")
    window.page.click("#translation .main")
    window.page.wait_for_selector("#translation .answer:has-text('warten')")
    window.settle("translation")
    model = Runner(folder / "models" / "translator_en_de")
    ids = model._reader.tokenize("Two women are waiting for the bus.")
    seen = model._run("encoder_model", [np.array([ids], "int32")])
    path = folder / "models" / "translator_en_de" / "decoder_model.onnx"
    decoder = onnxruntime.InferenceSession(path)
    names = [slot.name for slot in decoder.get_inputs()]
    states, last, looks = [seen["state_1"], seen["state_2"]], 2, []
    lines = window.page.query_selector_all("#translation [data-part=words] li")
    count = len(lines) - 5  # the last ones are the hypotheses
    for _ in range(count):
        given = {**seen, "token_ids": np.array([last], "int32")}
        given |= {"state_1": states[0], "state_2": states[1]}
        wanted = ["logits", "next_state_1", "next_state_2", "attention"]
        logits, *states, attention = decoder.run(wanted, {n: given[n] for n in names})
        looks.append(attention[0])
        last = int(log_softmax(logits)[0].argmax())
    for line, look in zip(lines, looks, strict=False):
        place, share = int(look.argmax()), round(100 * float(look.max()))
        piece = "end" if ids[place] == 3 else tokens_of(model)[ids[place]]
        assert f"looks most at “{piece.replace('▁', '')}”" in line.text_content()
        assert percents(line.text_content())[0] == pytest.approx(share, abs=1)


def tokens_of(model):
    """The pieces that a translator reads, by id."""
    return {i: token for token, i in model._reader.ids.items()}


def expected_words(model, text, temperature):
    ids = np.array([model._reader.tokenize(text)], "int32")
    state = np.zeros((1, 256), "float32")
    logits = model._run("decoder_model", [ids, state])["logits"]
    shares = np.exp(log_softmax(logits)[0] / temperature)
    shares /= shares.sum()
    best = np.argsort(-shares)[:12]
    return [(model._writer.tokens[i], 100 * shares[i]) for i in best]


def check_choices(window, model, text, temperature):
    window.settle("text")
    buttons = window.page.query_selector_all("#text .choices button")
    said = [" ".join(button.text_content().split()) for button in buttons]
    for label, (word, share) in zip(
        said, expected_words(model, text, temperature), strict=True
    ):
        assert label.startswith("the end " if word == "[END]" else f"{word} ")
        assert percents(label)[-1] == pytest.approx(share, abs=0.11)


def test_a_text_is_continued(window, runner):
    model = runner("language_model_imdb_en")
    window.enter("text")
    for text in ("The acting is", "", EMOJI, "the film was not bad , " * 4400):
        window.page.fill("#text-start", text)
        check_choices(window, model, text, 1.0)
    window.page.fill("#text-start", "If you like old")
    window.page.focus("#text [data-part=temperature]")
    for _ in range(5):
        window.page.keyboard.press("ArrowLeft")
    assert window.text("#text [data-part=temperature-value]") == "0.5"
    check_choices(window, model, "If you like old", 0.5)
    window.page.click("#text .choices li:nth-child(2) button")
    (_, (word, _), *_) = expected_words(model, "If you like old", 0.5)
    window.page.wait_for_selector("#text .written .own:not(:empty)")
    check_choices(window, model, f"If you like old {word}", 0.5)
    assert window.text("#text .written .own") == word
    window.page.click("#text [data-part=one]")
    window.settle("text")
    window.page.click("#text .main")
    window.settle("text")
    assert len(window.text("#text .written .own").split()) > 2
    window.page.click("#text [data-part=again]")
    window.page.wait_for_selector("#text .written .own:empty", state="attached")


def test_the_gradient_vanishes_and_explodes(window):
    window.enter("gradient")
    assert window.text("#gradient .answer").startswith("It vanishes.")
    window.page.select_option("#gradient [data-part=activation]", "linear")
    window.page.focus("#gradient [data-part=radius]")
    window.page.keyboard.press("End")
    window.page.wait_for_selector("#gradient .answer:has-text('It explodes.')")
    # A linear cell of an orthogonal start has the radius as its factor.
    assert "a factor of 1.80 a step" in window.text("#gradient .answer")
    assert window.text("#gradient [data-part=radius-value]") == "1.80"
    window.page.keyboard.press("Home")
    window.page.wait_for_selector("#gradient .answer:has-text('It vanishes.')")
    assert "a factor of 0.30 a step" in window.text("#gradient .answer")
    window.page.focus("#gradient [data-part=length]")
    window.page.keyboard.press("Home")
    window.page.wait_for_selector("#gradient .answer:has-text('After 5 steps')")
    label = window.page.get_attribute("#gradient [data-part=chart]", "aria-label")
    assert "LSTM: 1 at the end" in label
    for control in window.page.query_selector_all("#gradient input[type=range]"):
        control.press("ArrowRight")
        assert window.page.is_hidden("#gradient .error")
    # A few steps of a factor over 1 are judged by the factor.
    window.page.fill("#gradient [data-part=radius]", "1.1")
    window.page.wait_for_selector("#gradient .answer:has-text('It explodes.')")


def test_steps_play_and_pause(browser, server):
    with visit(browser, server.url, reduced_motion="no-preference") as window:
        window.enter("gradient")
        window.page.wait_for_selector("#gradient .player button:text-is('Pause')")
        window.page.click("#gradient .player button")
        window.page.wait_for_selector("#gradient .player button:text-is('Play')")
        window.page.focus("#gradient .player input")
        window.page.keyboard.press("Home")
        assert window.text("#gradient .player output").startswith("step 30: 1")
        assert window.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everyone_can_use_it_on_a_phone(theme, browser, server):
    source = (fetch_package(*AXE) / "axe.min.js").read_text("utf-8")
    size = {"width": 360, "height": 740}
    settings = {"viewport": size, "color_scheme": theme}
    with visit(browser, server.url, source, **settings) as window:
        window.page.wait_for_selector(".cards li")
        for room in ("home", *ROOMS):
            if room != "home":
                window.enter(room)
            found = window.page.evaluate("axe.run()")
            serious = [
                (one["id"], [node["html"] for node in one["nodes"]][:3])
                for one in found["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == [], room
            assert len(found["passes"]) > 10
            wide = window.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], room
        assert window.complaints == []


def test_a_missing_model_is_said_in_words(browser, server):
    with visit(browser, server.url) as window:
        window.page.route("**/*.onnx", lambda route: route.fulfill(status=404))
        window.page.goto(f"{server.url}#text")
        assert "is missing" in show_error(window, "text")
