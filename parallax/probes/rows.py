"""Probe sets of one probe a row or a line: CSV, which spreadsheets write, and JSONL, the canonical form."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from parallax.probes import encoding, json_values
from parallax.probes.faults import Document, Where, did_you_mean, shown, unseen_fault
from parallax.probes.schema import (
    COLUMNS,
    HEAD_COLUMNS,
    HEAD_FIELDS,
    JSON_COLUMNS,
    META_FIELDS,
    column_of,
    meta_name_fault,
)  # fmt: skip
from parallax.records import Kind

MAX_PROBES = 50_000
MAX_COLUMNS = 200
_DELIMITERS = (",", ";", "\t", "|")
_LIKE = {
    "facts": '[{"id": "where", "text": "…", "any": ["…"], "source": "…"}]',
    "official": '{"text": "…", "source": "…"}',
    "slots": '{"of_country": "…"}',
    "leader": '{"name": "…", "as_of": "2026-01-31", "source": "…"}',
    "translation": '{"method": "machine", "review": "unreviewed"}',
}
_NOT_ONE = "must be one JSON object, in braces; write each on a line of its own"

# the module's own limit stands in for the prompt's, which is told with its row
csv.field_size_limit(encoding.MAX_BYTES)


class RowDocument(Document):
    """Rows of probes and, before them or beside them, the head of the set."""

    def __init__(self, assumed: Mapping[str, str]) -> None:
        """Name what the head is where the file does not tell."""
        super().__init__()
        self._numbers: list[int] = []
        self._rows: list[dict[str, Any]] = []
        self._head: dict[str, Any] = {}
        self._head_numbers: dict[str, int] = {}
        self._default = assumed

    def number(self, where: Where) -> int:
        """Return the row or line of a value, 0 for what the file does not tell."""
        if len(where) > 1 and where[0] == "probes" and isinstance(where[1], int):
            return self._numbers[where[1]]
        return self._head_numbers.get(str(where[0]), 0) if where else 0

    def name(self, where: Where) -> str:
        """Return a field without the place of its row."""
        return super().name(where[2:] if where[:1] == ("probes",) else where)

    def _refuse(self, decoded: encoding.Decoded) -> bool:
        """Tell whether there is no text, and say why."""
        if decoded.fault:
            self.is_whole = False
            self.spoil(decoded.line, (), decoded.fault, "line")
        return bool(decoded.fault)

    def _fault_at(self, number: int, text: str) -> None:
        """Report what makes a whole row or line unreadable."""
        self.is_whole = False
        self.spoil(number, (), text)

    def _check_values(self, where: Where, value: object) -> None:
        """Report text that must not be stored; names of fields are text as well."""
        for place, part in _parts(value, where):
            if isinstance(part, str) and (fault := unseen_fault(part)):
                self.spoil(self.number(place), place, fault)

    def _add(self, number: int, row: dict[str, Any]) -> None:
        self._numbers.append(number)
        self._rows.append(row)
        row.setdefault("kind", Kind.MATCHED.value)

    def _has_room(self, number: int) -> bool:
        """Tell whether reading should go on after this row or line."""
        if len(self._rows) > MAX_PROBES:
            self._fault_at(number, f"is one too many; at most {MAX_PROBES:,} probes are allowed")
            self._rows = []
            return False
        return not self.is_full

    def _finish(self) -> None:
        """Put head and rows together; what the file does not tell of itself is assumed, and said."""
        self.assumed = tuple(name for name in HEAD_FIELDS if name not in self._head)
        if self._rows or self.is_whole:
            given = {name: self._default[name] for name in self.assumed}
            self.data = {**self._head, **given, "probes": self._rows}


class CsvDocument(RowDocument):
    """A table with a header; its rows are counted as a spreadsheet counts them."""

    unit = "row"
    no_probe = "holds no probe; write one in each row"
    head_goes = "columns such as set_id"

    def __init__(self, raw: bytes, assumed: Mapping[str, str]) -> None:
        super().__init__(assumed)
        # a column's name as the header has it, and its place there
        self._shown: dict[str, str] = {}
        self._order: dict[str, int] = {}
        decoded = encoding.any_encoding(raw)
        if decoded.guessed:
            right = "check letters with accents, or save it as CSV UTF-8"
            self.warn((), f"was read as {decoded.guessed}; {right}")
        if not self._refuse(decoded):
            self._parse(decoded.text)
            self._finish()

    def name(self, where: Where) -> str:
        """Return a field as its column is called."""
        column = self._column(where)
        if where[:1] != ("probes",):
            return self._shown.get(column, super().name(where))
        rest = where[4:] if where[2:3] == ("meta",) else where[3:]
        tail = super().name(("probes", 0, *rest))
        dot = "." if tail and not tail.startswith("[") else ""
        return f"{self._shown.get(column, column)}{dot}{tail}"

    def column(self, where: Where) -> int:
        """Return the place of a value's column in the header."""
        return self._order.get(self._column(where), -1)

    def _column(self, where: Where) -> str:
        if where[:1] != ("probes",):
            return f"set_{where[0]}" if where else ""
        field = str(where[3] if where[2:3] == ("meta",) and where[3:] else "".join(map(str, where[2:3])))
        return "template_id" if field == "template" else field

    def _parse(self, text: str) -> None:
        delimiter = _delimiter(text)
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        number, header, columns = 0, [""], [""]
        try:
            for number, record in enumerate(records, 1):
                if not any(map(str.strip, record)):
                    continue
                if not any(columns):
                    header, columns = record, self._columns(number, record)
                    if not columns:
                        return
                elif record == header:
                    self.spoil(number, (), "repeats the header; delete the row")
                elif len(record) > len(header):
                    self._fault_at(number, _cells_sentence(record, header, delimiter))
                else:
                    self._row(number, columns, record)
                if not self._has_room(number):
                    return
        except csv.Error as error:
            self._fault_at(number + 1, _table_sentence(error))
        if not any(columns):
            self._fault_at(0, "is empty; name columns such as id and prompt in the first row")

    def _columns(self, number: int, header: list[str]) -> list[str]:
        """Return the header's columns as fields; none where the header cannot be used."""
        if len(header) > MAX_COLUMNS:
            self._fault_at(number, f"has {len(header):,} columns; at most {MAX_COLUMNS} are allowed")
            return []
        columns = [column_of(name) for name in header]
        missing = [f'"{name}"' for name in ("id", "prompt") if name not in columns]
        if missing:
            has = ", ".join(filter(None, map(str.strip, header)))
            text = f"names no column {' and no column '.join(missing)}, only {shown(has, 200)}"
            right = (
                "rename the one that holds it" if len(missing) == 1 else "begin with the names of the columns"
            )
            self._fault_at(number, f"{text}; {right}")
        for index, (column, as_written) in enumerate(zip(columns, header, strict=True)):
            if column and column in self._order:
                self._fault_at(number, f'has the column "{as_written.strip():.40}" more than once; keep one')
            self._order.setdefault(column, index)
            self._shown.setdefault(column, as_written.strip())
            if column not in COLUMNS and column not in HEAD_COLUMNS and column:
                self._check_free(number, column)
        return columns if self.is_whole else []

    def _check_free(self, number: int, column: str) -> None:
        """Report a column that cannot be metadata, or looks as if it was meant to be something else."""
        of_translation = re.match(r"(prompt|translation)s?([ _-].*)?$", column, re.I)
        if fault := unseen_fault(column):
            self._fault_at(number, f'the column "{column:.40}" {fault}')
        elif of_translation:
            right = "write each translation in a row of its own, with its language"
            self._fault_at(number, f'the column "{column:.40}" cannot be kept; {right}')
        elif meta_name_fault(column):
            right = "give it another name, of 1 to 64 characters on one line"
            self._fault_at(number, f'the column "{column:.40}" cannot be kept as metadata; {right}')
        else:
            known = HEAD_COLUMNS if column.lower().startswith("set_") else COLUMNS
            close = did_you_mean(column, list(known), cutoff=0.75)
            if close.startswith("did") or known is HEAD_COLUMNS:
                self.warn((), f'the column "{column:.40}" is kept as metadata; {close}')

    def _row(self, number: int, columns: list[str], record: list[str]) -> None:
        # a prompt is kept to the letter
        cells = [cell if at == "prompt" else cell.strip() for at, cell in zip(columns, record, strict=False)]
        filled = [(index, columns[index], cell) for index, cell in enumerate(cells) if cell]
        for _, column, cell in filled:
            if column in HEAD_COLUMNS:
                self._tell_head(number, HEAD_COLUMNS[column], cell)
        if all(column in HEAD_COLUMNS for _, column, _ in filled):
            return
        row: dict[str, Any] = {}
        where: Where = ("probes", len(self._rows))
        self._add(number, row)
        for index, column, cell in filled:
            if not column:
                text = f'has "{cell:.40}" under a column without a name (column {index + 1}); name it'
                self.spoil(number, where, text)
            elif column not in HEAD_COLUMNS:
                self._cell(row, where, column, cell)

    def _cell(self, row: dict[str, Any], where: Where, column: str, value: str) -> None:
        field = COLUMNS.get(column)
        place = (*where, field) if field else (*where, "meta", column)
        if column in JSON_COLUMNS:
            try:
                row[column] = json_values.parse(value)
            except ValueError as error:
                row[column] = None
                why = "is not JSON" if value[0] not in "[{" else str(error)
                self.spoil(self.number(place), place, f"{why}; write it like {_LIKE[column]}")
        elif field:
            row[field] = value
        else:
            row.setdefault("meta", {})[column] = value
        self._check_values(place, row.get(column, value))

    def _tell_head(self, number: int, field: str, value: str) -> None:
        self._head_numbers.setdefault(field, number)
        if self._head.setdefault(field, value) != value:
            text = f'"{value:.40}" differs from "{self._head[field]:.40}" above; a file holds one set'
            self.spoil(number, (field,), text)
        self._check_values((field,), value)


