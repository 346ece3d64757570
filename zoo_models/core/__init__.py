"""The code that all models share. It imports no model."""
