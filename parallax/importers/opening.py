"""From a format's name and paths to what can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

from parallax.errors import RowError
from parallax.importers import files, speechmap
from parallax.importers.answers import Source
from parallax.importers.speechmap import SpeechMap
from parallax.importers.tables import READERS, Table

FORMATS = (speechmap.FORMAT, *READERS)
_NOTHING: Mapping[str, str] = MappingProxyType({})


@contextmanager
def opened(
    format: str,
    paths: Sequence[Path],
    mapping: Mapping[str, str] = _NOTHING,
    saved_in: Path | None = None,
    wanted: Callable[[str], bool] = speechmap.belongs,
) -> Iterator[Source]:
    """Yield what reads the files of a format; archives are unpacked for as long as the block lasts.

    `mapping` says which columns of a table stand for which fields, where a guess from their names is wrong;
    `saved_in` is the file that keeps such words for the next table; `wanted` says by its name whether a file
    of an archive is read. Raises `RowError` for a path that is not
    there, an archive that cannot be unpacked, and a table whose columns for prompt or answer are not known.
    """
    for path in paths:
        if not path.exists():
            raise RowError(f"{path}: there is no such file or folder; check the path")
        if format in READERS and path.is_dir():
            raise RowError(f"{path}: is a folder; name the files in it")
    if format in READERS:
        table = Table(format, paths, (mapping,), saved_in)
        _ = table.mapping
        yield table
        return
    with ExitStack() as unpacked:
        yield SpeechMap([_in_the_open(path, wanted, unpacked) for path in paths])


def _in_the_open(path: Path, wanted: Callable[[str], bool], unpacked: ExitStack) -> Path:
    if path.is_dir() or not files.is_archive(path):
        return path
    return unpacked.enter_context(files.unpacked(path, wanted))
