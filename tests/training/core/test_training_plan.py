"""Warm-up and averaging follow the length of a run; recipes of full size stay."""

from dataclasses import replace
from pathlib import Path

import pytest

from training import train_captioner, train_sentiment
from training.core.recipe import configure, load_recipe
from training.core.training_plan import describe_plan, plan_training
from training.image_captioner.self_critical import second_part

# Training examples of some published recipes.
FULL_SIZE = {
    "sentiment_imdb_en": 23_500,
    "captioner_flickr8k_en": 6_000,
    "image_classifier_mnist": 55_200,
    "image_classifier_mnist_rows": 55_200,
    "translator_multi30k_en_de": 29_000,
}


@pytest.mark.parametrize("preset", FULL_SIZE)
def test_the_published_recipes_are_as_they_were(preset):
    from keras.optimizers.schedules import CosineDecay

    from training.core.optimizers import make_schedule

    examples = FULL_SIZE[preset]
    *_, config = configure(load_recipe(preset), Path("runs"), {}).values()
    plan = plan_training(config, examples)
    assert (plan.batch_size, plan.passes) == (config.batch_size, 1)
    assert plan.total == config.epochs * (examples // config.batch_size)
    assert plan.warmup_steps == config.warmup_steps
    assert plan.ema_momentum == config.ema_momentum
    before = CosineDecay(
        0.0,
        plan.total - config.warmup_steps,
        warmup_target=config.learning_rate,
        warmup_steps=config.warmup_steps,
    )
    now = make_schedule(config, plan)
    for step in (0, 7, config.warmup_steps, plan.total // 2, plan.total - 1):
        assert float(now(step)) == float(before(step))


def test_the_second_part_of_the_captioner_is_as_it_was():
    config = second_part(train_captioner.Config())
    plan = plan_training(config, 6_000)
    assert (plan.batch_size, plan.passes) == (32, 1)
    assert (plan.total, plan.warmup_steps) == (748, 50)
    assert plan.ema_momentum == 0.99


@pytest.mark.parametrize(
    ("examples", "batch_size", "passes"),
    [(1, 1, 334), (5, 5, 334), (150, 8, 19), (940, 8, 3), (5_000, 15, 2)],
)
def test_a_run_on_few_examples_has_steps_enough(examples, batch_size, passes):
    config = train_sentiment.Config()
    plan = plan_training(config, examples)
    assert (plan.batch_size, plan.passes) == (batch_size, passes)
    assert plan.total == passes * config.epochs * (examples // batch_size) >= 1_000
    # The half-life of the average is a fifth of the run at most.
    assert plan.warmup_steps == min(plan.total // 8, config.warmup_steps)
    assert plan.ema_momentum ** (plan.total / 5) <= 0.5 + 1e-9


def test_the_plan_is_printed():
    config = replace(train_sentiment.Config(), min_steps=200)
    assert describe_plan(config, plan_training(config, 90)) == (
        "231 steps in 3 epochs: 7 passes in each, batches of 8, 28 steps of warm-up, "
        "averages 0.9851"
    )
