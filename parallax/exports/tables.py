"""The tables themselves: what each kind of export asks the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from parallax import metrics
from parallax.errors import ParallaxError
from parallax.exports import scope
from parallax.exports.request import Export, Kind
from parallax.metrics import COUNTS, Rate, gaps
from parallax.metrics.gaps import Slice
from parallax.store import DEFAULT_SET, Selection, Store
from parallax.store.copying import Query, of_frame, quoted

LONG_COLUMNS = (
    "run", "set", "probe", "template", "kind", "country", "topic", "language", "model", "sample", "prompt",
    "response", "reasoning", "label", "rater", "reason", "outcome", "finish_reason", "served_model",
    "served_by", "latency_s", "prompt_tokens", "completion_tokens", "cost_usd", "created_at", "attempt",
    "stance", "block", "error",
)  # fmt: skip
LABEL_COLUMNS = (
    "run", "probe", "model", "sample", "label", "rater", "reason", "confidence", "labelled_at", "note",
    "version", "answer_hash",
)  # fmt: skip
WIDE_COLUMNS = ("set", "probe", "template", "kind", "country", "topic", "language", "sample", "prompt")
# none ends in another, so that no two columns of two models are called the same
MODEL_COLUMNS = ("label", "response", "reasoning", "rater", "reason", "outcome", "run")
GAPS_COLUMNS = (*gaps.EXPORTED, "void")
SORTED_ROWS = 200_000


class Table(NamedTuple):
    """What is to be written: the query, the answers that it is about, and what to bear in mind."""

    query: Query
    selection: Selection
    cautions: tuple[str, ...] = ()


def table(store: Store, export: Export) -> Table:
    """Return what an export asks the store. Raises `ParallaxError` for a rater who labelled nothing."""
    return _KINDS[export.kind](store, export, scope.resolved(store, export))


def _long(store: Store, export: Export, selection: Selection) -> Table:
    rows = selection.rows()
    columns = [quoted(name) for name in LONG_COLUMNS]
    few = f"SELECT count(*) FROM (SELECT 1 FROM {rows.sql} LIMIT {SORTED_ROWS + 1})"
    if store.rows(few, rows.parameters)[0][0] <= SORTED_ROWS:
        query = Query(columns, rows.sql, rows.parameters, "run, place, model, sample")
    else:
        # sorting the texts of a million answers takes three times as long as writing them. Where some are
        # left out, DuckDB joins the labels to a table of texts, not texts to a table of labels
        entries = store.rows("SELECT max(rowid) + 1 FROM responses")[0][0] if rows.parameters else 0
        query = Query(columns, rows.sql, rows.parameters, entries=entries)
    return Table(query, selection)


def _given_labels(store: Store, export: Export, selection: Selection) -> Table:
    """Return what raters last said of each answer: those asked for, else all but the rules."""
    answers = replace(selection, raters=(), label_set="", labels=export.selection.labels)
    rows = answers.rows()
    wanted = list(selection.raters)
    # the hash is that of `labelsets.answer_hash`: a sheet without ids is matched by it
    blank = "trim(regexp_replace({}, '[ \\t\\n\\r\\f\\v]+', ' ', 'g'), ' ')"
    text = f"{blank.format('c.prompt')} || chr(10) || {blank.format('c.response')}"
    said = "l.rater IN (SELECT unnest(?))" if wanted else f"l.rater <> '{DEFAULT_SET}'"
    source = f"""(
        SELECT c.run, c.place, c.probe, c.model, c.sample, l.label, l.rater, l.confidence, l.version,
            l.created_at AS labelled_at, sha256({text}) AS answer_hash,
            CASE WHEN l.rater LIKE 'human:%' THEN '' ELSE l.reason END AS reason,
            CASE WHEN l.rater LIKE 'human:%' THEN l.reason ELSE '' END AS note
        FROM (SELECT * EXCLUDE (label, rater, reason, confidence) FROM {rows.sql}) c
        JOIN labels l USING (run, probe, model, sample, attempt) WHERE {said}
        QUALIFY row_number() OVER (PARTITION BY c.run, c.probe, c.model, c.sample, l.rater
            ORDER BY l.created_at DESC, l.version DESC) = 1)"""
    columns = [quoted(name) for name in LABEL_COLUMNS]
    query = Query(
        columns,
        f"{source} WHERE label <> ''",
        [*rows.parameters, *([wanted] if wanted else [])],
        "run, place, model, sample, rater",
    )
    return Table(query, answers)


def _wide(store: Store, export: Export, selection: Selection) -> Table:
    rows = selection.rows()
    parameters: list[object] = []
    groups, names = [], []
    for one in _columns_of_models(store, selection):
        for column in MODEL_COLUMNS:
            names.append(f"{one.heading}_{column}")
            groups.append(f"any_value({column}) FILTER (run IN (SELECT unnest(?)) AND model = ?)")
            parameters += [list(one.runs), one.model]
    about = [f"any_value({quoted(name)})" for name in WIDE_COLUMNS]
    shown = zip((*WIDE_COLUMNS, *names), (*about, *groups), strict=True)
    source = f"""(
        SELECT set_hash, place, {", ".join(f"{given} AS {quoted(name)}" for name, given in shown)}
        FROM {rows.sql} GROUP BY set_hash, place, comparison.sample)"""
    columns = [quoted(name) for name in (*WIDE_COLUMNS, *names)]
    query = Query(columns, source, [*parameters, *rows.parameters], '"set", set_hash, place, sample')
    return Table(query, selection)


class _OfModel(NamedTuple):
    """What stands side by side as one model: its heading, and the runs that its answers are from."""

    heading: str
    model: str
    runs: tuple[str, ...]


def _columns_of_models(store: Store, selection: Selection) -> list[_OfModel]:
    """Return each model once; one that answered a set in several runs once for each of its runs."""
    rows = selection.rows()
    found = store.rows(
        f"SELECT model, list(DISTINCT run ORDER BY run), count(DISTINCT set_hash) FROM {rows.sql}"
        " GROUP BY model ORDER BY model",
        rows.parameters,
    )
    return [
        of_model
        for model, runs, versions in found
        for of_model in (
            [_OfModel(model, model, tuple(runs))]
            if len(runs) <= versions
            else [_OfModel(f"{model} {run}", model, (run,)) for run in runs]
        )
    ]


def _rates(store: Store, export: Export, selection: Selection) -> Table:
    return Table(of_frame(rates(store, selection, _axes(store, export, selection))), selection)


def _axes(store: Store, export: Export, selection: Selection) -> tuple[str, ...]:
    """Return the axes of `rates`, and before them what keeps set versions and runs of a model apart."""
    rows = selection.rows()
    found = store.rows(f'SELECT DISTINCT "set", set_hash, model, run FROM {rows.sql}', rows.parameters)
    versions = {(id, set_hash) for id, set_hash, _, _ in found}
    told = {"run", "set_hash", *({"set"} if len({id for id, _ in versions}) == len(versions) else ())}
    apart: tuple[str, ...] = () if len(versions) < 2 or told & set(export.by) else ("set", "set_hash")
    if len({(set_hash, model) for _, set_hash, model, _ in found}) < len(found):
        apart = (*apart, "run")
    return tuple(dict.fromkeys([*(axis for axis in apart if axis not in export.by), *export.by]))


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


def _gaps(store: Store, export: Export, selection: Selection) -> Table:
    """Return the gaps of all models, then the rows that the filters leave: no filter can make a star."""
    within = _slice(export)
    found = [
        gaps.gaps(store, one.pairs, selection.label_set, slice=within)
        for one in scope.in_sets(store, selection)
    ]
    table = pd.concat([one.table for one in found]) if found else pd.DataFrame(columns=list(GAPS_COLUMNS))
    wanted = {
        "model": selection.models,
        "country": selection.countries,
        "topic": selection.topics,
        "language": selection.languages,
    }
    for column, values in wanted.items():
        table = table[table[column].isin(values)] if values else table
    shown = table[list(GAPS_COLUMNS)].assign(label_set=selection.label_set or DEFAULT_SET)
    return Table(of_frame(shown), selection, tuple(dict.fromkeys(c for one in found for c in one.cautions)))


def _slice(export: Export) -> Slice:
    """Return what gaps are taken within: by the axes asked for, or by what is filtered by."""
    topic = "topic" in export.by or bool(export.selection.topics)
    language = "language" in export.by or bool(export.selection.languages)
    if topic and language:
        raise ParallaxError("gaps are taken by topic or by language, not by both: leave one out")
    return Slice.TOPIC if topic else Slice.LANGUAGE if language else Slice.ALL


_KINDS: dict[Kind, Callable[[Store, Export, Selection], Table]] = {
    Kind.LONG: _long,
    Kind.WIDE: _wide,
    Kind.RATES: _rates,
    Kind.GAPS: _gaps,
    Kind.LABELS: _given_labels,
}
