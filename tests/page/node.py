"""Runs the page's own scripts in Node."""

import json
import shutil
import subprocess

import pytest

from rnnzoo.page.writer import STATIC

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(
    NODE is None,
    reason="the page's scripts are held against Python in Node: install it",
)


def run_script(tmp_path, script, given):
    """What a module prints that has the page's scripts beside it and gets JSON as
    `given`."""
    folder = tmp_path / "page"
    if not folder.exists():
        shutil.copytree(STATIC, folder)
        (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    head = (
        'import { readFileSync } from "node:fs";\n'
        'const given = JSON.parse(readFileSync("given.json", "utf-8"));\n'
        "const say = (value) => process.stdout.write(JSON.stringify(value));\n"
    )
    (folder / "script.js").write_text(head + script, encoding="utf-8")
    done = subprocess.run(
        [NODE, "script.js"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
