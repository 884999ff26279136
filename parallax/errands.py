"""Commands that work beside the dashboard and tell it how far they are: an import, a download.

Each has a file `errands/<name>.json` in the data folder, and a lock that it holds while it lives.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from parallax import detached
from parallax.config import Settings
from parallax.errors import ParallaxError, RunError
from parallax.spool import is_held, write_atomically, writing

START_S = 15.0
LOCK_S = 1.0
TELL_EVERY_S = 0.5
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")

Tell = Callable[[str, int, int], None]


class State(StrEnum):
    """Where an errand stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Errand:
    """How far a command is: `done` of `total` of whatever it counts (0: unknown), and its last words."""

    name: str
    state: State
    message: str = ""
    done: int = 0
    total: int = 0

    @property
    def fraction(self) -> float:
        """The part that is done, from 0 to 1; 0 where that is unknown."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def begin(settings: Settings, name: str, arguments: Sequence[str]) -> None:
    """Start a command detached from this process; `read` tells how far it is.

    Raises `RunError` where one of that name is at it already, `SpoolError` on a full disk.
    """
    if (now := read(settings, name)) and now.state is State.RUNNING:
        raise RunError(f"{name} is under way already; wait for its end")
    _write(settings, Errand(name, State.RUNNING, "starting"))
    detached.start(settings, [*arguments, "--errand", name], _file(settings, name, "log"))


@contextmanager
def told(settings: Settings, name: str) -> Iterator[Tell]:
    """Yield what tells how far the block is, as the errand of a name; '' tells nobody.

    How the block ends is told too: the line of a `ParallaxError`, which goes on its way. Raises `RunError`
    where another process is at an errand of that name.
    """
    if not name:
        yield lambda message, done, total: None
        return
    last = [Errand(name, State.RUNNING)]
    at = [0.0]

    def tell(message: str, done: int, total: int) -> None:
        last[0] = Errand(name, State.RUNNING, message, done, total)
        if time.monotonic() - at[0] >= TELL_EVERY_S:
            at[0] = time.monotonic()
            _write(settings, last[0])

    with writing(settings.data):
        _file(settings, name, "json").parent.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(_file(settings, name, "lock"), timeout=LOCK_S).acquire()
    except Timeout:
        raise RunError(f"{name} is under way already; wait for its end") from None
    with held:
        try:
            yield tell
        except ParallaxError as error:
            _write(settings, Errand(name, State.FAILED, str(error)))
            raise
        _write(settings, Errand(name, State.DONE, last[0].message, last[0].done, last[0].total))


def read(settings: Settings, name: str) -> Errand | None:
    """Return how far an errand is, None where there never was one."""
    file = _file(settings, name, "json")
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        found = Errand(**{**told, "state": State(told["state"])})
        age = abs(time.time() - file.stat().st_mtime)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if found.state is State.RUNNING and age > START_S and not is_held(_file(settings, name, "lock")):
        return Errand(name, State.FAILED, f"it ended without a word; see {_file(settings, name, 'log')}")
    return found


def every(settings: Settings) -> list[Errand]:
    """Return every errand that was not cleared away, the newest first."""
    files = sorted((settings.data / "errands").glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True)
    return [found for file in files if (found := read(settings, file.stem))]


def clear(settings: Settings, name: str) -> None:
    """Forget an errand that has ended."""
    for ending in ("json", "log", "lock"):
        _file(settings, name, ending).unlink(missing_ok=True)


def _write(settings: Settings, errand: Errand) -> None:
    file = _file(settings, errand.name, "json")
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(asdict(errand), ensure_ascii=False).encode())


def _file(settings: Settings, name: str, ending: str) -> Path:
    if not _NAME.fullmatch(name):
        raise RunError(f"'{name}' is no name of an errand")
    return settings.data / "errands" / f"{name}.{ending}"
