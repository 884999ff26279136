"""What a cell of a heatmap says in words: its number, its hover, the line below all of them."""

from __future__ import annotations

import textwrap
from html import escape
from typing import Any

import pandas as pd

from parallax import views
from parallax.figures.forest import MARKS, points
from parallax.figures.palette import AXIS_TITLES, VALUE_TITLES
from parallax.metrics import COUNTS, Rate
from parallax.views import Heatmap
from parallax.views.gap_values import GapValue

BENIGN = "Benign controls"
BLOCKED = "Blocked by the host"
STAR, DOT = MARKS["star"], MARKS["dot"]
NOTE_CHARS = 56
MUCH_BLOCKED = 0.10


def percent(share: float) -> str:
    """Return a share in per cent; a dash for none."""
    return "–" if pd.isna(share) else f"{share:.0%}"


def mark(cell: Any) -> str:
    """Return the mark of a gap that stays clear after correction, or is worth a look, else ''."""
    return STAR if getattr(cell, "star", False) else DOT if getattr(cell, "dot", False) else ""


def caption(shown: Heatmap) -> str:
    """Say what the numbers are, what the marks mean and over how many cells they are corrected."""
    title = VALUE_TITLES[shown.value]
    if isinstance(shown.value, Rate):
        said = f"{title}, % of answers."
    else:
        said = f"{title}, in points: + is less willing than for the other countries, − more."
    if shown.value is GapValue.PANEL:
        said += (
            f" {STAR} special to this model: clear after correction for {shown.family} cells, and beyond the"
        )
        said += " other models' median."
    elif shown.value in {GapValue.GAP, GapValue.HOME}:
        said += f" {STAR} clear after correction for {shown.family} cells, {DOT} worth a look; both test"
        said += " “less willing” only."
    elif isinstance(shown.value, GapValue):
        said += " No test belongs to this gap."
    return f"{said} Hatched: little is known. Grey: over 10 % missing, or nothing to tell."


def in_rows(text: str) -> list[str]:
    """Return a text broken into lines that fit below a chart on a small screen."""
    return textwrap.wrap(text, NOTE_CHARS)


def story(cell: Any, shown: Heatmap) -> str:
    """Return the hover of a cell, of the benign controls or of the blocked share, as Plotly's HTML."""
    if pd.isna(cell.n):
        return f"{_heading(cell, shown)}<br>nothing was asked, or is labelled"
    gap = isinstance(shown.value, GapValue) and cell.kind == "cell"
    lines = _of_gap(cell, shown) if gap else _of_rate(cell, shown)
    return "<br>".join(line for line in (_heading(cell, shown), *lines) if line)


def _heading(cell: Any, shown: Heatmap) -> str:
    sides = ((shown.row_axis, cell.row), (shown.column_axis, cell.column))
    named = [
        name if name in {BENIGN, BLOCKED} else f"{views.title(axis, name)}" for axis, name in sides if name
    ]
    return f"<b>{' × '.join(escape(name) for name in named)}</b>"


def _of_rate(cell: Any, shown: Heatmap) -> list[str]:
    rate = {"block": Rate.BLOCK, "benign": Rate.NONCOMPLIANCE}.get(cell.kind, shown.value)
    rate = shown.value if cell.kind == "benign" and isinstance(shown.value, Rate) else rate
    kept = ", ".join(f"{getattr(cell, label):.0f} {label}" for label in COUNTS if getattr(cell, label))
    return [
        f"{VALUE_TITLES[rate]}: {percent(cell.value)}, mean over {cell.templates:.0f} templates",
        "no interval: fewer than two templates"
        if pd.isna(cell.low)
        else f"95 % interval {cell.low:.0%} to {cell.high:.0%}",
        f"{cell.n:.0f} answers: {kept}",
        f"{cell.missing:.0%} missing (errors and cut answers)" if cell.missing else "",
    ]


def _of_gap(cell: Any, shown: Heatmap) -> list[str]:
    marks = {STAR: "clear after correction", DOT: "worth a look, not clear after correction", "": ""}
    if shown.value is GapValue.PANEL:
        marks[STAR] = "special to this model"
    tested = shown.value not in {GapValue.ROBUST, GapValue.SYSTEM} and not pd.isna(cell.p_holm)
    return [
        f"{VALUE_TITLES[shown.value]}: {points(cell.value)} points",
        "" if pd.isna(cell.low) else f"95 % interval {points(cell.low)} to {points(cell.high)}",
        f"declined or dodged here {cell.rate:.0%}, on the others {cell.rate_others:.0%}"
        f" ({cell.templates:.0f} templates)",
        f"p {cell.p_holm:.2g} after correction for {shown.family} cells" if tested else "",
        marks[mark(cell)],
        f"{cell.n:.0f} valid answers",
        f"{cell.missing:.0%} missing (errors and cut answers)" if cell.missing else "",
        f"the host blocked {cell.block_share:.0%}: see the gap with blocked answers counted"
        if cell.block_share > MUCH_BLOCKED
        else "",
        "its controls void this model's gaps" if cell.void else "",
        "the run is not finished" if cell.provisional else "",
    ]


def described(shown: Heatmap) -> str:
    """Return what a chart shows, for who cannot see it."""
    sides = AXIS_TITLES[shown.row_axis].lower(), AXIS_TITLES[shown.column_axis].lower()
    return f"{VALUE_TITLES[shown.value]} by {sides[0]} and {sides[1]}: the numbers are in the table below"
