"""The tables themselves: what each kind of export asks the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from parallax import metrics
from parallax.exports import scope
from parallax.exports.request import Export, Kind
from parallax.metrics import COUNTS, Rate
from parallax.store import Selection, Store
from parallax.store.copying import Query, of_frame, quoted

LONG_COLUMNS = (
    "run", "set", "probe", "template", "kind", "country", "topic", "language", "model", "sample", "prompt",
    "response", "reasoning", "label", "rater", "reason", "outcome", "finish_reason", "served_model",
    "served_by", "latency_s", "prompt_tokens", "completion_tokens", "cost_usd", "created_at", "attempt",
)  # fmt: skip
WIDE_COLUMNS = ("set", "probe", "template", "kind", "country", "topic", "language", "sample", "prompt")
# no part of one ends in the whole of another, so no two columns of two models are called the same
MODEL_COLUMNS = ("label", "response", "reasoning", "rater", "reason", "outcome", "run")
SORTED_ROWS = 200_000
APART = ("set", "set_hash")


class Table(NamedTuple):
    """What is to be written: the query, and the answers that it is about."""

    query: Query
    selection: Selection


def table(store: Store, export: Export) -> Table:
    """Return what an export asks the store. Raises `ParallaxError` for a rater who labelled nothing."""
    selection = scope.resolved(store, export)
    return Table(_KINDS[export.kind](store, export, selection), selection)


def _long(store: Store, export: Export, selection: Selection) -> Query:
    rows = selection.rows()
    (count,) = store.rows(f"SELECT count(*) FROM {rows.sql}", rows.parameters)[0]
    # sorting the texts of a million answers takes three times as long as writing them
    order = "run, place, model, sample" if count <= SORTED_ROWS else ""
    return Query([quoted(name) for name in LONG_COLUMNS], rows.sql, rows.parameters, order)


def _wide(store: Store, export: Export, selection: Selection) -> Query:
    rows = selection.rows()
    names = store.rows(f"SELECT DISTINCT model FROM {rows.sql} ORDER BY model", rows.parameters)
    about = ", ".join(f"any_value({quoted(name)}) AS {quoted(name)}" for name in ("set", *WIDE_COLUMNS[2:7]))
    parameters: list[object] = []
    groups = []
    for (model,) in names:
        for column in MODEL_COLUMNS:
            given = f"any_value({quoted(column)}) FILTER (model = ?)"
            groups.append(f"{given} AS {quoted(f'{model}_{column}')}")
            parameters.append(model)
    source = f"""(
        SELECT set_hash, place, probe, sample, any_value(prompt) AS prompt, {about}
            {"".join(f", {group}" for group in groups)}
        FROM {rows.sql} GROUP BY set_hash, place, probe, sample)"""
    of_models = [f"{model}_{column}" for (model,) in names for column in MODEL_COLUMNS]
    columns = [quoted(name) for name in (*WIDE_COLUMNS, *of_models)]
    return Query(columns, source, [*parameters, *rows.parameters], "set, set_hash, place, sample")


def _rates(store: Store, export: Export, selection: Selection) -> Query:
    return of_frame(rates(store, selection, _axes(store, export, selection)))


def _axes(store: Store, export: Export, selection: Selection) -> tuple[str, ...]:
    """Return the axes of `rates`, with those that keep set versions apart where there are several."""
    rows = selection.rows()
    found = store.rows(f'SELECT DISTINCT "set", set_hash FROM {rows.sql}', rows.parameters)
    told = {"run", "set_hash", *({"set"} if len({id for id, _ in found}) == len(found) else ())}
    if len(found) < 2 or told & set(export.by):
        return export.by
    return (*APART, *(axis for axis in export.by if axis not in APART))


def rates(store: Store, selection: Selection, axes: tuple[str, ...]) -> pd.DataFrame:
    """Return every rate of METRICS §2 for each cell of the axes, in the columns of the `rates` export."""
    counted = metrics.counts(store, selection, axes)
    found: pd.DataFrame | None = None
    for rate in Rate:
        one = metrics.rates(counted, axes, rate)
        if found is None:
            found = one[[*axes, "n", *COUNTS]].copy()
        for column, name in (("value", "rate"), ("low", "low"), ("high", "high")):
            found[f"{rate}_{name}"] = one[column]
    assert found is not None
    return found


_KINDS: dict[Kind, Callable[[Store, Export, Selection], Query]] = {
    Kind.LONG: _long,
    Kind.WIDE: _wide,
    Kind.RATES: _rates,
}
