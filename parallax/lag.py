"""How late this process's event loop wakes: an answer that has come waits that long to be read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

LOOK_EVERY_S = 0.25
LATE_S = 0.25
LEAST_S = 10.0


class Lag:
    """Measures by how much a short sleep comes out too long; `worst_s` is the most so far, in seconds."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Begin with nothing seen."""
        self._clock, self._sleep = clock, sleep
        self._seen_s = self._late_s = 0.0
        self.worst_s = 0.0

    @property
    def late_share(self) -> float:
        """The share of the time seen in which the loop was more than a quarter of a second late.

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
