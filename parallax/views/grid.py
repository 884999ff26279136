"""A rate by two axes, with what a reader needs to trust it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from parallax import metrics, routes
from parallax.metrics import Rate
from parallax.metrics.trust import benign, control_cautions, critical, states
from parallax.store import NO_ROUTE, Selection, Store
from parallax.views.scope import title


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A rate for each row and column, with what a reader needs to trust it.

    `cells` has the columns `row`, `column`, those of `metrics.rates`, and `state`: `solid`, `dim`
    (few answers or a wide interval) or `grey` (much is missing, or nothing applies). `benign` has the
    same but `row` for the benign controls, a row a model; `cautions` are sentences. `control_runs` are
    the runs that the controls come from, where those are not in view themselves.
    """

    rate: Rate
    row_axis: str
    column_axis: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: pd.DataFrame
    benign: pd.DataFrame
    cautions: tuple[str, ...]
    control_runs: tuple[str, ...]


def heatmap(
    store: Store, selection: Selection, rows: str, columns: str, rate: Rate, by: str = "model"
) -> Heatmap:
    """Return a rate over the critical matched probes of a selection, by two axes.

    `by` says what is told apart as one model: `model`, or `route`; it replaces the axis `model`.
    """
    axes = by if rows == "model" else rows, by if columns == "model" else columns
    counted = metrics.counts(store, critical(selection), axes)
    return drawn(store, selection, counted, axes, rate, by)


def drawn(
    store: Store, selection: Selection, counted: pd.DataFrame, axes: tuple[str, str], rate: Rate, by: str
) -> Heatmap:
    """Return the heatmap of what `metrics.counts` returned for two axes of a selection."""
    rows, columns = axes
    cells = metrics.rates(counted, (rows, columns), rate).rename(columns={rows: "row", columns: "column"})
    cells = cells[(cells["row"] != "") & (cells["column"] != "")]
    asked = benign(store, selection)
    controls = metrics.counts(store, asked, (by,))
    shown = metrics.rates(controls, (by,), rate).rename(columns={by: "column"})
    others = {run for run, _ in asked.pairs or ()} - {run for run, _ in selection.pairs or ()}
    return Heatmap(
        rate,
        rows,
        columns,
        _ordered(cells["row"], rows),
        _ordered(cells["column"], columns),
        cells.assign(state=states(cells)),
        shown.assign(state=states(shown)),
        control_cautions(
            metrics.rates(controls, (by,), Rate.NONCOMPLIANCE).rename(columns={by: "model"}),
            _names(store, selection, by),
        ),
        tuple(sorted(others)),
    )


def _ordered(found: pd.Series, axis: str) -> tuple[str, ...]:
    return tuple(sorted(found.unique(), key=lambda value: title(axis, value)))


def _names(store: Store, selection: Selection, by: str) -> frozenset[str]:
    """Return what needs controls: the models of a selection's pairs, or their routes."""
    if by == "model" or selection.pairs is None:
        return frozenset(model for _, model in selection.pairs or ())
    found = routes.served(store, Selection(pairs=selection.pairs))
    ways = {one.route for one in found if one.way != NO_ROUTE}
    return frozenset(ways & set(selection.routes) if selection.routes else ways)
