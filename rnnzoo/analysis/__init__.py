"""Figures of what models attend to. Drawing needs the extra `plots`."""

from rnnzoo.analysis.plots import plot_attention, plot_image_attention

__all__ = ["plot_attention", "plot_image_attention"]
