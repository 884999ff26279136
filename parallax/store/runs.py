"""A run as a whole: out of the store as one shard, or out of the store and the spool for good."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from parallax.shards import SCHEMA
from parallax.spool import RunFolder, writing
from parallax.store.connection import Store

_OF_RUNS = (
    "attempts",
    "responses",
    "labels",
    "current_labels",
    "newest_labels",
    "draws",
    "run_models",
    "runs",
)
# what runs share: the table, its key, the tables of those that use it
_SHARED = (
    ("probes", "set_hash", ("runs", "saved_sets")),
    ("probe_sets", "set_hash", ("runs", "saved_sets")),
    ("models", "model_hash", ("run_models",)),
)


def as_shard(store: Store, run: str) -> pa.Table:
    """Return every attempt of a run with the newest label that the rules gave it, in `shards.SCHEMA`.

    The rows are in the order of model, probe, sample and attempt. The store keeps text and tokens of the
    attempt that counts for its cell only; another one's are empty.
    """
    found = store.cursor.sql(
        """
        SELECT a.run, a.probe, a.model, a.sample, a.attempt, a.final, a.outcome,
            coalesce(r.block, '') AS block, coalesce(r.text, '') AS text,
            coalesce(r.reasoning, '') AS reasoning, coalesce(r.reasoning_state, 'none') AS reasoning_state,
            coalesce(r.finish_reason, '') AS finish_reason, coalesce(r.served_model, '') AS served_model,
            coalesce(r.served_by, '') AS served_by, coalesce(r.fingerprint, '') AS fingerprint,
            a.http_status, a.error, a.latency_s, r.prompt_tokens, r.completion_tokens, a.cost_usd,
            a.cached, coalesce(r.params, '') AS params, a.created_at, l.label, l.rater,
            l.version AS rater_version, l.reason, l.confidence, l.created_at AS labelled_at
        FROM attempts a
        LEFT JOIN responses r USING (run, probe, model, sample, attempt)
        LEFT JOIN (
            FROM labels WHERE rater = 'rules'
            QUALIFY row_number() OVER (
                PARTITION BY run, probe, model, sample, attempt ORDER BY created_at DESC) = 1
        ) l USING (run, probe, model, sample, attempt)
        WHERE a.run = ?
        ORDER BY a.model, a.probe, a.sample, a.attempt
        """,
        params=[run],
    )
    return found.to_arrow_table().select(SCHEMA.names).cast(SCHEMA)


def forget(store: Store, spool: Path, runs: Sequence[str]) -> None:
    """Take runs out of the spool and the store: their answers and labels, and what only they used.

    A probe set that somebody saved stays.

    The folders go first: whatever an ingest brings in before the rows go, goes with them, and nothing is
    left for a later one. Raises `SpoolError` or `StoreError` where something cannot be written; done
    again, it goes on.
    """
    for run in runs:
        _take_folder(RunFolder(spool, run))
    with store.transaction() as cursor:
        _delete(cursor, list(runs))
    store.bump()


def _take_folder(folder: RunFolder) -> None:
    """Remove a run's folder; by a rename first, so that nobody sees half of one."""
    if not folder.path.exists():
        return
    with writing(folder.path), tempfile.TemporaryDirectory(prefix=".gone-", dir=folder.spool) as aside:
        folder.path.rename(Path(aside) / folder.run)


def _delete(cursor: duckdb.DuckDBPyConnection, runs: list[str]) -> None:
    def of_runs(column: str, table: str) -> list[str]:
        found = f"SELECT DISTINCT {column} FROM {table} WHERE run IN (SELECT unnest(?))"
        return [value for (value,) in cursor.execute(found, [runs]).fetchall()]

    left = {"set_hash": of_runs("set_hash", "runs"), "model_hash": of_runs("model_hash", "run_models")}
    for table in _OF_RUNS:
        cursor.execute(f"DELETE FROM {table} WHERE run IN (SELECT unnest(?))", [runs])
    for table, key, users in _SHARED:
        used = " OR ".join(f"{key} IN (SELECT {key} FROM {user})" for user in users)
        cursor.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT unnest(?)) AND NOT ({used})", [left[key]])
