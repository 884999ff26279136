"""The worker process: asks a run's pending cells and leaves the answers in the spool.

`python -m parallax worker RUN` is detached from whoever started it and never opens the store.
"""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from parallax import crew, notes
from parallax.budget import Budget
from parallax.cache import Cache
from parallax.config import Settings
from parallax.gates import Gate, SharedGate
from parallax.models import require_keys
from parallax.parts import WHOLE, Part, answered, budgets, how_many, sharers
from parallax.plan import Plan
from parallax.raters import Rules
from parallax.records import Outcome, Response, RunState, content_hash
from parallax.runner import Ask, Pending, RetryPolicy, Runner
from parallax.shards import Journal, recover
from parallax.spool import RunFolder

SEAL_EVERY_S = 1.0
RATE_WINDOW_S = 30.0

Progress = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Tally:
    """What a worker has counted so far; cells, of the whole run."""

    total: int
    done: int = 0
    errors: int = 0
    cost_usd: float = 0.0
    recent: deque[float] = field(default_factory=deque)
    by_model: Counter[str] = field(default_factory=Counter)

    def add(self, response: Response) -> None:
        """Count one attempt; only a final one ends a cell."""
        self.cost_usd += response.reply.cost_usd or 0.0
        if not response.reply.cached:
            self.recent.append(time.monotonic())
        if response.final:
            self.done += 1
            self.errors += response.reply.outcome is Outcome.ERROR
            self.by_model[response.cell.model] += 1

    def calls_per_second(self) -> float:
        """Return the answers a second over the last half minute."""
        now = time.monotonic()
        while self.recent and self.recent[0] < now - RATE_WINDOW_S:
            self.recent.popleft()
        return len(self.recent) / max(now - self.recent[0], 1.0) if self.recent else 0.0


class Worker:
    """One pass over the open cells of a run, or of one part of it."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        pending: Sequence[Pending],
        ask: Ask,
        policy: RetryPolicy | None,
        progress: Progress,
        cache: Cache,
    ) -> None:
        """Sort the open cells into lanes; a part counts its own cells alone, and the crew adds them up."""
        self._plan = plan
        self._folder = folder
        self._is_part = folder.part is not None
        # a part's share of the budget is of what is left, not of the whole
        budget = Budget(plan.max_cost_usd, 0.0 if self._is_part else folder.spent_usd())
        self._runner = Runner(plan, pending, ask, Rules(), policy, self._gate, cache, budget)
        self._cache = cache
        self._journal = Journal(folder)
        self._earlier = notes.lasting(folder.heartbeat())
        self._progress = progress
        self._tally = self._counted(pending)
        self._state = RunState.RUNNING

    def _counted(self, pending: Sequence[Pending]) -> Tally:
        if self._is_part:
            return Tally(len(pending))
        cost_usd = self._folder.heartbeat().get("cost_usd", 0.0)
        by_model = answered(self._plan, (item.cell for item in pending))
        return Tally(self._plan.size, by_model.total(), cost_usd=cost_usd, by_model=by_model)

    def _gate(self, model: str) -> Gate:
        if not self._is_part:
            return Gate()
        return SharedGate(self._folder.path / f"gate-{content_hash(model)[:12]}")

    async def run(self) -> RunState:
        """Ask until nothing is pending or somebody says stop, and return how the pass ended.

        Raises `SpoolError` where an answer cannot be written; what was written before is safe.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._runner.stop)
        if self._is_part:
            loop.add_reader(sys.stdin.fileno(), self._left_alone)
        if self._folder.stop_mark():
            self._runner.stop()
        self._beat()
        clock = asyncio.ensure_future(self._tick())
        clock.add_done_callback(lambda _: self._runner.stop(0.0))
        answers = self._runner.responses()
        try:
            async for response in answers:
                self._journal.keep(response)
                self._tally.add(response)
        finally:
            await answers.aclose()
            clock.cancel()
            with suppress(asyncio.CancelledError):
                await clock
            self._state = self._ended()
            self._journal.seal()
            self._beat()
        return self._state

    def _left_alone(self) -> None:
        """End in good order: the crew's other end of this pipe has gone."""
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        self._runner.stop()

    async def _tick(self) -> None:
        """Seal, beat and look for the stop mark, about once a second."""
        while True:
            await asyncio.sleep(SEAL_EVERY_S)
            self._journal.seal()
            self._beat()
            if self._folder.stop_mark():
                self._runner.stop()

    def _ended(self) -> RunState:
        if self._tally.done == self._tally.total:
            return RunState.FINISHED
        return RunState.CANCELLED if self._folder.stop_mark() == "cancel" else RunState.INTERRUPTED

    def _beat(self) -> None:
        lanes = self._runner.lanes
        beat = {
            "state": self._state,
            "total": self._tally.total,
            "done": self._tally.done,
            "errors": self._tally.errors,
            "in_flight": sum(lane.in_flight for lane in lanes.values()),
            "retries": sum(lane.retries for lane in lanes.values()),
            "cost_usd": self._tally.cost_usd,
            "calls_per_second": self._tally.calls_per_second(),
            "models": {m.id: self._tally.by_model[m.id] for m in self._plan.models},
            "faults": {name: lane.fault for name, lane in lanes.items() if lane.fault},
            "note": self._cache.note,
            **notes.together([self._earlier, self._runner.facts()]),
        }
        self._folder.beat(beat)
        self._progress(beat)


