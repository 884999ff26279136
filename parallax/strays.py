"""Workers whose run was removed while they were at it: found by the locks that they still hold.

Where the system does not list its processes in `/proc`, none is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")
_LOCK = re.compile(r"(?P<run>[^/]+)/worker(-\d+)?\.lock( \(deleted\))?")


def lines(spool: Path) -> list[str]:
    """Return a line for each removed run at which processes are left: which ones, and what to do."""
    found: dict[str, set[int]] = {}
    for pid in _of_ours():
        for run in _removed(pid, spool.resolve()):
            found.setdefault(run, set()).add(pid)
    return [_line(run, " ".join(map(str, sorted(pids)))) for run, pids in sorted(found.items())]


def _line(run: str, pids: str) -> str:
    return f"{run}: its folder was removed, but process {pids} is still at it; end it with kill -9 {pids}"


def _of_ours() -> Iterator[int]:
    """Yield the processes that are Parallax by their command line."""
    for folder in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            if b"parallax" in (folder / "cmdline").read_bytes():
                yield int(folder.name)


def _removed(pid: int, spool: Path) -> Iterator[str]:
    """Yield the runs of this spool whose lock a process holds though the file is gone."""
    with suppress(OSError):
        for link in (_PROCESSES / str(pid) / "fd").iterdir():
            with suppress(OSError):
                held = link.readlink()
                lock = _LOCK.fullmatch("/".join(held.parts[-2:]))
                if lock and held.is_relative_to(spool) and not held.exists():
                    yield lock["run"]
