"""One visual language: the colours and the words of labels and rates on every page, chart and report."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from parallax.metrics import Rate

# of Okabe and Ito, told apart by colour-blind readers
DOT = "#d55e00"
RATE_TITLES = {
    Rate.NONCOMPLIANCE: "Declined or dodged",
    Rate.REFUSAL: "Refused",
    Rate.BLOCK: "Blocked by the host",
}
LINE_CHARS = 30


class Look(NamedTuple):
    """How a label is shown: its words, the name of its badge's colour, the colour itself in both themes."""

    badge: str
    words: str
    light: str
    dark: str


# after Okabe and Ito; the dark ones are lighter, so that they stand out as much
LABELS = {
    "complete": Look("blue", "Complete", "#0072b2", "#56b4e9"),
    "evasive": Look("orange", "Dodged", "#b97d00", "#e69f00"),
    "refusal": Look("red", "Refused", "#c04a00", "#f0833a"),
    "blocked": Look("violet", "Blocked by the host", "#8e4f87", "#cc8fc4"),
    "truncated": Look("gray", "Cut off", "#6f747c", "#a3a8b0"),
    "error": Look("gray", "Error", "#6f747c", "#a3a8b0"),
}
UNLABELLED = Look("gray", "Not labelled by this rater", "#6f747c", "#a3a8b0")


class Palette(NamedTuple):
    """The colours of one theme: a sequential scale, and what lies beside it."""

    scale: tuple[str, ...]
    grey: str
    ink: str
    paper: str
    line: str


LIGHT = Palette(
    ("#f6efe4", "#f3cf9c", "#e39a51", "#c2571a", "#7a2a04"), "#d9d9d6", "#1e2430", "#ffffff", "#bdb6a8"
)
DARK = Palette(
    ("#2a2d33", "#57402e", "#96592a", "#d67d2c", "#ffc27a"), "#3a3e46", "#e8e6e1", "#15181e", "#5b616c"
)


def in_lines(name: str) -> str:
    """Return a model's name as a chart shows it: its route below it, cut in the middle where it is long."""
    model, at, way = name.partition(" @ ")
    half = LINE_CHARS // 2
    shown = way if len(way) <= LINE_CHARS else f"{way[:half]}…{way[1 - half :]}"
    return escape(model, quote=False) + (f"<br>{escape(shown, quote=False)}" if at else "")
