"""A preset to measure."""

import pytest

from tests.conftest import make_classifier
from tests.tiny_sets import WORDS


@pytest.fixture
def preset(tmp_path):
    """The folder of a classifier of the tiny reviews that was not calibrated."""
    from rnnzoo.text import Tokenizer, Vocabulary

    tokenizer = Tokenizer(
        Vocabulary([*(f"w{n}" for n in range(20)), *WORDS[0], *WORDS[1]])
    )
    dataset = {"name": "tiny_reviews", "version": "1.0.0"}
    runs = [{"seed": 1, "validation": 0.5, "test": 0.5}]
    metadata = {
        "name": "tiny",
        "licence": "CC0-1.0",
        "dataset": {**dataset, "text": "text", "label": "label"},
        "evaluations": [],
        "training": {
            "command": "python -m training",
            "minutes": 1,
            "config": {"validation_fraction": 0.25},
            "environment": {"cores": 2, "keras": "3", "tensorflow": "2"},
            "seeds": {"metric": "accuracy", "runs": runs},
        },
    }
    model = make_classifier(
        vocabulary_size=len(tokenizer.vocabulary), preprocessor=tokenizer
    )
    model.save_to_preset(tmp_path / "tiny", metadata)
    return tmp_path / "tiny"
