"""Metrics of texts. They need the extra `evaluate`."""

from rnnzoo.metrics.bleu import bleu, sacrebleu

__all__ = ["bleu", "sacrebleu"]
