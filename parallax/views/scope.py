"""What can be in view: set versions, the run that stands for each model, the values to filter by."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from parallax import countries as places
from parallax import topics as subjects
from parallax.store import Selection, Store

PROBE_AXES = ("country", "theme", "topic", "language", "kind")


class SetChoice(NamedTuple):
    """A probe set version that was run."""

    set_hash: str
    title: str


class RunInView(NamedTuple):
    """One model's run in view: when it was made, its samples, its cells, those with a response.

    `params` are those that the model was asked with; `recorded` says that the answers came from elsewhere,
    `imported` from which format, '' for those that ship with Parallax.
    """

    model: str
    run: str
    created_at: datetime
    samples: int
    cells: int
    done: int
    recorded: bool
    imported: str
    params: Mapping[str, Any]

    @property
    def is_finished(self) -> bool:
        """True where every cell of the run has a response."""
        return self.done >= self.cells


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

    A run of our own comes before one that was recorded. A model without a finished run is shown by its
    newest one, as far as it is.
    """
    rows = store.rows(
        """
        SELECT rm.model, r.run, r.created_at, r.samples, r.cells, r.done, r.recorded, r.imported, m.params
        FROM runs r JOIN run_models rm USING (run) JOIN models m USING (model_hash)
        WHERE r.set_hash = ? AND (len(?) = 0 OR r.run IN (SELECT unnest(?)))
        QUALIFY row_number() OVER (
            PARTITION BY rm.model ORDER BY r.done >= r.cells DESC, r.recorded, r.created_at DESC) = 1
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
    if axis in {"country", "home"} and value:
        return places.name(value)
    return subjects.title(value) if axis in {"topic", "theme"} and value else value


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
