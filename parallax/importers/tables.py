"""Tables of answers: JSON lines, CSV or Parquet, a row an answer; our own export comes back as it was."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from parallax import spreadsheets
from parallax.errors import RowError
from parallax.importers import columns, files
from parallax.importers.answers import Answer, Group, Tally
from parallax.importers.files import Row
from parallax.importers.rows import Reader
from parallax.importers.seen import Seen
from parallax.records import Probe, ProbeSet, content_hash

LOOKED_AT = 200
BATCH = 256
UNSTATED = "unstated"


def _json_lines(path: Path, tally: Tally) -> Iterator[Row]:
    return files.objects(path, tally)


def _csv(path: Path, tally: Tally) -> Iterator[Row]:
    """Yield the rows of a CSV file with a heading; which sign parts its cells is read from the heading."""
    csv.field_size_limit(max(csv.field_size_limit(), files.MOST_LINE_BYTES))
    texts = _texts(path, tally)
    heading = next(texts, "")
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(_again(heading, texts), delimiter=delimiter)
    names = next(reader, [])
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            tally.fault(f"{path.name}:{reader.line_num}", str(error))
            continue
        if cells is None:
            return
        where = f"{path.name}:{reader.line_num}"
        if len(cells) == len(names):
            yield Row(where, dict(zip(names, cells, strict=True)))
        elif cells:
            tally.fault(where, f"{len(cells)} cells instead of {len(names)}")


def _texts(path: Path, tally: Tally) -> Iterator[str]:
    for number, raw in files.lines(path, tally):
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            tally.left_out["lines with characters that are no UTF-8, which were replaced"] += 1
            yield raw.decode("utf-8", "replace")


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _parquet(path: Path, tally: Tally) -> Iterator[Row]:
    try:
        with pq.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches(batch_size=BATCH):
                for fields in batch.to_pylist():
                    number += 1
                    yield Row(f"{path.name}:{number}", fields)
    except (pa.ArrowException, OSError) as error:
        raise RowError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None


READERS: Mapping[str, Callable[[Path, Tally], Iterator[Row]]] = {
    "jsonl": _json_lines,
    "csv": _csv,
    "parquet": _parquet,
}


@dataclass(frozen=True)
class Table:
    """Files of one format. `changes` are mappings that go before what is guessed, the last one first."""

    format: str
    paths: Sequence[Path]
    changes: Sequence[Mapping[str, str]] = ()
    saved_in: Path | None = None
    _sets: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of all files, as far as their first rows have them."""
        found: dict[str, None] = {}
        for path in self.paths:
            for row in islice(READERS[self.format](path, Tally()), LOOKED_AT):
                found.update(dict.fromkeys(row.fields))
        return tuple(found)

    @cached_property
    def mapping(self) -> Mapping[str, str]:
        """Which column stands for which field. Raises `RowError` where prompt or response has none."""
        before = [columns.saved(self.saved_in, self.columns)] if self.saved_in else []
        return columns.mapped(self.columns, *before, *self.changes)

    @property
    def is_own(self) -> bool:
        """True for a `long` export of Parallax."""
        return set(self.columns) >= columns.OWN

    def describe(self) -> list[str]:
        """Return how the columns are understood, in a line or two."""
        told = ", ".join(f"{name} from {column}" for name, column in self.mapping.items() if name != column)
        same = ", ".join(name for name, column in self.mapping.items() if name == column)
        unused = ", ".join(name for name in self.columns if name not in self.mapping.values())
        lines = ["a long export of Parallax"] if self.is_own else []
        lines.append("columns: " + "; ".join(filter(None, [told, same])))
        if "stance" not in self.mapping and {"template", "country"} <= self.mapping.keys():
            lines.append("no column for the stance: prompts that share a template are taken as critical")
        return [*lines, *([f"columns not used: {unused}"] if unused else [])]

    def answers(self, tally: Tally) -> Iterator[Answer]:
        """Yield an answer for each row that has a prompt and an answer or an error."""
        with Seen() as seen:
            reader = Reader(self.mapping, tally, seen, is_own=self.is_own)
            for path in self.paths:
                beside = _sidecar(path)
                self._sets.update({str(one.get("set")): one for one in _listed(beside.get("sets"))})
                for row in READERS[self.format](path, tally):
                    given = _undone(row) if beside.get("neutralised") is True else row
                    if one := reader.answer(given, default=_stem(path)):
                        yield one

    def probe_set(self, group: Group, asked: Mapping[str, Probe]) -> ProbeSet:
        """Return the set of the rows, by the name that they or their export give it."""
        told = self._sets.get(group.probe_set, {})
        probes = tuple(asked.values())
        version = str(told.get("version") or content_hash([probe.canonical() for probe in probes])[:8])
        title = str(told.get("title") or group.probe_set.replace("-", " ").replace("_", " ").strip())
        license = str(told.get("license") or UNSTATED)
        return ProbeSet(group.probe_set, title[:1].upper() + title[1:], version, license, "imported", probes)

    def keep(self) -> None:
        """Keep the mapping for the next table of the same columns, where a person changed it."""
        if self.saved_in and any(self.changes):
            columns.save(self.saved_in, self.columns, self.mapping)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _sidecar(path: Path) -> Mapping[str, Any]:
    """Return what an export says of itself in the file beside it, nothing where there is none."""
    try:
        found = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _undone(row: Row) -> Row:
    """Take the apostrophe away that an export put before what a spreadsheet would run."""
    return Row(
        row.where,
        {
            name: spreadsheets.undone(cell) if isinstance(cell, str) else cell
            for name, cell in row.fields.items()
        },
    )
