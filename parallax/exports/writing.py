"""An export as a file or as a stream, with what a spreadsheet would run made inert."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from parallax import spreadsheets
from parallax.exports import provenance, tables
from parallax.exports.provenance import Provenance
from parallax.exports.request import Export
from parallax.store import Store, copying
from parallax.store.copying import Query, Stream, quoted

MARK = "\ufeff"


def write(store: Store, export: Export, path: Path) -> Provenance:
    """Write an export to a file, and return its provenance.

    Raises `StoreError` where the file cannot be written, `ParallaxError` where the export cannot be.
    """
    table = tables.table(store, export)
    query, columns = _written(store, export, table.query)
    rows = copying.write(store, query, path, export.ending)
    return provenance.of(store, export, table, columns, rows)


class Opened(NamedTuple):
    """An export under way: its bytes, and who tells its provenance when they are all read."""

    store: Store
    export: Export
    table: tables.Table
    columns: tuple[str, ...]
    stream: Stream

    def provenance(self) -> Provenance:
        """Return the provenance of what was streamed, once it is read to its end."""
        return provenance.of(self.store, self.export, self.table, self.columns, self.stream.rows)


def stream(store: Store, export: Export) -> Opened:
    """Begin to stream an export; `stream` of what comes back is to be closed.

    Raises `ParallaxError` where the export cannot be made.
    """
    table = tables.table(store, export)
    query, columns = _written(store, export, table.query)
    return Opened(store, export, table, columns, Stream(store, query, export.ending))


def describe(store: Store, export: Export) -> Provenance:
    """Return the provenance that an export has now, without writing it."""
    table = tables.table(store, export)
    _, columns = _written(store, export, table.query)
    return provenance.of(store, export, table, columns, copying.count(store, table.query))


def query(store: Store, export: Export) -> Query:
    """Return the very query that an export writes. Raises `ParallaxError` where it cannot be made."""
    return _written(store, export, tables.table(store, export).query)[0]


def _written(store: Store, export: Export, query: Query) -> tuple[Query, tuple[str, ...]]:
    """Return a query whose texts and headings are as the format wants them, and the headings."""
    found = copying.columns(store, query)
    inert = export.is_neutralised
    headings = [spreadsheets.inert(column.name) if inert else column.name for column in found]
    shown = tuple(headings)
    if export.has_mark:
        # a byte order mark before the first heading is one before the whole file
        headings[0] = MARK + headings[0]
    columns = [
        f"{spreadsheets.inert_sql(sql) if inert and column.is_text else sql} AS {quoted(heading)}"
        for sql, column, heading in zip(query.columns, found, headings, strict=True)
    ]
    return query._replace(columns=columns), shown
