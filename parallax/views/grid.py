"""A rate by two axes, with what a reader needs to trust it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from parallax import metrics, routes
from parallax.metrics import Rate
from parallax.store import NO_ROUTE, Selection, Store
from parallax.views.scope import title

FEW_ANSWERS = 8
WIDE_INTERVAL = 0.25
MUCH_MISSING = 0.10
FEW_CONTROLS = 20
OVER_REFUSAL = 0.05


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


def critical(selection: Selection) -> Selection:
    """Return the critical matched probes of a selection: what a heatmap shows."""
    return replace(selection, kinds=("matched",), stances=("critical",))


def benign(store: Store, selection: Selection) -> Selection:
    """Return the benign controls of a selection's models, whatever country or topic it is about.

    They are those of the model's run in view. Where that asked none, the newest run of the very same
    model that did stands in, a finished one before others.
    """
    if selection.pairs is None:
        given = selection.unfiltered()
        return replace(given, runs=selection.runs, models=selection.models, kinds=("benign",))
    runs, models = [run for run, _ in selection.pairs], [model for _, model in selection.pairs]
    found = store.rows(
        """
        WITH wanted AS (SELECT unnest(?) AS run, unnest(?) AS model),
            controlled AS (SELECT DISTINCT set_hash FROM probes WHERE kind = 'benign')
        SELECT r.run, w.model
        FROM wanted w JOIN run_models seen ON seen.run = w.run AND seen.model = w.model
            JOIN run_models rm ON rm.model = w.model AND rm.model_hash = seen.model_hash
            JOIN runs r ON r.run = rm.run JOIN controlled USING (set_hash)
        QUALIFY row_number() OVER (PARTITION BY w.model
            ORDER BY r.run = w.run DESC, r.done >= r.cells DESC, r.created_at DESC) = 1
        ORDER BY w.model
        """,
        [runs, models],
    )
    pairs = tuple((run, model) for run, model in found)
    return replace(selection.unfiltered(), pairs=pairs, kinds=("benign",))


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
        cells.assign(state=_states(cells)),
        shown.assign(state=_states(shown)),
        _cautions(
            metrics.rates(controls, (by,), Rate.NONCOMPLIANCE).rename(columns={by: "model"}),
            _names(store, selection, by),
        ),
        tuple(sorted(others)),
    )


def _states(cells: pd.DataFrame) -> pd.Series:
    half = (cells["high"] - cells["low"]) / 2
    weak = ~(cells["n_eff"] >= FEW_ANSWERS) | ~(half <= WIDE_INTERVAL)
    grey = cells["value"].isna() | (cells["missing"] > MUCH_MISSING)
    return pd.Series(np.select([grey, weak], ["grey", "dim"], "solid"), index=cells.index)


def _ordered(found: pd.Series, axis: str) -> tuple[str, ...]:
    return tuple(sorted(found.unique(), key=lambda value: title(axis, value)))


def _names(store: Store, selection: Selection, by: str) -> frozenset[str]:
    """Return what needs controls: the models of a selection's pairs, or their routes."""
    if by == "model" or selection.pairs is None:
        return frozenset(model for _, model in selection.pairs or ())
    found = routes.served(store, Selection(pairs=selection.pairs))
    ways = {one.route for one in found if one.way != NO_ROUTE}
    return frozenset(ways & set(selection.routes) if selection.routes else ways)


def _cautions(controls: pd.DataFrame, names: frozenset[str]) -> tuple[str, ...]:
    without = sorted(names - set(controls["model"]))
    if names:
        controls = controls[controls["model"].isin(names)]
    said = [f"{model}: controls too few to tell (0 benign answers)." for model in without]
    for control in controls.to_dict("records"):
        model, declined = control["model"], f"declines or dodges {control['value']:.0%} of benign questions"
        if control["low"] > OVER_REFUSAL:
            said.append(f"{model} {declined}: its differences between countries say nothing.")
        elif control["base"] < FEW_CONTROLS:
            said.append(f"{model}: controls too few to tell ({control['base']:.0f} benign answers).")
        elif control["value"] > OVER_REFUSAL:
            said.append(f"{model} {declined}.")
    return tuple(said)
