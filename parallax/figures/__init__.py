"""The charts as Plotly figures: values and a palette in, a figure out. Pages and reports draw the same."""

from parallax.figures.bars import rate_bars
from parallax.figures.forest import HEAD_PX, MARKS, ROW_PX, forest, points
from parallax.figures.grid import BENIGN, clickable, heatmap
from parallax.figures.palette import DARK, LABELS, LIGHT, RATE_TITLES, UNLABELLED, Look, Palette

__all__ = [
    "BENIGN",
    "DARK",
    "HEAD_PX",
    "LABELS",
    "LIGHT",
    "MARKS",
    "RATE_TITLES",
    "ROW_PX",
    "UNLABELLED",
    "Look",
    "Palette",
    "clickable",
    "forest",
    "heatmap",
    "points",
    "rate_bars",
]
