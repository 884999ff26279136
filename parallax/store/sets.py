"""Probe sets in the store: those that were saved, and those that runs have brought along."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from parallax.records import Kind, Probe, ProbeSet
from parallax.store.connection import Store
from parallax.topics import theme_of


class StoredSet(NamedTuple):
    """A set version in the store, without its probes; `saved` is False for one that was only run."""

    set_hash: str
    id: str
    title: str
    version: str
    license: str
    author: str
    probes: int
    added_at: datetime
    saved: bool


def save(store: Store, probe_set: ProbeSet) -> None:
    """Keep a set version, whether or not it is ever run. Raises `StoreError` where it cannot be written."""
    with store.transaction() as cursor:
        insert(cursor, probe_set)
        cursor.execute("INSERT OR IGNORE INTO saved_sets VALUES (?, ?)", [probe_set.hash, now()])
    store.bump()


def insert(cursor: duckdb.DuckDBPyConnection, probe_set: ProbeSet) -> None:
    """Put a set version and its probes into the tables, unless they are there."""
    s, set_hash = probe_set, probe_set.hash
    cursor.execute(
        "INSERT OR IGNORE INTO probe_sets VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [set_hash, s.id, s.title, s.version, s.license, s.author, len(s.probes), now()],
    )
    rows = pd.DataFrame([_row(set_hash, place, probe) for place, probe in enumerate(s.probes)])
    cursor.register("new_probes", rows)
    cursor.execute("INSERT OR IGNORE INTO probes SELECT * FROM new_probes")
    cursor.unregister("new_probes")


def _row(set_hash: str, place: int, p: Probe) -> tuple[object, ...]:
    about = (p.template, p.kind.value, p.country, p.topic, theme_of(p.topic), p.language, p.stance, p.act)
    return (set_hash, p.id, place, *about, p.prompt, json.dumps(dict(p.meta), default=str))


def listed(store: Store) -> tuple[StoredSet, ...]:
    """Return every set version in the store, the newest first."""
    rows = store.rows(
        """
        SELECT s.set_hash, id, title, version, license, author, probes, added_at, v.set_hash IS NOT NULL
        FROM probe_sets s LEFT JOIN saved_sets v USING (set_hash)
        ORDER BY added_at DESC, s.set_hash
        """
    )
    return tuple(StoredSet(*row) for row in rows)


def fetch(store: Store, set_hash: str) -> ProbeSet | None:
    """Return a set version with its probes in their order, None where the store has none of that hash."""
    head = "id, title, version, license, author"
    heads = store.rows(f"SELECT {head} FROM probe_sets WHERE set_hash = ?", [set_hash])
    if not heads:
        return None
    fields = ("prompt", "kind", "template", "country", "topic", "language", "stance", "act", "meta")
    rows = store.rows(
        f"SELECT probe, {', '.join(fields)} FROM probes WHERE set_hash = ? ORDER BY place", [set_hash]
    )
    probes = [_probe(name, dict(zip(fields, values, strict=True))) for name, *values in rows]
    id, title, version, license, author = heads[0]
    return ProbeSet(id, title, version, license, author, tuple(probes))


def _probe(name: str, fields: dict[str, Any]) -> Probe:
    return Probe(name, **{**fields, "kind": Kind(fields["kind"]), "meta": json.loads(fields["meta"])})


def now() -> datetime:
    """Return the present as the store writes it: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
