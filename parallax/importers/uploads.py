"""Files that a page was given: kept in the data folder until they are imported."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path

from parallax.config import Settings
from parallax.importers import files
from parallax.importers.answers import Tally
from parallax.spool import write_atomically, writing

_UNSAFE = re.compile(r"[^\w.+-]")
_OF_SPEECHMAP = {"question_id", "question", "model", "response"}


def keep(settings: Settings, name: str, data: bytes) -> Path:
    """Write a file down under its own name, in a folder named after its content; returns its path.

    Raises `SpoolError` on a full disk.
    """
    path = settings.uploads / sha256(data).hexdigest()[:16] / safe(name)
    if not path.is_file():
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    return path


def safe(name: str) -> str:
    """Return a file's name without a folder and without what a file system may not take."""
    return _UNSAFE.sub("-", Path(name.replace("\\", "/")).name)[-150:].lstrip(".") or "upload"


def forget(settings: Settings, paths: Sequence[Path]) -> None:
    """Remove those of the files that were kept; others stay where they are."""
    for path in paths:
        if path.parent.parent == settings.uploads:
            shutil.rmtree(path.parent, ignore_errors=True)


def clear(settings: Settings) -> None:
    """Remove every file that was kept and never imported."""
    shutil.rmtree(settings.uploads, ignore_errors=True)


def format_of(path: Path) -> str:
    """Return the format that a file most likely is of, by its name and its first row."""
    name = path.name.lower().removesuffix(".gz")
    if files.is_archive(path):
        return "speechmap"
    for format in ("csv", "parquet"):
        if name.endswith(f".{format}"):
            return format
    first = next(islice(files.objects(path, Tally()), 1), None)
    return "speechmap" if first and first.fields.keys() >= _OF_SPEECHMAP else "jsonl"
