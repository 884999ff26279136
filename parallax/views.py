"""What each page shows, as plain values. A page calls one view and draws it."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from parallax import countries, metrics, routes, topics
from parallax.metrics import Rate
from parallax.store import NO_ROUTE, Selection, Store

PROBE_AXES = ("country", "theme", "topic", "language", "kind")
FEW_ANSWERS = 8
WIDE_INTERVAL = 0.25
MUCH_MISSING = 0.10
FEW_TEMPLATES = 5
FEW_CONTROLS = 20
OVER_REFUSAL = 0.05


class SetChoice(NamedTuple):
    """A probe set version that was run."""

    set_hash: str
    title: str


class RunInView(NamedTuple):
    """One model's run in view: when it was made, its samples, its cells, those with a response.

    `params` are those that the model was asked with; `recorded` says that the answers were shipped.
    """

    model: str
    run: str
    created_at: datetime
    samples: int
    cells: int
    done: int
    recorded: bool
    params: Mapping[str, Any]

    @property
    def is_finished(self) -> bool:
        """True where every cell of the run has a response."""
        return self.done >= self.cells


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


@dataclass(frozen=True, slots=True)
class Overview:
    """What a visitor with one minute sees: totals, a rate for each model, the widest differences."""

    answers: int
    models: int
    probes: int
    by_model: pd.DataFrame
    by_country: Heatmap
    differences: tuple[str, ...]


def sets(store: Store) -> tuple[SetChoice, ...]:
    """Return the set versions that were run, the one with the newest run first.

    Those of recorded runs alone come last, in the order they were asked in: a study opens on its first.
    """
    rows = store.rows(
        """
        SELECT s.set_hash, s.title || ' · ' || s.version
        FROM runs r JOIN probe_sets s USING (set_hash)
        GROUP BY ALL
        ORDER BY max(r.created_at) FILTER (NOT r.recorded) DESC NULLS LAST, min(r.created_at)
        """
    )
    return tuple(SetChoice(*row) for row in rows)


def in_view(store: Store, set_hash: str, runs: Sequence[str] = ()) -> tuple[RunInView, ...]:
    """Return which run stands for each model: its newest finished one, of the given runs where any are.

    A model without a finished run is shown by its newest one, as far as it is.
    """
    rows = store.rows(
        """
        SELECT rm.model, r.run, r.created_at, r.samples, r.cells, r.done, r.recorded, m.params
        FROM runs r JOIN run_models rm USING (run) JOIN models m USING (model_hash)
        WHERE r.set_hash = ? AND (len(?) = 0 OR r.run IN (SELECT unnest(?)))
        QUALIFY row_number() OVER (
            PARTITION BY rm.model ORDER BY r.done >= r.cells DESC, r.created_at DESC) = 1
        ORDER BY rm.model
        """,
        [set_hash, list(runs), list(runs)],
    )
    return tuple(RunInView._make([*fields, json.loads(params)]) for *fields, params in rows)


def runs_of(store: Store, set_hash: str) -> tuple[tuple[str, str], ...]:
    """Return (run, title) of every run of a set version, newest first."""
    rows = store.rows(
        "SELECT run, name || ' · ' || strftime(created_at, '%Y-%m-%d %H:%M') FROM runs WHERE set_hash = ?"
        " ORDER BY created_at DESC",
        [set_hash],
    )
    return tuple((run, title) for run, title in rows)


def values(store: Store, set_hash: str, axis: str) -> tuple[str, ...]:
    """Return the values that an axis of probes takes in a set version, sorted; empty ones are left out."""
    if axis not in PROBE_AXES:
        raise ValueError(f"no such axis of probes: {axis}")
    rows = store.rows(
        f"SELECT DISTINCT {axis} FROM probes WHERE set_hash = ? AND {axis} <> '' ORDER BY 1", [set_hash]
    )
    return tuple(value for (value,) in rows)


def title(axis: str, value: str) -> str:
    """Return how a value of an axis reads on screen."""
    if axis == "country" and value:
        return countries.name(value)
    return topics.title(value) if axis in {"topic", "theme"} and value else value


def heatmap(
    store: Store, selection: Selection, rows: str, columns: str, rate: Rate, by: str = "model"
) -> Heatmap:
    """Return a rate over the critical matched probes of a selection, by two axes.

    `by` says what is told apart as one model: `model`, or `route`; it replaces the axis `model`.
    """
    axes = by if rows == "model" else rows, by if columns == "model" else columns
    counted = metrics.counts(store, critical(selection), axes)
    return _drawn(store, selection, counted, axes, rate, by)


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


def _drawn(
    store: Store, selection: Selection, counted: pd.DataFrame, axes: tuple[str, str], rate: Rate, by: str
) -> Heatmap:
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


def overview(store: Store, selection: Selection, by: str = "model") -> Overview:
    """Return totals of a selection, each model's rate, its countries, and where two models differ most.

    `by` says what is told apart as one model: `model`, or `route`.
    """
    rows = selection.rows()
    answered, models, asked = store.rows(
        f"SELECT count(*), count(DISTINCT model), count(DISTINCT probe) FROM {rows.sql}",
        rows.parameters,
    )[0]
    axes = ("country", by)
    counted = metrics.counts(store, critical(selection), axes)
    of_model = counted.groupby([by, "cluster"]).sum(numeric_only=True).reset_index()
    by_country = _drawn(store, selection, counted, axes, Rate.NONCOMPLIANCE, by)
    return Overview(
        answered,
        models,
        asked,
        metrics.rates(of_model, (by,), Rate.NONCOMPLIANCE).rename(columns={by: "model"}),
        by_country,
        _differences(by_country.cells),
    )


def _differences(cells: pd.DataFrame, most: int = 3) -> tuple[str, ...]:
    """Say for which countries two models are furthest apart, in counts; few templates are left out."""
    telling = cells[(cells["missing"] <= MUCH_MISSING) & (cells["templates"] >= FEW_TEMPLATES)]
    wide = telling.pivot(index="row", columns="column", values="value")
    spread = (wide.max(axis=1) - wide.min(axis=1)).dropna().sort_values(ascending=False, kind="stable")
    by_cell = {(cell["row"], cell["column"]): cell for cell in telling.to_dict("records")}
    said = []
    for country in spread[spread > 0].index[:most]:
        high, low = wide.loc[country].idxmax(), wide.loc[country].idxmin()
        first, second = _counted(by_cell[country, high]), _counted(by_cell[country, low])
        said.append(f"{countries.name(country)}: {high} declined or dodged {first}, {low} {second}.")
    return tuple(said)


def _counted(cell: dict[Hashable, Any]) -> str:
    return f"{cell['evasive'] + cell['refusal']:.0f} of {cell['base']:.0f}"


_ANSWER = (
    "run, probe, template, kind, country, topic, language, model, sample, prompt, response, reasoning,"
    " label, rater, reason, confidence, outcome, block, finish_reason, served_model, served_by, latency_s,"
    " completion_tokens, error, created_at, cached"
)


def answers(store: Store, selection: Selection, sample: int) -> pd.DataFrame:
    """Return one sample (from 0) of a selection, a row a response, in the order of the probe set."""
    rows = selection.rows()
    return store.frame(
        f"SELECT {_ANSWER} FROM {rows.sql} AND sample = ? ORDER BY place, model",
        [*rows.parameters, sample],
    )


def probes(store: Store, selection: Selection, by: str = "model") -> pd.DataFrame:
    """Return the probes of a selection and what each model did with them, in the order of the set.

    A row a probe: `probe, template, country, topic, kind, prompt`, then a column for each model with its
    commonest label, and how many of its samples have it where they differ (`refusal, 2 of 3`). `by` says
    what is told apart as one model: `model`, or `route`.
    """
    rows = selection.rows((by,))
    probe = f"place, probe, template, country, topic, kind, prompt, {by}"
    found = store.frame(
        f"""
        SELECT {probe}, arg_max(label, k) AS label, max(k) AS alike, sum(k)::INTEGER AS n
        FROM (SELECT {probe}, label, count(*) AS k FROM {rows.sql} GROUP BY {probe}, label)
        GROUP BY {probe}
        """,
        rows.parameters,
    )
    alike = found["alike"].astype(str) + " of " + found["n"].astype(str)
    found["shown"] = found["label"].where(found["alike"] == found["n"], found["label"] + ", " + alike)
    axes = ["place", "probe", "template", "country", "topic", "kind", "prompt"]
    wide = found.pivot(index=axes, columns=by, values="shown").sort_index().reset_index()
    return wide.drop(columns="place").rename_axis(columns=None)


def twins(store: Store, selection: Selection, probe: str, sample: int) -> pd.DataFrame:
    """Return one sample of the answers to a probe's twins in other countries, in `answers`' columns."""
    rows = selection.unfiltered().rows()
    return store.frame(
        f"""
        SELECT {_ANSWER} FROM {rows.sql}
            AND sample = ? AND probe <> ? AND template <> ''
            AND (template, language) IN (
                SELECT template, language FROM {rows.sql} AND probe = ?)
        ORDER BY country, model
        """,
        [*rows.parameters, sample, probe, *rows.parameters, probe],
    )


def selection_of(
    in_runs: Sequence[RunInView],
    *,
    models: Sequence[str] = (),
    countries: Sequence[str] = (),
    topics: Sequence[str] = (),
    languages: Sequence[str] = (),
    served: Sequence[str] = (),
    label_set: str = "",
) -> Selection:
    """Return the selection that the shared filters mean, each model from its own run."""
    return Selection(
        pairs=tuple((r.run, r.model) for r in in_runs if not models or r.model in models),
        countries=tuple(countries),
        topics=tuple(topics),
        languages=tuple(languages),
        routes=tuple(served),
        label_set=label_set,
    )
