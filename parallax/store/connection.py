"""Opening the store and asking it."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd

from parallax.errors import StoreError, StoreLockedError
from parallax.store.migrations import migrate

MEMORY_LIMIT = "2GB"

Parameters = Sequence[object]
_T = TypeVar("_T")


class Store:
    """The open DuckDB file of this process. Threads may share it: each gets a cursor of its own."""

    def __init__(self, path: Path) -> None:
        """Open or make the file and bring its schema up to date.

        Raises `StoreLockedError` where another process holds it, `StoreError` where it is no store.
        """
        self.path = path
        self._local = threading.local()
        self._write = threading.Lock()
        self._reopening = threading.Lock()
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        db = _connect(path)
        self._db: duckdb.DuckDBPyConnection | None = db
        try:
            migrate(db)
        except duckdb.Error as error:
            db.close()
            raise StoreError(f"{path}: cannot be brought up to date: {error}") from None
        self._revision = int(self.rows("SELECT value FROM meta WHERE key = 'revision'")[0][0])

    @property
    def revision(self) -> int:
        """A counter that goes up when there is something new to show."""
        return self._revision

    def bump(self) -> None:
        """Tell the readers that there is something new."""
        with self.transaction() as cursor:
            cursor.execute("UPDATE meta SET value = ? WHERE key = 'revision'", [str(self._revision + 1)])
        self._revision += 1

    @property
    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's cursor. Raises `StoreError` where the file cannot be opened again after a fault."""
        with self._reopening:
            db = self._db = self._db or _connect(self.path)
            if getattr(self._local, "db", None) is not db:
                self._local.db, self._local.cursor = db, db.cursor()
                self._cursors.add(self._local.cursor)
        cursor: duckdb.DuckDBPyConnection = self._local.cursor
        return cursor

    def _give_up(self, dead: duckdb.DuckDBPyConnection | None) -> None:
        """Close the file with all cursors, unless somebody did; who needs it next opens it anew.

        A checkpoint that finds the disk full leaves DuckDB's instance unusable, although nothing is lost. A
        cursor of it that is closed late would take this process's lock on the file along.
        """
        with self._reopening:
            if self._db is not dead or dead is None:
                return
            for cursor in [*self._cursors, dead]:
                _end(cursor)
            self._db = None

    def _read(self, read: Callable[[duckdb.DuckDBPyConnection], _T]) -> _T:
        """Read with this thread's cursor, once more where the instance died under it."""
        try:
            return read(self.cursor)
        except (duckdb.FatalException, duckdb.ConnectionException, duckdb.InterruptException):
            self._give_up(self._local.db)
            return read(self.cursor)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        return self._read(lambda cursor: cursor.execute(sql, list(parameters)).fetchall())

    def frame(self, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
        """Run a query and return a data frame, a column for each of the query's."""
        return self._read(lambda cursor: cursor.execute(sql, list(parameters)).df())

    def long_frame(self, sql: str, parameters: Parameters = ()) -> pd.DataFrame:
        """Return the same of very many rows with few texts, which become categories: a third of the memory.

        Not for sums of integers: DuckDB's are wider than any integer of pandas.
        """
        found = self._read(lambda cursor: cursor.sql(sql, params=list(parameters)).to_arrow_table())
        frame: pd.DataFrame = found.to_pandas(strings_to_categorical=True, self_destruct=True)
        return frame

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give this thread's cursor in a transaction: all of the block is kept, or nothing of it.

        Raises `StoreError` where the file cannot be written, a full disk included. The block may be kept
        even then: doing it again must do no harm.
        """
        with self._write:
            cursor = self.cursor
            cursor.begin()
            try:
                yield cursor
                cursor.commit()
            except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException) as error:
                _rollback(cursor)
                raise StoreError(f"{self.path}: cannot be written: {_line(error)}") from None
            except duckdb.FatalException as error:
                self._give_up(self._local.db)
                raise StoreError(f"{self.path}: cannot be written: {_line(error)}") from None
            except BaseException:
                _rollback(cursor)
                raise

    def close(self) -> None:
        """Close the file, so that another process may have it."""
        if self._db is not None:
            self._db.close()


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = duckdb.connect(str(path))
    except duckdb.IOException as error:
        if "Could not set lock" in str(error):
            raise StoreLockedError(
                f"{path}: another process holds the store; stop it, or use its pages and its exports"
            ) from None
        raise StoreError(f"{path}: cannot be opened: {_line(error)}") from None
    except (duckdb.Error, OSError) as error:
        raise StoreError(f"{path}: cannot be opened: {_line(error)}") from None
    db.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    db.execute("SET preserve_insertion_order = false")
    db.execute(f"SET temp_directory = '{_quoted(path.parent / 'tmp')}'")
    return db


def _end(cursor: duckdb.DuckDBPyConnection) -> None:
    """Close a connection, breaking off what another thread is asking it."""
    with suppress(duckdb.ConnectionException):  # it is closed already
        while True:
            cursor.interrupt()
            try:
                return cursor.close()
            except duckdb.ResourceInUseException:
                # it refuses until the other thread has seen the interrupt
                time.sleep(0.01)


def _rollback(cursor: duckdb.DuckDBPyConnection) -> None:
    # a commit that failed has ended its transaction already
    with suppress(duckdb.TransactionException):
        cursor.rollback()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]


_open: dict[Path, Store] = {}
_opening = threading.Lock()


def open_store(path: Path) -> Store:
    """Return this process's store at a path, opening it the first time it is asked for."""
    with _opening:
        if path not in _open:
            _open[path] = Store(path)
        return _open[path]


def current(path: Path) -> Store | None:
    """Return the store at a path where this process has it open."""
    return _open.get(path)


def shut(path: Path) -> None:
    """Close this process's store at a path, if it is open."""
    with _opening:
        if path in _open:
            _open.pop(path).close()
