"""A few after a few through the event loop, so that answers which come together do not leave together.

Left to itself the loop gives each of many answers a little of its time in turn. All of them are done when the
last one is, the next requests go out together, and their answers come together again; between these waves
the processor has nothing to do. Who takes turns has its next request on the way while others still wait.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from weakref import WeakKeyDictionary

# one at a time, a call takes a third more of the processor: what it needs has left the caches meanwhile
AT_ONCE = 16


class Turnstile:
    """Lets a few callers through in each round of the event loop, in the order of asking."""

    def __init__(self) -> None:
        """Begin with nobody in the queue."""
        self._room = asyncio.Semaphore(AT_ONCE)

    async def passed(self) -> None:
        """Wait for one's turn."""
        async with self._room:
            await asyncio.sleep(0)


class Turns(NamedTuple):
    """Two queues, so that a request which could be on its way does not wait for answers to be read."""

    leaving: Turnstile
    arriving: Turnstile


_OF_LOOP: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


def here() -> Turns:
    """Return the queues of the running event loop; all that ask through it share them."""
    loop = asyncio.get_running_loop()
    turns = _OF_LOOP.get(loop)
    if turns is None:
        turns = _OF_LOOP[loop] = Turns(Turnstile(), Turnstile())
    return turns
