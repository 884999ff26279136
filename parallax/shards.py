"""Shards and journals: answers on their way from a worker to the store.

A worker journals each answer as it comes, then turns a second's worth of journal into one Parquet
file. The order is what makes a kill harmless: shard, ledger, and only then the journal goes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from parallax.records import (
    BlockKind,
    Cell,
    Label,
    Labelled,
    LabelValue,
    Outcome,
    ReasoningState,
    Reply,
    Response,
    Verdict,
)
from parallax.spool import RunFolder, read_json_lines, writing

_encode = json.JSONEncoder(ensure_ascii=False).encode
_TIME = pa.timestamp("us")
SCHEMA = pa.schema(
    [
        pa.field("run", pa.string(), nullable=False),
        pa.field("probe", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("sample", pa.int32(), nullable=False),
        pa.field("attempt", pa.int32(), nullable=False),
        pa.field("final", pa.bool_(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        ("block", pa.string()),
        ("text", pa.string()),
        ("reasoning", pa.string()),
        ("reasoning_state", pa.string()),
        ("finish_reason", pa.string()),
        ("served_model", pa.string()),
        ("served_by", pa.string()),
        ("fingerprint", pa.string()),
        ("http_status", pa.int32()),
        ("error", pa.string()),
        ("latency_s", pa.float64()),
        ("prompt_tokens", pa.int32()),
        ("completion_tokens", pa.int32()),
        ("cost_usd", pa.float64()),
        ("cached", pa.bool_()),
        ("params", pa.string()),
        ("created_at", _TIME),
        ("label", pa.string()),
        ("rater", pa.string()),
        ("rater_version", pa.string()),
        ("reason", pa.string()),
        ("confidence", pa.float64()),
        ("labelled_at", _TIME),
    ]
)
# labels that came after the answers: a row a label; an empty one takes the rater's earlier label back
LABELS = pa.schema(
    [
        pa.field("run", pa.string(), nullable=False),
        pa.field("probe", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("sample", pa.int32(), nullable=False),
        pa.field("attempt", pa.int32(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("rater", pa.string(), nullable=False),
        ("rater_version", pa.string()),
        ("reason", pa.string()),
        ("confidence", pa.float64()),
        pa.field("labelled_at", _TIME, nullable=False),
    ]
)
_REPLY_FIELDS = tuple(
    f.name for f in dataclasses.fields(Reply) if f.name not in {"transient", "unusable", "retry_after_s"}
)


def in_schema(table: pa.Table) -> pa.Table:
    """Return a table with the columns of `SCHEMA`; older shards get what stood for the later ones."""
    for name, before in (("cached", pa.scalar(False)), ("params", pa.scalar(""))):
        if name not in table.column_names:
            table = table.append_column(name, pa.repeat(before, table.num_rows))
    return table.select(SCHEMA.names).cast(SCHEMA)


def to_row(response: Response) -> dict[str, Any]:
    """Return a response as one flat row with the columns of `SCHEMA`."""
    label = response.label
    return {
        "run": response.run,
        **response.cell._asdict(),
        "attempt": response.attempt,
        "final": response.final,
        **{name: _clean(getattr(response.reply, name)) for name in _REPLY_FIELDS},
        "created_at": response.created_at.isoformat(),
        "label": label.verdict.label if label else None,
        "rater": label.rater if label else None,
        "rater_version": label.version if label else None,
        "reason": _clean(label.verdict.reason) if label else None,
        "confidence": label.verdict.confidence if label else None,
        "labelled_at": label.created_at.isoformat() if label else None,
    }


def _clean(value: object) -> object:
    """Make text storable: a lone surrogate from a host's broken JSON is no UTF-8."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def from_row(row: dict[str, Any]) -> Response:
    """Return the response that `to_row` flattened."""
    enums = {
        "outcome": Outcome(row["outcome"]),
        "block": BlockKind(row["block"]),
        "reasoning_state": ReasoningState(row["reasoning_state"]),
    }
    reply = Reply(**{**{name: row[name] for name in _REPLY_FIELDS if name in row}, **enums})
    label = None
    if row["label"]:
        verdict = Verdict(LabelValue(row["label"]), row["reason"], row["confidence"])
        label = Label(verdict, row["rater"], row["rater_version"], datetime.fromisoformat(row["labelled_at"]))
    cell = Cell(row["probe"], row["model"], row["sample"])
    created = datetime.fromisoformat(row["created_at"])
    return Response(row["run"], cell, row["attempt"], row["final"], reply, created, label)


