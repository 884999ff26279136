"""A gap by two axes: what `metrics.gaps` found, as the cells of a heatmap."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from parallax.metrics.gaps import Gaps, Slice
from parallax.store import Selection
from parallax.views.gap_values import GapValue, slice_of
from parallax.views.grid import Heatmap, Margins, drawn

LEAST_LIMIT = 0.2
_KEPT = (
    "n", "templates", "missing", "n_eff", "state", "rate", "rate_others", "p_holm", "block_share", "void",
    "provisional",
)  # fmt: skip
_TESTED = {GapValue.GAP, GapValue.HOME}
_LIMITS = {
    GapValue.GAP: ("ci_low", "ci_high"),
    GapValue.HOME: ("ci_low", "ci_high"),
    GapValue.PANEL: ("panel_low", "panel_high"),
}


def gap_heatmaps(
    found: Gaps,
    beside: Margins,
    selection: Selection,
    rows: str,
    columns: str,
    value: GapValue,
    *,
    by: str = "model",
    fixed: tuple[str, str] | None = None,
    each: bool = False,
) -> dict[str, Heatmap]:
    """Return the gaps that a selection leaves in view by two axes, under '' or by model with `each`.

    `found` are the gaps of all models of the runs within `slice_of(rows, columns)`; the filters choose among
    them and change none. `fixed` is the axis that no cell tells apart, and its value; `by` is what counts
    as one model. Beside the columns that every heatmap has, cells have `rate`, `rate_others`, `p_holm`,
    `block_share`, `void`, `provisional`, `star` (clear after correction; of the panel-adjusted gap, special
    to this model) and `dot`, neither where the controls void the model's gaps.
    """
    table = found.table[found.table["home"]] if value is GapValue.HOME else found.table
    column = "gap" if value is GapValue.HOME else str(value)
    known = table.loc[table["state"] != "grey", column].abs().max()
    limit = 1.0 if math.isnan(known) else max(math.ceil(known * 10) / 10, LEAST_LIMIT)
    table = _chosen(table, selection, fixed, by)
    names = {"route": "model"}
    cells = table[list(_KEPT)].assign(
        row=table[names.get(rows, rows)],
        column=table[names.get(columns, columns)],
        value=table[column],
        low=table[_LIMITS[value][0]] if value in _LIMITS else math.nan,
        high=table[_LIMITS[value][1]] if value in _LIMITS else math.nan,
        star=_star(table, value),
        dot=table["dot"] & (value in _TESTED) & ~table["void"],
    )
    cells["state"] = cells["state"].where(cells["value"].notna(), "grey")
    if each:
        cells = cells.assign(of=table["model"])
    shown = drawn(cells, beside, (rows, columns), value, limit=limit, family=found.family)
    said = (*found.cautions, *_unfiltered(selection, slice_of(rows, columns)))
    return {
        name: replace(one, cautions=tuple(dict.fromkeys((*said, *one.cautions))))
        for name, one in shown.items()
    }


def _star(table: pd.DataFrame, value: GapValue) -> pd.Series:
    marked = table["special"] if value is GapValue.PANEL else table["star"] & (value in _TESTED)
    return marked & ~table["void"]


def _chosen(
    table: pd.DataFrame, selection: Selection, fixed: tuple[str, str] | None, by: str
) -> pd.DataFrame:
    """Return the rows of the models, routes, countries and topics in view."""
    within = {"country": selection.countries}
    if (table["topic"] != "all").any():
        within["topic"] = selection.topics
    if selection.routes and by == "route":
        within["model"] = selection.routes
    kept = pd.Series(True, index=table.index)
    for column, values in within.items():
        kept &= table[column].isin(values) if values else True
    if selection.pairs is not None:
        names = table["model"] if by == "model" else table["model"].str.split(" @ ").str[0]
        kept &= pd.MultiIndex.from_arrays([table["run"], names]).isin(selection.pairs)
    if fixed is not None:
        kept &= table["model" if fixed[0] == "route" else fixed[0]] == fixed[1]
    return table[kept]


def _unfiltered(selection: Selection, slice: Slice) -> list[str]:
    """Say which filters have no effect on gaps."""
    named = {"topic": selection.topics, "language": selection.languages}
    idle = [name for name, values in named.items() if values and name != str(slice)]
    if not idle:
        return []
    return [f"A gap is over all probes: the filter by {' and '.join(idle)} does not change it."]
