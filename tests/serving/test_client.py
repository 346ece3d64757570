"""The client gives what the local model gives, and says what is wrong."""

import shutil
import socket
import subprocess
import sys
import threading

import numpy as np
import pytest
import requests
from click.testing import CliRunner

from rnnzoo.cli import main
from rnnzoo.serving import Client, Server, ServerSettings, ServingError
from tests.images.test_pixels import encode
from tests.serving import tiny_models
from training.image_classifier.drawn_digits import DRAWINGS

TEXTS = ["a good film", "dull", "", "été"]


NAMES = {"reviews": "SentimentClassifier", "digits": "ImageClassifier"}


@pytest.fixture(scope="module")
def local(exported):
    """A model of each kind."""
    return {name: exported(class_name)[0] for name, class_name in NAMES.items()}


@pytest.fixture(scope="module")
def zoo(exported, tmp_path_factory):
    """The address of a server of them."""
    base = tmp_path_factory.mktemp("zoo")
    for name, class_name in NAMES.items():
        *_, folder = exported(class_name)
        shutil.copytree(folder, base / name / "1")
    tiny_models.write_german(base)
    tiny_models.write_writer(base)
    with Server(base, ServerSettings(rest_port=0, grpc_port=0)) as server:
        yield f"http://127.0.0.1:{server.rest_port}"


def assert_same(received, expected):
    assert [x["label"] for x in received] == [x["label"] for x in expected]
    scores = [x["score"] for x in expected]
    np.testing.assert_allclose([x["score"] for x in received], scores, atol=1e-5)


def test_classify_texts(zoo, local):
    client = Client(zoo, "reviews", labels=local["reviews"].labels)
    expected = local["reviews"].classify(TEXTS)
    assert_same(client.classify(TEXTS), expected)
    assert_same(client.classify([text.encode() for text in TEXTS]), expected)
    assert_same(client.classify(TEXTS, batch_size=3), expected)
    assert_same([client.classify(TEXTS[0])], expected[:1])
    assert client.classify([]) == []
    best = local["reviews"].classify(TEXTS, top=2)
    for received, wanted in zip(client.classify(TEXTS, top=2), best, strict=True):
        assert_same(received, wanted)


def test_the_confidence_is_that_of_the_local_model(exported):
    classifier, _, folder = exported("SentimentClassifier")
    texts = ["a good film", "xqz vvk"]
    expected = classifier.classify(texts)
    base = folder.parents[1]
    with Server(base, ServerSettings(rest_port=0, grpc_port=0)) as server:
        url = f"http://127.0.0.1:{server.rest_port}"
        known, foreign = Client(url, folder.parent.name).classify(texts)
    assert known["confidence"] == pytest.approx(expected[0]["confidence"], abs=1e-5)
    assert "doubt" not in known
    assert foreign["confidence"] == pytest.approx(expected[1]["confidence"], abs=1e-5)
    assert foreign["doubt"]


def test_classify_images(zoo, local, tmp_path):
    drawings = [drawing.draw() for drawing in DRAWINGS]
    expected = local["digits"].classify(drawings)
    files = [encode(drawing, "PNG") for drawing in drawings]
    path = tmp_path / "digit.png"
    path.write_bytes(files[0])
    client = Client(zoo, "digits", version=1)
    assert client.input_kind == "image"
    received = client.classify([path, str(path), *files[1:]])
    assert_same(received, [expected[0], *expected])
    assert_same([client.classify(path)], expected[:1])
    # Files, arrays and files, in that order.
    mixed = [files[0], drawings[1], drawings[2].astype("float32") / 255, *files[3:]]
    assert_same(client.classify(mixed), expected)


def test_generate(zoo):
    client = Client(zoo, "german")
    assert client.writes_text
    assert client.generate(["a dog", "ja"]) == ["A DOG", "JA"]
    assert client.generate("a dog") == "A DOG"
    scored = client.generate(["a dog"], return_scores=True)
    assert scored == [
        {
            "translation": "A DOG",
            "score": -5.0,
            "confidence": 0.25,
            "doubt": scored[0]["doubt"],
        }
    ]


def test_continue_a_prompt(zoo):
    client = Client(zoo, "writer")
    assert (client.input_kind, client.verb) == ("text", "generate")
    assert client.generate(["It", ""]) == ["It goes on", " goes on"]
    scored = client.generate("It", return_scores=True)
    assert scored == {"text": "It goes on", "score": -2.0}
    # As curl would ask, in rows and by column.
    url = f"{zoo}/v1/models/writer:predict"
    expected = [{"score": -2.0, "text": "It goes on"}]
    for row in ("It", {"prompt": "It"}):
        answer = requests.post(url, json={"instances": [row]}, timeout=60).json()
        assert answer == {"predictions": expected}
    answer = requests.post(url, json={"inputs": {"prompt": ["It"]}}, timeout=60)
    assert answer.json() == {"outputs": {"score": [-2.0], "text": ["It goes on"]}}


