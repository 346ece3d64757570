"""An answer goes through few files, so that a reader can follow it."""

import sys
from pathlib import Path

import keras
import pytest

from tests.conftest import make_classifier
from tests.tiny_translator import make_translator

ROOT = Path(__file__).parents[3]
PACKAGES = ("rnnzoo", "zoo_models", "training")

pytestmark = [
    pytest.mark.compiled,
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="counts TensorFlow's files"
    ),
]


def entered_files(call):
    """Returns the project files whose functions a call enters, sorted."""
    found = set()
    before = sys.getprofile()
    sys.setprofile(lambda frame, *_: found.add(frame.f_code.co_filename))
    try:
        call()
    finally:
        sys.setprofile(before)
    paths = [Path(name) for name in found if name.startswith(f"{ROOT}/")]
    files = [path.relative_to(ROOT) for path in paths]
    return sorted(str(file) for file in files if file.parts[0] in PACKAGES)


def make_splitting_translator():
    model = make_translator()
    model.preprocessor.splits_sentences = True
    return model


@pytest.mark.parametrize(
    ("make", "verb", "first", "second"),
    [
        (make_classifier, "classify", 12, 7),
        (make_splitting_translator, "generate", 18, 10),
    ],
)
def test_few_files_are_entered(make, verb, first, second):
    model = make()
    for most in (first, second):
        files = entered_files(lambda: getattr(model, verb)("A dog runs."))
        assert len(files) <= most, "\n".join(files)
