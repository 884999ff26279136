"""The labels in view, as numbers: to group a million of them by numbers is ten times as fast as by names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from parallax import routes
from parallax.store import Selection, Store
from parallax.store.selection import Where

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_OF_PROBES = {
    "set_hash": "set_hash",
    "set": 'id AS "set"',
    **{
        name: name
        for name in ("probe", "template", "country", "theme", "topic", "language", "kind", "stance", "act")
    },
    "cluster": "coalesce(nullif(template, ''), probe) AS cluster",
}
_ALWAYS = ("set_hash", "probe", "cluster")


class Answers(NamedTuple):
    """Labelled answers: for each the row of its probe, the row of its model, its label's number, whether a
    person gave that.

    `probes` has a row a probe: its `set_hash`, `probe`, those axes that are asked for and of a probe, and
    `cluster`, its template or itself. `models`
    has a row a model of a run with `run, model, developer, home`, and a row a `route` or `sample` of it
    where those are told apart.
    """

    probe: Ints
    model: Ints
    label: Ints
    human: Bools
    probes: pd.DataFrame
    models: pd.DataFrame


def read(store: Store, selection: Selection, labels: Sequence[str], axes: Collection[str]) -> Answers:
    """Return the answers of a selection that have a label, those numbered in the order of `labels`.

    `axes` are what they will be counted by: routes and samples are told apart where they are among them.
    """
    by_sample = ["sample"] * ("sample" in axes)
    if "route" in axes or selection.routes:
        parts = _by_routes(store, selection, labels, by_sample)
    else:
        parts = [_by_models(store, selection, labels, by_sample)]
    models = pd.concat([part.models for part in parts], ignore_index=True)
    before = np.cumsum([0, *(len(part.models) for part in parts)])
    model = np.concatenate([part.model + start for part, start in zip(parts, before[:-1], strict=True)])
    found = pd.concat([part.found[["place", "label", "human"]] for part in parts], ignore_index=True)
    about = tuple(sql for name, sql in _OF_PROBES.items() if name in {*_ALWAYS, *axes})
    probes = _probes(store, store.revision, about, tuple(models["set_hash"].unique()))
    # a probe is known by its set, which the model's run tells, and its place therein, from 0
    start = np.searchsorted(probes["set_hash"].to_numpy(str), models["set_hash"].to_numpy(str))
    place, label, human = (found[column].to_numpy() for column in found)
    return Answers(start[model] + place, model, label, human.astype(bool), probes, models)


@lru_cache(maxsize=8)
def _probes(store: Store, revision: int, about: tuple[str, ...], sets: tuple[str, ...]) -> pd.DataFrame:
    """Return what there is to know about the probes of some sets; a heatmap asks for it up to four times."""
    return store.frame(
        f"SELECT {', '.join(about)} FROM probes JOIN probe_sets USING (set_hash)"
        " WHERE set_hash IN (SELECT unnest(?)) ORDER BY set_hash, place",
        [list(sets)],
    )


class _Part(NamedTuple):
    """Some of the answers: `place`, `label` and `human` of each, and which row of `models` it belongs to."""

    found: pd.DataFrame
    model: Ints
    models: pd.DataFrame


def _by_models(store: Store, selection: Selection, labels: Sequence[str], by_sample: list[str]) -> _Part:
    found = _frame(store, ["place", "run_model", *by_sample], selection.labelled(), labels)
    known, model = grouped(found, ["run_model", "sample"]) if by_sample else _numbered(found["run_model"])
    return _Part(found, model, known.merge(_models(store), on="run_model", how="left"))


def _by_routes(
    store: Store, selection: Selection, labels: Sequence[str], by_sample: list[str]
) -> list[_Part]:
    """Tell the routes apart. How each answer came is looked up for models that came by several alone."""
    every = pd.DataFrame(routes.known(store), columns=list(routes.Known._fields))
    came = every.groupby(["run", "model"], as_index=False).agg(
        route=("route", "min"), several=("route", "nunique")
    )
    asked = pd.MultiIndex.from_frame(came[["run", "model"]])
    here = np.ones(len(came), bool) if selection.pairs is None else asked.isin(list(selection.pairs))
    several = came["several"].to_numpy() > 1
    wanted = came["route"].isin(selection.routes) if selection.routes else np.ones(len(came), bool)
    parts = []
    if len(pairs := tuple(asked[here & ~several & wanted])):
        part = _by_models(store, replace(selection, pairs=pairs, routes=()), labels, by_sample)
        routed_once = part.models.merge(came[["run", "model", "route"]], on=["run", "model"], how="left")
        parts.append(part._replace(models=routed_once))
    if len(pairs := tuple(asked[here & several])) or not parts:
        names = ["run", "model", "route", *by_sample]
        rows = replace(selection, pairs=pairs).rows(["route"])
        found = _frame(store, ["place", *names], rows, labels)
        known, model = grouped(found, names)
        parts.append(_Part(found, model, known.merge(_models(store), on=["run", "model"], how="left")))
    return parts


def grouped(frame: pd.DataFrame, names: Sequence[str]) -> tuple[pd.DataFrame, Ints]:
    """Return the distinct rows of some columns, sorted, and for each row of a frame the number of its own."""
    if not names:
        return pd.DataFrame(index=[0]), np.zeros(len(frame), np.int64)
    number = frame.groupby(list(names), dropna=False).ngroup()
    distinct = frame.loc[~number.duplicated(), list(names)].sort_values(list(names), ignore_index=True)
    return distinct, number.to_numpy().astype(np.int64)


def _frame(store: Store, columns: Sequence[str], rows: Where, labels: Sequence[str]) -> pd.DataFrame:
    code = "list_position(?, label)::TINYINT - 1 AS label, starts_with(rater, 'human:') AS human"
    sql = f"SELECT {code}, {', '.join(columns)} FROM {rows.sql} AND label IS NOT NULL"
    return store.frame(sql, [list(labels), *rows.parameters])


def _models(store: Store) -> pd.DataFrame:
    return store.frame(
        "SELECT rm.rowid AS run_model, run, rm.model, developer, home, set_hash"
        " FROM run_models rm JOIN runs USING (run) JOIN models USING (model_hash)"
    )


def _numbered(entries: pd.Series) -> tuple[pd.DataFrame, Ints]:
    """Do as `grouped` for one column of small numbers, at a tenth of the time."""
    seen = np.flatnonzero(np.bincount(entries))
    places = np.zeros(seen.max(initial=0) + 1, np.int64)
    places[seen] = np.arange(len(seen))
    return pd.DataFrame({"run_model": seen}), places[entries]
