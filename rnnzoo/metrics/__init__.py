"""Metrics of texts and labels. Those of translations need the extra `evaluate`."""

from rnnzoo.metrics.bleu import bleu, sacrebleu
from rnnzoo.metrics.calibration import expected_calibration_error
from rnnzoo.metrics.caption_tokens import caption_tokens
from rnnzoo.metrics.captions import caption_metrics, caption_variety

__all__ = [
    "bleu",
    "caption_metrics",
    "caption_tokens",
    "caption_variety",
    "expected_calibration_error",
    "sacrebleu",
]
