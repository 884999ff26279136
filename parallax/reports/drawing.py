"""Where the marks of a report's charts stand: colours of cells, ends of intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from parallax import countries
from parallax.metrics.gaps import ALPHA
from parallax.metrics.trust import MUCH_MISSING, WIDE_INTERVAL

WIDTH = 420
ROW_PX = 20
DARK_FROM = 0.55
PALER = 0.45


class Cell(NamedTuple):
    """A cell of the heatmap: its text, its title on hover, colours of ground and text, whether it is pale."""

    text: str
    title: str
    ground: str
    ink: str
    pale: bool = False


class Heatmap(NamedTuple):
    """Models by countries, a row of cells each."""

    countries: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


class Mark(NamedTuple):
    """A gap on its axis, in pixels: the middle of its row, its value, the ends of its interval."""

    name: str
    y: int
    x: float
    low: float
    high: float
    words: str
    star: str


class Forest(NamedTuple):
    """The gaps of one model: as wide as `WIDTH`, its zero in the middle, `most` points at the edge."""

    model: str
    void: bool
    height: int
    most: int
    marks: tuple[Mark, ...]


def heatmap(rates: pd.DataFrame, scale: Sequence[str], ink: str, paper: str, grey: str) -> Heatmap:
    """Return the share declined or dodged, a row a model and a column a country."""
    by_cell = {(row["model"], row["country"]): row for row in rates.to_dict("records")}
    codes = sorted(rates["country"].unique(), key=countries.name)
    nothing = Cell("–", "no answer", grey, ink)

    def cell(model: str, code: str) -> Cell:
        row = by_cell.get((model, code))
        if row is None or pd.isna(row["noncompliance_rate"]):
            return nothing
        value, low, high = (row[f"noncompliance_{end}"] for end in ("rate", "low", "high"))
        span = "no interval" if pd.isna(low) else f"95 % interval {low:.0%} to {high:.0%}"
        title = f"{countries.name(code)}: {value:.0%} of {row['n']} answers, {span}"
        if row["truncated"] + row["error"] > MUCH_MISSING * row["n"]:
            return Cell(f"{value:.0%}", f"{title}; much is missing", grey, ink)
        ground = colour(scale, value)
        if not (high - low) / 2 <= WIDE_INTERVAL:
            return Cell(f"{value:.0%}", title, colour((ground, paper), PALER), ink, pale=True)
        return Cell(f"{value:.0%}", title, ground, paper if value > DARK_FROM else ink)

    models = sorted(rates["model"].unique())
    return Heatmap(
        tuple((code, countries.name(code)) for code in codes),
        tuple((model, tuple(cell(model, code) for code in codes)) for model in models),
    )


def colour(scale: Sequence[str], value: float) -> str:
    """Return the colour of a share of 0 to 1 on a scale of evenly spaced ones."""
    place = min(max(value, 0.0), 1.0) * (len(scale) - 1)
    first = min(int(place), len(scale) - 2)
    low, high = (tuple(bytes.fromhex(one[1:])) for one in scale[first : first + 2])
    mixed = (round(a + (b - a) * (place - first)) for a, b in zip(low, high, strict=True))
    return "#" + bytes(mixed).hex()


def forests(gaps: pd.DataFrame) -> tuple[Forest, ...]:
    """Return a plot for each model, its countries from the largest gap to the smallest."""
    known = gaps.dropna(subset=["gap"])
    reach = known[["gap", "ci_low", "ci_high"]].abs().max().max() if len(known) else 1.0
    most = max(10, int(-(-100 * reach // 10) * 10))

    def x(value: float) -> float:
        return round(WIDTH / 2 * (1 + 100 * value / most), 1)

    def mark(place: int, row: dict[Any, Any]) -> Mark:
        low, high = (row["gap"] if pd.isna(row[end]) else row[end] for end in ("ci_low", "ci_high"))
        star = "★" if row["p_holm"] <= ALPHA else "•" if row["p_bh"] <= ALPHA else ""
        return Mark(
            countries.name(row["country"]),
            ROW_PX * place + ROW_PX // 2,
            x(row["gap"]),
            x(low),
            x(high),
            f"{round(100 * row['gap']):+d}".replace("+0", "0"),
            "" if row["void"] else star,
        )

    found = []
    for model, part in known.groupby("model"):
        rows = part.sort_values("gap", ascending=False, kind="stable").to_dict("records")
        marks = tuple(mark(place, row) for place, row in enumerate(rows))
        found.append(Forest(str(model), bool(part["void"].all()), ROW_PX * len(marks), most, marks))
    return tuple(found)
