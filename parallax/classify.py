"""Rates answers that somebody else recorded: JSON lines in, the same lines with a label out."""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from parallax.errors import RowError
from parallax.raters import Rater, Rules
from parallax.records import Outcome, Probe, Reply, Verdict
from parallax.routing import read_failure, read_message

STREAM = "-"
# "Error code: 400 - …", "HTTP 429", "status_code=502", "400 Bad Request"
_STATUS_IN_TEXT = re.compile(r"(?:^|\b(?:code|status|http(?:/\d\.\d)?)\W{1,4})([45]\d\d)\b", re.IGNORECASE)
_BESIDE = ("refusal", "reasoning_content", "reasoning")
_STATUSES = ("http_status", "status", "status_code")


def classify(source: str, target: str, rater: Rater | None = None) -> int:
    """Rate the rows of a file, write them with `label`, `reason` and `confidence`, return their number.

    Both are paths of JSON lines, gzipped where the name ends in `.gz`, or `-` for stdin and stdout. One row
    at a time is held. The target appears, or changes, only once all rows are rated. A line that is no JSON
    object with a text or null as `response` raises `RowError`, and so does a file that cannot be read or
    written.
    """
    rater = rater or Rules()
    count = 0
    try:
        with reading(source) as lines, _writing(target) as out:
            for row in rows(lines, source):
                out.write(_rated(row, rater))
                count += 1
    except (OSError, EOFError, zlib.error) as error:
        raise RowError(
            f"{getattr(error, 'filename', None) or source}: {getattr(error, 'strerror', None) or error}"
        ) from None
    return count


def _rated(row: dict[str, Any], rater: Rater) -> bytes:
    verdict = rate(row, rater)
    rated = {**row, "label": verdict.label, "reason": verdict.reason, "confidence": verdict.confidence}
    # A lone surrogate, which JSON can carry, is no character: it is written as a question mark.
    return json.dumps(rated, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def rate(row: Mapping[str, Any], rater: Rater) -> Verdict:
    """Return the verdict on one recorded row: `prompt`, `response`, if known `finish_reason`, `error`."""
    return rater.rate(Probe("recorded", str(row.get("prompt") or "")), reply(row))


def reply(row: Mapping[str, Any]) -> Reply:
    """Return what a recorded row tells of how its call ended.

    An error is a text, or an object with `message` and `code`; `http_status` beside it wins over its code.
    No answer without an error and without a finish reason is an error: nothing says that a model was silent.
    `native_finish_reason` is the host's own word where a router gives one beside its own; reasoning that
    stands beside the answer is kept apart from it.
    """
    error, status = row.get("error"), _status(row)
    if error or (status or 0) >= 400:
        text = (
            error
            if isinstance(error, str)
            else json.dumps(error, ensure_ascii=False)
            if error
            else f"HTTP {status}"
        )
        return read_failure(text, status=status, policy=False, timed_out=False, retry_after_s=None)
    finish = str(row.get("finish_reason") or "")
    if not finish and not str(row.get("response") or "").strip():
        return Reply(Outcome.ERROR, error="no answer was recorded")
    message = {"content": row.get("response"), **{name: row.get(name) for name in _BESIDE}}
    return read_message(message, finish, mapped=str(row.get("native_finish_reason") or ""))


def _status(row: Mapping[str, Any]) -> int | None:
    error = row.get("error")
    inner = [error.get("code"), error.get("status")] if isinstance(error, Mapping) else []
    for value in [*(row.get(name) for name in _STATUSES), *inner]:
        if isinstance(value, int | str) and str(value).isdecimal() and 100 <= int(value) < 600:
            return int(value)
    found = _STATUS_IN_TEXT.search(error) if isinstance(error, str) else None
    return int(found.group(1)) if found else None


def rows(lines: BinaryIO, source: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of JSON lines; raises `RowError` at the first that is none."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError) as error:
            raise RowError(
                f"{source}: row {number}: no JSON ({error}); write one JSON object a line"
            ) from None
        if not isinstance(row, dict):
            raise RowError(f'{source}: row {number}: no JSON object; write {{"prompt": …, "response": …}}')
        for name in ("prompt", "response"):
            if not isinstance(row.get(name), str | None):
                raise RowError(
                    f"{source}: row {number}, {name}: not a text; write a text, or null where there is none"
                )
        if not any(name in row for name in ("response", "error", "finish_reason")):
            raise RowError(
                f"{source}: row {number}: has neither response nor error; name the answer's text response"
            )
        yield row


@contextmanager
def reading(source: str) -> Iterator[BinaryIO]:
    """Open a file, a gzipped file or stdin."""
    if source == STREAM:
        yield sys.stdin.buffer
    elif source.endswith(".gz"):
        with gzip.open(source, "rb") as file:
            yield file  # type: ignore[misc]
    else:
        with Path(source).open("rb") as file:
            yield file


@contextmanager
def _writing(target: str) -> Iterator[BinaryIO]:
    """Open what becomes the target by one rename at the end, and is removed where that is not reached."""
    if target == STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = Path(f"{target}.part")
    try:
        with part.open("wb") as plain:
            if target.endswith(".gz"):
                with gzip.GzipFile(filename="", fileobj=plain, mode="wb", compresslevel=6, mtime=0) as file:
                    yield file  # type: ignore[misc]
            else:
                yield plain
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
