"""From the spool into the store. A shard may be ingested twice; nothing changes the second time."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from parallax.errors import ParallaxError, RunError, ShardError
from parallax.plan import Plan
from parallax.records import LabelValue, Outcome
from parallax.shards import LABELS, in_schema
from parallax.spool import RunFolder, folders, write_atomically
from parallax.store import labels, readings, sets
from parallax.store.connection import Store, open_store
from parallax.store.labels import CELL, SAME

BUMP_EVERY_S = 2.0
LOOK_EVERY_S = 0.5
READ_S = 0.2
BATCH = 64

log = logging.getLogger("parallax.ingest")

_ATTEMPT = f"{CELL}, attempt, final, outcome, http_status, error, latency_s, cost_usd, created_at, cached"
_RESPONSE = (
    f"{CELL}, attempt, outcome, block, text, reasoning, reasoning_state, finish_reason, served_model,"
    " served_by, fingerprint, error, latency_s, prompt_tokens, completion_tokens, cost_usd, created_at,"
    " cached, params"
)


_Take = Callable[[duckdb.DuckDBPyConnection, str, pa.Table], None]


class _Kind(NamedTuple):
    """What a run's folder holds in one of its folders: how it is read and how it is taken in."""

    place: str
    read: Callable[[Path, str], pa.Table]
    take: _Take


class Ingested(NamedTuple):
    """What one pass over the spool did."""

    shards: int
    rows: int
    quarantined: int


def fed_store(path: Path, spool: Path) -> Store:
    """Open the store of a file with everything in it that lies in a spool. Raises `StoreError`."""
    store = open_store(path)
    ingest(store, spool)
    return store


def ingest(store: Store, spool: Path) -> Ingested:
    """Bring every new or longer plan and every finished shard of a spool into the store.

    A shard that cannot be read is moved to its run's `quarantine/` with the reason, and the rest goes
    on. Raises `StoreError` where the store cannot be written; the shard then stays for the next pass.
    """
    known = dict(store.rows("SELECT run, plan_version FROM runs"))
    shards = rows = quarantined = 0
    for folder in folders(spool):
        # a run that is removed while the pass is at it takes its folder along
        with suppress(FileNotFoundError):
            version = folder.plan_version()
            if known.get(folder.run) != version and not _register(store, folder, version):
                continue
            for kind in _KINDS:
                paths = sorted((folder.path / kind.place).glob("*.parquet"))
                for first in range(0, len(paths), BATCH):
                    batch = paths[first : first + BATCH]
                    good = _readable(store, folder, batch, kind.read)
                    quarantined += len(batch) - len(good)
                    if taken := _ingest_shards(store, folder.run, good, kind.take):
                        shards += len(good)
                        rows += taken
    return Ingested(shards, rows, quarantined)


def _readable(
    store: Store, folder: RunFolder, paths: list[Path], read: Callable[[Path, str], pa.Table]
) -> dict[Path, pa.Table]:
    """Read shards of a run; each that is not what its worker writes is set aside by itself."""
    probes = "SELECT probe FROM probes JOIN runs USING (set_hash) WHERE run = ?"
    models = "SELECT model FROM run_models WHERE run = ?"
    members = {
        column: {value for (value,) in store.rows(sql, [folder.run])}
        for column, sql in {"probe": probes, "model": models}.items()
    }
    good = {}
    for path in paths:
        try:
            table = read(path, folder.run)
            _check_values(path, table, members)
            good[path] = table
        except ShardError as error:
            _quarantine(folder, path, str(error))
    return good


def read_shard(path: Path, run: str) -> pa.Table:
    """Read and check a shard. Raises `ShardError` where it is not what a worker of this run writes."""
    table = _read(path, in_schema)
    _check_values(path, table, {"run": {run}, "outcome": {*Outcome}, "label": {*LabelValue, None}})
    if table.filter(table.column("label").is_valid()).column("rater").null_count:
        raise ShardError(f"{path.name}: column rater is empty beside a label")
    return table


def _read_labels(path: Path, run: str) -> pa.Table:
    table = _read(path, lambda found: found.select(LABELS.names).cast(LABELS))
    _check_values(path, table, {"run": {run}, "label": {*LabelValue, ""}})
    return table


def _read(path: Path, shape: Callable[[pa.Table], pa.Table]) -> pa.Table:
    try:
        table = shape(pq.read_table(path))
        table.validate(full=True)
    except Exception as error:  # noqa: BLE001 - containment: one shard's failure is a quarantined file
        raise ShardError(f"{path.name}: cannot be read as a shard: {str(error).splitlines()[0]}") from None
    return table


def _check_values(path: Path, table: pa.Table, allowed: Mapping[str, Collection[object]]) -> None:
    for column, values in allowed.items():
        strange = set(table.column(column).unique().to_pylist()) - set(values)
        if strange:
            raise ShardError(f"{path.name}: column {column} holds {sorted(map(str, strange))[0]!r}")


def _quarantine(folder: RunFolder, path: Path, reason: str) -> None:
    place = folder.path / "quarantine"
    place.mkdir(exist_ok=True)
    write_atomically(place / f"{path.stem}.txt", f"{reason}\n".encode())
    path.replace(place / path.name)
    log.warning("run %s: set aside %s", folder.run, reason)


