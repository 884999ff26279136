"""The worker process: asks a run's pending cells and leaves the answers in the spool.

`python -m parallax worker RUN` is detached from whoever started it and never opens the store.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from typing import Any, NamedTuple

from parallax import crew, notes
from parallax.budget import Budget
from parallax.cache import Cache
from parallax.config import Settings
from parallax.gates import Gate, SharedGate
from parallax.models import require_keys
from parallax.parts import WHOLE, Part, budgets, how_many, sharers
from parallax.plan import Plan
from parallax.raters import Rules
from parallax.records import Cell, RunState, content_hash
from parallax.runner import Ask, Pending, RetryPolicy, Runner
from parallax.shards import Journal, recover
from parallax.spool import Done, RunFolder
from parallax.tally import ModelProgress, Progress, Tally, stopped

SEAL_EVERY_S = 1.0
GC_THRESHOLD = (20_000, 50, 100)

Callback = Callable[[dict[str, Any]], None]


class Task(NamedTuple):
    """One pass over a run or a part of it: which cells, where the count stands, what was spent before.

    A part's share of the budget is of what is left, so that nothing counts as spent before.
    """

    plan: Plan
    folder: RunFolder
    pending: Sequence[Pending]
    tally: Tally
    spent_usd: float = 0.0


class Worker:
    """One pass over the open cells of a run, or of one part of it."""

    def __init__(
        self, task: Task, ask: Ask, policy: RetryPolicy | None, progress: Callback, cache: Cache
    ) -> None:
        """Sort the open cells into lanes; a part counts its own cells alone, and the crew adds them up."""
        self._folder = task.folder
        self._is_part = task.folder.part is not None
        budget = Budget(task.plan.max_cost_usd, task.spent_usd)
        self._runner = Runner(task.plan, task.pending, ask, Rules(), policy, self._gate, cache, budget)
        self._cache = cache
        self._journal = Journal(task.folder)
        self._earlier = notes.lasting(task.folder.heartbeat())
        self._progress = progress
        self._tally = task.tally
        self._state = RunState.RUNNING

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
        now = self._tally.progress(self._runner.lanes)
        complete = now.sums.pending == 0 if self._is_part else now.is_complete
        return RunState.FINISHED if complete else stopped(self._folder.stop_mark())

    def _beat(self) -> None:
        now = self._tally.progress(self._runner.lanes)
        facts = notes.together([self._earlier, self._runner.facts()])
        beat = {**now.beat(self._state, self._cache.note), **facts}
        self._folder.beat(beat)
        self._progress(beat)


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"{name} is not for a process that only asks")


def spare_pandas() -> None:
    """Keep pyarrow from pandas: it takes half a second to import it for a first table, and needs it for none.

    For a process that does nothing but ask.
    """
    sys.meta_path.insert(0, _NoPandas())


def work(
    settings: Settings,
    run: str,
    *,
    errors_only: bool = False,
    policy: RetryPolicy | None = None,
    progress: Callback = lambda beat: None,
) -> RunState:
    """Work on a run until it is finished or stopped, in as many processes as it is worth.

    With `errors_only` no other cells are asked than those that ended in an error. Returns how it ended.

    Raises `RunError` for an unknown run or one that has a worker, `MissingKeyError` before anything
    is asked, `SpoolError` where the spool cannot be written.
    """
    folder = RunFolder(settings.spool, run)
    plan = folder.plan()
    require_keys(plan.models)
    with folder.lock():
        recover(folder)
        known, spent = folder.done(), folder.spent()
        pending = pending_cells(plan, known, WHOLE, errors_only=errors_only)
        last = folder.heartbeat()
        before = Progress.counted(plan, known, spent, Progress.of(last))
        # at once: until litellm is imported, seconds pass in which the last heartbeat is an old one
        first = {**before.beat(RunState.RUNNING), **notes.together([notes.lasting(last)])}
        folder.beat(first)
        progress(first)
        spent_usd = sum(spent.values())
        count = how_many(plan, len(pending), spent_usd)
        if count > 1:
            shares = budgets(plan, spent_usd, [item.cell for item in pending], count)
            return crew.run(settings, folder, plan, shares, before, progress, errors_only=errors_only)
        task = Task(plan, folder, pending, _tally(before, pending, known), spent_usd)
        return asyncio.run(_work(settings, task, policy, progress))


def work_part(
    settings: Settings,
    run: str,
    part: Part,
    max_cost_usd: float | None = None,
    *,
    errors_only: bool = False,
) -> RunState:
    """Work on one part of a run, as one process of its crew; returns how the part ended.

    `max_cost_usd` is this part's share of what the run may still spend; None: there is no limit.
    """
    folder = RunFolder(settings.spool, run, part.index)
    plan = folder.plan()
    with folder.lock():
        known = folder.done()
        pending = pending_cells(plan, known, part, errors_only=errors_only)
        nothing = Progress({model.id: ModelProgress() for model in plan.models})
        share = dataclasses.replace(part.of(plan), max_cost_usd=max_cost_usd)
        task = Task(share, folder, pending, _tally(nothing, pending, known))
        return asyncio.run(_work(settings, task, None, lambda beat: None))


def _tally(before: Progress, pending: Sequence[Pending], known: Mapping[Cell, Done]) -> Tally:
    cells = [item.cell for item in pending]
    return Tally(before, cells, [cell for cell in cells if cell in known and known[cell].failed])


def pending_cells(
    plan: Plan, known: Mapping[Cell, Done], part: Part, *, errors_only: bool = False
) -> list[Pending]:
    """Return the cells of a part that have no answer yet, in the order of the plan.

    `known` is what the ledger says of them; with `errors_only` those that were never asked are left out.
    """
    among = sharers(plan, part.count)
    return [
        Pending(cell, known[cell].attempts + 1 if cell in known else 1)
        for cell in plan.cells()
        if _is_open(known.get(cell), errors_only=errors_only) and part.owns(cell, among[cell.model])
    ]


def _is_open(done: Done | None, *, errors_only: bool) -> bool:
    if done is None:
        return not errors_only
    return done.failed if errors_only else not done.answered


async def _work(settings: Settings, task: Task, policy: RetryPolicy | None, progress: Callback) -> RunState:
    # imported here because it costs seconds: only a process that asks is to pay them
    from parallax import providers

    providers.prepare(task.plan.models)
    # what the import left is never garbage: a fourteenth of a call's CPU went into looking through it
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)
    cache = Cache(settings.responses, fresh=task.plan.fresh)
    try:
        return await Worker(task, providers.ask, policy, progress, cache).run()
    finally:
        cache.close()
        await providers.close()
