"""The page: what is written, where its ONNX Runtime comes from, and who serves it."""

import base64
import hashlib
import http.client
import io
import json
import re
import shutil
import signal
import tarfile

import pytest
import requests
from click.testing import CliRunner

from rnnzoo.cli import main
from rnnzoo.onnx import Runner
from rnnzoo.page import writer
from rnnzoo.page.runtime import FILES, VERSION, find_runtime
from rnnzoo.page.server import PageServer


@pytest.fixture
def runtime(tmp_path):
    """A folder that looks like the package's."""
    folder = tmp_path / "package"
    (folder / "dist").mkdir(parents=True)
    for name in FILES:
        (folder / "dist" / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("rnnzoo.page.runtime.cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def tiny(preset_folder, monkeypatch):
    """The page of one tiny model."""
    monkeypatch.setattr(writer, "PRESETS", (str(preset_folder),))


def test_a_page_is_whole_and_its_models_answer(tiny, runtime, tmp_path, classifier):
    seen = []
    page = writer.write_page(tmp_path / "page", runtime, report=seen.append)
    assert len(seen) == 1
    for path in writer.STATIC.rglob("*"):
        assert (page / path.relative_to(writer.STATIC)).exists()
    for name in FILES:
        assert (page / "onnxruntime" / name.replace(".mjs", ".js")).is_file()
    content = json.loads((page / "page.json").read_text("utf-8"))
    (known,) = content["models"].values()
    assert known["activation"] == "tanh"
    for name, size in known["files"].items():
        assert (page / "models" / "tiny" / name).stat().st_size == size
    assert "runner.py" not in known["files"]
    answer = Runner(page / "models" / "tiny").classify("a good film")
    expected = classifier.classify("a good film", verbose=0)
    assert answer["score"] == pytest.approx(expected["score"], abs=1e-5)


def test_an_older_page_is_replaced_and_nothing_else(tiny, runtime, tmp_path):
    page = writer.write_page(tmp_path / "page", runtime)
    (page / "old.txt").touch()
    assert not (writer.write_page(page, runtime) / "old.txt").exists()
    other = tmp_path / "mine"
    other.mkdir()
    (other / "diary.txt").touch()
    with pytest.raises(FileExistsError, match=r"mine, which holds something else"):
        writer.write_page(other, runtime)
    assert (other / "diary.txt").exists()


def test_without_onnxruntime_three_ways_are_named(cache, tmp_path):
    result = CliRunner().invoke(main, ["page", str(tmp_path / "page")])
    assert result.exit_code == 1
    for way in ("--download", "--onnxruntime FOLDER", str(cache)):
        assert way in result.output
    assert not (tmp_path / "page").exists()
    with pytest.raises(FileNotFoundError, match=r"must contain ort.wasm.min.mjs"):
        find_runtime(tmp_path)


def test_the_runtime_is_found_in_a_folder_and_in_the_cache(cache, runtime):
    assert find_runtime(runtime) == find_runtime(runtime / "dist") == runtime / "dist"
    folder = cache / f"onnxruntime-web-{VERSION}"
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).touch()
    assert find_runtime() == folder


def test_what_is_fetched_is_checked_and_kept(cache, monkeypatch):
    file, asked, response = io.BytesIO(), [], requests.Response()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in FILES:
            info = tarfile.TarInfo(f"package/dist/{name}")
            info.size = 4
            archive.addfile(info, io.BytesIO(b"data"))
    response._content, response.status_code = file.getvalue(), 200

    def get(url, timeout):
        asked.append(url)
        return response

    monkeypatch.setattr(requests, "get", get)
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://example.org/npm/")
    with pytest.raises(ValueError, match="The SHA-512 of https.*must be"):
        find_runtime(download=True)
    assert not cache.exists()
    digest = base64.b64encode(hashlib.sha512(response.content).digest()).decode()
    monkeypatch.setattr("rnnzoo.page.runtime.SHA512", digest)
    folder = find_runtime(download=True)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert find_runtime() == find_runtime(download=True) == folder
    name = f"onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
    assert asked == [f"https://example.org/npm/{name}"] * 2
    response.status_code = 404
    shutil.rmtree(folder)
    with pytest.raises(OSError, match="404 Client Error"):
        find_runtime(download=True)


def test_the_server_serves_files_and_lists_no_folder(tmp_path):
    page = tmp_path / "page"
    (page / "rooms").mkdir(parents=True)
    (page / "index.html").write_text("<p>", encoding="utf-8")
    (page / "rooms" / "a b.js").write_text("1", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    with PageServer(page) as server:
        assert server.url.startswith("http://127.0.0.1:")
        port = int(server.url.rstrip("/").rpartition(":")[2])
        for path, status in (
            ("/", 200),
            ("/index.html?x", 200),
            ("/rooms/a%20b.js", 200),
            ("/rooms/", 404),
            ("/../secret.txt", 404),
            ("/%2e%2e/secret.txt", 404),
            ("//etc/passwd", 404),
        ):
            for method in ("GET", "HEAD"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=9)
                connection.request(method, path)
                answer = connection.getresponse()
                body = answer.read()
                connection.close()
                assert answer.status == status, path
                assert b"a b.js" not in body
                assert (body == b"") == (method == "HEAD")
                if path.endswith(".js"):
                    assert answer.headers["Content-Type"].startswith("text/javascript")
        response = requests.post(server.url, data="x", timeout=9)
        assert response.status_code == 501
    with pytest.raises(FileNotFoundError, match="must be one that `rnnzoo page` wrote"):
        PageServer(tmp_path / "none")


def test_demo_on_the_web_prints_its_address_and_opens_nothing(
    tiny, runtime, monkeypatch
):
    ran = []

    def serve(self):
        ran.append(f"http://127.0.0.1:{self.server_address[1]}/")
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", serve)
    monkeypatch.setattr("webbrowser.open", lambda *_: pytest.fail("a browser opens"))
    options = ["demo", "--web", "--onnxruntime", str(runtime)]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0, result.output
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert ran == re.findall(r"^http://127\.0\.0\.1:\d+/$", result.output, re.MULTILINE)
    for wrong in (["--web", "--all"], ["--french"], ["--port", "9"]):
        assert CliRunner().invoke(main, ["demo", *wrong]).exit_code == 2


def test_the_pages_files_are_small_and_ask_no_other_host():
    paths = [path for path in writer.STATIC.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in paths) < 1e6
    for path in paths:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 400, path
        # The name of SVG is an address, of nothing that is fetched.
        addresses = re.findall(r"https?://[^\s\"']+", text)
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, path
        assert not re.search(r"\sstyle=|\son\w+=\"|<script>", text), path
    index = (writer.STATIC / "index.html").read_text("utf-8")
    policy = re.search(r'"Content-Security-Policy" content="([^"]+)"', index)[1]
    assert {"default-src 'none'", "connect-src 'self'"} <= {*policy.split("; ")}
