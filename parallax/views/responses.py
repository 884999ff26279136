"""The responses themselves, and the probes they answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import pandas as pd

from parallax.records import Cell
from parallax.store import Selection, Store, routed
from parallax.store.selection import Where

_ANSWER = (
    "run, probe, template, kind, country, topic, language, model, sample, prompt, response, reasoning,"
    " reasoning_state, label, rater, reason, confidence, outcome, block, finish_reason, served_model,"
    " served_by, latency_s, completion_tokens, error, created_at, cached, reply_language, other_language"
)
# the fields of a selection that an answer's own row does not tell
_OF_PROBES = ("countries", "topics", "languages", "kinds", "stances", "themes", "acts")
_OF_MODELS = ("developers", "homes")
_OF_LABELS = ("labels", "raters")
# the commonest label of a cell's samples; of two as common, always the same one
_COMMONEST = "first(label ORDER BY k DESC, label DESC) AS label, max(k) AS alike, sum(k)::INTEGER AS n"


class Hit(NamedTuple):
    """An answer that was found; `name` is its model, or its route where those are told apart."""

    run: str
    probe: str
    model: str
    sample: int
    name: str


class Extent(NamedTuple):
    """How many answers there are, of how many models, to how many probes."""

    answers: int
    models: int
    probes: int


class Came(NamedTuple):
    """Who served the answers, and between which days (UTC); no days where there are no answers."""

    hosts: tuple[str, ...]
    first: date | None
    last: date | None


class Said(NamedTuple):
    """What one rater said last of an answer: its label and why, with a confidence of 0 to 1."""

    rater: str
    version: str
    label: str
    reason: str
    confidence: float | None
    created_at: datetime


def answers(store: Store, selection: Selection, sample: int | None = None) -> pd.DataFrame:
    """Return one sample (from 0) of a selection, or all, a row a response, in the order of the probe set."""
    rows = selection.rows()
    return store.frame(
        f"SELECT {_ANSWER} FROM {rows.sql} AND (? IS NULL OR sample = ?) ORDER BY place, model, sample",
        [*rows.parameters, sample, sample],
    )


def questions(store: Store, selection: Selection) -> pd.DataFrame:
    """Return the probes that a selection has answers to, in the order of the set, and how many they are.

    The columns are `probe, template, country, topic, kind, language, prompt, answers`.
    """
    rows = _cells(selection)
    return store.frame(
        f"""
        SELECT p.probe, p.template, p.country, p.topic, p.kind, p.language, p.prompt, a.answers
        FROM (SELECT set_hash, probe, sum(n)::INTEGER AS answers
            FROM (SELECT run, probe, count(*) AS n FROM ({rows.sql}) GROUP BY ALL) JOIN runs USING (run)
            GROUP BY ALL) a
        JOIN probes p USING (set_hash, probe)
        ORDER BY p.place, p.probe
        """,
        rows.parameters,
    )


def extent(store: Store, selection: Selection) -> Extent:
    """Return how many answers a selection has, of how many models, to how many probes."""
    rows = _cells(selection)
    found = store.rows(
        f"SELECT count(*), count(DISTINCT model), count(DISTINCT probe) FROM ({rows.sql})", rows.parameters
    )
    return Extent(*found[0])


def probes(store: Store, selection: Selection, by: str = "model") -> pd.DataFrame:
    """Return the probes of a selection and what each model did with them, in the order of the set.

    A row a probe: `probe, template, country, topic, kind, prompt`, then a column for each model with its
    commonest label, and how many of its samples have it where they differ (`refusal, 2 of 3`). `by` says
    what is told apart as one model: `model`, or `route`.
    """
    rows = selection.rows((by,))
    probe = f"place, probe, template, country, topic, kind, prompt, {by}"
    found = store.frame(_counted(probe, rows.sql), rows.parameters)
    alike = found["alike"].astype(str) + " of " + found["n"].astype(str)
    found["shown"] = found["label"].where(found["alike"] == found["n"], found["label"] + ", " + alike)
    axes = ["place", "probe", "template", "country", "topic", "kind", "prompt"]
    wide = found.pivot(index=axes, columns=by, values="shown").sort_index().reset_index()
    return wide.drop(columns="place").rename_axis(columns=None)


def twins(store: Store, selection: Selection, probe: str, by: str = "model") -> pd.DataFrame:
    """Return what each model did with a probe and its twins in the other countries, whatever is filtered.

    A row a cell: `probe, country, name, label, alike, n`: the commonest label ('' for none by the chosen
    rater) of its `n` samples, which `alike` of them have. A probe without a template has no twins.
    """
    runs = None if selection.pairs is None else [run for run, _ in selection.pairs]
    ids = store.rows(
        """
        SELECT DISTINCT t.probe
        FROM probes p JOIN probes t ON t.set_hash = p.set_hash AND (t.probe = p.probe
            OR (p.template <> '' AND t.template = p.template AND t.language = p.language))
        WHERE p.probe = ? AND (? IS NULL OR p.set_hash IN (
            SELECT set_hash FROM runs WHERE run IN (SELECT unnest(?::VARCHAR[]))))
        """,
        [probe, runs, runs],
    )
    named = dataclasses.replace(selection.unfiltered(), probes=tuple(id for (id,) in ids) or (probe,))
    rows = named.rows((by,))
    return store.frame(
        f"{_counted(f'place, probe, country, {by} AS name', rows.sql)} ORDER BY place, name", rows.parameters
    ).drop(columns="place")


def _counted(axes: str, rows: str) -> str:
    return f"""
        SELECT * EXCLUDE (label, k), {_COMMONEST}
        FROM (SELECT {axes}, coalesce(label, '') AS label, count(*) AS k FROM {rows} GROUP BY ALL)
        GROUP BY ALL
        """


def hits(store: Store, selection: Selection, asked: Sequence[str], by: str = "model") -> tuple[Hit, ...]:
    """Return the answers of a selection to some of its probes, in the order of these."""
    rows = _cells(dataclasses.replace(selection, probes=tuple(asked)), by)
    found = store.rows(
        f"SELECT run, probe, model, sample, {by} FROM ({rows.sql})"
        f" ORDER BY list_position(?, probe), {by}, sample, run",
        [*rows.parameters, list(asked)],
    )
    return tuple(map(Hit._make, found))


def _cells(selection: Selection, by: str = "model") -> Where:
    """Return a query for the cells of a selection: `run, probe, model, sample`, and `route` by request.

    Over a million answers this takes a third of the time that `Selection.rows` does, which knows all that is
    stored of an answer.
    """
    of_answers: dict[str, Any] = dict.fromkeys(_OF_PROBES + _OF_MODELS + _OF_LABELS, ())
    where = dataclasses.replace(selection, **of_answers).where()
    given = "(SELECT *, text AS response FROM responses)"
    source = routed(given) if by == "route" else given
    cell, labelled = "run, probe, model, sample", Where("", [])
    of_label = _part(selection, _OF_LABELS).where()
    if of_label.parameters:
        source_of = "comparison_of(?)" if selection.label_set else "current_labels"
        labelled = Where(
            f"SEMI JOIN (SELECT {cell} FROM {source_of} WHERE {of_label.sql}) USING ({cell})",
            [*[selection.label_set] * bool(selection.label_set), *of_label.parameters],
        )
    of_probe, of_model = _part(selection, _OF_PROBES).where(), _part(selection, _OF_MODELS).where()
    parts = [where.sql]
    if of_probe.parameters:
        known = f"runs JOIN probes p USING (set_hash) WHERE {of_probe.sql}"
        parts.append(f"(run, probe) IN (SELECT run, p.probe FROM {known})")
    if of_model.parameters:
        known = f"run_models rm JOIN models USING (model_hash) WHERE {of_model.sql}"
        parts.append(f"(run, model) IN (SELECT rm.run, rm.model FROM {known})")
    way = ", route" if by == "route" else ""
    sql = f"SELECT {cell}{way} FROM {source} comparison {labelled.sql} WHERE {' AND '.join(parts)}"
    return Where(sql, [*labelled.parameters, *where.parameters, *of_probe.parameters, *of_model.parameters])


def _part(selection: Selection, fields: Sequence[str]) -> Selection:
    """Return what a selection asks for by some of its fields alone."""
    asked: dict[str, Any] = {field: getattr(selection, field) for field in fields}
    return Selection(**asked)


def read(store: Store, hits: Sequence[Hit], label_set: str = "") -> pd.DataFrame:
    """Return some answers that were found, in the order given: `answers`' columns and `name`."""
    pairs = dict.fromkeys((hit.run, hit.model) for hit in hits)
    asked = Selection(
        pairs=tuple(pairs), probes=tuple(dict.fromkeys(hit.probe for hit in hits)), label_set=label_set
    )
    wanted = pd.DataFrame(list(hits), columns=pd.Index(Hit._fields))
    return wanted.merge(answers(store, asked), on=["run", "probe", "model", "sample"])


