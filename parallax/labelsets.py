"""Labels from elsewhere: a CSV of somebody's labels becomes a rater's, by way of the spool.

What `export --kind labels` writes is read again, spreadsheet or not; so is any table with a label for each
answer, found by its run, probe, model and sample, or by its text.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeVar

import pyarrow.parquet as pq

from parallax import shards, spreadsheets
from parallax.errors import RowError
from parallax.probes import encoding
from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.spool import RunFolder

COLUMNS = (
    "run", "probe", "model", "sample", "label", "rater", "reason", "confidence", "labelled_at", "note",
    "version", "answer_hash",
)  # fmt: skip
VERSION = "csv"
MOST_FAULTS = 20
MOST_CHARS = 2_000
_RATER = re.compile(r"(?:human|judge|import):[^\W_][^\x00-\x1f\x7f]{0,119}")
_NAME = re.compile(r"[^\W_][\w .'@+-]{0,59}")
_HASH = re.compile(r"[0-9a-f]{64}")
_BLANK = re.compile(r"[ \t\n\r\f\v]+")
_ANSWER = ("run", "probe", "model", "sample", "attempt", "prompt", "response", "created_at")

Id = tuple[str, Cell]
_T = TypeVar("_T")


class Known(NamedTuple):
    """An answer that a label can be of: where it belongs, the hash of its text, when it came."""

    run: str
    cell: Cell
    attempt: int
    hash: str
    created_at: datetime


class Given(NamedTuple):
    """A row of a sheet: its number, which answer it means by id or by hash, and the label."""

    row: int
    id: Id | None
    hash: str
    label: Label
    dated: bool


class Sheet(NamedTuple):
    """What a file holds: the good rows, and a line for each fault."""

    given: tuple[Given, ...]
    faults: tuple[str, ...]

    @property
    def runs(self) -> tuple[str, ...] | None:
        """The runs that the rows name; None where a row is known by its text alone."""
        if any(one.id is None for one in self.given):
            return None
        return tuple(sorted({one.id[0] for one in self.given if one.id}))


class Matched(NamedTuple):
    """Labels of answers that are here, a line for each row whose answer is not."""

    labels: tuple[Labelled, ...]
    unknown: tuple[str, ...]


def answer_hash(prompt: str, response: str) -> str:
    """Return what an answer is known by without ids: the SHA-256 of request, line break and answer, in UTF-8.

    Both without blanks around them, and with one space for every blank inside: spreadsheets change those.
    """
    request, answer = (_BLANK.sub(" ", text).strip(" ") for text in (prompt, response))
    return hashlib.sha256(f"{request}\n{answer}".encode(errors="replace")).hexdigest()


def read(raw: bytes, rater: str = "") -> Sheet:
    """Return the labels of a CSV with a header, in any encoding that a spreadsheet saves; faults are told.

    `rater` is the name for rows that give none. Rows are numbered as in a spreadsheet: the header is row 1.
    """
    decoded = encoding.any_encoding(raw)
    if decoded.fault:
        return Sheet((), (decoded.fault,))
    head = decoded.text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(decoded.text, newline=""), delimiter=delimiter, strict=True)
    given, faults = [], []
    try:
        if missing := _missing(reader.fieldnames or ()):
            return Sheet((), (missing,))
        for number, row in enumerate(reader, start=2):
            fields = {name: _plain(text) for name, text in row.items() if isinstance(text, str)}
            try:
                given.append(_given(number, fields, rater))
            except _Wrong as wrong:
                faults.append(f"row {number}, {wrong}")
    except csv.Error as error:
        faults.append(f"row {reader.line_num}: no table of this kind ({error}); save the sheet as CSV UTF-8")
    return Sheet(tuple(given), (*faults, *_contradictions(given)))


def _contradictions(given: Iterable[Given]) -> Iterator[str]:
    """Yield where one rater says two things of one answer at one time."""
    first: dict[tuple[object, ...], Given] = {}
    for one in given:
        before = first.setdefault((one.id or one.hash, one.label.rater, one.label.created_at), one)
        if before.label.verdict.label != one.label.verdict.label:
            said = before.label.verdict.label
            yield f'row {one.row}, label: row {before.row} calls the same answer "{said}"; keep one of them'


class _Wrong(ValueError):
    """What is wrong in a row: the field, what it holds, what would be right."""


def _missing(names: Sequence[str]) -> str:
    if "label" not in names:
        return "there is no column label; the first row names the columns, such as run,probe,model,label"
    ways = ({"run", "probe", "model"}, {"answer_hash"}, {"prompt", "response"})
    if not any(way <= set(names) for way in ways):
        return (
            "nothing tells which answers the labels are of; give run, probe and model, or answer_hash, or"
            " prompt and response"
        )
    return ""


def _plain(text: str) -> str:
    """Return a cell without blanks around it, and without what keeps a spreadsheet from running it."""
    return spreadsheets.undone(text.strip())


def _given(number: int, fields: Mapping[str, str], rater: str) -> Given:
    value = _field(fields, "label", lambda text: LabelValue(text.lower()), f"one of {', '.join(LabelValue)}")
    confidence = (
        _field(fields, "confidence", _share, "a number from 0 to 1") if fields.get("confidence") else 1.0
    )
    stamp = fields.get("labelled_at", "")
    at = _field(fields, "labelled_at", _moment, "a past time such as 2026-03-01T12:00:00") if stamp else None
    said = " ".join(filter(None, (fields.get("reason"), fields.get("note"))))[:MOST_CHARS]
    verdict = Verdict(value, said, confidence)
    name = _rater(fields.get("rater") or rater)
    label = Label(verdict, name, fields.get("version") or VERSION, at or datetime.min)
    return Given(number, _id(fields), _text_hash(fields), label, at is not None)


def _field(fields: Mapping[str, str], name: str, made: Callable[[str], _T], right: str) -> _T:
    text = fields.get(name, "")
    try:
        return made(text)
    except ValueError:
        raise _Wrong(f'{name}: "{text[:40]}" is not {right}') from None


def _share(text: str) -> float:
    if not 0.0 <= (value := float(text)) <= 1.0:
        raise ValueError(text)
    return value


def _moment(text: str) -> datetime:
    """Return a time as the store writes it: UTC without a zone."""
    at = datetime.fromisoformat(text)
    at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    if at > datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1):
        raise ValueError(text)
    return at


def _rater(name: str) -> str:
    if _RATER.fullmatch(name):
        return name
    if name == "rules":
        raise _Wrong('rater: "rules" is the built-in rater; give these labels a name of their own')
    if not _NAME.fullmatch(name):
        wrong = f'"{name[:40]}" is no name' if name else "nobody is named"
        raise _Wrong(f"rater: {wrong}; write human:NAME, judge:ID or a plain name, or use --rater")
    return f"import:{name}"


def _id(fields: Mapping[str, str]) -> Id | None:
    names = [fields.get(name, "") for name in ("run", "probe", "model")]
    if not all(names):
        return None
    sample = _field(fields, "sample", int, "a whole number from 0 on") if fields.get("sample") else 0
    run, probe, model = names
    return run, Cell(probe, model, sample)


def _text_hash(fields: Mapping[str, str]) -> str:
    if given := fields.get("answer_hash", "").lower():
        if not _HASH.fullmatch(given):
            raise _Wrong(f'answer_hash: "{given[:40]}" is not 64 hexadecimal digits')
        return given
    if fields.get("prompt") and fields.get("response"):
        return answer_hash(fields["prompt"], fields["response"])
    if not _id(fields):
        raise _Wrong("run: nothing tells which answer this is of; give run, probe and model")
    return ""


def known(path: Path) -> Iterator[Known]:
    """Yield the answers of a `long` Parquet export that have a text."""
    for batch in pq.ParquetFile(path).iter_batches(columns=list(_ANSWER)):
        for row in batch.to_pylist():
            if row["response"]:
                cell = Cell(row["probe"], row["model"], row["sample"])
                text = answer_hash(row["prompt"], row["response"])
                yield Known(row["run"], cell, row["attempt"], text, row["created_at"])


def match(sheet: Sheet, answers: Iterable[Known]) -> Matched:
    """Return the labels of a sheet for the answers that they are of.

    A row with ids means that one answer, and where it has a hash, too, only as long as the answer is still
    the same; a row without ids means every answer of its text. A label without a date gets that of its
    answer: read again, it is the same label.
    """
    ids = {one.id for one in sheet.given if one.id}
    texts = {one.hash for one in sheet.given if not one.id}
    by_id: dict[Id, Known] = {}
    by_text: dict[str, list[Known]] = {}
    for answer in answers:
        if (answer.run, answer.cell) in ids:
            by_id[answer.run, answer.cell] = answer
        if answer.hash in texts:
            by_text.setdefault(answer.hash, []).append(answer)
    labels, unknown = [], []
    for one in sheet.given:
        found = by_text.get(one.hash, []) if one.id is None else [by_id[one.id]] if one.id in by_id else []
        same = [answer for answer in found if not one.hash or answer.hash == one.hash]
        if not same:
            why = "the answer is another one by now" if found else "there is no such answer"
            unknown.append(f"row {one.row}: {why}")
        labels += [_labelled(one, answer) for answer in same]
    return Matched(tuple(dict.fromkeys(labels)), tuple(unknown))


def _labelled(given: Given, answer: Known) -> Labelled:
    label = given.label if given.dated else replace(given.label, created_at=answer.created_at)
    return Labelled(answer.run, answer.cell, answer.attempt, label)


class TakenIn(NamedTuple):
    """What an import left in the spool: labels, by whom, of which runs; and the rows that were left out."""

    labels: int
    raters: tuple[str, ...]
    runs: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What was done, in a line."""
        by = f" by {', '.join(self.raters)}" if self.raters else ""
        runs = f" of {len(self.runs)} run{'s' * (len(self.runs) != 1)}" if self.runs else ""
        left = f"; {len(self.unknown):,} rows left out, the first: {self.unknown[0]}" if self.unknown else ""
        return f"{self.labels:,} label{'s' * (self.labels != 1)}{by}{runs} taken in{left}"


def put(spool: Path, name: str, sheet: Sheet, answers: Iterable[Known], *, skip_unknown: bool) -> TakenIn:
    """Leave the labels of a sheet in the spool, for whoever holds the store.

    `name` is the file's, for what is said. Raises `RowError` where a row has a fault, or where its answer is
    not here and `skip_unknown` is not set: nothing is taken in then. Raises `SpoolError` on a full disk.
    """
    _refuse(name, sheet.faults)
    matched = match(sheet, answers)
    if not skip_unknown:
        _refuse(name, matched.unknown)
    by_run: dict[str, list[Labelled]] = {}
    for one in matched.labels:
        by_run.setdefault(one.run, []).append(one)
    for run, labels in by_run.items():
        shards.put_labels(RunFolder(spool, run), labels)
    raters = sorted({one.label.rater for one in matched.labels})
    return TakenIn(len(matched.labels), tuple(raters), tuple(sorted(by_run)), matched.unknown)


def _refuse(name: str, faults: Sequence[str]) -> None:
    if faults:
        told = [f"{name}: {fault}" for fault in faults[:MOST_FAULTS]]
        more = len(faults) - MOST_FAULTS
        raise RowError("\n".join([*told, *[f"{name}: and {more:,} more rows"] * (more > 0)]))
