"""Trains `LanguageModel` on the texts of a TFDS set, forwards and backwards.

    python -m training.train_language_model --recipe language_model_imdb_en

trains on IMDB's labelled and unlabelled reviews; the test reviews are only evaluated. A
second model with the same embeddings reads the reviews backwards. The first model is
the preset, in `preset`; the second is in `backward`. `training.train_sentiment` starts
from both.

Training predicts the next word among a few hundred sampled words, since all words would
take ten times as long (Jean et al., "On Using Very Large Target Vocabulary for Neural
Machine Translation", 2015); perplexities of validation and test are over all words.
Batches are windows of parallel reviews, and the state after a window starts the next
(Mikolov et al., "Recurrent Neural Network Based Language Model", 2010).

    python -m training.train_language_model --set directions=forward --set cell=lstm
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from rnnzoo.core.checks import check_positive
from training.core.config import TrainingConfig
from training.core.script import run_script
from training.core.training_run import TrainingRun, open_run

BACKWARD = "backward"  # folder of the second model


@dataclass
class Config(TrainingConfig):
    """Settings of a run."""

    script = "training.train_language_model"
    smoke_settings: ClassVar[dict[str, Any]] = {
        "train_split": "train",
        "min_count": 1,
        "vocabulary_size": 500,
        "batch_size": 2,
        "window": 5,
        "num_sampled": 20,
        "validation_texts": 5,
        "test_texts": 5,
        "embedding_dim": 8,
        "units": 4,
    }

    workdir: Path = Path("runs/language_model")
    dataset: str = "imdb_reviews"
    epochs: int = 1
    """Passes over the texts."""
    batch_size: int = 64
    """Number of parallel texts."""
    window: int = 80
    """Words of each text in a step."""
    learning_rate: float = 3e-3
    warmup_steps: int = 300
    beta_2: float = 0.99
    clip_norm: float | None = 1.0
    ema_momentum: float | None = 0.998
    checkpoint_every: int = 500
    directions: Literal["both", "forward"] = "both"
    """Whether a second model reads the texts backwards."""
    text: str | None = None
    """Name of the text feature. Default: the only one."""
    train_split: str = "train+unsupervised"
    """Splits to train on; validation texts are taken from them."""
    test_split: str = "test"
    """Split that is evaluated once, at the end."""
    validation_texts: int = 500
    """Number of texts that are held out to choose the epoch."""
    test_texts: int | None = 1000
    """Number of texts of the test split to evaluate, the first ones; IMDB's 25,000 take
    half an hour."""
    vocabulary_size: int = 20_000
    """Largest number of words."""
    min_count: int = 2
    """Smallest count of a word in the vocabulary."""
    num_sampled: int = 512
    """Number of sampled words among which training predicts the next one."""
    embedding_dim: int = 128
    """Size of an embedding."""
    units: int = 256
    """Units of each direction."""
    dropout: float = 0.05
    """Dropout of embeddings and states."""
    recurrence: bool = True
    """Whether states are passed on; `false` holds W at zero, for comparison."""

    def check(self) -> None:
        super().check()
        for name in ("window", "validation_texts", "test_texts", "num_sampled"):
            value = getattr(self, name)
            if value is not None:
                check_positive(name, value)


def train(config: Config) -> dict[str, Any]:
    """Trains, measures and writes the run folder; returns the metrics."""
    with open_run(config) as run:
        return _train(run)


def _train(run: TrainingRun[Config]) -> dict[str, Any]:
    from rnnzoo import LanguageModel
    from rnnzoo.datasets import find_feature
    from training.cards.card import write_card
    from training.core.cells import hold_recurrence_at_zero, with_cell
    from training.core.diagnostics import Baseline
    from training.core.holdout import most_validation
    from training.core.texts import read_texts
    from training.core.trainer import Trainer
    from training.language_model import texts, windows
    from training.language_model.task import MeanSurprise, NextWordTask, Perplexity
    from zoo_models.language_model.evaluation import measure

    config, builder = run.config, run.builder
    text = find_feature(builder, "text", config.text)
    data = read_texts(builder, config.train_split, text)
    measured = config.test_split
    if config.test_texts is not None:
        measured += f"[:{config.test_texts}]"
    test = read_texts(builder, measured, text)
    order = np.random.default_rng(0).permutation(len(data))
    held_out = min(config.validation_texts, most_validation(len(data)))
    training = [data[i] for i in order[held_out:][: config.limit_train]]
    held_out = min(held_out, most_validation(len(training)))
    validation = [data[i] for i in order[:held_out]]
    vocabulary, counts = texts.learn_counts(
        training, config.vocabulary_size, config.min_count
    )
    rows = texts.to_ids(training, vocabulary)
    directions = ("forward", "backward")[: 1 + (config.directions == "both")]
    model_class = with_cell(LanguageModel, config.cell)
    models: dict[str, LanguageModel] = {}
    for name in directions:
        models[name] = model_class(
            len(vocabulary),
            embedding_dim=config.embedding_dim,
            units=config.units,
            dropout=config.dropout,
            preprocessor=vocabulary,
            embed=models["forward"].words.embed if models else None,
        )
        models[name].words.embed.bias.assign(np.log(counts / counts.sum()))
        if not config.recurrence:
            hold_recurrence_at_zero([models[name].words.layer.cell])
    streams = {
        name: windows.join(rows, config.seed, name == "backward") for name in models
    }
    outcome = Trainer(
        NextWordTask(models, counts, config.num_sampled, config.batch_size),
        config,
        windows.Windows(streams, config.batch_size, config.window, config.seed),
        windows.to_documents(
            texts.to_ids(validation, vocabulary), directions, batch_size=16, longest=500
        ),
        loss=MeanSurprise(),
        metrics=[
            Perplexity(i, "perplexity" if i == 0 else f"perplexity_{name}")
            for i, name in enumerate(directions)
        ],
        started=run.started,
    ).train()
    if "backward" in models and config.cell == "elman":
        models["backward"].save_to_preset(
            config.workdir / BACKWARD, {"direction": "backward"}
        )
    return run.finish(
        models["forward"],
        outcome,
        validation_examples=len(validation),
        test={"examples": len(test), **measure(models["forward"], test)},
        dataset={"text": text, "split": measured},
        write_card=write_card,
        training_examples=len(training),
        baseline=Baseline(
            "words by their frequency alone",
            "perplexity",
            texts.unigram_perplexity(test, vocabulary, counts),
        ),
    )


if __name__ == "__main__":
    run_script(Config, train, __doc__)
