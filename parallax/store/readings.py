"""What is read of an answer's text once it is in the store: its language, the facts it states, state lines.

It costs one to five milliseconds an answer, too much for a click and for the transaction that takes answers
in. So it follows them: the dashboard's ingest thread reads a little after each pass, and whoever needs it at
once calls `fill`. A new `VERSION` has everything read anew.
"""

from __future__ import annotations

import json
import math
import time
from functools import lru_cache
from typing import NamedTuple

import duckdb
import pyarrow as pa

from parallax import facts, languages, stateline
from parallax.records import Kind, Probe
from parallax.store.connection import Store

VERSION = 1
BATCH = 64

_UNREAD = f"""
    SELECT r.place, r.text, p.prompt, CASE WHEN p.kind = '{Kind.FACTUAL}' THEN p.meta::VARCHAR END
    FROM (SELECT rowid AS place, run, probe, text FROM responses WHERE read_version < ? LIMIT {BATCH}) r
    LEFT JOIN runs USING (run) LEFT JOIN probes p ON p.set_hash = runs.set_hash AND p.probe = r.probe
    """
_READ = """
    UPDATE responses SET read_version = ?, reply_language = b.language, other_language = b.other,
        coverage = b.coverage, state_line = b.state_line
    FROM readings_batch b WHERE responses.rowid = b.place
    """


class Reading(NamedTuple):
    """What was read of one answer; `coverage` and `state_line` are None where its probe has none."""

    language: str
    other: float
    coverage: float | None
    state_line: float | None


def read(answer: str, probe: Probe | None) -> Reading:
    """Return what an answer's text tells; `probe` is given where it is a factual one."""
    language, other = languages.read(answer)
    if probe is None or not answer:
        return Reading(language, other, None, None)
    line = stateline.read(probe, answer)
    return Reading(language, other, facts.coverage(facts.find(probe, answer)), line.score if line else None)


def fill(store: Store, seconds: float = math.inf) -> int:
    """Read answers that nobody has read yet, for about so many seconds; return how many.

    To tell the readers of the store is the caller's. Raises `StoreError` where the store cannot be written.
    """
    done, until = 0, time.monotonic() + seconds
    while count := _batch(store):
        done += count
        if count < BATCH or time.monotonic() >= until:
            break
    return done


def unread(store: Store) -> int:
    """Return how many answers are still to be read."""
    return int(store.rows("SELECT count(*) FROM responses WHERE read_version < ?", [VERSION])[0][0])


def _batch(store: Store) -> int:
    if not store.rows("SELECT 1 FROM responses WHERE read_version < ? LIMIT 1", [VERSION]):
        return 0
    with store.transaction() as cursor:
        return _read_some(cursor)


def _read_some(cursor: duckdb.DuckDBPyConnection) -> int:
    rows = cursor.execute(_UNREAD, [VERSION]).fetchall()
    found = [
        {"place": place, **read(text or "", _factual(prompt, meta) if meta else None)._asdict()}
        for place, text, prompt, meta in rows
    ]
    cursor.register("readings_batch", pa.Table.from_pylist(found, schema=_SHAPE))
    cursor.execute(_READ, [VERSION])
    cursor.unregister("readings_batch")
    return len(found)


_SHAPE = pa.schema(
    [
        ("place", pa.int64()),
        ("language", pa.string()),
        ("other", pa.float64()),
        ("coverage", pa.float64()),
        ("state_line", pa.float64()),
    ]
)


@lru_cache(maxsize=512)
def _factual(prompt: str, meta: str) -> Probe:
    return Probe("factual", prompt, Kind.FACTUAL, meta=json.loads(meta))
