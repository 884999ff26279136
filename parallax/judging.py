"""A judge's pass over a run: its answers are asked about as a run is asked, its labels go into the spool.

What was judged once comes from the judge's own cache when the pass is done again, so a pass that was ended
is resumed by starting it anew, and nothing is paid for twice.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from parallax import judge, plan
from parallax.budget import Budget
from parallax.cache import Cache
from parallax.config import Settings
from parallax.errors import RunError
from parallax.judge import Judge
from parallax.plan import Plan
from parallax.records import JUDGED, Cell, Kind, Labelled, Limits, ModelSpec, Probe, ProbeSet, Response
from parallax.runner import Pending, RetryPolicy, Runner
from parallax.shards import put_labels
from parallax.spool import RunFolder

SEAL_EVERY_S = 1.0
TRIES = 3
COLUMNS = ("run", "probe", "model", "sample", "attempt", "prompt", "response", "label")


class Answer(NamedTuple):
    """An answer that a judge is to label, and where it belongs."""

    run: str
    cell: Cell
    attempt: int
    prompt: str
    response: str


class Standing(NamedTuple):
    """How far a pass is: labels given, by value, and what they cost in US dollars, as far as known."""

    labels: Counter[str]
    cost_usd: float


# is told about once a second how far a pass is, and says whether it is to stop
Tell = Callable[[Standing], bool]


class Judged(NamedTuple):
    """How a pass ended: answers asked about, labels given, by value, and why it went no further, or ''."""

    asked: int
    labels: Counter[str]
    fault: str


def answers(path: Path) -> list[Answer]:
    """Return what a judge can label of a `long` Parquet export: what is refused, dodged or done.

    Blocks, errors and cut answers are no matter of judgement. The order is shuffled, by one seed.
    """
    rows = pq.read_table(path, columns=list(COLUMNS)).to_pylist()
    found = [
        Answer(
            row["run"],
            Cell(row["probe"], row["model"], row["sample"]),
            row["attempt"],
            row["prompt"],
            row["response"],
        )
        for row in rows
        if row["label"] in JUDGED and row["response"]
    ]
    random.Random(0).shuffle(found)  # noqa: S311 - an order, not a secret
    return found


def questions(
    found: Iterable[Answer],
    spec: ModelSpec,
    providers: Mapping[str, Limits] | None = None,
    max_cost_usd: float | None = None,
) -> Plan:
    """Return what a judge is asked, as a plan: a probe an answer, one model, one sample.

    `providers` and `max_cost_usd` as in `plan.new`. Raises `RunError` where there is nothing to judge.
    """
    probes = tuple(
        Probe(str(number), judge.question(one.prompt, one.response), Kind.NEUTRAL)
        for number, one in enumerate(found)
    )
    if not probes:
        raise RunError("there is nothing to judge: no answer of this run was refused, dodged or done")
    asked = ProbeSet("judge", "Judge", judge.RUBRIC, "CC0-1.0", "Parallax", probes)
    return plan.new(asked, [spec], providers=providers, max_cost_usd=max_cost_usd)


async def run(settings: Settings, found: Sequence[Answer], asked: Plan, tell: Tell) -> Judged:
    """Let a judge label answers, and leave its labels in the spool; returns how that ended.

    SIGINT and SIGTERM end it in good order. Raises `SpoolError` where the spool cannot be written.
    """
    # imported here because it costs seconds: only a process that asks is to pay them
    from parallax import providers

    (spec,) = asked.models
    providers.prepare([spec])
    by_id = {str(number): one.response for number, one in enumerate(found)}
    by_question = {probe.prompt: by_id[probe.id] for probe in asked.probe_set.probes}
    cache = Cache(settings.responses.with_name("judgements.sqlite"))
    pending = [Pending(cell, 1) for cell in asked.cells()]
    ask = judge.strict(providers.ask, by_question)
    budget = Budget(asked.max_cost_usd)
    runner = Runner(
        asked, pending, ask, Judge(spec, by_id), RetryPolicy(tries=TRIES), memory=cache, budget=budget
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, runner.stop)
    desk = _Desk(settings, tell)
    clock = asyncio.ensure_future(desk.tick(runner.stop))
    clock.add_done_callback(lambda _: runner.stop(0.0))
    try:
        async for response in runner.responses():
            desk.take(found[int(response.cell.probe)], response)
    finally:
        clock.cancel()
        with suppress(asyncio.CancelledError):
            await clock
        desk.seal()
        cache.close()
        await providers.close()
    over = f"stopped before ${asked.max_cost_usd:g} was passed; raise --max-cost" if budget.over else ""
    return Judged(len(found), desk.counted, runner.lanes[spec.id].fault or over)


def _labelled(of: Answer, response: Response) -> Labelled:
    """Return a judge's label, dated by its reply: one from the cache is the same label again."""
    assert response.label is not None
    label = replace(response.label, created_at=response.created_at)
    return Labelled(of.run, of.cell, of.attempt, label)


class _Desk:
    """Where a judge's labels lie between the reply and the spool."""

    def __init__(self, settings: Settings, tell: Tell) -> None:
        self._settings = settings
        self._tell = tell
        self._kept: list[Labelled] = []
        self._cost_usd = 0.0
        self.counted = Counter[str]()

    def take(self, of: Answer, response: Response) -> None:
        """Keep the label in a judge's reply; every request costs, also one that is repeated."""
        self._cost_usd += response.reply.cost_usd or 0.0
        if response.final:
            self._kept.append(_labelled(of, response))
            self.counted[self._kept[-1].label.verdict.label] += 1

    async def tick(self, stop: Callable[[], None]) -> None:
        """Seal and tell about once a second; stop where that is wanted."""
        while True:
            await asyncio.sleep(SEAL_EVERY_S)
            if self.seal():
                stop()

    def seal(self) -> bool:
        """Leave what was kept in the spool, and say whether the pass is to stop."""
        kept, self._kept = self._kept, []
        for name in {one.run for one in kept}:
            put_labels(RunFolder(self._settings.spool, name), [one for one in kept if one.run == name])
        return self._tell(Standing(self.counted, self._cost_usd))
