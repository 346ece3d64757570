"""Every example in a docstring, the README, the guide and the cards runs."""

import ast
import importlib
import re
import shlex
import textwrap
from pathlib import Path

import pytest

from training.core.config import make_config
from training.core.options import parse_options
from zoo_models.core.saving import load_model

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def pages():
    """Each page or module that has examples, with its blocks of Python."""
    paths = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    paths += ROOT.glob("zoo_models/presets/*/README.md")
    for path in sorted(paths):
        yield path, blocks_of(path.read_text(encoding="utf-8"))
    for package in ("rnnzoo", "zoo_models", "training"):
        for path in sorted((ROOT / package).rglob("*.py")):
            kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            docstrings = [ast.get_docstring(n) for n in nodes if isinstance(n, kinds)]
            yield path, [b for text in docstrings for b in blocks_of(text or "")]


def blocks_of(text):
    return [textwrap.dedent(match[2]) for match in BLOCK.finditer(text)]


PAGES = [(path, blocks) for path, blocks in pages() if blocks]
ids = [str(path.relative_to(ROOT)) for path, _ in PAGES]


# Fine-tuning on other labels says that the head starts anew.
@pytest.mark.filterwarnings("ignore:The weights that no longer fit:UserWarning")
@pytest.mark.parametrize(("path", "blocks"), PAGES, ids=ids)
def test_examples_run(path, blocks, tmp_path, monkeypatch, published):
    """All examples of a page run, with each preset loaded once."""
    import tensorflow_datasets as tfds

    monkeypatch.chdir(tmp_path)
    loaded = {}

    def load_once(cls, preset, load_weights, overrides):
        key = cls, preset, load_weights, repr(overrides)
        if key not in loaded:
            # A card asks its model, and changes nothing of it.
            is_shared = path.parent.parent.name == "presets" and not overrides
            loaded[key] = (
                published(preset)
                if is_shared
                else load_model(cls, preset, load_weights, overrides)
            )
        return loaded[key]

    monkeypatch.setattr("zoo_models.core.zoo_model.load_model", load_once)
    # Data sets are made up here: examples must work, not score.
    with tfds.testing.mock_data(num_examples=48):
        for number, code in enumerate(blocks):
            name = f"{path.relative_to(ROOT)}, example {number + 1}"
            exec(compile(code, name, "exec"), {"__name__": "__example__"})


def test_examples_are_found():
    assert sum(len(blocks) for _, blocks in PAGES) >= 79


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / target).exists(), f"{page}: {target}"


COMMAND = re.compile(r"python -m training\.(train_\w+)([^`#\n…]*(?:\n +[^`#\n…]*)*)")


def commands():
    """The training commands of the documents: page, script and words."""
    paths = [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    paths += ROOT.glob("zoo_models/presets/*/README.md")
    for path in sorted(paths):
        for match in COMMAND.finditer(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(ROOT)), match[1], shlex.split(match[2])


@pytest.mark.parametrize(("page", "script", "words"), [*commands()])
def test_a_training_command_is_understood(page, script, words):
    config_class = importlib.import_module(f"training.{script}").Config
    if not {"--help", "--help-all"} & {*words}:
        make_config(config_class, parse_options(config_class, script, "", words))
