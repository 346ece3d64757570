"""Trains `SentimentClassifier` on a TFDS set of labelled texts.

    python -m training.train_sentiment --recipe sentiment_en
    python -m training.train_sentiment --dataset imdb_reviews --workdir runs/imdb

The recipe of a preset first trains language models forwards and backwards. The
classifier starts from their embeddings and Elman layers, and reads words only (Dai and
Le, "Semi-supervised Sequence Learning", 2015). It learns two targets:

- the label. Half of it comes from a linear teacher that was fitted on other folds, all
  of it for unlabelled texts (Hinton et al., "Distilling the Knowledge in a Neural
  Network", 2015);
- at each word, from the states of each direction: how much the phrases that end there,
  or begin there, add to the teacher's judgement. A label for hundreds of words trains
  each state little; this target trains all of them.

Each text loses a random part of the vocabulary; dropout applies to embeddings and
pooled states; the run keeps the moving average of the parameters at the best epoch.
Then a temperature is fitted on validation (Guo et al., "On Calibration of Modern Neural
Networks", 2017). `second_dataset` adds another set of labelled texts, such as
sentences. `start_from` starts from a classifier of the same labels.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from training.core.config import TrainingConfig
from training.core.holdout import split_validation
from training.core.script import run_script
from training.core.training_run import TrainingRun, open_run
from training.sentiment_classifier import data as text_data


@dataclass
class Config(TrainingConfig):
    """Settings of a run."""

    script = "training.train_sentiment"
    smoke_settings: ClassVar[dict[str, Any]] = {
        "unlabelled_split": "",
        "second_dataset": "",
        "min_count": 1,
        "teacher_folds": 2,
        "embedding_dim": 8,
        "units": 4,
        "validation_fraction": 0.25,
        "negation_sentences": 8,
    }

    workdir: Path = Path("runs/sentiment")
    dataset: str = "imdb_reviews"
    epochs: int = 3
    """Passes over the texts, labelled and unlabelled."""
    batch_size: int = 64
    """Texts in a batch."""
    learning_rate: float = 2e-3
    warmup_steps: int = 100
    beta_2: float = 0.99
    """Decay of the second moment in Adam; a run has only a few thousand steps."""
    clip_norm: float | None = 1.0
    ema_momentum: float | None = 0.99
    language_model: str = ""
    """Folder of a run of training.train_language_model to start from. Default: random
    initial parameters."""
    start_from: str = ""
    """Classifier to start from instead: a preset or its folder."""
    text: str | None = None
    """Name of the text feature. Default: the only one."""
    label: str | None = None
    """Name of the label feature. Default: the only one."""
    train_split: str = "train"
    """Split to train on; validation examples are taken from it."""
    unlabelled_split: str | None = None
    """Split of texts that the teacher labels; empty for none. Default: `unsupervised`
    if there is one."""
    test_split: str = "test"
    """Split that is evaluated once, at the end."""
    second_dataset: str = ""
    """A second data set with the same labels, of sentences and their phrases."""
    second_text: str = "sentence"
    """Name of its text feature."""
    second_test_split: str = "validation"
    """Split of it that is evaluated once, at the end."""
    validation_fraction: float = 0.06
    """Share of each train split that is held out to choose the epoch and the seed."""
    vocabulary_size: int = 20_000
    """Largest number of words; a language model has its own vocabulary."""
    min_count: int = 2
    """Smallest count of a word in the vocabulary."""
    max_length: int = 400
    """Largest number of tokens of a text in training: its head and tail."""
    reading_length: int = 1000
    """Largest number of tokens of a text after training."""
    embedding_dim: int = 128
    """Size of an embedding."""
    units: int = 256
    """Units in each direction."""
    recurrence: bool = True
    """Whether states are passed on; `false` holds W at zero, for comparison."""
    word_dropout: float = 0.1
    """Share of the vocabulary that each text loses."""
    embedding_dropout: float = 0.2
    """Dropout of the elements of embeddings."""
    dropout: float = 0.5
    """Dropout of the pooled states, before the softmax layer."""
    teacher_weight: float = 0.7
    """Share of the linear teacher in the targets; 0 trains on the labels only, without
    unlabelled texts."""
    teacher_folds: int = 5
    """Number of folds: the teacher judges no text that it was fitted on."""
    evidence_weight: float = 1.0
    """Weight of the targets at each word; 0 leaves them out."""
    neutral_sentences: int = 8_000
    """Number of sentences without evidence for the teacher, with equal targets."""
    negation_sentences: int = 0
    """Number of short English template sentences with negation; the labels must be
    negative and positive."""


def train(config: Config) -> dict[str, Any]:
    """Trains, measures and writes the run folder; returns the metrics."""
    with open_run(config) as run:
        return _train(run)


def _train(run: TrainingRun[Config]) -> dict[str, Any]:
    from rnnzoo import LanguageModel, SentimentClassifier
    from rnnzoo.datasets import find_feature, open_dataset
    from rnnzoo.text import Tokenizer
    from training.cards.card import write_card
    from training.core.cells import hold_recurrence_at_zero, with_cell
    from training.core.diagnostics import majority_class
    from training.core.texts import learn_vocabulary, to_rows
    from training.core.trainer import Trainer
    from training.sentiment_classifier import negation, task
    from training.sentiment_classifier.calibration import fit_temperature
    from training.sentiment_classifier.start import (
        load_classifier,
        load_language_models,
    )
    from training.sentiment_classifier.teaching import teach, wants_teacher
    from zoo_models.core.classification import LABEL_NAMES
    from zoo_models.sentiment_classifier.evaluation import measure

    # === Texts ===
    config, builder = run.config, run.builder
    text = find_feature(builder, "text", config.text)
    label = find_feature(builder, "label", config.label)
    data = text_data.read_split(builder, config.train_split, text, label)
    test = text_data.read_split(builder, config.test_split, text, label)
    split = split_validation(
        len(data.labels), config.validation_fraction, seed=0, limit=config.limit_train
    )
    training, validation = map(data.take, split)
    label_names = [
        LABEL_NAMES.get(name, name) for name in builder.info.features[label].names
    ]
    if config.negation_sentences:
        negation.check_labels(label_names)
    has_teacher = wants_teacher(config, len(label_names))
    unlabelled: list[bytes] = []
    if has_teacher and config.teacher_weight and not config.limit_train:
        unlabelled = text_data.read_unlabelled(builder, config.unlabelled_split, text)
    second = None
    if config.second_dataset:
        second = text_data.read_second(
            open_dataset(
                config.second_dataset, config.data_dir, config.manual_dir, False
            ),
            config,
            label_names,
        )
        validation = validation.join(second.validation)

    # === Network ===
    start = None
    if config.start_from:
        start = load_classifier(config.start_from, SentimentClassifier.from_preset)
    elif config.language_model:
        start = load_language_models(config.language_model, LanguageModel.from_preset)
    vocabulary = (
        start.vocabulary
        if start
        else learn_vocabulary(
            [*training.texts, *unlabelled], config.vocabulary_size, config.min_count
        )
    )
    tokenizer = Tokenizer(vocabulary, config.max_length)
    arguments: dict[str, Any] = {
        "vocabulary_size": len(vocabulary),
        "labels": label_names,
        "embedding_dim": config.embedding_dim,
        "units": config.units,
        "word_dropout": config.word_dropout,
        "embedding_dropout": config.embedding_dropout,
        "dropout": config.dropout,
    }
    model_class = with_cell(SentimentClassifier, config.cell)
    model = model_class(**arguments)
    if start:
        start.give(model)
    if not config.recurrence:
        hold_recurrence_at_zero(model.cells())

    # === Training ===
    rows = to_rows([*training.texts, *unlabelled], tokenizer)
    classes = len(label_names)
    targets, evidence, neutral = (
        teach(run, rows, training.labels, tokenizer.vocabulary)
        if has_teacher
        else (np.eye(classes)[training.labels], [None] * len(rows), [])
    )
    rows += neutral
    targets = np.concatenate([targets, np.full((len(neutral), classes), 1 / classes)])
    evidence += [None] * len(neutral)
    made = negation.make_sentences(config.negation_sentences, config.seed)
    rows += to_rows(made[0], tokenizer)
    targets = np.concatenate([targets, np.eye(classes)[made[1]]])
    evidence += [None] * len(made[0])
    if second is not None:
        rows += to_rows(second.training.texts, tokenizer)
        more = np.eye(classes)[second.training.labels]
        targets = np.concatenate([targets, more])
        evidence += [None] * len(more)
    known = to_rows(validation.texts, tokenizer)
    outcome = Trainer(
        task.add_evidence(model),
        config,
        task.to_batches(
            rows, targets, evidence, config.max_length, config.batch_size, config.seed
        ),
        task.to_batches(
            known,
            np.eye(classes)[validation.labels],
            [None] * len(known),
            config.max_length,
            batch_size=128,
        ),
        loss=task.LabelAndEvidence(config.evidence_weight),
        metrics=[task.LabelAccuracy(name="accuracy")],
        started=run.started,
    ).train()

    # === Result ===
    reader = Tokenizer(vocabulary, max(config.max_length, config.reading_length))
    model.preprocessor = reader
    probabilities = model.predict(validation.texts, batch_size=128, verbose=0)
    logits = np.log(np.clip(probabilities, 1e-7, 1))
    temperature = fit_temperature(logits, validation.labels)
    result = model_class(**arguments, temperature=temperature, preprocessor=reader)
    result.set_weights(model.get_weights())
    measured = [(config.dataset, config.test_split, {"text": text, "label": label})]
    tests = [measure(result, zip(test.texts, test.labels, strict=True))]
    if second is not None:
        names = {"text": config.second_text, "label": "label"}
        measured.append((config.second_dataset, config.second_test_split, names))
        texts, labels = second.test.texts, second.test.labels
        tests.append(measure(result, zip(texts, labels, strict=True)))
        print(f"{config.second_dataset}: {tests[1]}")
    return run.finish(
        result,
        outcome,
        validation_examples=len(validation.texts),
        test={"examples": len(test.texts), **tests[0]},
        dataset={"text": text, "label": label},
        write_card=write_card,
        metadata={
            **(start.origin if start else {}),
            "unlabelled": len(unlabelled),
            "measured_on": [
                {"dataset": {"name": name, **names}, "split": split}
                for name, split, names in measured
            ],
        },
        baseline=majority_class(training.labels, test.labels),
        training_examples=len(rows) - len(neutral) - len(made[0]),
    )


if __name__ == "__main__":
    run_script(Config, train, __doc__)
