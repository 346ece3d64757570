"""From a model to an endpoint."""

from rnnzoo.serving.export import export_saved_model

__all__ = ["export_saved_model"]
