"""How late this process is at what it waits for: an answer that has come waits that long to be read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from parallax import turns

LOOK_EVERY_S = 0.25
LATE_S = 0.25
LEAST_S = 10.0


async def _sleep_and_queue(seconds: float) -> None:
    """Sleep, then take the way of an answer that came at that moment."""
    await asyncio.sleep(seconds)
    await turns.here().arriving.passed()


class Lag:
    """Measures by how much a short sleep comes out too long; `worst_s` is the most so far, in seconds."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = _sleep_and_queue,
    ) -> None:
        """Begin with nothing seen."""
        self._clock, self._sleep = clock, sleep
        self._seen_s = self._late_s = 0.0
        self.worst_s = 0.0

    @property
    def late_share(self) -> float:
        """The share of the time seen in which an answer would have waited over a quarter of a second.

        0 before 10 seconds were seen: a short run's one late moment says nothing of the machine.
        """
        return self._late_s / self._seen_s if self._seen_s >= LEAST_S else 0.0

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            began = self._clock()
            await self._sleep(LOOK_EVERY_S)
            took = self._clock() - began
            late_s = max(0.0, took - LOOK_EVERY_S)
            self._seen_s += took
            self._late_s += took * (late_s > LATE_S)
            self.worst_s = max(self.worst_s, late_s)
