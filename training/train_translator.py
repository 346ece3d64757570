"""Trains `Translator` on a TFDS set of sentences and their translations.

    python -m training.train_translator --recipe translator_multi30k_en_de
    python -m training.train_translator --recipe translator_multi30k_en_fr

reached a BLEU of 38.7 and 59.3 on test_2016_flickr, and of 36.2 and 55.1 on validation,
where the search is greedy. They took 118 and 101 minutes, each on one thread of a busy
machine of two CPU cores.

Twenty-nine thousand pairs are few. So the network loses random pieces of both sentences
and has dropout between layers (Gal and Ghahramani, 2016), and targets are smoothed
(Szegedy et al., 2016). The run keeps the moving average of the parameters at the epoch
with the best BLEU on validation. Pieces of words are learnt on the training texts only
(Sennrich et al., 2016). Each step reads the true piece before it.

    python -m training.train_translator --recipe translator_en_de
    python -m training.train_translator --recipe translator_en_fr

add a second data set, and pairs with other names and numbers, without final marks, or
of several sentences. The epoch is chosen by the mean BLEU of both sets. The first stage
makes two passes with different dropout agree (Liang et al., 2021); it took 8 minutes on
a GPU. The second stage spells rare words, so that the network learns to copy names
letter by letter; it took 50 and 58 minutes on one thread of a busy machine.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from training.core.config import TrainingConfig
from training.core.script import run_script
from training.core.training_run import TrainingRun, open_run

# Batches are cut at these lengths and padded to them.
EDGES = (*range(6, 40, 2), 44, 50, 60, 80, 110, 150)


@dataclass
class Config(TrainingConfig):
    """Settings of a run."""

    script = "training.train_translator"
    smoke_settings: ClassVar[dict[str, Any]] = {
        "vocabulary_size": 60,
        "embedding_dim": 8,
        "encoder_units": 4,
        "units": 6,
        "max_length": 12,
        "precision": "float32",
        "second_dataset": "",
        "exchanged_pairs": 8,
        "unmarked_pairs": 8,
        "joined_pairs": 8,
    }

    workdir: Path = Path("runs/translator")
    dataset: str = "multi30k/en_de"
    source: str | None = None
    """Name of the feature to translate from. Default: that of the data set."""
    target: str | None = None
    """Name of the feature to translate to. Default: that of the data set."""
    start_from: str = ""
    """Translator to start from, with its pieces of words: a preset or its folder."""
    train_split: str = "train"
    """Split to train on."""
    validation_split: str = "validation"
    """Split that chooses the epoch."""
    test_split: str = "test_2016_flickr"
    """Split that is evaluated once, at the end."""
    second_dataset: str = ""
    """A second data set of the same two languages."""
    second_test_split: str = "test_2016_flickr"
    """Split of it that is evaluated once, at the end."""
    second_repeats: int = 1
    """How often an epoch contains each pair of it."""
    exchanged_pairs: int = 0
    """Number of copies of pairs with other names and numbers."""
    unmarked_pairs: int = 0
    """Number of copies of pairs without their final marks."""
    joined_pairs: int = 0
    """Number of pairs that join two or three short pairs."""
    spells: bool = False
    """Whether words of many small pieces are spelt letter by letter."""
    splits_sentences: bool = True
    """Whether the translator splits texts and translates sentence by sentence."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Type that layers compute in; half precision is much faster on processors that
    multiply in it."""
    epochs: int = 20
    batch_size: int = 64
    """Pairs in a batch: 453 steps in an epoch of Multi30k."""
    learning_rate: float = 1.3e-3
    warmup_steps: int = 300
    beta_2: float = 0.98
    ema_momentum: float | None = 0.998
    vocabulary_size: int = 5_000
    """Number of pieces of each language, special tokens included."""
    max_length: int = 128
    """Largest number of pieces of a sentence."""
    embedding_dim: int = 256
    """Size of an embedding; twice 5,000 of them are 2.6 of 6.7 million parameters."""
    encoder_units: int = 256
    """Units in each direction of each encoder layer."""
    units: int = 512
    """Units of each decoder layer."""
    word_dropout: float = 0.02
    """Share of the pieces that each sentence loses."""
    dropout: float = 0.2
    """Dropout between layers. At 0.4, with one mask for all steps, 20 epochs were too
    few."""
    label_smoothing: float = 0.1
    """Share of the target that is spread over all pieces."""
    consistency: float = 0.0
    """Weight of the divergence of two passes with different dropout; if it is not zero,
    each step computes both."""


def train(config: Config) -> dict[str, Any]:
    """Trains, measures and writes the run folder; returns the metrics."""
    with open_run(config) as run:
        return _train(run)


def _train(run: TrainingRun[Config]) -> dict[str, Any]:
    import tensorflow as tf

    from rnnzoo import Translator
    from rnnzoo.datasets import find_pair, open_dataset
    from rnnzoo.metrics import bleu
    from rnnzoo.text import SubwordTokenizer
    from training.cards.card import write_card
    from training.core.batches import Batches
    from training.core.cells import with_cell
    from training.core.diagnostics import Baseline
    from training.core.losses import ConsistentCrossEntropy, SmoothedCrossEntropy
    from training.core.origin import check_same, find_start
    from training.core.texts import to_rows
    from training.core.trainer import Trainer
    from training.translator.pairs import flatten, join_sets, make_training, read_set
    from training.translator.subwords import learn_tokenizer
    from zoo_models.translator.preprocessor import (
        TranslatorPreprocessor,
        teacher_forcing,
    )

    config = run.config
    features = find_pair(run.builder, config.source, config.target)
    first = read_set(
        run.builder,
        (config.train_split, config.validation_split, config.test_split),
        features,
        config.limit_train,
        config.seed,
    )
    sets, places = [first], [(config.dataset, config.test_split)]
    if config.second_dataset:
        builder = open_dataset(
            config.second_dataset, config.data_dir, config.manual_dir, False
        )
        splits = config.train_split, config.validation_split, config.second_test_split
        sets.append(
            read_set(builder, splits, features, config.limit_train, config.seed)
        )
        places.append((config.second_dataset, config.second_test_split))
    sources, targets = make_training(sets, config)
    before: Any = None
    made: dict[str, Any] = {}
    if config.start_from:
        folder, made = find_start(config.start_from)
        before = Translator.from_preset(str(folder))
        sides = [
            SubwordTokenizer(t.vocabulary, t.max_length, t.lowercase, config.spells)
            for t in (before.preprocessor.source, before.preprocessor.target)
        ]
    else:
        size, max_length = config.vocabulary_size, config.max_length
        sides = [
            learn_tokenizer(texts, size, max_length, lowercase, config.spells)
            for texts, lowercase in ((sources, True), (targets, False))
        ]
    tokenizer = TranslatorPreprocessor(sides[0], sides[1], config.splits_sentences)
    model = with_cell(Translator, config.cell)(
        len(tokenizer.source.vocabulary),
        len(tokenizer.target.vocabulary),
        config.embedding_dim,
        config.encoder_units,
        config.units,
        config.word_dropout,
        config.dropout,
        preprocessor=tokenizer,
    )
    if before:
        sizes = ("embedding_dim", "encoder_units", "units")
        check_same(config.start_from, before, model, *sizes)
        model.set_weights(before.get_weights())
    model.compile(sampler="greedy")

    passes = 2 if config.consistency else 1
    loss: Any = SmoothedCrossEntropy(config.label_smoothing)
    if config.consistency:
        loss = ConsistentCrossEntropy(config.consistency, config.label_smoothing)

    def teach(batch: Any, _: Any) -> Any:
        return teacher_forcing(
            *(tf.concat([ids] * passes, axis=0) for ids in batch.values())
        )

    def to_batches(
        sources: Any, targets: Any, batch_size: int, seed: int | None
    ) -> Any:
        rows = {
            "source": to_rows(sources, tokenizer.source),
            "target": to_rows(targets, partial(tokenizer.target, start=True)),
        }
        return Batches(
            rows,
            batch_size,
            seed,
            lengths=np.max([[len(row) for row in side] for side in rows.values()], 0),
            edges=EDGES,
            transform=teach,
        )

    def measure(texts: Any, references: Any) -> float:
        return score(model.generate(texts, verbose=0), references)

    def score(answers: Any, references: Any) -> float:
        people = [[text.decode() for text in texts] for texts in references]
        return bleu(answers, people, features[1])

    def choose_by() -> dict[str, float]:
        scores = [measure(*one.validation) for one in sets]
        more = {f"bleu_{i}": s for i, s in enumerate(scores, 1)} if sets[1:] else {}
        return {"bleu": float(np.mean(scores)), **more}

    outcome = Trainer(
        model,
        config,
        to_batches(sources, targets, config.batch_size, config.seed),
        to_batches(*join_sets([flatten(*one.validation) for one in sets]), 128, None),
        loss=loss,
        evaluate=choose_by,
        monitor="val_bleu",
        mode="max",
        started=run.started,
    ).train()
    model.compile(sampler="beam")
    tests = [measure(*one.test) for one in sets]
    for (dataset, split), bleu_score in zip(places[1:], tests[1:], strict=True):
        print(f"{dataset}, {split}: bleu {bleu_score:.2f}")
    copied = [text.decode() for text in first.test[0]]
    names = {"source": features[0], "target": features[1]}
    measured_on = [
        {"dataset": {"name": dataset, **names}, "split": split}
        for dataset, split in places
    ]
    return run.finish(
        model,
        outcome,
        validation_examples=sum(len(one.validation[0]) for one in sets),
        test={"examples": len(copied), "bleu": tests[0]},
        dataset=names,
        write_card=write_card,
        metadata={
            **({"started_from": made} if made else {}),
            **({"measured_on": measured_on} if sets[1:] else {}),
        },
        baseline=Baseline("the source, copied", "bleu", score(copied, first.test[1])),
    )


if __name__ == "__main__":
    run_script(Config, train, __doc__)
