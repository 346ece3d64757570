"""Lessons from captions of one's own: see `training.core.self_critical`."""

from typing import Any

import tensorflow as tf

from training.core.self_critical import SelfCritic


class CaptionCritic(SelfCritic):
    """The `SelfCritic` of an `ImageCaptioner`, whose network is what its `decoder`
    returned. Beside that network's inputs it takes the `numbers` of the images."""

    def read(self, inputs: dict[str, Any]) -> tuple[Any, ...]:
        features = tf.cast(inputs["image_features"], tf.float32)
        return self.generator.read_seen({**inputs, "image_features": features})

    def judged_by(self, inputs: dict[str, Any]) -> Any:
        return inputs["numbers"]

    def true_logits(self, inputs: dict[str, Any]) -> Any:
        return self.logits(inputs, inputs["token_ids"])

    def logits(self, inputs: dict[str, Any], token_ids: Any) -> Any:
        names = set(self.network.input) - {"token_ids"}
        seen = {name: inputs[name] for name in names}
        return self.network({**seen, "token_ids": token_ids}, training=False)
