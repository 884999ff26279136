"""Asks every pending cell of a plan. Knows no file and no store: it yields responses.

Each model has a lane of its own, so one endpoint's trouble does not slow another's. A response is
handed to the caller, who keeps it, before its slot asks again: a kill loses the calls in flight and
nothing that was answered.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, cast

from parallax.budget import Budget
from parallax.costs import longest_reply
from parallax.gates import Gate
from parallax.lag import Lag
from parallax.limits import LONGEST_PAUSE_S, Throttle, estimate, overloaded
from parallax.parts import with_limits
from parallax.plan import Plan
from parallax.raters import Rater
from parallax.records import BlockKind, Cell, Label, ModelSpec, Outcome, Probe, Reply, Response
from parallax.routing import is_empty_stop

Ask = Callable[[ModelSpec, str], Awaitable[Reply]]
GRACE_S = 20.0


class _Stopped(Exception):
    """A slot was told to stop before it sent anything."""


class Known(NamedTuple):
    """An answer that was paid for before, and when it was received."""

    reply: Reply
    answered_at: datetime


class Memory(Protocol):
    """What remembers answers between runs; none of its troubles is raised."""

    def recall(self, spec: ModelSpec, prompt: str, sample: int) -> Known | None:
        """Return the answer to a cell that is known already."""

    async def keep(self, spec: ModelSpec, prompt: str, sample: int, reply: Reply) -> bool:
        """Keep the answer to a cell, and say whether it was kept."""


class Pending(NamedTuple):
    """A cell that has no answer yet, and the number its next attempt gets (from 1)."""

    cell: Cell
    attempt: int


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a transient fault is tried again: `tries` requests in all, the wait doubled each time.

    It begins at `base_s` seconds and grows to `cap_s`. An overload passes more slowly: there it begins at
    eight times `base_s` and grows to twice `cap_s`, so that five tries last at least half a minute.
    """

    tries: int = 5
    base_s: float = 0.5
    cap_s: float = 30.0

    def wait_s(self, tried: int, reply: Reply) -> float:
        """Return the seconds to wait after the `tried`-th request: as told by the host, else jittered.

        What a host tells holds for an hour at most, and holds up the whole lane at the same time.
        """
        if reply.retry_after_s is not None:
            return min(reply.retry_after_s, LONGEST_PAUSE_S)
        first, most = (8.0, 2.0) if overloaded(reply) else (1.0, 1.0)
        longest = min(first * self.base_s * 2.0 ** (tried - 1), most * self.cap_s)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret


@dataclass(slots=True)
class Lane:
    """One model's part of a run; the lanes of one provider share its throttle, where it states limits."""

    model: ModelSpec
    pending: deque[Pending]
    gate: Gate
    throttle: Throttle
    provider: Throttle | None = None
    waiting: set[asyncio.Task[object]] = field(default_factory=set)
    answered: int = 0
    in_flight: int = 0
    retries: int = 0
    fault: str = ""


