"""Trains `LanguageModel` on the texts of a TFDS set, forwards and backwards.

    python -m training.train_language_model

learns to expect the next word of IMDB's reviews, the labelled and the unlabelled ones;
the test reviews are only measured. A second model with the same table of embeddings
reads the reviews from their end. The first is the preset, in `preset`; the second lies
beside it in `backward`, and `training.train_sentiment` grows out of both.

Next words are told among some hundred words that are drawn by chance, for all of them
would take ten times as long (Jean et al., "On Using Very Large Target Vocabulary for
Neural Machine Translation", 2015); perplexities of validation and test are among all.
Reviews are read side by side in windows, and the state after a window starts the next
(Mikolov et al., "Recurrent Neural Network Based Language Model", 2010).

    python -m training.train_language_model --directions forward --epochs 1 --cell lstm
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
    """Settings of a run; by default the published preset's."""

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
    """Texts that are read side by side."""
    window: int = 80
    """Words of each that are read in a step."""
    learning_rate: float = 3e-3
    """Highest rate, reached after the warm-up; a cosine leads down to zero."""
    warmup_steps: int = 300
    beta_2: float = 0.99
    """Of Adam."""
    clip_norm: float | None = 1.0
    ema_momentum: float | None = 0.998
    checkpoint_every: int = 500
    directions: Literal["both", "forward"] = "both"
    """Whether a second model reads the texts from their end."""
    text: str | None = None
    """Name of the text feature; needed only if there are several."""
    train_split: str = "train+unsupervised"
    """Splits to train on; validation is cut from them."""
    test_split: str = "test"
    """Split that is measured once, at the end."""
    validation_texts: int = 500
    """Texts that are held out to choose the epoch."""
    test_texts: int | None = 1000
    """Texts of the test split to measure, the first ones; all take half an hour."""
    vocabulary_size: int = 20_000
    """Words at most."""
    min_count: int = 2
    """Least count of a word."""
    num_sampled: int = 512
    """Words among which the next one is told in training."""
    embedding_dim: int = 128
    """Size of an embedding."""
    units: int = 256
    """Units of each direction."""
    dropout: float = 0.05
    """Of embeddings and states."""
    recurrence: bool = True
    """Whether states hand anything on; if not, W is held at zero, for comparison."""

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
    from training.core.faults import Trivial
    from training.core.holdout import most_validation
    from training.core.trainer import Trainer
    from training.language_model import texts, windows
    from training.language_model.task import MeanSurprise, NextWordTask, Perplexity
    from zoo_models.language_model.evaluation import measure

    config, builder = run.config, run.builder
    text = find_feature(builder, "text", config.text)
    data = texts.read_splits(builder, config.train_split, text)
    measured = config.test_split
    if config.test_texts is not None:
        measured += f"[:{config.test_texts}]"
    test = texts.read_splits(builder, measured, text)
    order = np.random.default_rng(0).permutation(len(data))
    held_out = min(config.validation_texts, most_validation(len(data)))
    training = [data[i] for i in order[held_out:][: config.limit_train]]
    held_out = min(held_out, most_validation(len(training)))
    validation = [data[i] for i in order[:held_out]]
    vocabulary, counts = texts.learn_vocabulary(
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
        trivial=Trivial(
            "words by their frequency alone",
            "perplexity",
            texts.unigram_perplexity(test, vocabulary, counts),
        ),
    )


if __name__ == "__main__":
    run_script(Config, train, __doc__)
