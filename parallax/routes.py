"""By which routes the answers in view came, and where a route changed within a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from parallax.store import NO_ROUTE, Selection, Store, routed
from parallax.store.selection import ways

MOST_SAID = 4


class Known(NamedTuple):
    """A route that answers of a run's model came by."""

    run: str
    model: str
    route: str


class Served(NamedTuple):
    """Answers to one run's model that came by one route with one system fingerprint, oldest to newest (UTC).

    `route` is written `model @ served_by · served_model`; `fingerprint` is empty where none was given.
    """

    run: str
    model: str
    route: str
    fingerprint: str
    answers: int
    first: datetime
    last: datetime

    @property
    def way(self) -> str:
        """The route without the model's own name: `served_by · served_model`, or `no route`."""
        return self.route.removeprefix(f"{self.model} @ ")


def served(store: Store, selection: Selection) -> tuple[Served, ...]:
    """Return how many answers of a selection came by each route, the oldest first in each (run, model).

    The numbers add up to the selection's answers: those that never reached a model are among them.
    """
    where = selection.where()
    of_runs = dataclasses.replace(selection, pairs=None) == Selection()
    cell = "run, probe, model, sample"
    rows = where.sql if of_runs else f"({cell}) IN (SELECT ({cell}) FROM comparison WHERE {where.sql})"
    found = store.rows(
        f"""
        WITH grouped AS MATERIALIZED (
            SELECT run, model, served_by, served_model, outcome,
                coalesce(left(fingerprint, 80), '') AS system, count(*) AS n, min(created_at) AS first,
                max(created_at) AS last
            FROM responses WHERE {rows} GROUP BY ALL)
        SELECT run, model, route, system, sum(n)::INTEGER, min(first) AS began, max(last)
        FROM {routed("grouped", "grouped" if of_runs else "responses")}
        GROUP BY run, model, route, system ORDER BY run, model, began, route, system
        """,
        where.parameters,
    )
    return tuple(Served._make(row) for row in found)


def known(store: Store) -> tuple[Known, ...]:
    """Return every route that answers of a run's model came by, no route among them, in order.

    Found once for each revision of the store: that takes a look at all responses.
    """
    return _known(store, store.revision)


@lru_cache(maxsize=1)
def _known(store: Store, revision: int) -> tuple[Known, ...]:
    return tuple(
        map(Known._make, store.rows(f"SELECT DISTINCT run, model, route FROM {ways()} ORDER BY ALL"))
    )


def names(store: Store, pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the routes that the answers of some (run, model) came by; no route is none of them."""
    asked = set(pairs)
    found = {one.route for one in known(store) if (one.run, one.model) in asked}
    return tuple(sorted(route for route in found if not route.endswith(f" @ {NO_ROUTE}")))


def several(found: Iterable[Served]) -> bool:
    """Return whether a model was served by more than one route within one run."""
    return any(len(_ways(of_model)) > 1 for of_model in _by_model(found))


def changes(found: Iterable[Served], *, split: bool) -> tuple[str, ...]:
    """Say in a sentence each where a model's route, or the fingerprint on one route, changed within a run.

    `split` says that the routes stand apart on screen.
    """
    said = []
    for of_model in _by_model(found):
        if len(_ways(of_model)) > 1:
            said.append(_of_routes(of_model, split=split))
        said += _of_fingerprints(of_model)
    return tuple(said)


def _by_model(found: Iterable[Served]) -> list[list[Served]]:
    return [list(rows) for _, rows in groupby(found, key=lambda one: (one.run, one.model))]


def _ways(of_model: Iterable[Served]) -> dict[str, int]:
    """Return the answers of each route that is known, the most used first."""
    counted: dict[str, int] = {}
    for one in of_model:
        if one.way != NO_ROUTE:
            counted[one.way] = counted.get(one.way, 0) + one.answers
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def _of_routes(of_model: Sequence[Served], *, split: bool) -> str:
    ways = _ways(of_model)
    none = sum(one.answers for one in of_model) - sum(ways.values())
    without = f"; {none:,} by none, which never reached the model" if none else ""
    effect = "they stand apart here" if split else "rates mix them"
    model, run = of_model[0].model, of_model[0].run
    return f"{model} was served by {len(ways)} routes in run {run}: {_listed(ways)}{without}; {effect}."


def _of_fingerprints(of_model: Sequence[Served]) -> list[str]:
    said = []
    for way in _ways(of_model):
        systems = {one.fingerprint: one.answers for one in of_model if one.way == way and one.fingerprint}
        if len(systems) > 1:
            said.append(
                f"{of_model[0].model}, run {of_model[0].run}: same route ({way}), another system fingerprint:"
                f" {_listed(systems)}."
            )
    return said


def _listed(counted: dict[str, int]) -> str:
    """Name the first few with their answers; the unit stands once."""
    names = list(counted)
    most = counted[names[0]]
    parts = [f"{names[0]} ({most:,} answer{'s' * (most != 1)})"]
    parts += [f"{name} ({counted[name]:,})" for name in names[1:MOST_SAID]]
    more = names[MOST_SAID:]
    return ", ".join(parts) + (
        f" and {len(more)} more ({sum(map(counted.__getitem__, more)):,})" * bool(more)
    )
