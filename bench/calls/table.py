"""The figures of every round, and the table made of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

NOT_INSTALLED = "not installed"


class Pair(NamedTuple):
    """What one round measured: the yardstick's figure and ours, in the same unit."""

    theirs: float
    ours: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A row in the making, named after both sides; `limit` is the largest ratio of ours to theirs."""

    name: str
    unit: str
    limit: float
    pairs: list[Pair] = field(default_factory=list)

    def row(self) -> Row:
        """Return the medians, and the median and the range of the ratios within a round."""
        limit = f"{self.limit:.2f} ×"
        if not self.pairs:
            return Row(self.name, NOT_INSTALLED, "", "", limit, within=True)
        ratios = [pair.ours / pair.theirs for pair in self.pairs]
        theirs, ours = (statistics.median(side) for side in zip(*self.pairs, strict=True))
        middle = statistics.median(ratios)
        return Row(
            self.name,
            f"{theirs:.1f} {self.unit}",
            f"{ours:.1f} {self.unit}",
            f"{middle:.2f} × ({min(ratios):.2f} to {max(ratios):.2f})",
            limit,
            within=middle <= self.limit,
        )


class Row(NamedTuple):
    """A row of the table, as text; `within` its limit."""

    name: str
    theirs: str
    ours: str
    factor: str
    limit: str
    within: bool


class Figures:
    """All measures, in the order in which they came up."""

    def __init__(self) -> None:
        self._measures: dict[str, Measure] = {}

    def expect(self, name: str, unit: str, limit: float) -> Measure:
        """Return the measure of that name, begun where it is new; it has its row with no pair, too."""
        return self._measures.setdefault(name, Measure(name, unit, limit))

    def rows(self) -> list[Row]:
        """Return a row for each measure."""
        return [measure.row() for measure in self._measures.values()]


def show(rows: Sequence[Row]) -> bool:
    """Print the table; return whether every row stays within its limit."""
    print("| measure | yardstick | Parallax | Parallax against it (range) | limit |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(f"| {row.name} | {row.theirs} | {row.ours} | {row.factor} | {row.limit} |")
    past = [row.name for row in rows if not row.within]
    print(f"\nPast its limit: {'; '.join(past) or 'nothing'}.")
    return not past
