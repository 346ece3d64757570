"""Trains `Translator` on a TFDS set of sentences and their translations.

    python -m training.train_translator --pair en_de --workdir runs/en_de
    python -m training.train_translator --pair en_fr --workdir runs/en_fr

are the runs behind `translator_multi30k_en_de` and `translator_multi30k_en_fr`: BLEU
38.7 and 59.3 on test_2016_flickr, 36.2 and 55.1 on validation, where the search is
greedy. Each had one thread of a machine of two CPU cores that was busy with others:
118 and 101 minutes.

Twenty-nine thousand pairs are few: the network forgets pieces of both sentences and
drops out states between layers (Gal and Ghahramani, 2016), targets are smoothed
(Szegedy et al., 2016), and what is kept is the moving average of the weights at the
epoch with the best BLEU on validation. Pieces of words are learnt on the training
texts alone (Sennrich et al., 2016). Each step reads the true piece before it.

A second set can be learnt beside the first, and pairs with other names and numbers,
without their marks, or of several sentences. The epoch is then chosen by the mean of
both sets' BLEU. `translator_en_de` and `translator_en_fr` came about in two runs each:

    python -m training.train_translator --dataset tatoeba/en_de --test-split test \\
        --second-dataset multi30k/en_de --second-repeats 2 --exchanged-pairs 40000 \\
        --unmarked-pairs 15000 --joined-pairs 12000 --batch-size 256 --epochs 26 \\
        --learning-rate 0.0015 --warmup-steps 600 --consistency 5 --workdir runs/start
    python -m training.train_translator --dataset tatoeba/en_de --test-split test \\
        --second-dataset multi30k/en_de --second-repeats 5 --exchanged-pairs 50000 \\
        --unmarked-pairs 8000 --joined-pairs 6000 --batch-size 128 --epochs 1 \\
        --learning-rate 0.0008 --warmup-steps 200 --spells --seed 2 \\
        --start-from runs/start/preset

(French: `--second-repeats 7` in the second.) Dropout makes two networks of one, and
the first run pulls them together (Liang et al., 2021), in 5 minutes on a GPU. The
second spells rare words, so that the network learns to copy names by their letters, and
took 50 and 58 minutes on one thread of a busy machine.
"""

from dataclasses import dataclass
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
    }

    workdir: Path = Path("runs/translator")
    dataset: str = "multi30k/en_de"
    source: str | None = None
    """Name of the feature to translate from. Default: what the set says."""
    target: str | None = None
    """Name of the feature to translate to. Default: what the set says."""
    start_from: str = ""
    """Translator to start from, with its pieces of words: a preset, or its folder."""
    train_split: str = "train"
    """Split to train on."""
    validation_split: str = "validation"
    """Split that chooses the epoch."""
    test_split: str = "test_2016_flickr"
    """Split that is measured once, at the end."""
    second_dataset: str = ""
    """Another set of the same two languages, learnt beside the first."""
    second_test_split: str = "test_2016_flickr"
    """Split of it that is measured once, at the end."""
    second_repeats: int = 1
    """How often each pair of it is seen in an epoch."""
    exchanged_pairs: int = 0
    """Pairs that are seen once more, with other names and numbers."""
    unmarked_pairs: int = 0
    """Pairs that are seen once more, without the mark at their end."""
    joined_pairs: int = 0
    """Pairs made of two or three short ones after one another."""
    spells: bool = False
    """Whether words that fall into small pieces are cut into letters, to be copied."""
    splits_sentences: bool = True
    """Whether the translator takes texts apart and translates sentence by sentence."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Half precision is faster by far where the processor multiplies in it."""
    epochs: int = 20
    batch_size: int = 64
    """Pairs in a batch: some 450 steps in an epoch."""
    learning_rate: float = 1.3e-3
    """Highest rate, reached after the warm-up; a cosine leads down to zero."""
    warmup_steps: int = 300
    beta_2: float = 0.98
    """Of Adam."""
    ema_momentum: float | None = 0.998
    vocabulary_size: int = 5_000
    """Pieces of each language, special tokens included."""
    max_length: int = 128
    """Pieces of a sentence at most."""
    embedding_dim: int = 256
    """Size of an embedding; twice 5 000 of them are 2.6 of 6.7 million weights."""
    encoder_units: int = 256
    """Units in each direction of each encoder layer."""
    units: int = 512
    """Units of each decoder layer."""
    word_dropout: float = 0.02
    """Part of the pieces that each sentence forgets."""
    dropout: float = 0.2
    """Between layers. At 0.4, with one mask for all steps, 20 epochs were too few."""
    label_smoothing: float = 0.1
    """Part of the target that is spread over all pieces."""
    consistency: float = 0.0
    """Weight of how far two passes with other dropout differ; each step reads its batch
    twice if it is not zero."""


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
    from training.core.faults import Trivial
    from training.core.losses import ConsistentCrossEntropy, SmoothedCrossEntropy
    from training.core.origin import check_same, find_start
    from training.core.trainer import Trainer
    from training.translator.pairs import flatten, join_sets, make_training, read_set
    from training.translator.subwords import learn_tokenizer, to_rows
    from zoo_models.translator.preprocessor import PairTokenizer, teacher_forcing

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
    tokenizer = PairTokenizer(sides[0], sides[1], config.splits_sentences)
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
        ours, theirs = ({s: getattr(m, s) for s in sizes} for m in (before, model))
        check_same(config.start_from, ours, theirs)
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
            "target": to_rows(targets, tokenizer.target, start=True),
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
        trivial=Trivial("the source, copied", "bleu", score(copied, first.test[1])),
    )


if __name__ == "__main__":
    run_script(Config, train, __doc__)
