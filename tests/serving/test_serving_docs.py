"""Each call in docs/serving.md runs against a server and prints what stands there."""

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnnzoo.serving import Server, ServerSettings

PAGE = Path(__file__).parents[2] / "docs" / "serving.md"
LINES = r"((?:(?!```).*\n)+)"  # of one block: the first ones on the page are no calls
CALL = re.compile(rf"^```(py|bash)\n{LINES}```\n\n```text\n{LINES}```", re.M)
CALLS = CALL.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def zoo(published_export):
    base = published_export("sentiment_en").parents[1]
    with Server(base, ServerSettings(rest_port=0, grpc_port=0)) as server:
        yield server


def ported(code, server):
    code = code.replace("127.0.0.1:8501", f"127.0.0.1:{server.rest_port}")
    return code.replace("127.0.0.1:8500", f"127.0.0.1:{server.grpc_port}")


def run(code):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "example", "exec"), {"__name__": "__example__"})
    return printed.getvalue()


def rounded(text):
    return re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.2f}", text).strip()


@pytest.mark.parametrize(("language", "code", "expected"), CALLS)
def test_the_call_prints_what_the_page_says(zoo, language, code, expected):
    code = ported(code, zoo)
    if language == "py":
        received = run(code)
    else:
        tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": tools}
        received = subprocess.run(
            ["bash", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            timeout=60,
        ).stdout
    assert rounded(received) == rounded(expected)


def test_calls_are_found():
    assert not any("rnnzoo serve" in code for _, code, _ in CALLS)
    languages = " ".join(language for language, *_ in CALLS)
    assert languages == "bash py py"


def test_the_call_in_the_readme_runs(zoo):
    readme = (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```py\n(.*?)^```", readme, re.M | re.S)
    run(ported(code, zoo))
