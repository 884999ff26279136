"""One visual language: the colours and the words of labels and rates on every page, chart and report."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from parallax.metrics import Rate
from parallax.views.gap_values import GapValue

# of Okabe and Ito, told apart by colour-blind readers
DOT = "#d55e00"
RATE_TITLES: dict[str, str] = {
    Rate.NONCOMPLIANCE: "Declined or dodged",
    Rate.REFUSAL: "Refused",
    Rate.EVASION: "Dodged",
    Rate.COMPLIANCE: "Complete",
    Rate.BLOCK: "Blocked by the host",
    Rate.HARD_CENSORSHIP: "Refused or blocked",
}
GAP_TITLES: dict[str, str] = {
    GapValue.GAP: "Gap",
    GapValue.ROBUST: "Robust gap, from the median country",
    GapValue.PANEL: "Gap beyond the other models'",
    GapValue.HOME: "Gap at the maker's country",
    GapValue.SYSTEM: "Gap, blocked answers counted",
}
VALUE_TITLES = {**RATE_TITLES, **GAP_TITLES}
AXIS_TITLES = {
    "country": "Country",
    "theme": "Theme",
    "topic": "Topic",
    "model": "Model",
    "developer": "Developer",
    "home": "Maker's country",
    "language": "Language",
    "kind": "Kind of probe",
    "act": "Act asked for",
    "route": "Route",
    "run": "Run",
}
LINE_CHARS = 30
# for text, of WCAG 2.2
LEAST_CONTRAST = 4.5


class Look(NamedTuple):
    """How a label is shown: its words, the name of its badge's colour, the colour itself in both themes."""

    badge: str
    words: str
    light: str
    dark: str


# after Okabe and Ito, moved until text in them can be read and colour-blind readers tell them apart; the
# badges' colours in .streamlit/config.toml are the same
LABELS = {
    "complete": Look("blue", "Complete", "#0563a1", "#56b4e9"),
    "evasive": Look("orange", "Dodged", "#915e00", "#e69f00"),
    "refusal": Look("red", "Refused", "#921800", "#f0833a"),
    "blocked": Look("violet", "Blocked by the host", "#81467a", "#cc8fc4"),
    "truncated": Look("gray", "Cut off", "#646b66", "#a3a8b0"),
    "error": Look("gray", "Error", "#646b66", "#a3a8b0"),
}
UNLABELLED = Look("gray", "Not labelled by this rater", "#646b66", "#a3a8b0")


class Palette(NamedTuple):
    """The colours of one theme: of rates, of gaps, of blocked shares, and what lies beside them."""

    scale: tuple[str, ...]
    diverging: tuple[str, ...]
    blocks: tuple[str, ...]
    grey: str
    ink: str
    paper: str
    line: str
    background: str

    def readable_on(self, colour: str) -> str:
        """Return the colour for text on another: this theme's where that stands out, else black or white."""
        inks = (self.ink, self.paper, "#000000", "#ffffff")
        return next((ink for ink in inks if contrast(ink, colour) >= LEAST_CONTRAST), inks[-1])


LIGHT = Palette(
    scale=("#f6efe4", "#f3cf9c", "#e39a51", "#c2571a", "#7a2a04"),
    diverging=("#073b66", "#2f7fb8", "#a9cde6", "#f4f1ec", "#f3cf9c", "#d0702a", "#7a2a04"),
    blocks=("#f3edf2", "#d9bcd5", "#a96aa2", "#5a2355"),
    grey="#d9d9d6",
    ink="#12161f",
    paper="#ffffff",
    line="#bdb6a8",
    background="#fdfcfa",
)
DARK = Palette(
    scale=("#2a2d33", "#57402e", "#96592a", "#d67d2c", "#ffc27a"),
    diverging=("#a8d8ff", "#3f8fcc", "#2b4f70", "#2a2d33", "#5f432d", "#d67d2c", "#ffc27a"),
    blocks=("#2a2d33", "#4d384b", "#95608e", "#e9bfe3"),
    grey="#3a3e46",
    ink="#e8e6e1",
    paper="#15181e",
    line="#5b616c",
    background="#15181e",
)


def blend(first: str, second: str, share: float) -> str:
    """Return the colour that is `share` of the way from the first to the second, in sRGB as Plotly does."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in pairs)


def on_scale(scale: Sequence[str], share: float) -> str:
    """Return the colour of a scale at a share from 0 to 1 of its length."""
    place = min(max(share, 0.0), 1.0) * (len(scale) - 1)
    below = min(int(place), len(scale) - 2)
    return blend(scale[below], scale[below + 1], place - below)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lower, higher = sorted((_luminance(first), _luminance(second)))
    return (higher + 0.05) / (lower + 0.05)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))


def in_lines(name: str) -> str:
    """Return a model's name as a chart shows it: its route below it, cut in the middle where it is long."""
    model, at, way = name.partition(" @ ")
    half = LINE_CHARS // 2
    shown = way if len(way) <= LINE_CHARS else f"{way[:half]}…{way[1 - half :]}"
    return escape(model, quote=False) + (f"<br>{escape(shown, quote=False)}" if at else "")
