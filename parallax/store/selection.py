"""What is in view: the filters that pages, exports and the command line share."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Where(NamedTuple):
    """A condition for SQL and its parameters, one for each question mark."""

    sql: str
    parameters: list[object]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which responses are meant; an empty field means all.

    `pairs` are (run, model): a model is shown from one run, so that runs are never pooled silently.
    None of them given means all, an empty tuple none at all. `label_set` is the rater whose labels are
    taken, '' the default ones.
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

    def rows(self) -> Where:
        """Return what stands after FROM to have the selected responses, a row each, in their label set."""
        where = self.where()
        if not self.label_set:
            return Where(f"comparison WHERE {where.sql}", where.parameters)
        return Where(f"comparison_of(?) WHERE {where.sql}", [self.label_set, *where.parameters])

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
        }
        parts = [f"{column} IN (SELECT unnest(?))" for column, values in columns.items() if values]
        parameters: list[object] = [list(values) for values in columns.values() if values]
        if self.pairs is not None:
            parts.append(f"({' OR '.join(['(run = ? AND model = ?)'] * len(self.pairs)) or 'false'})")
            parameters += [value for pair in self.pairs for value in pair]
        return Where(" AND ".join(parts) or "true", parameters)
