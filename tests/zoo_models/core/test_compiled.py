"""Compiled answers equal those computed op by op, for each model and verb."""

import numpy as np
import pytest

from tests.conftest import seed
from tests.tiny_zoo import TINY
from zoo_models.models import MODELS

pytestmark = [
    pytest.mark.compiled,
    pytest.mark.parametrize("name", [info.class_name for info in MODELS]),
]


def both(name, ask):
    """What `ask(model, inputs)` returns compiled, then op by op."""
    make, inputs = TINY[name]
    seed(3)
    model = make()
    if model.verb == "generate":
        model.compile(sampler="greedy")
    compiled = ask(model, inputs)
    assert not model.run_eagerly
    model.run_eagerly = True
    return compiled, ask(model, inputs)


def answer(model, inputs):
    if model.verb == "classify":
        return model.classify(inputs, verbose=0)
    return model.generate(inputs, max_length=5, return_scores=True, verbose=0)


def test_answers(name):
    compiled, eager = both(name, answer)
    for one, other in zip(compiled, eager, strict=True):
        assert one == {
            key: pytest.approx(value, abs=1e-5) if isinstance(value, float) else value
            for key, value in other.items()
        }


def test_states(name):
    compiled, eager = both(
        name, lambda model, inputs: model.encode(inputs, return_states=True)
    )
    for one, other in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