def _register(store: Store, folder: RunFolder, version: int) -> bool:
    """Take a plan in, or what was added to one; `version` is not newer than what is read here."""
    try:
        plan = folder.plan()
        if plan.run != folder.run:
            raise RunError(f"the plan is that of run '{plan.run}'")
    except RunError as error:
        _quarantine(folder, folder.path / "plan.json", str(error))
        return False
    with store.transaction() as cursor:
        # looked for in here: `runs.forget` takes the folder first, and its rows in a later transaction
        if not folder.path.exists():
            return False
        sets.insert(cursor, plan.probe_set)
        _insert_models(cursor, plan)
        cursor.execute(
            "INSERT INTO runs (run, name, set_hash, samples, params, cells, done, created_at, updated_at,"
            " recorded, plan_version, imported)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET"
            " samples = excluded.samples, cells = excluded.cells, plan_version = excluded.plan_version",
            [
                plan.run,
                plan.name,
                plan.probe_set.hash,
                plan.samples,
                json.dumps(dict(plan.params)),
                plan.size,
                plan.created_at.replace(tzinfo=None),
                plan.created_at.replace(tzinfo=None),
                plan.recorded,
                version,
                plan.imported,
            ],
        )
    return True


def _insert_models(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    for m in plan.models:
        cursor.execute(
            "INSERT OR REPLACE INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [m.hash, m.id, m.litellm, m.developer, m.home, m.api_base, m.system, json.dumps(dict(m.params)),
             m.license, m.open_weights, m.released, m.base, m.quantization],
        )  # fmt: skip
        cursor.execute("INSERT OR IGNORE INTO run_models VALUES (?, ?, ?)", [plan.run, m.id, m.hash])


def _ingest_shards(store: Store, run: str, tables: Mapping[Path, pa.Table], take: _Take) -> int:
    """Take shards in and their files away; returns their rows, or 0 where the run is no longer known.

    In one transaction: it costs about the same for one shard as for many.
    """
    if not tables:
        return 0
    table = pa.concat_tables(tables.values())
    with store.transaction() as cursor:
        if not cursor.execute("SELECT 1 FROM runs WHERE run = ?", [run]).fetchall():
            return 0
        take(cursor, run, table)
    for path in tables:
        path.unlink(missing_ok=True)
    return int(table.num_rows)


def _ingest_table(cursor: duckdb.DuckDBPyConnection, run: str, table: pa.Table) -> None:
    cursor.register("shard_rows", table)
    cursor.execute("CREATE OR REPLACE TEMP TABLE shard AS SELECT * FROM shard_rows")
    cursor.unregister("shard_rows")
    _append_new(cursor)
    _replace_current(cursor)
    cursor.execute(
        "UPDATE runs SET updated_at = ?, done = (SELECT count(*) FROM responses WHERE run = ?) WHERE run = ?",
        [sets.now(), run, run],
    )


def _append_new(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute(
        f"INSERT INTO attempts SELECT {_ATTEMPT} FROM shard ANTI JOIN attempts USING ({CELL}, attempt)"
        f" QUALIFY row_number() OVER (PARTITION BY {CELL}, attempt) = 1"
    )
    cursor.execute(
        f"""
        INSERT INTO labels
        SELECT {CELL}, attempt, label, rater, rater_version AS version, reason, confidence, labelled_at
        FROM (SELECT *, rater_version AS version FROM shard WHERE label IS NOT NULL)
        ANTI JOIN labels USING ({CELL}, attempt, rater, version)
        QUALIFY row_number() OVER (PARTITION BY {CELL}, attempt, rater, version) = 1
        """
    )


def _replace_current(cursor: duckdb.DuckDBPyConnection) -> None:
    """A cell's response is its latest final attempt that is no error, else its latest final one."""
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE better AS
        SELECT s.* FROM shard s LEFT JOIN responses r USING ({CELL})
        WHERE s.final AND (r.run IS NULL
            OR (s.outcome <> 'error', s.attempt) > (r.outcome <> 'error', r.attempt))
        QUALIFY row_number() OVER (PARTITION BY {CELL} ORDER BY s.outcome = 'error', s.attempt DESC) = 1
        """
    )
    cursor.execute(f"DELETE FROM responses t USING better b WHERE {SAME}")
    cursor.execute(f"INSERT INTO responses BY NAME SELECT {_RESPONSE} FROM better")
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE touched AS"
        f" SELECT {CELL}, attempt FROM responses SEMI JOIN shard USING ({CELL})"
    )
    labels.refresh(cursor)


# labels last: they are of answers that must be there
_KINDS = (
    _Kind("shards", read_shard, _ingest_table),
    _Kind("labels", _read_labels, lambda cursor, run, table: labels.append(cursor, table)),
)


class IngestLoop(threading.Thread):
    """The dashboard's thread that feeds the store; `fault` says in one line what is wrong with it."""

    def __init__(self, store: Store, spool: Path) -> None:
        """Name store and spool; `start` begins."""
        super().__init__(name="parallax-ingest", daemon=True)
        self._store = store
        self._spool = spool
        self._ending = threading.Event()
        self._fault = ""

    @property
    def fault(self) -> str:
        """Why the store is not being fed, or an empty text."""
        if self._fault or self.is_alive() or self._ending.is_set():
            return self._fault
        return "the ingest loop has ended; restart the dashboard"

    def run(self) -> None:
        """Look into the spool until `stop`; a fault that may pass is tried again."""
        unseen, read, bumped_at = 0, 0, 0.0
        while not self._ending.wait(LOOK_EVERY_S):
            try:
                passed = ingest(self._store, self._spool)
                unseen += passed.rows + passed.quarantined
                read += readings.fill(self._store, READ_S)
                if read and not readings.unread(self._store):
                    # not before: what is read of a large store would have every page anew for an hour
                    unseen, read = unseen + read, 0
                if unseen and time.monotonic() - bumped_at >= BUMP_EVERY_S:
                    self._store.bump()
                    unseen, bumped_at = 0, time.monotonic()
                self._fault = ""
            except ParallaxError as error:
                self._fault = str(error)

    def stop(self) -> None:
        """End the loop and wait for the pass under way."""
        self._ending.set()
        self.join()
