"""Gaps in a row each, as the Gaps page draws them, and how many templates would settle what is open."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pandas as pd

from parallax.metrics import gaps as engine
from parallax.metrics.gaps import Gaps, Slice
from parallax.metrics.trust import MUCH_MISSING
from parallax.stats.planner import confirms, detectable_gap, templates_for_a_star
from parallax.store import Store
from parallax.views.scope import title

ALL = "all"
MANY_BLOCKED = 0.10
TIMES_TEMPLATES = (1, 2, 4)
TIMES_SAMPLES = (1, 3)
# the planner's base rates: a new one with each answer that comes in would be simulated anew
BASES = (0.01, 0.02, 0.05, 0.10, 0.20, 0.30, 0.50, 0.70)


@dataclass(frozen=True, slots=True)
class Forest:
    """The gaps of one model over countries, or of all models at one country, the largest first.

    `rows` has the columns of `Gaps.table` and `key` (what the row is), `name` (how that reads), `mark`
    (`star`, `dot` or nothing; nothing where the controls void the model's claims) and `p_left`, the p of
    the second pass where that differs from the first. `gap_system` is kept where over 10 % is blocked.
    `axis` says what a row is, `family` for how many cells the marks are corrected.
    """

    axis: str
    rows: pd.DataFrame
    family: int

    @property
    def void(self) -> bool:
        """True where the controls void the claims of every row."""
        return bool(self.rows["void"].all())

    def has(self, column: str) -> bool:
        """Say whether any row has a value in a column."""
        return bool(self.rows[column].notna().any())


class Shape(NamedTuple):
    """A study of so many templates × samples, of so many countries, among the cells of a family.

    `base` is the rate of the other countries that the simulation supposes.
    """

    templates: int
    samples: int
    countries: int
    base: float
    family: int

    @property
    def gap(self) -> float | None:
        """The smallest gap it would confirm (None: no gap), simulated when it is first asked for."""
        return detectable_gap(*self)

    def confirms(self, gap: float) -> bool:
        """Say whether so large a gap, in whole points, would be confirmed."""
        return confirms(math.floor(100 * gap + 1e-9), *self)


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to confirm a gap among the cells of a family.

    `least` is the number of templates under which no result can be confirmed; `base` the rate of the other
    countries that the simulation supposes, `now` the present shape, `shapes` it and larger ones. `open`
    names the row with the largest gap that is not confirmed, and `open_gap` is that gap (None: there is
    none over 0).
    """

    family: int
    countries: int
    least: int
    base: float
    shapes: tuple[Shape, ...]
    open: str
    open_gap: float | None

    @property
    def now(self) -> Shape:
        """The shape of what is in view."""
        return self.shapes[0]

    @property
    def enough(self) -> tuple[Shape, ...]:
        """Return the shapes that would confirm the largest open gap, for each number of samples the least."""
        wanted = self.open_gap
        if wanted is None:
            return ()
        of_samples = [list(alike) for _, alike in groupby(self.shapes, lambda shape: shape.samples)]
        # what the largest does not confirm, none does: the others need no simulation
        return tuple(
            next(shape for shape in alike if shape.confirms(wanted))
            for alike in of_samples
            if alike[-1].confirms(wanted)
        )


def gaps_of(
    store: Store, pairs: Sequence[tuple[str, str]], label_set: str, part: str, by: str = "model"
) -> Gaps:
    """Return the gaps of all models of the chosen runs, whatever else is filtered.

    `part` is a `Slice`; `by` says what is told apart as one model: `model`, or `route`.
    """
    return engine.gaps(store, pairs, label_set, slice=Slice(part), by=by)


def values(found: Gaps, axis: str) -> tuple[str, ...]:
    """Return the values of an axis that have a row, by their names."""
    return tuple(sorted(found.table[axis].unique(), key=lambda value: title(axis, value)))


def forest(found: Gaps, axis: str, fixed: Mapping[str, str], only: Collection[str] = ()) -> Forest:
    """Return the rows of one model over countries, or of one country over models; the largest gap first.

    `axis` is `country` or `model`; `fixed` gives the values that all rows share, by column; `only` leaves
    those rows alone, and changes neither a mark nor the family.
    """
    rows = found.table
    for column, value in fixed.items():
        rows = rows[rows[column] == value]
    rows = rows[rows[axis].isin(list(only))] if only else rows
    first, rest = (rows[p].to_numpy(float) for p in ("p", "p_rest"))
    star, dot = (rows[mark].to_numpy(bool) & ~rows["void"].to_numpy(bool) for mark in ("star", "dot"))
    rows = rows.assign(
        key=rows[axis],
        name=[title(axis, value) for value in rows[axis]],
        mark=np.select([star, dot], ["star", "dot"], ""),
        p_left=np.where(np.isclose(rest, first, atol=1e-12), np.nan, rest),
        gap_system=rows["gap_system"].where(rows["block_share"] > MANY_BLOCKED),
    )
    ordered = rows.sort_values(["gap", "name"], ascending=[False, True], na_position="last", kind="stable")
    return Forest(axis, ordered.reset_index(drop=True), found.family)


def plan(shown: Forest, countries: int) -> Plan | None:
    """Return what it would take to confirm the gaps shown, of so many countries; None where there are none.

    Source: METRICS §3, the planner; the other countries' rate is the mean of the rows', rounded to one of
    `BASES`.
    """
    rows = shown.rows[shown.rows["gap"].notna()]
    if rows.empty or countries < 2 or shown.family < 1:
        return None
    templates, samples = int(rows["templates"].max()), max(int(rows["samples"].max()), 1)
    base = min(BASES, key=lambda known: abs(known - float(rows["rate_others"].mean())))
    shapes = tuple(
        Shape(templates * times, samples * more, countries, base, shown.family)
        for more in TIMES_SAMPLES
        for times in TIMES_TEMPLATES
    )
    rest = rows[~rows["star"] & ~rows["void"] & (rows["missing"] <= MUCH_MISSING) & (rows["gap"] > 0)]
    return Plan(
        shown.family,
        countries,
        templates_for_a_star(shown.family, countries),
        base,
        shapes,
        "" if rest.empty else str(rest["name"].iloc[0]),
        None if rest.empty else float(rest["gap"].iloc[0]),
    )
