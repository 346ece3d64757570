"""The commands in docs/deploy.md that need no Docker and no cluster."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from rnnzoo.cli import main

ROOT = Path(__file__).parents[2]


def commands():
    """The lines of the page's shell blocks."""
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.slow
def test_exports_give_what_models_config_lists(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exports = {c for c in commands() if c.startswith("rnnzoo export ")}
    for command in sorted(exports):
        result = CliRunner().invoke(main, shlex.split(command)[1:])
        assert result.exit_code == 0, result.output
    config = (ROOT / "deploy" / "tf_serving" / "models.config").read_text("utf-8")
    listed = re.findall(r'base_path: "/(.*)"', config)
    written = {str(p.parent.parent) for p in Path().glob("models/*/1/saved_model.pb")}
    assert written == set(listed)


def test_files_that_commands_name_are_there():
    named = re.findall(r"deploy/[\w/.]+\.yaml", "\n".join(commands()))
    assert len(named) >= 2
    assert all((ROOT / name).is_file() for name in named)
