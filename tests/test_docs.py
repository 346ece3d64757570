"""Every example in a docstring, the README, the guide and the cards runs."""

import ast
import re
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def blocks():
    """Each block of Python code with the place where it stands."""
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    pages += ROOT.glob("zoo_models/presets/*/README.md")
    for path in sorted(pages):
        for match in BLOCK.finditer(path.read_text(encoding="utf-8")):
            yield path, textwrap.dedent(match[2])
    for package in ("rnnzoo", "zoo_models", "training"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
                docstring = isinstance(node, kinds) and ast.get_docstring(node)
                for match in BLOCK.finditer(docstring or ""):
                    yield path, textwrap.dedent(match[2])


def parameters():
    for number, (path, code) in enumerate(blocks()):
        yield pytest.param(code, id=f"{path.relative_to(ROOT)}-{number}")


# Fine-tuning on other labels says that the head starts anew.
@pytest.mark.filterwarnings("ignore:The weights that no longer fit:UserWarning")
@pytest.mark.parametrize("code", list(parameters()))
def test_example_runs(code, tmp_path, monkeypatch):
    import tensorflow_datasets as tfds

    monkeypatch.chdir(tmp_path)
    # Data sets are made up here: examples must work, not score.
    with tfds.testing.mock_data(num_examples=48):
        exec(compile(code, "example", "exec"), {"__name__": "__example__"})


def test_examples_are_found():
    assert sum(1 for _ in blocks()) >= 8


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / target).exists(), f"{page}: {target}"
