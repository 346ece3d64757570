"""Exports for deployment: SavedModel, LiteRT and ONNX."""

from rnnzoo.export.litert import export_litert, load_litert
from rnnzoo.export.onnx import export_onnx
from rnnzoo.export.saved_model import export_saved_model

__all__ = ["export_litert", "export_onnx", "export_saved_model", "load_litert"]
