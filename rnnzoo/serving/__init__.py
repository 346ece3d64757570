"""From a model to an endpoint."""

from rnnzoo.serving.export import export_saved_model
from rnnzoo.serving.litert import export_litert, load_litert

__all__ = ["export_litert", "export_saved_model", "load_litert"]
