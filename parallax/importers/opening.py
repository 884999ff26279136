"""From a format's name and paths to what can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from parallax.errors import RowError
from parallax.importers import files, speechmap
from parallax.importers.answers import Source
from parallax.importers.speechmap import SpeechMap

FORMATS = (speechmap.FORMAT,)


@contextmanager
def opened(format: str, paths: Sequence[Path]) -> Iterator[Source]:
    """Yield what reads the files of a format; archives are unpacked for as long as the block lasts.

    Raises `RowError` for a path that is not there, or an archive that cannot be unpacked.
    """
    for path in paths:
        if not path.exists():
            raise RowError(f"{path}: there is no such file or folder; check the path")
    with ExitStack() as unpacked:
        yield SpeechMap([_in_the_open(path, unpacked) for path in paths])


def _in_the_open(path: Path, unpacked: ExitStack) -> Path:
    if path.is_dir() or not files.is_archive(path):
        return path
    return unpacked.enter_context(files.unpacked(path, speechmap.belongs))
