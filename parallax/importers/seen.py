"""How often something was met, counted in a file of its own: there may be more of it than fits the memory."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from types import TracebackType
from typing import Self

_COUNT = "INSERT INTO seen VALUES (?, 1) ON CONFLICT (what) DO UPDATE SET n = n + 1 RETURNING n"


class Seen:
    """A count of what was met, for the block that it opens."""

    def __init__(self) -> None:
        """Begin with nothing met."""
        # an empty name is a file that SQLite makes aside, and removes
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA synchronous = off")
        self._db.execute("PRAGMA journal_mode = off")
        self._db.execute("CREATE TABLE seen (what BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._db.close()

    def times(self, *what: object) -> int:
        """Return how often this was met before, and count that it is met now."""
        key = sha256(repr(what).encode("utf-8", "replace")).digest()[:16]
        ((count,),) = self._db.execute(_COUNT, [key]).fetchall()
        return int(count) - 1
