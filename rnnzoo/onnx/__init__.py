"""Models in ONNX, run without Keras and TensorFlow."""

from typing import Any

__all__ = ["Runner"]


def __getattr__(name: str) -> Any:
    if name == "Runner":
        from rnnzoo.onnx.runner import Runner

        return Runner
    raise AttributeError(f"module 'rnnzoo.onnx' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
