"""The charts as Plotly figures: values and a palette in, a figure out. Pages and reports draw the same."""

from parallax.figures.bars import rate_bars
from parallax.figures.forest import HEAD_PX, MARKS, ROW_PX, forest, points
from parallax.figures.grid import clickable, heatmap, least_width
from parallax.figures.palette import (
    AXIS_TITLES,
    DARK,
    GAP_TITLES,
    LABELS,
    LIGHT,
    RATE_TITLES,
    UNLABELLED,
    VALUE_TITLES,
    Look,
    Palette,
)
from parallax.figures.stories import BENIGN, BLOCKED, described, mark, percent

__all__ = [
    "AXIS_TITLES",
    "BENIGN",
    "BLOCKED",
    "DARK",
    "GAP_TITLES",
    "HEAD_PX",
    "LABELS",
    "LIGHT",
    "MARKS",
    "RATE_TITLES",
    "ROW_PX",
    "UNLABELLED",
    "VALUE_TITLES",
    "Look",
    "Palette",
    "clickable",
    "described",
    "forest",
    "heatmap",
    "least_width",
    "mark",
    "percent",
    "points",
    "rate_bars",
]