class JsonlDocument(RowDocument):
    """A line of JSON for the set itself, then one for each probe; the first may be left out."""

    no_probe = "holds no probe; write one in each line"
    head_goes = "a first line with them"

    def __init__(self, raw: bytes, assumed: Mapping[str, str]) -> None:
        super().__init__(assumed)
        self._in_meta: set[Where] = set()
        self._has_head = False
        decoded = encoding.utf8(raw)
        if self._refuse(decoded):
            return
        for number, line in enumerate(io.StringIO(decoded.text, newline="\n"), 1):
            if line.strip() in ("{", "[") and not self._rows:
                self._fault_at(number, _NOT_ONE)
                break
            if line.strip():
                self._line(number, line.rstrip("\r\n"))
                if not self._has_room(number):
                    break
        self._finish()

    def name(self, where: Where) -> str:
        """Return a field as it stands in its line."""
        is_inside = where[:1] == ("probes",) and where[1:3] in self._in_meta
        return super().name((*where[:2], "meta", *where[2:]) if is_inside else where)

    def _line(self, number: int, line: str) -> None:
        try:
            value = json_values.parse(line)
        except ValueError as error:
            self._fault_at(number, str(error))
            return
        is_head = isinstance(value, dict) and "prompt" not in value and {"title", "version"} & {*value}
        if not isinstance(value, dict):
            self._fault_at(number, _NOT_ONE)
        elif not self._has_head and not self._rows and "prompt" not in value and (is_head or self.is_whole):
            self._has_head = True
            self._tell_head(number, value)
        elif is_head:
            self._fault_at(number, "tells of a set again; a file holds one set")
        else:
            self._probe(number, value)

    def _tell_head(self, number: int, head: dict[str, Any]) -> None:
        self._head_numbers = dict.fromkeys(head, number)
        for name in {*head} & {"probes", "templates", "countries", "forms", "leaders"}:
            self.spoil(number, (name,), "belongs in a .yaml set; here each probe has a line of its own")
            del head[name]
        self._head = head
        self._check_values((), head)

    def _probe(self, number: int, value: dict[str, Any]) -> None:
        """Add a canonical row in the form of a YAML entry, where known metadata stands by itself."""
        index = len(self._rows)
        meta = value.get("meta")
        if not isinstance(meta, dict):
            self._add(number, value)
        else:
            known = {name: part for name, part in meta.items() if name in META_FIELDS}
            free = {name: part for name, part in meta.items() if name not in META_FIELDS}
            rest = {name: part for name, part in value.items() if name != "meta"}
            self._add(number, {**rest, **known, **({"meta": free} if free else {})})
            self._in_meta |= {(index, name) for name in known}
            for name in {*known} & {*rest}:
                self.spoil(number, ("probes", index, name), "is there twice, in meta and beside it; keep one")
        self._check_values(("probes", index), self._rows[-1])


def _delimiter(text: str) -> str:
    """Return what parts the cells of the header: the one that makes the most known columns."""
    first = re.split(r"[\r\n]", text.lstrip("\r\n")[:100_000], maxsplit=1)[0]
    known = {*COLUMNS, *HEAD_COLUMNS}
    return max(
        _DELIMITERS, key=lambda mark: len(known & {column_of(c.strip(' "')) for c in first.split(mark)})
    )


def _cells_sentence(record: list[str], header: list[str], delimiter: str) -> str:
    mark = "a tab" if delimiter == "\t" else f'"{delimiter}"'
    right = f"put a text with {mark} in it in quotes, or name each column"
    return f"has {len(record):,} cells, the header {len(header)}; {right}"


def _table_sentence(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return 'opens a quotation mark that is never closed; write " within text twice'
    return 'has text after a closing quotation mark; put the whole text in quotes, each " within it twice'


def _parts(value: object, where: Where) -> Iterator[tuple[Where, object]]:
    """Yield every value in plain data with its place, then the names of its fields with theirs."""
    yield where, value
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _parts(item, (*where, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield where, name
            yield from _parts(item, (*where, name))