def came(store: Store, selection: Selection) -> Came:
    """Return which hosts served the answers of a selection's runs and models, and when."""
    where = Selection(pairs=selection.pairs).where()
    rows = store.rows(
        "SELECT served_by, min(created_at)::DATE, max(created_at)::DATE FROM responses"
        f" WHERE {where.sql} GROUP BY served_by ORDER BY served_by",
        where.parameters,
    )
    return Came(
        tuple(host for host, _, _ in rows if host),
        min((first for _, first, _ in rows), default=None),
        max((last for _, _, last in rows), default=None),
    )


def said(store: Store, run: str, cell: Cell) -> tuple[Said, ...]:
    """Return what each rater said last of the answer in force of a cell: people first, the rules last.

    A label that was taken back is left out.
    """
    rows = store.rows(
        """
        SELECT rater, version, label, reason, confidence, created_at FROM (
            SELECT l.* FROM labels l JOIN responses r USING (run, probe, model, sample, attempt)
            WHERE l.run = ? AND l.probe = ? AND l.model = ? AND l.sample = ?
            QUALIFY row_number() OVER (PARTITION BY l.rater ORDER BY l.created_at DESC, l.version DESC) = 1)
        WHERE label <> '' ORDER BY rater NOT LIKE 'human:%', rater = 'rules', rater
        """,
        [run, *cell],
    )
    return tuple(Said(*row) for row in rows)
