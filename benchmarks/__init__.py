"""Timings against Keras, PyTorch and JAX. They print tables and test nothing."""
