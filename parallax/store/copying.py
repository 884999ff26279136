"""Queries written out: to a file, or as a stream that DuckDB writes as fast as its own COPY."""

from __future__ import annotations

import fcntl
import os
import select
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from parallax.errors import StoreError
from parallax.store.connection import Store

FORMATS = {
    ".csv": "FORMAT csv, HEADER true",
    ".csv.gz": "FORMAT csv, HEADER true, COMPRESSION gzip",
    ".jsonl": "FORMAT json",
    ".jsonl.gz": "FORMAT json, COMPRESSION gzip",
    # smaller groups of rows than by default: texts of a whole group are held in memory
    ".parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480",
}
CHUNK_BYTES = 1 << 20
POLL_S = 0.25
# two of DuckDB's row groups, which a scan takes or leaves as a whole
PART_ENTRIES = 2 * 122_880
_RANK = "the place of a row"


class Query(NamedTuple):
    """A SELECT to be written out, in the order that `order` names ('' for whatever is fastest).

    `frame` is what the SQL calls `frame`, where it asks no table of the store. `entries` says that the
    rows are those of the view `comparison` and too many for memory: their source then ends in a condition.
    """

    columns: Sequence[str]
    source: str
    parameters: Sequence[object] = ()
    order: str = ""
    frame: pd.DataFrame | None = None
    entries: int = 0

    @property
    def sql(self) -> str:
        """The SELECT with its order."""
        order = f" ORDER BY {self.order}" if self.order else ""
        return f"SELECT {', '.join(self.columns)} FROM {self.source}{order}"

    def parts(self, ending: str) -> list[Query]:
        """Return the query in parts that fit in memory, where the format can be put together of parts."""
        if not self.entries or ending == ".parquet":
            return [self]
        condition = f"{self.source} AND entry BETWEEN ? AND ?"
        return [
            self._replace(source=condition, parameters=[*self.parameters, first, first + PART_ENTRIES - 1])
            for first in range(0, self.entries, PART_ENTRIES)
        ]


class Column(NamedTuple):
    """A column of a query: its name, and whether it holds texts."""

    name: str
    is_text: bool


def of_frame(frame: pd.DataFrame) -> Query:
    """Return the query of a data frame's rows, in their order."""
    ranked = frame.assign(**{_RANK: range(len(frame))})
    return Query([quoted(name) for name in frame.columns], "frame", (), quoted(_RANK), ranked)


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def columns(store: Store, query: Query) -> tuple[Column, ...]:
    """Return what a query's rows consist of, without running it."""
    cursor = store.cursor
    with _Registered(cursor, query.frame):
        sql = f"SELECT {', '.join(query.columns)} FROM {query.source} LIMIT 0"
        found = cursor.execute(sql, list(query.parameters)).description
    return tuple(Column(name, str(kind) in {"VARCHAR", "STRING"}) for name, kind, *_ in found or [])


def count(store: Store, query: Query) -> int:
    """Return how many rows a query has."""
    if query.frame is not None:
        return len(query.frame)
    return int(store.rows(f"SELECT count(*) FROM {query.source}", query.parameters)[0][0])


def write(store: Store, query: Query, path: Path, ending: str) -> int:
    """Write a query's rows to a file in the format of an ending of `FORMATS`; return how many there are.

    Raises `StoreError` where the file cannot be written.
    """
    try:
        if len(query.parts(ending)) == 1:
            return _copy(store.cursor, query, path, ending)
        with closing(Stream(store, query, ending)) as stream, path.open("wb") as file:
            while (chunk := stream.read()) is not None:
                file.write(chunk)
            return stream.rows
    except (duckdb.IOException, OSError) as error:
        raise StoreError(f"{path}: cannot be written: {str(error).splitlines()[0]}") from None


def _copy(
    cursor: duckdb.DuckDBPyConnection, query: Query, path: Path, ending: str, *, headed: bool = True
) -> int:
    target = str(path).replace("'", "''")
    how = FORMATS[ending] if headed else FORMATS[ending].replace("HEADER true", "HEADER false")
    with _Registered(cursor, query.frame):
        copied = cursor.execute(f"COPY ({query.sql}) TO '{target}' ({how})", list(query.parameters))
        return int(copied.fetchall()[0][0])


class _Registered:
    """A data frame under the name `frame`, for as long as a query needs it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, frame: pd.DataFrame | None) -> None:
        self._cursor, self._frame = cursor, frame

    def __enter__(self) -> None:
        if self._frame is not None:
            self._cursor.register("frame", self._frame)

    def __exit__(self, *_: object) -> None:
        if self._frame is not None:
            self._cursor.unregister("frame")


class Stream:
    """A query's rows as bytes in the format of an ending of `FORMATS`, never more than a few MB at once.

    DuckDB writes into a named pipe in a thread of its own, with its own cursor; who reads too slowly
    makes it wait. To be closed by its reader, which ends a query that still runs.
    """

    def __init__(self, store: Store, query: Query, ending: str) -> None:
        self.rows = 0
        self._fault: Exception | None = None
        self._cursor: duckdb.DuckDBPyConnection | None = None
        store.path.parent.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix=".stream-", dir=store.path.parent)
        self._pipe = Path(self._folder.name) / "pipe"
        os.mkfifo(self._pipe, 0o600)
        # so that opening does not wait for a writer that may fail before it opens its end
        self._end = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        if resize := getattr(fcntl, "F_SETPIPE_SZ", None):
            # the system lets each user have only so much
            with suppress(OSError):
                fcntl.fcntl(self._end, resize, CHUNK_BYTES)
        # so that the reader sees no end before the last part
        self._held = os.open(self._pipe, os.O_WRONLY)
        self._poll = select.poll()
        self._poll.register(self._end, select.POLLIN)
        self._writer = threading.Thread(target=self._write, args=(store, query, ending), daemon=True)
        self._writer.start()

    def _write(self, store: Store, query: Query, ending: str) -> None:
        try:
            self._cursor = store.cursor
            for number, part in enumerate(query.parts(ending)):
                self.rows += _copy(self._cursor, part, self._pipe, ending, headed=not number)
        except (duckdb.Error, StoreError) as error:
            self._fault = error
        finally:
            os.close(self._held)

    def read(self) -> bytes | None:
        """Return what is there, b'' where nothing came for a quarter of a second, None at the end.

        Raises `StoreError` where the query failed: what was read then is not the whole.
        """
        ended = not self._writer.is_alive()
        if self._poll.poll(0 if ended else 1000 * POLL_S):
            if found := os.read(self._end, CHUNK_BYTES):
                return found
            # the pipe has no writer any more: its thread is about to end
            self._writer.join(POLL_S)
        if not ended:
            return b""
        if self._fault:
            raise StoreError(f"the export ended early: {str(self._fault).splitlines()[0]}")
        return None

    def close(self) -> None:
        """End the query if it runs, and give the pipe up."""
        while self._writer.is_alive():
            if self._cursor is not None:
                self._cursor.interrupt()
            # what waits for a reader does not see the interrupt
            if self._poll.poll(10):
                os.read(self._end, CHUNK_BYTES)
        os.close(self._end)
        self._folder.cleanup()
