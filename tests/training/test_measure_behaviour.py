"""The command that puts sentences to a classifier."""

import re

import pytest
from click.testing import CliRunner

from tests.tiny_translator import make_translator
from training.measure_behaviour import main
from zoo_models.sentiment_classifier.behaviour import (
    behaviour_table,
    judge,
    measure_behaviour,
)


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_it_prints_the_table_of_the_open_half(preset_folder, classifier):
    result = run(preset_folder)
    assert result.exit_code == 0, result.output
    table = behaviour_table({"open": measure_behaviour(classifier, "open")})
    assert result.output == f"{table}\n"


def test_all_parts_stand_side_by_side(preset_folder, classifier):
    result = run(preset_folder, "--part", "all")
    halves = {
        part: measure_behaviour(classifier, part) for part in ("open", "held_out")
    }
    assert result.output == f"{behaviour_table(halves)}\n"


def test_failures_are_shown_with_their_answers(preset_folder, classifier):
    result = run(preset_folder, "--part", "held_out", "--failures")
    failed = [o for o in judge(classifier, "held_out") if not o.is_passed]
    assert failed
    shown = re.findall(
        r"^  (?:negative|positive) [01]\.\d{3}  (.*)$", result.output, re.M
    )
    assert shown == [text for outcome in failed for text in outcome.case.texts]


@pytest.mark.parametrize("name", ["nonsense", "translator"])
def test_what_is_no_sentiment_classifier_is_refused(name, tmp_path):
    preset = tmp_path / name
    if name == "translator":
        make_translator().save_to_preset(preset)
    result = run(preset)
    assert result.exit_code == 1
    assert re.match("Error: .*Received: .*" + name, result.output), result.output
