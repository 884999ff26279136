"""What a host allows: calls at once, requests and tokens a minute, and the pauses that it asks for.

Each model has a `Throttle` of its own, so that one host's trouble does not slow another's. What a
provider allows all its models together is one `Throttle` that their lanes share; a call then holds
both, its model's first, for who waits for its model must keep nobody else out:

    async with own.slot(tokens) as mine, of_host.slot(tokens) as ours:
        reply = await ask(spec, prompt)
        mine.told(reply)
        ours.told(reply)
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from parallax.costs import count_tokens
from parallax.records import Limits, Outcome, Reply

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

# Who allows more calls at once is taken at their word so far. Where a host serves 10 in truth, some 90 calls
# are turned away.
START = 64
# Who turns calls away does so at once, who answers takes seconds: nobody need wait for that to begin more. At
# 2 s an answer, 500 at once take 6 s to get there by answers alone.
OPENS_AFTER_S = 0.25
MINUTE_S = 60.0
LONGEST_PAUSE_S = 3600.0
REPLY_TOKENS = 1024
TICK_S = 0.001
OVERLOAD_STATUS = frozenset({429, 503, 529})
_OVERLOAD = re.compile(r"rate[ _-]?limit|too many requests|overloaded|throttl|resource[ _]exhausted", re.I)


def askers(limits: Limits, workers: int) -> int:
    """Return how many of so many workers get a part of these limits: none less than one call, one token."""
    return min(workers, limits.concurrency, limits.rpm or workers, limits.tpm or workers)


def shared(limits: Limits, workers: int, index: int) -> Limits:
    """Return the part of a model's or a provider's limits that worker `index` (from 0) of `workers` gets.

    The parts add up exactly to the whole. Where a limit is below the number of workers, only so many get a
    part; the rest get `Limits(0, 0, 0)` and may ask nothing, for an rpm of 0 with any concurrency would
    mean that it is not limited. Raises `ValueError` for an index outside the workers.
    """
    if not 0 <= index < workers:
        raise ValueError(f"worker {index} is not one of {workers}: count from 0")
    asking = askers(limits, workers)
    if index >= asking:
        return Limits(0, 0, 0)
    whole = (limits.concurrency, limits.rpm, limits.tpm)
    return Limits(*(limit // asking + (index < limit % asking) for limit in whole))


def estimate(text: str, max_tokens: int | None) -> int:
    """Return how many tokens a call may use: those of `text`, which is all that is sent, and of the reply.

    A reply counts as `max_tokens`, but at most 1,024: few use up more, and what one call holds is kept from
    the others.
    """
    return count_tokens(text) + min(max_tokens or REPLY_TOKENS, REPLY_TOKENS)


def overloaded(reply: Reply) -> bool:
    """True for a call that the host turned away because it was too much: 429, 503, 529 or in words."""
    said = reply.http_status in OVERLOAD_STATUS or _OVERLOAD.search(reply.error)
    return reply.outcome is Outcome.ERROR and bool(said)


@dataclass(slots=True)
class _Charge:
    taken_at: float
    amount: int


class _Minute:
    """A budget for any 60 seconds on end (0: no limit): what is taken comes back a minute later.

    What alone exceeds the budget is let in when nothing is charged, and stays charged for as many minutes
    as it holds budgets, so that the rate is kept in the long run.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._used = 0
        self._charges: deque[_Charge] = deque()

    def wait_s(self, amount: int, now: float) -> float:
        """Return 0 when `amount` can be taken, else the seconds after which to look again."""
        while self._charges and self._due(self._charges[0]) <= now:
            self._used -= self._charges.popleft().amount
        if self._used + min(amount, self._budget) <= self._budget:
            return 0.0
        return self._due(self._charges[0]) - now

    def take(self, amount: int, now: float) -> _Charge:
        charge = _Charge(now, amount)
        if self._budget:
            self._charges.append(charge)
            self._used += amount
        return charge

    def correct(self, charge: _Charge, used: int, now: float) -> None:
        """Make a charge what was really used: an excess is charged from now on, a rest comes back."""
        if used > charge.amount:
            self.take(used - charge.amount, now)
        elif self._budget and now < self._due(charge):
            self._used -= charge.amount - used
            charge.amount = used

    def _due(self, charge: _Charge) -> float:
        return charge.taken_at + MINUTE_S * max(1.0, charge.amount / self._budget)


