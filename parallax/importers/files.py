"""Files that strangers made: read by lines of a bounded length, archives unpacked into bounds."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

from parallax.classify import reading
from parallax.errors import RowError
from parallax.importers.answers import Tally

MOST_LINE_BYTES = 16_000_000
MOST_UNPACKED_BYTES = 20_000_000_000
MOST_FILES = 50_000
ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
BROKEN = (OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile)


class Line(NamedTuple):
    """A line of a file, and its number from 1."""

    number: int
    raw: bytes


class Row(NamedTuple):
    """A row of a file: where it stands, and its fields."""

    where: str
    fields: dict[str, Any]


def lines(path: Path, tally: Tally, name: str = "") -> Iterator[Line]:
    """Yield the lines of a file, gzipped or not; one that is too long is a fault.

    Raises `RowError` where the file cannot be read to its end.
    """
    name = name or path.name
    try:
        with reading(str(path)) as file:
            number = 0
            while raw := file.readline(MOST_LINE_BYTES + 1):
                number += 1
                if len(raw) <= MOST_LINE_BYTES:
                    yield Line(number, raw)
                    continue
                tally.fault(f"{name}:{number}", f"is longer than {MOST_LINE_BYTES:,} bytes")
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(MOST_LINE_BYTES)
    except BROKEN as error:
        raise RowError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None


def objects(path: Path, tally: Tally, name: str = "") -> Iterator[Row]:
    """Yield the JSON objects of a file of JSON lines; a line that is none is a fault."""
    name = name or path.name
    for number, raw in lines(path, tally, name):
        if not raw.strip():
            continue
        try:
            fields = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
            if b"\\ud" in raw.lower():
                # half of a pair is no character: nothing could store it
                fields = json.loads(json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError) as error:
            # its own line and column are those within this one line
            tally.fault(f"{name}:{number}", f"no JSON ({str(error).partition(': line ')[0]})")
            continue
        if isinstance(fields, dict):
            yield Row(f"{name}:{number}", fields)
        else:
            tally.fault(f"{name}:{number}", "no JSON object")


@contextmanager
def unpacked(path: Path, wanted: Callable[[str], bool]) -> Iterator[Path]:
    """Unpack the wanted plain files of an archive into a folder that lasts as long as the block.

    `wanted` is asked with each name. A name that would leave the folder, a link or a device is passed
    over; more than `MOST_FILES` files or `MOST_UNPACKED_BYTES` bytes raise `RowError`, as does an archive
    that cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="parallax-import-") as aside:
        try:
            opened = _zip if path.name.lower().endswith(".zip") else _tar
            _unpack(opened(path, wanted), Path(aside), path)
        except BROKEN as error:
            raise RowError(f"{path}: cannot be unpacked: {error}") from None
        yield Path(aside)


class _Member(NamedTuple):
    name: str
    file: IO[bytes]


def _tar(path: Path, wanted: Callable[[str], bool]) -> Iterator[_Member]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isfile() and wanted(member.name) and (file := archive.extractfile(member)):
                yield _Member(member.name, file)


def _zip(path: Path, wanted: Callable[[str], bool]) -> Iterator[_Member]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.is_dir() and wanted(member.filename):
                with archive.open(member) as file:
                    yield _Member(member.filename, file)


def _unpack(members: Iterator[_Member], into: Path, path: Path) -> None:
    files = size = 0
    for name, file in members:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0].endswith("/") or ":" in parts[0]:
            continue
        files += 1
        target = into.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            while block := file.read(1 << 20):
                size += len(block)
                if files > MOST_FILES or size > MOST_UNPACKED_BYTES:
                    raise RowError(f"{path}: holds more than can be unpacked; unpack it yourself")
                out.write(block)


def is_archive(path: Path) -> bool:
    """Tell by its name whether a file is an archive of several files."""
    return path.name.lower().endswith(ARCHIVES)


def room_for(folder: Path) -> int:
    """Return how many bytes are free where a folder is, or is to be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
