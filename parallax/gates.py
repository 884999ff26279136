"""Letting calls in together, or one of them alone: within a process, or among all that ask one model."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

LOOK_EVERY_S = 0.02


class Gate:
    """Lets calls of this process in together, or one of them alone."""

    def __init__(self) -> None:
        """Start with nobody inside."""
        self._inside = 0
        self._alone = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def enter(self, *, alone: bool) -> AsyncIterator[None]:
        """Wait until there is room, be inside for the block; `alone`: with nobody else.

        Who wants to be alone keeps newcomers out, or it would wait for ever on a busy lane.
        """
        self._alone += alone
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._inside == 0 if alone else self._alone == 0)
                self._inside += 1
            try:
                await self._opened(alone=alone)
                try:
                    yield
                finally:
                    self._closed(alone=alone)
            finally:
                self._inside -= 1
        finally:
            self._alone -= alone
            async with self._changed:
                self._changed.notify_all()

    async def _opened(self, *, alone: bool) -> None:
        """Wait for those who are not of this process; there are none here."""

    def _closed(self, *, alone: bool) -> None:
        """Let those in who are not of this process."""


class SharedGate(Gate):
    """The same among processes: they share a file lock, and who wants to be alone holds a second one.

    The kernel lets go of both when a process ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        """Name the file that the processes share; `path` with `.alone` added is the second."""
        super().__init__()
        self._room = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._wish = os.open(f"{path}.alone", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._sharing = 0

    async def _opened(self, *, alone: bool) -> None:
        if alone:
            await _lock(self._wish, fcntl.LOCK_EX)
            try:
                await _lock(self._room, fcntl.LOCK_EX)
            except BaseException:
                fcntl.flock(self._wish, fcntl.LOCK_UN)
                raise
            return
        # nobody may be on the way to be alone; to look is enough
        await _lock(self._wish, fcntl.LOCK_SH)
        fcntl.flock(self._wish, fcntl.LOCK_UN)
        if not self._sharing:
            await _lock(self._room, fcntl.LOCK_SH)
        self._sharing += 1

    def _closed(self, *, alone: bool) -> None:
        self._sharing -= not alone
        if not self._sharing:
            fcntl.flock(self._room, fcntl.LOCK_UN)
        if alone:
            fcntl.flock(self._wish, fcntl.LOCK_UN)


async def _lock(file: int, kind: int) -> None:
    """Wait for a file lock without holding up the loop."""
    while True:
        try:
            return fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(LOOK_EVERY_S)