class _Width:
    """How many calls at once: found by trying, as TCP does (RFC 5681, section 3.1).

    While nobody was turned away it doubles each quarter of a second in which it is too narrow. Below the knee
    each good reply adds one, which doubles the width in a round trip; above it, one is added after `now` of
    them. A cut halves the width and puts the knee there; where nothing good came
    since the last cut (an outage), the knee stays, and the way back is short.
    """

    def __init__(self, most: int) -> None:
        self.now = min(START, most)
        self.cuts = 0
        self.opens_at = math.inf
        self._most = self._knee = most
        self._good, self._good_since_cut = 0, True

    def cut(self) -> None:
        self.now = max(1, self.now // 2)
        self.cuts += 1
        self.opens_at = math.inf
        self._knee = self.now if self._good_since_cut else self._knee
        self._good, self._good_since_cut = 0, False

    def has_opened(self, now: float) -> bool:
        """Double it when its time has come; to be asked while it is too narrow."""
        if self.cuts or self.now >= self._most:
            self.opens_at = math.inf
        elif self.opens_at == math.inf:
            self.opens_at = now + OPENS_AFTER_S
        elif self.opens_at <= now:
            self.now = min(2 * self.now, self._most)
            self.opens_at = now + OPENS_AFTER_S
            return True
        return False

    def good(self, tried: bool) -> None:
        """Count a good reply; a width that was not `tried` says nothing of a larger one."""
        self._good_since_cut = True
        if self.now >= self._most or not tried:
            return
        self._good += 1
        if self.now < self._knee or self._good >= self.now:
            self.now += 1
            self._good = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """The leave to send one request, from `Throttle.slot`."""

    _learn: Callable[[Slot, Reply], None]
    cuts: int
    charge: _Charge

    def told(self, reply: Reply) -> None:
        """Let the throttle learn from what came back; call it once, just before the slot is left.

        The tokens that the reply counts replace the estimate; a call turned away used none. A slot left
        without a word keeps its charges: the request may have arrived.
        """
        self._learn(self, reply)


class Throttle:
    """Lets calls in as a host's limits and its replies allow, first come first served.

    Calls at once begin at 64 or the limit, grow up to `limits.concurrency` with good replies and, until the
    first overload, with time, and halve when the host is overloaded, never below 1. Only calls that began
    after the last cut count: an overload that many meet at once halves the width once. Any 60 seconds see at
    most `limits.rpm` calls begin and, as far as estimates go, `limits.tpm` tokens. Nobody is let in before a
    Retry-After has passed (an hour at most).
    `waiting` callers are in the queue. For one event loop; `clock` and `sleep` speak seconds.
    """

    def __init__(self, limits: Limits, clock: Clock = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        """Begin with all budgets full and nobody inside."""
        self._clock, self._sleep = clock, sleep
        self._width = _Width(limits.concurrency)
        self._requests, self._tokens = _Minute(limits.rpm), _Minute(limits.tpm)
        self._opens_at = -math.inf
        self._crowded = False
        self._inside = self.waiting = 0
        self._turn, self._news = asyncio.Lock(), asyncio.Event()

    @property
    def width(self) -> int:
        """How many calls may be under way at present; 0 for limits that allow none."""
        return self._width.now

    @asynccontextmanager
    async def slot(self, tokens: int = 0) -> AsyncIterator[Slot]:
        """Wait until a request of about `tokens` tokens may be sent; hold its place for the block.

        Cancelled while waiting, it leaves no trace. Raises `ValueError` where concurrency is 0.
        """
        if not self.width:
            raise ValueError("these limits have concurrency 0: nothing may be asked under them")
        slot = await self._enter(tokens)
        try:
            yield slot
        finally:
            self._inside -= 1
            self._news.set()

    async def _enter(self, tokens: int) -> Slot:
        self.waiting += 1
        try:
            # the lock is the queue: it is handed on in the order of asking, its holder is next
            async with self._turn:
                while wait := self._wait_s(tokens):
                    await self._news_within(wait)
        finally:
            self.waiting -= 1
        now = self._clock()
        self._inside += 1
        self._requests.take(1, now)
        return Slot(self._learn, self._width.cuts, self._tokens.take(tokens, now))

    def _wait_s(self, tokens: int) -> float:
        now = self._clock()
        self._crowded = self._inside >= self.width and not self._width.has_opened(now)
        if self._crowded:
            return self._width.opens_at - now
        return max(0.0, self._opens_at - now, self._requests.wait_s(1, now), self._tokens.wait_s(tokens, now))

    async def _news_within(self, seconds: float) -> None:
        self._news.clear()
        alarm = asyncio.create_task(self._ring_after(seconds)) if seconds < math.inf else None
        try:
            await self._news.wait()
        finally:
            if alarm:
                alarm.cancel()

    async def _ring_after(self, seconds: float) -> None:
        # a timer may ring a hair before its time; without a floor the wait would be a spin
        await self._sleep(max(seconds, TICK_S))
        self._news.set()

    def _learn(self, slot: Slot, reply: Reply) -> None:
        now = self._clock()
        too_much = overloaded(reply)
        if reply.retry_after_s is not None:
            self._opens_at = max(self._opens_at, now + min(reply.retry_after_s, LONGEST_PAUSE_S))
        if too_much:
            self._tokens.correct(slot.charge, 0, now)
        elif reply.prompt_tokens is not None and reply.completion_tokens is not None:
            self._tokens.correct(slot.charge, reply.prompt_tokens + reply.completion_tokens, now)
        if slot.cuts == self._width.cuts and too_much:
            self._width.cut()
        elif slot.cuts == self._width.cuts and reply.outcome is not Outcome.ERROR:
            self._width.good(tried=self._crowded or 2 * self._inside >= self.width)
