"""What all models share. Nothing here imports a model."""