def work(
    settings: Settings,
    run: str,
    *,
    policy: RetryPolicy | None = None,
    progress: Progress = lambda beat: None,
) -> RunState:
    """Work on a run until it is finished or stopped, in as many processes as it is worth.

    Returns how it ended.

    Raises `RunError` for an unknown run or one that has a worker, `MissingKeyError` before anything
    is asked, `SpoolError` where the spool cannot be written.
    """
    folder = RunFolder(settings.spool, run)
    plan = folder.plan()
    require_keys(plan.models)
    with folder.lock():
        recover(folder)
        pending = pending_cells(plan, folder, WHOLE)
        spent_usd = folder.spent_usd()
        count = how_many(plan, len(pending), spent_usd)
        if count > 1:
            cells = [item.cell for item in pending]
            shares = budgets(plan, spent_usd, cells, count)
            return crew.run(settings, folder, plan, shares, answered(plan, cells), progress)
        return asyncio.run(_work(settings, plan, folder, pending, policy, progress))


def work_part(settings: Settings, run: str, part: Part, max_cost_usd: float | None) -> RunState:
    """Work on one part of a run, as one process of its crew; returns how the part ended.

    `max_cost_usd` is this part's share of what the run may still spend.
    """
    folder = RunFolder(settings.spool, run, part.index)
    plan = folder.plan()
    with folder.lock():
        pending = pending_cells(plan, folder, part)
        share = dataclasses.replace(part.of(plan), max_cost_usd=max_cost_usd)
        return asyncio.run(_work(settings, share, folder, pending, None, lambda beat: None))


def pending_cells(plan: Plan, folder: RunFolder, part: Part) -> list[Pending]:
    """Return the cells of a part that have no answer yet, in the order of the plan."""
    known = folder.done()
    among = sharers(plan, part.count)
    return [
        Pending(cell, known[cell].attempts + 1 if cell in known else 1)
        for cell in plan.cells()
        if (cell not in known or not known[cell].answered) and part.owns(cell, among[cell.model])
    ]


async def _work(
    settings: Settings,
    plan: Plan,
    folder: RunFolder,
    pending: Sequence[Pending],
    policy: RetryPolicy | None,
    progress: Progress,
) -> RunState:
    # imported here because it costs seconds: only a process that asks is to pay them
    from parallax import providers

    providers.prepare(plan.models)
    cache = Cache(settings.responses, fresh=plan.fresh)
    try:
        return await Worker(plan, folder, pending, providers.ask, policy, progress, cache).run()
    finally:
        cache.close()
        await providers.close()