class Runner:
    """One pass over the pending cells of a plan."""

    def __init__(
        self,
        plan: Plan,
        pending: Iterable[Pending],
        ask: Ask,
        rater: Rater,
        policy: RetryPolicy | None = None,
        gate: Callable[[str], Gate] = lambda model: Gate(),
        memory: Memory | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Sort the pending cells into a lane for each model; nothing is asked yet.

        `gate` makes the gate of a model's lane from the model's id; `memory` knows what was paid for,
        `budget` what may still be.
        """
        self._plan = plan
        self._ask = ask
        self._rater = rater
        self._policy = policy or RetryPolicy()
        self._memory = memory
        self._budget = budget or Budget(None)
        self._lag = Lag()
        self._probes: dict[str, Probe] = {probe.id: probe for probe in plan.probe_set.probes}
        self._stopping = asyncio.Event()
        self._work: asyncio.Future[list[None]] | None = None
        self._out: asyncio.Queue[tuple[Response, asyncio.Event] | None] = asyncio.Queue()
        asked = with_limits(plan).models
        hosts = {host: Throttle(limits) for host, limits in plan.providers.items()}
        self.lanes = {
            m.id: Lane(m, deque(), gate(m.id), Throttle(m.limits), hosts.get(m.provider)) for m in asked
        }
        for item in pending:
            self.lanes[item.cell.model].pending.append(item)

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Ask nothing new; `responses` ends when the calls in flight have come back, or are given up."""
        self._ask_no_more()
        if self._work is not None:
            asyncio.get_running_loop().call_later(grace_s, self._work.cancel)

    def _ask_no_more(self) -> None:
        self._stopping.set()
        for lane in self.lanes.values():
            for task in lane.waiting:
                task.cancel()

    def facts(self) -> dict[str, Any]:
        """Return what the run should say of itself beside its counts, under the names in `notes`."""
        lag = self._lag
        return {"over_budget": self._budget.over, "late_share": lag.late_share, "late_s": lag.worst_s}

    async def responses(self) -> AsyncGenerator[Response, None]:
        """Yield every attempt as it ends, rated where it is final.

        The slot that asked goes on only when the caller comes back for the next response. When the
        iterator is closed early, the calls in flight are cancelled.
        """
        slots = [
            self._slot(lane) for lane in self.lanes.values() for _ in range(lane.model.limits.concurrency)
        ]
        work = self._work = asyncio.gather(*slots)
        work.add_done_callback(lambda _: self._out.put_nowait(None))
        watch: asyncio.Task[None] | None = None
        try:
            while (item := await self._out.get()) is not None:
                response, kept = item
                if watch is None and not response.reply.cached:
                    # not before: the first call of all loads modules, which says nothing of the others
                    watch = asyncio.create_task(self._lag.watch())
                yield response
                kept.set()
        finally:
            if watch is not None:
                watch.cancel()
            work.cancel()
            (ended,) = await asyncio.gather(work, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended

    async def _slot(self, lane: Lane) -> None:
        while lane.pending and not lane.fault and not self._stopping.is_set():
            try:
                await self._cell(lane, lane.pending.popleft())
            except _Stopped:
                return

    async def _cell(self, lane: Lane, item: Pending) -> None:
        probe = self._probes[item.cell.probe]
        if known := self._memory and self._memory.recall(lane.model, probe.prompt, item.cell.sample):
            await self._hand_over(item.cell, item.attempt, known.reply, final=True, at=known.answered_at)
            return
        answered_before = lane.answered
        attempt = item.attempt
        for tried in range(1, self._policy.tries + 1):
            reply = await self._call(lane, probe, alone=False)
            if is_empty_stop(reply):
                await self._hand_over(item.cell, attempt, reply, final=False)
                attempt += 1
                reply = confirmed(await self._call(lane, probe, alone=True))
            over = not reply.transient or tried == self._policy.tries
            # a refused key or a dead host concerns all that follows, a 403 or 404 perhaps this prompt alone
            since = answered_before if reply.http_status in {None, 401} else 0
            if over and reply.unusable and lane.answered == since:
                lane.fault = lane.fault or reply.error
            if over and self._memory:
                # before it is journalled: after a kill in between it is found here
                await self._memory.keep(lane.model, probe.prompt, item.cell.sample, reply)
            await self._hand_over(item.cell, attempt, reply, final=over)
            if over or await self._stopped_within(self._policy.wait_s(tried, reply)):
                return
            lane.retries += 1
            attempt += 1

    async def _call(self, lane: Lane, probe: Probe, *, alone: bool) -> Reply:
        tokens = estimate(lane.model.system + probe.prompt, longest_reply(lane.model))
        async with AsyncExitStack() as held:
            with self._interruptible(lane):
                # in this order: a lone try need not wait for those who queue for a slot, and who waits
                # for their own model keeps no other out of the provider
                slots = [await held.enter_async_context(lane.throttle.slot(tokens))]
                await held.enter_async_context(lane.gate.enter(alone=alone))
                if lane.provider:
                    slots.append(await held.enter_async_context(lane.provider.slot(tokens)))
                reserved = await self._budget.hold(lane.model, probe.prompt)
            if reserved is None:
                self._ask_no_more()
                raise _Stopped
            lane.in_flight += 1
            try:
                reply = await self._ask(lane.model, probe.prompt)
            finally:
                lane.in_flight -= 1
            self._budget.settle(reserved, reply)
            for slot in slots:
                slot.told(reply)
        lane.answered += not reply.unusable
        return reply

    @contextmanager
    def _interruptible(self, lane: Lane) -> Iterator[None]:
        """Let `stop` break off the wait in the block: nothing was sent for it yet."""
        task = cast("asyncio.Task[object]", asyncio.current_task())
        lane.waiting.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise
            task.uncancel()
            raise _Stopped from None
        finally:
            lane.waiting.discard(task)

    async def _hand_over(
        self, cell: Cell, attempt: int, reply: Reply, *, final: bool, at: datetime | None = None
    ) -> None:
        now = datetime.now(UTC)
        label = None
        if final:
            verdict = self._rater.rate(self._probes[cell.probe], reply)
            label = Label(verdict, self._rater.name, self._rater.version, now)
        kept = asyncio.Event()
        response = Response(self._plan.run, cell, attempt, final, reply, at or now, label)
        await self._out.put((response, kept))
        await kept.wait()

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True


def confirmed(second: Reply) -> Reply:
    """Return the second, lone try of an empty stop: empty again, it is the host's silent block."""
    if not is_empty_stop(second):
        return second
    return dataclasses.replace(second, outcome=Outcome.BLOCKED, block=BlockKind.EMPTY)
