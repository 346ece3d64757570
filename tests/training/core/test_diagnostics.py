"""A run that went wrong says so, with what to change."""

import numpy as np
import pytest

from tests.training.core.tiny_training import Config, make_trainer
from training import train_translator
from training.core.diagnostics import Baseline, find_problems, majority_class
from training.core.run_folder import find_best
from training.core.trainer import Outcome


def make_outcome(first=0.7, last=0.5, planned=100):
    rows = [{"epoch": 1, "loss": 0.65}, {"epoch": 2, "loss": last}]
    return Outcome(rows[0], rows, 1.0, 40, planned, first)


def find(outcome=None, accuracy=0.8, **settings):
    baseline = Baseline("the most frequent class", "accuracy", 0.5, 0.02)
    config = Config(**settings)
    test = {"examples": 40, "accuracy": accuracy}
    return find_problems(config, outcome or make_outcome(), test, baseline)


def test_nothing_is_said_of_a_run_that_went_well():
    assert find() == []
    assert find_problems(Config(), make_outcome(), {"accuracy": 0.1}, None) == []
    assert find(accuracy=0.1, smoke=True) == []


@pytest.mark.parametrize(
    ("accuracy", "word"), [(0.49, "no"), (0.5, "no"), (0.52, "hardly")]
)
def test_the_most_frequent_class_is_no_success(accuracy, word):
    (problem,) = find(accuracy=accuracy)
    assert problem.startswith(
        f"It is {word} better than the most frequent class: accuracy {accuracy:.4f} on "
        "the test split, where that reaches 0.5000. Train on more examples"
    )


def test_a_loss_that_did_not_fall():
    (problem,) = find(make_outcome(first=0.7, last=0.71))
    assert "did not fall: 0.7000 at the first step, 0.7100 in the last" in problem
    assert "--learning-rate" in problem


def test_the_loss_of_weights_that_were_trained_before_may_be_low_at_first():
    settings = {"start_from": "mine", "warmup_steps": 0}
    outcome = make_outcome(first=0.7, last=0.71)
    for config, count in (
        (train_translator.Config(**settings), 0),
        (train_translator.Config(**{**settings, "start_from": ""}), 1),
    ):
        assert len(find_problems(config, outcome, {"bleu": 30.0}, None)) == count


def test_fewer_steps_than_the_warm_up():
    (problem,) = find(make_outcome(planned=14), warmup_steps=14)
    assert "has 14 steps, no more than the warm-up of its recipe, 14" in problem
    assert "`min_steps`" in problem


@pytest.mark.parametrize(("value", "count"), [(39.0, 0), (40.0, 1), (41.0, 1)])
def test_a_perplexity_must_be_lower(value, count):
    baseline = Baseline("words by their frequency alone", "perplexity", 40.0)
    test = {"perplexity": value}
    problems = find_problems(Config(), make_outcome(), test, baseline)
    assert len(problems) == count
    assert all("It is no better than words by their" in text for text in problems)
    values = [3.0, 5.0, 2.0, 5.0, 2.0]
    assert find_best(values, "accuracy") == find_best(values, "bleu") == 1
    assert find_best(values, "perplexity") == 2


def test_the_most_frequent_class_is_that_of_the_training_examples():
    baseline = majority_class(np.array([2, 0, 2]), np.array([2, 1, 0, 0]))
    assert baseline.value == 0.25
    assert baseline.margin == pytest.approx(2 * (0.25 * 0.75 / 4) ** 0.5)


def test_a_trainer_remembers_its_first_loss(tmp_path):
    trainer = make_trainer(Config(workdir=tmp_path))
    losses = []
    train = trainer.steps.train

    def remember(batch):
        losses.append(train(batch))
        return losses[-1]

    trainer.steps.train = remember
    outcome = trainer.train()
    assert outcome.first_loss == losses[0]
    assert (outcome.examples, outcome.planned_steps) == (30, 14)
