"""An answer goes through few files, so that a reader can follow it."""

import keras
import pytest

from tests.conftest import make_classifier
from tests.entered_files import entered_files
from tests.tiny_translator import make_translator

pytestmark = [
    pytest.mark.compiled,
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="counts TensorFlow's files"
    ),
]


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
