"""What is in view: the filters that pages, exports and the command line share."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

NO_ROUTE = "no route"
MOST_WRITTEN_OUT = 50
# One row for each way of being served in a run, with the route that its answers count with. An error or
# a block that names no model never reached one: it counts with the model's only route in that run, and
# where there were several, or none, it has none. What a host says of itself may be of any length.
_ROUTES = f"""(
    SELECT run, model, served_by, served_model, outcome,
        model || ' @ ' || coalesce(own, CASE WHEN min(own) OVER w = max(own) OVER w THEN min(own) OVER w END,
            '{NO_ROUTE}') AS route
    FROM (
        SELECT *, CASE WHEN served_model <> '' OR (served_by <> '' AND outcome NOT IN ('error', 'blocked'))
            THEN coalesce(nullif(left(served_by, 80), ''), 'unknown') || ' · '
                || coalesce(nullif(left(served_model, 120), ''), 'unknown') END AS own
        FROM (SELECT DISTINCT run, model, served_by, served_model, outcome FROM {{known}})
    )
    WINDOW w AS (PARTITION BY run, model)
)"""
_SERVED = ("run", "model", "served_by", "served_model", "outcome")


def _is_of(source: str) -> str:
    return " AND ".join(f"{source}.{column} IS NOT DISTINCT FROM n.{column}" for column in _SERVED)


def ways(known: str = "responses") -> str:
    """Return a relation: a row for each way of being served, with its `run`, `model` and `route`."""
    return _ROUTES.format(known=known)


def routed(source: str, known: str = "responses") -> str:
    """Return a relation: the rows of `source`, which has the columns of a response, and their `route`.

    A route is written `model @ served_by · served_model`, or `model @ no route`. `known` holds every
    response of the runs and models in `source`, which decide how many routes a model had.
    """
    return f"(SELECT s.*, n.route FROM {source} s JOIN {ways(known)} n ON {_is_of('s')})"


class Where(NamedTuple):
    """A condition for SQL and its parameters, one for each question mark."""

    sql: str
    parameters: list[object]


def _is_one_of(column: str, values: Sequence[str]) -> Where:
    # a list written out reaches the scan of a table; a long one is quicker as a join
    if len(values) <= MOST_WRITTEN_OUT:
        return Where(f"{column} IN ({', '.join('?' * len(values))})", list(values))
    return Where(f"{column} IN (SELECT unnest(?))", [list(values)])


@dataclass(frozen=True, slots=True)
class Selection:
    """Which responses are meant; an empty field means all.

    `pairs` are (run, model): a model is shown from one run, so that runs are never pooled silently.
    None of them given means all, an empty tuple none at all. `routes` are written as in `routed`, `hosts`
    as in `served_by`; `days` are the first and the last day (UTC, ISO). `text` is what an answer contains,
    in any case. `label_set` is the rater whose labels are taken, '' the default ones.
    """

    pairs: tuple[tuple[str, str], ...] | None = None
    runs: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    stances: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    developers: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    text: str = ""
    label_set: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Sequence[Any]]) -> Selection:
        """Return the selection that `filled` wrote down. Raises `TypeError` for an unknown field."""
        fields: dict[str, Any] = {
            name: values
            if isinstance(values, str)
            else tuple(tuple(v) if isinstance(v, list) else str(v) for v in values)
            for name, values in given.items()
        }
        return cls(**fields)

    def filled(self) -> dict[str, list[Any] | str]:
        """Return the fields that are not empty, as JSON-able lists; the label set is a text."""
        return {
            name: values
            if isinstance(values, str)
            else [list(value) if isinstance(value, tuple) else value for value in values]
            for name, values in dataclasses.asdict(self).items()
            if values or (name == "pairs" and values is not None)
        }

    def unfiltered(self) -> Selection:
        """Return all answers of the same runs' models, by the same routes and in the same label set."""
        return Selection(pairs=self.pairs, routes=self.routes, label_set=self.label_set)

    def rows(self, axes: Collection[str] = ()) -> Where:
        """Return what stands after FROM to have the selected responses, a row each, in their label set.

        The rows have a `route` where that is among the axes asked for.
        """
        source = "comparison_of(?)" if self.label_set else "comparison"
        return self._of(routed(source) if "route" in axes else source)

    def labelled(self) -> Where:
        """Return the same without the responses' own columns, for counting: the rows of the view `labelled`.

        Raises `ValueError` where routes are selected: only the responses tell those.
        """
        if self.routes:
            raise ValueError("labels alone do not tell the routes")
        return self._of("labelled_of(?)" if self.label_set else "labelled")

    def counted(self, axes: Collection[str] = ()) -> Where:
        """Return `labelled` where that knows all that is asked for, the axes among it, else `rows`."""
        of_responses = self.routes or self.hosts or self.days or self.text or "route" in axes
        return self.rows(axes) if of_responses else self.labelled()

    def _of(self, source: str) -> Where:
        where = self.where()
        set_of = [self.label_set] * bool(self.label_set)
        return Where(f"{source} comparison WHERE {where.sql}", [*set_of, *where.parameters])

    def where(self) -> Where:
        """Return the condition on the view `comparison`; `true` where everything is meant."""
        columns = {
            "run": self.runs,
            "model": self.models,
            "country": self.countries,
            "topic": self.topics,
            "language": self.languages,
            "kind": self.kinds,
            "stance": self.stances,
            "label": self.labels,
            "rater": self.raters,
            "probe": self.probes,
            "theme": self.themes,
            "act": self.acts,
            "developer": self.developers,
            "home": self.homes,
            "served_by": self.hosts,
        }
        asked = [_is_one_of(column, values) for column, values in columns.items() if values]
        parts = [one.sql for one in asked]
        parameters: list[object] = [parameter for one in asked for parameter in one.parameters]
        if self.routes:
            served = f"{ways()} n WHERE {_is_of('comparison')}"
            parts.append(f"EXISTS (FROM {served} AND n.route IN (SELECT unnest(?)))")
            parameters.append(list(self.routes))
        if self.pairs is not None:
            parts.append("(run, model) IN (SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))")
            parameters += [[run for run, _ in self.pairs], [model for _, model in self.pairs]]
        if self.days:
            parts.append("created_at >= ?::DATE AND created_at < ?::DATE + 1")
            parameters += [self.days[0], self.days[-1]]
        if self.text:
            # over a million texts twice as fast as to bring them into lower case
            parts.append("regexp_matches(response, ?, 'i')")
            parameters.append(re.escape(self.text))
        return Where(" AND ".join(parts) or "true", parameters)