def test_predict_status_and_threads(url):
    client = Client(url + "/", "mixed")
    assert client.status() == {"1": "AVAILABLE"}
    answer = client.predict({"number": [5], "flags": np.ones((1, 3), bool)})
    assert answer["count"] == [2**40 + 3]
    numbers = Client(url, "numbers")
    assert numbers.predict({"x": [4.0]}, "inverse") == {"y": [0.25]}
    words = Client(url, "words")
    assert words.predict({"text": [b"\xc3\xa9"]})["label"] == ["é@1"]
    answers = [None] * 8

    def ask(i):
        answers[i] = words.classify(str(i))["label"]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [f"{i}@1" for i in range(8)]


def test_the_server_tells_the_names_of_classes(zoo, local):
    expected = local["reviews"].classify(["a good film", "dull"], top=2)
    received = Client(zoo, "reviews").classify(["a good film", "dull"], top=2)
    for ours, theirs in zip(expected, received, strict=True):
        assert [a["label"] for a in ours] == [a["label"] for a in theirs]


def test_errors_are_clear(zoo, url):
    with pytest.raises(ServingError, match="Could not find any versions") as error:
        Client(zoo, "nope").status()
    assert (error.value.code, error.value.status) == ("NOT_FOUND", 404)
    with pytest.raises(ServingError, match=r"Latest\(nope\).*answered 404"):
        Client(zoo, "nope").classify("a")
    with pytest.raises(ServingError, match="must be a JPEG or PNG") as error:
        Client(zoo, "digits").classify(b"BM6")
    assert error.value.code == "INVALID_ARGUMENT"
    with pytest.raises(ServingError, match="not found in signature") as error:
        Client(url, "numbers").predict({"x": [1.0]}, "nope")
    client = Client(zoo, "reviews")
    with pytest.raises(TypeError, match=r"inputs\[1\] is of type int"):
        client.classify(["a", 1])
    with pytest.raises(ValueError, match=r"labels=\[…\]"):
        Client(url, "words").classify("a", top=1)
    with pytest.raises(ValueError, match="from 1 to 2. Received: top=3"):
        Client(zoo, "reviews", labels=["a", "b"]).classify("a", top=3)
    with pytest.raises(ValueError, match="reviews names labels: call `classify`"):
        client.generate("a")
    with pytest.raises(ValueError, match="german writes texts: call `generate`"):
        Client(zoo, "german").classify("a")
    with pytest.raises(ValueError, match="num_return=2"):
        Client(zoo, "german").generate("a", num_return=2)
    with pytest.raises(ValueError, match=r"must have one output of texts. Received"):
        Client(url, "mixed").generate("a")
    with pytest.raises(FileNotFoundError, match=r"inputs\[0\] is 'no.png'"):
        Client(zoo, "digits").classify("no.png")
    with pytest.raises(ValueError, match="Received: url='localhost:8501'"):
        Client("localhost:8501", "reviews")


def test_no_server_and_no_answer():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(
            ServingError, match="Start one with `rnnzoo serve`"
        ) as error:
            Client(address, "reviews").status()
        assert error.value.code == "UNAVAILABLE"
        silent.listen()
        with pytest.raises(ServingError, match=r"No answer from .* in 0.1 s") as error:
            Client(address, "reviews", timeout=0.1).status()
        assert error.value.code == "DEADLINE_EXCEEDED"


def test_the_command_asks_a_server(zoo, tmp_path):
    def run(*arguments, **kwargs):
        return CliRunner().invoke(main, ["predict", *arguments, "--url", zoo], **kwargs)

    result = run("reviews", "a good film")
    assert result.exit_code == 0, result.output
    assert result.output.endswith("  a good film\n")
    piped = run("reviews", input="a good film\n")
    assert piped.output == result.output
    path = tmp_path / "digit.png"
    path.write_bytes(encode(DRAWINGS[0].draw(), "PNG"))
    assert run("digits", str(path)).stdout.endswith(f"  {path}\n")
    assert run("german", "a dog").stdout == "A DOG\n"
    missing = run("nope", "a")
    assert missing.exit_code == 1
    assert "not found for request: Latest(nope)" in missing.output


def test_a_client_needs_no_tensorflow(zoo):
    script = (
        "import sys\nfrom rnnzoo.serving import Client\n"
        f"print(Client({zoo!r}, 'reviews').classify('a good film')['label'])\n"
        "assert not {'tensorflow', 'keras', 'uvicorn', 'grpc'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("positive", "negative")
