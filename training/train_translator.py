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
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from training.core import dataset_checks
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
    }

    workdir: Path = Path("runs/translator")
    pair: str | None = None
    """Direction of Multi30k, such as en_fr: short for --dataset multi30k/en_fr."""
    dataset: str = "multi30k/en_de"
    source: str | None = None
    """Name of the feature to translate from. Default: what the set says."""
    target: str | None = None
    """Name of the feature to translate to. Default: what the set says."""
    train_split: str = "train"
    """Split to train on."""
    validation_split: str = "validation"
    """Split that chooses the epoch."""
    test_split: str = "test_2016_flickr"
    """Split that is measured once, at the end."""
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

    def __post_init__(self) -> None:
        if self.pair is not None:
            self.dataset, self.pair = f"multi30k/{self.pair}", None


def train(config: Config) -> dict[str, Any]:
    """Trains, measures and writes the run folder; returns the metrics."""
    with open_run(config) as run:
        return _train(run)


def _train(run: TrainingRun[Config]) -> dict[str, Any]:
    from rnnzoo import Translator
    from rnnzoo.datasets import find_pair
    from rnnzoo.metrics import bleu
    from training.cards.card import write_card
    from training.core.batches import Batches
    from training.core.cells import with_cell
    from training.core.faults import Trivial
    from training.core.holdout import choose_validation
    from training.core.losses import SmoothedCrossEntropy
    from training.core.trainer import Trainer
    from training.translator.subwords import learn_tokenizer, to_rows
    from zoo_models.translator.preprocessor import PairTokenizer, teacher_forcing

    config = run.config
    features = find_pair(run.builder, config.source, config.target)
    splits = config.train_split, config.validation_split, config.test_split
    sources, targets = flatten(*read_pairs(run.builder, splits[0], features))
    everything, test = (read_pairs(run.builder, s, features) for s in splits[1:])
    if config.limit_train is not None:
        order = np.random.default_rng(config.seed).permutation(len(sources))
        chosen = order[: config.limit_train]
        sources, targets = [sources[i] for i in chosen], [targets[i] for i in chosen]
    chosen = choose_validation(len(everything[0]), len(sources))
    validation = (
        [everything[0][i] for i in chosen],
        [everything[1][i] for i in chosen],
    )
    size, max_length = config.vocabulary_size, config.max_length
    tokenizer = PairTokenizer(
        learn_tokenizer(sources, size, max_length, lowercase=True),
        learn_tokenizer(targets, size, max_length, lowercase=False),
    )
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
    model.compile(sampler="greedy")

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
            transform=lambda batch, _: teacher_forcing(
                batch["source"], batch["target"]
            ),
        )

    def measure(texts: Any, references: Any) -> float:
        return score(model.generate(texts, verbose=0), references)

    def score(answers: Any, references: Any) -> float:
        people = [[text.decode() for text in texts] for texts in references]
        return bleu(answers, people, features[1])

    outcome = Trainer(
        model,
        config,
        to_batches(sources, targets, config.batch_size, config.seed),
        to_batches(*flatten(*validation), 128, None),
        loss=SmoothedCrossEntropy(config.label_smoothing),
        evaluate=lambda: {"bleu": measure(*validation)},
        monitor="val_bleu",
        mode="max",
        started=run.started,
    ).train()
    model.compile(sampler="beam")
    copied = [text.decode() for text in test[0]]
    return run.finish(
        model,
        outcome,
        validation_examples=len(validation[0]),
        test={"examples": len(test[0]), "bleu": measure(*test)},
        dataset={"source": features[0], "target": features[1]},
        write_card=write_card,
        trivial=Trivial("the source, copied", "bleu", score(copied, test[1])),
    )


def read_pairs(
    builder: Any, split: str, features: tuple[str, str]
) -> tuple[list[bytes], list[list[bytes]]]:
    """The sentences of a split, and the translations of each.

    Args:
        builder: The TFDS builder.
        split: Name of the split.
        features: Names of the features with the sentences and the translations.

    Raises:
        ValueError: If there is no such split, or a sentence is empty.
    """
    dataset_checks.check_split(builder, split)
    examples = list(builder.as_dataset(split=split).as_numpy_iterator())
    source, target = features
    sources = [example[source] for example in examples]
    targets = [np.atleast_1d(example[target]).tolist() for example in examples]
    for name, texts in ((source, sources), (target, flatten(sources, targets)[1])):
        dataset_checks.check_texts(texts, f"{split} split, feature {name!r},")
    return sources, targets


def flatten(
    sources: list[bytes], targets: list[list[bytes]]
) -> tuple[list[bytes], list[bytes]]:
    """A pair for each translation of each sentence."""
    pairs = [(s, t) for s, some in zip(sources, targets, strict=True) for t in some]
    return [source for source, _ in pairs], [target for _, target in pairs]


if __name__ == "__main__":
    run_script(Config, train, __doc__)
