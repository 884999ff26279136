"""What leaves Parallax: the `long` table, one row a response."""

from __future__ import annotations

from pathlib import Path

from parallax.errors import ParallaxError
from parallax.store import Selection, Store

LONG_COLUMNS = (
    "run", "set", "probe", "template", "kind", "country", "topic", "language", "model", "sample", "prompt",
    "response", "reasoning", "label", "rater", "reason", "outcome", "finish_reason", "served_model",
    "served_by", "latency_s", "prompt_tokens", "completion_tokens", "cost_usd", "created_at", "attempt",
)  # fmt: skip
_TEXTS = frozenset({
    "set", "probe", "template", "topic", "model", "prompt", "response", "reasoning", "reason",
    "finish_reason", "served_model", "served_by",
})  # fmt: skip


def long_sql(rows: str, *, raw: bool) -> str:
    """Return the query of the `long` export of what `Selection.rows` says.

    Unless `raw`, a text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    columns = ", ".join(f'"{c}"' if raw or c not in _TEXTS else _inert(c) for c in LONG_COLUMNS)
    return f"SELECT {columns} FROM {rows} ORDER BY run, place, model, sample"


def _inert(column: str) -> str:
    risky = f"""regexp_matches("{column}", '^[=+@\\t\\r\\n-]')"""
    return f"""CASE WHEN {risky} THEN '''' || "{column}" ELSE "{column}" END AS "{column}\""""


def write_long(store: Store, selection: Selection, path: Path, *, raw: bool = False) -> int:
    """Write the selected responses to a `.csv` or `.parquet` file, and return how many there are.

    Raises `ParallaxError` for another ending.
    """
    check_ending(path)
    rows = selection.rows()
    raw = raw or path.suffix != ".csv"
    return store.copy(long_sql(rows.sql, raw=raw), rows.parameters, path)


def check_ending(path: Path) -> None:
    """Raise `ParallaxError` unless the file's ending names a format that is written."""
    if path.suffix not in {".csv", ".parquet"}:
        raise ParallaxError(f"{path}: the ending must be .csv or .parquet")
