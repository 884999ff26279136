"""The response cache: answers already paid for, in one SQLite file that all workers share.

| column | what |
| --- | --- |
| `key` | SHA-256 of all that decides an answer (`key`), 32 bytes |
| `reply` | the reply as JSON: the columns of a shard that differ from an empty reply |
| `answered_at` | when it was received, in whole seconds since 1970 (UTC) |

Neither a prompt nor an API key is in it. The write-ahead log lets processes read while one writes. An
answer is the kernel's when `put` or `keep` returns, so a kill loses none. The cache is a convenience:
none of its troubles ends a run; `Cache.note` tells of it, and the run goes on without. Move or delete the
file only while no worker runs: SQLite finds its log by name.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from parallax import config
from parallax.errors import ParallaxError
from parallax.records import Cell, ModelSpec, Outcome, Reply, Response, content_hash
from parallax.routing import is_empty_stop
from parallax.runner import Known
from parallax.shards import from_row, to_row

VERSION = 1
BUSY_S = 2.0
_TABLE = "responses (key blob not null unique, reply text not null, answered_at integer not null)"
_GET = "select reply, answered_at from responses where key = ?"
_PUT = "insert or replace into responses values (?, ?, ?)"


def key(spec: ModelSpec, prompt: str, sample: int, params: Mapping[str, Any] | None = None) -> str:
    """Return what names a cell's answer across runs: 64 hex digits.

    `params` win over those of the entry, as in the call itself. The sample's number is part of it: the
    samples of a run stay independent answers.
    """
    sent = {**spec.params, **(params or {})}
    return content_hash([spec.litellm, spec.api_base, spec.system, sent, prompt, sample])


class _Row(NamedTuple):
    key: bytes
    reply: str
    answered_at: int


class Cache:
    """One process's connection to the cache; nothing here raises for a bad file, lock or disk.

    `fresh` asks everything anew and keeps the new answers. `note` is one line for a person where
    something went wrong, else empty. Calls block, for microseconds: no thread is worth its while.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        """Open the file, or begin it."""
        self.note = ""
        self._path, self._fresh = path, fresh
        self._secrets = config.secrets()
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        self._joint: list[_Row] = []
        self._open()

    def get(self, key: str) -> Known | None:
        """Return the answer kept under a key, at no cost; None where there is none or `fresh` is set."""
        if self._fresh:
            return None
        found = self._do(lambda db: db.execute(_GET, [bytes.fromhex(key)]).fetchone())
        return _read(*found) if found else None

    def put(self, key: str, reply: Reply) -> bool:
        """Keep an answer in place of an older one, and say whether it was kept.

        Only an observation is: an answer, a block or a truncation. Errors are not, nor an empty stop,
        which a second try has yet to confirm, nor a text in which a host repeats one of our keys.
        """
        row = self._row(key, reply)
        return row is not None and self._write([row])

    def recall(self, spec: ModelSpec, prompt: str, sample: int) -> Known | None:
        """Return the answer kept for a cell."""
        return self.get(key(spec, prompt, sample))

    async def keep(self, spec: ModelSpec, prompt: str, sample: int, reply: Reply) -> bool:
        """Keep the answer to a cell as `put` does; those of one round of the event loop are one write."""
        row = self._row(key(spec, prompt, sample), reply)
        if row is None:
            return False
        joint = self._joint
        joint.append(row)
        await asyncio.sleep(0)
        if joint is self._joint:
            self._joint = []
            self._write(joint)
        return self._db is not None

    def close(self) -> None:
        """Let go of the file; the last process folds the log back into it."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _row(self, key: str, reply: Reply) -> _Row | None:
        if reply.outcome is Outcome.ERROR or is_empty_stop(reply):
            return None
        text = _text(reply)
        if any(secret in text for secret in self._secrets):
            return None
        return _Row(bytes.fromhex(key), text, int(time.time()))

    def _write(self, rows: Sequence[_Row]) -> bool:
        self._do(lambda db: _insert(db, rows))
        return self._db is not None

    def _do(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Do one thing with the file; where that shows it to be damaged, once more on a new one."""
        if self._db is None:
            return None
        try:
            return work(self._db)
        except sqlite3.Error as error:
            self.close()
            if self.note or not _is_damage(error):
                self._go_without(error)
                return None
        self._open(damaged=self._inode)
        return self._do(work)

    def _open(self, damaged: int = 0) -> None:
        """Connect, after the file with the inode `damaged` was set aside.

        Under a lock: a file set aside while another process is opening it would leave its log to the
        new one. Who finds another inode there knows that somebody else was first.
        """
        try:
            with FileLock(f"{self._path}.lock", timeout=BUSY_S, poll_interval=0.01):
                if damaged and damaged == self._path.stat().st_ino:
                    self._set_aside()
                try:
                    self._db = _connect(self._path)
                except sqlite3.Error as error:
                    if not _is_damage(error):
                        raise
                    self._set_aside()
                    self._db = _connect(self._path)
                self._inode = self._path.stat().st_ino
        except (OSError, sqlite3.Error, ParallaxError) as error:
            self.close()
            self._go_without(error)

    def _set_aside(self) -> None:
        aside = self._path.with_name(f"{self._path.name}.damaged")
        for ending in ("-shm", "-wal"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        self._path.replace(aside)
        self.note = f"{self._path}: the response cache was damaged; it is now {aside.name}, a new one began"

    def _go_without(self, error: Exception) -> None:
        self.note = f"{self._path}: this run goes on without the response cache: {_why(error)}"


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    # so that a reply that is no UTF-8 any more is one bad row, not a failed statement
    db.text_factory = bytes
    try:
        (version,) = db.execute("pragma user_version").fetchone()
        (tables,) = db.execute("select count(*) from sqlite_master").fetchone()
        if version != VERSION and (version or tables):
            raise ParallaxError(f"it has format {version}, not {VERSION}; move it away to begin a new one")
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        if not tables:
            db.executescript(f"begin; create table {_TABLE}; pragma user_version = {VERSION}; commit")
    except (sqlite3.Error, ParallaxError):
        db.close()
        raise
    return db


def _insert(db: sqlite3.Connection, rows: Sequence[_Row]) -> None:
    with db:
        db.execute("begin immediate")
        db.executemany(_PUT, rows)


def _frame(reply: Reply) -> Response:
    return Response("", Cell("", "", 0), 1, True, reply, datetime.min)


_EMPTY = to_row(_frame(Reply(Outcome.OK)))


def _text(reply: Reply) -> str:
    return _json({name: v for name, v in to_row(_frame(reply)).items() if v != _EMPTY[name]})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _read(text: bytes, answered_at: int) -> Known | None:
    """Return what `_text` wrote; None for a row of which nothing can be made: it is asked again."""
    try:
        row = {**_EMPTY, **json.loads(text), "cost_usd": 0.0, "cached": True}
        return Known(from_row(row).reply, datetime.fromtimestamp(answered_at, UTC))
    except (ValueError, TypeError):
        return None


def _is_damage(error: sqlite3.Error) -> bool:
    return _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _code(error: Exception) -> int:
    """Return SQLite's primary result code, 0 where the error is not of SQLite."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _why(error: Exception) -> str:
    if isinstance(error, Timeout) or _code(error) == sqlite3.SQLITE_BUSY:
        return f"another program has held it for {BUSY_S:.0f} s"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