def from_table(table: pa.Table) -> list[Response]:
    """Return the responses of a table of `SCHEMA`."""
    times = ("created_at", "labelled_at")
    return [from_row(row | {t: row[t].isoformat() for t in times if row[t]}) for row in table.to_pylist()]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as a Parquet shard, in place by one rename. Raises `SpoolError` on a full disk."""
    stamped = [{**row, **{name: _utc(row[name]) for name in ("created_at", "labelled_at")}} for row in rows]
    put(path, pa.Table.from_pylist(stamped, schema=SCHEMA))


def put(path: Path, table: pa.Table) -> None:
    """Write a table as a Parquet file, in place by one rename. Raises `SpoolError` on a full disk."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        try:
            pq.write_table(table, scratch, compression="zstd")
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)


def _utc(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None


def label_table(found: Sequence[Labelled]) -> pa.Table:
    """Return labels as a table of `LABELS`, a row each."""
    rows = [
        {
            "run": one.run,
            **one.cell._asdict(),
            "attempt": one.attempt,
            "label": one.label.verdict.label,
            "rater": one.label.rater,
            "rater_version": one.label.version,
            "reason": _clean(one.label.verdict.reason),
            "confidence": one.label.verdict.confidence,
            "labelled_at": one.label.created_at.replace(tzinfo=None),
        }
        for one in found
    ]
    return pa.Table.from_pylist(rows, schema=LABELS)


def put_labels(folder: RunFolder, found: Sequence[Labelled]) -> None:
    """Write labels of a run's answers as a shard of their own. Raises `SpoolError` on a full disk."""
    with writing(folder.labels):
        folder.labels.mkdir(exist_ok=True)
    put(folder.labels / f"{secrets.token_hex(6)}.parquet", label_table(found))


class _Kept(NamedTuple):
    response: Response
    row: dict[str, Any]


class Journal:
    """A worker's answers between the moment they come and the shard that holds them."""

    def __init__(self, folder: RunFolder) -> None:
        """Start with an empty journal; a file appears with the first answer."""
        self._folder = folder
        self._kept: list[_Kept] = []
        self._path = folder.path
        self._file: int | None = None

    def keep(self, response: Response) -> None:
        """Write one answer down; it is the kernel's when this returns. Raises `SpoolError` if not."""
        row = to_row(response)
        line = f"{_encode(row)}\n".encode()
        if self._file is None:
            self._path = self._folder.path / f"journal-{secrets.token_hex(6)}.jsonl"
        with writing(self._path):
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            while line:
                # a disk that is nearly full takes a part of it
                line = line[os.write(self._file, line) :]
        self._kept.append(_Kept(response, row))

    def seal(self) -> int:
        """Turn what was kept into a shard, and return how many answers it holds."""
        count = len(self._kept)
        if count:
            _seal(self._folder, self._path, self._kept)
            self._kept = []
        if count and self._file is not None:
            os.close(self._file)
            self._file = None
        return count


def recover(folder: RunFolder) -> int:
    """Seal the journals that a killed worker left, and return how many answers they held.

    A shard is named after its journal: a kill between shard and ledger repeats the same file.
    """
    found = 0
    for path in sorted(folder.path.glob("journal-*.jsonl")):
        # flattened anew: a journal of an older version may lack a column
        kept = [_Kept(one, to_row(one)) for one in map(from_row, read_json_lines(path))]
        _seal(folder, path, kept)
        found += len(kept)
    return found


def _seal(folder: RunFolder, journal: Path, kept: list[_Kept]) -> None:
    if kept:
        name = journal.stem.removeprefix("journal-")
        write(folder.shards / f"{name}.parquet", [one.row for one in kept])
        folder.note_in_ledger([one.response for one in kept])
    journal.unlink(missing_ok=True)
