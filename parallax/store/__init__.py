"""The DuckDB store: one file, one owner, a cursor for each thread."""

from parallax.store.connection import Store, current, open_store, shut
from parallax.store.ingest import Ingested, IngestLoop, fed_store, ingest
from parallax.store.labels import DEFAULT_SET
from parallax.store.runs import as_shard, forget
from parallax.store.selection import NO_ROUTE, Selection, routed

__all__ = [
    "DEFAULT_SET",
    "NO_ROUTE",
    "IngestLoop",
    "Ingested",
    "Selection",
    "Store",
    "as_shard",
    "current",
    "fed_store",
    "forget",
    "ingest",
    "open_store",
    "routed",
    "shut",
]
