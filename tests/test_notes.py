"""What a run says of itself beside its counts: the machine that was too slow, and how long that is known."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from parallax import jobs, notes, plan, worker
from parallax.lag import Lag
from parallax.raters import Rules
from parallax.records import ModelSpec, Outcome, Reply, RunState
from parallax.runner import Pending, Runner
from tests.asking import folder_of, model, planned, probe_set, prompts, settings_in
from tests.provider import Provider

TOO_SLOW = (
    "this machine was the bottleneck: answers waited up to 1.5 s to be read, so latencies may be too high; "
    "use fewer calls at once"
)


@pytest.mark.parametrize(
    ("late", "share", "worst"),
    [
        ([0.0] * 100, 0.0, 0.0),
        ([0.25] * 100, 0.0, 0.25),
        ([0.5] * 100, 1.0, 0.5),
        ([0.0] * 90 + [0.75] * 10, 0.308, 0.75),
        ([0.0] * 97 + [0.5], 0.030, 0.5),
        # under ten seconds nothing is said
        ([0.5] * 13, 0.0, 0.5),
    ],
)
def test_the_share_of_the_time_in_which_the_loop_was_late(
    late: list[float], share: float, worst: float
) -> None:
    now = 0.0
    left = iter(late)

    async def sleep(seconds: float) -> None:
        nonlocal now
        try:
            now += seconds + next(left)
        except StopIteration:
            raise asyncio.CancelledError from None

    lag = Lag(lambda: now, sleep)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(lag.watch())
    assert lag.late_share == pytest.approx(share, abs=0.001)
    assert lag.worst_s == pytest.approx(worst)


def test_the_runner_tells_how_late_its_loop_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parallax.lag.LEAST_S", 0.1)

    async def ask(spec: ModelSpec, prompt: str) -> Reply:
        time.sleep(0.6)
        await asyncio.sleep(0)
        return Reply(Outcome.OK, text="Tea.")

    async def work() -> Runner:
        made = plan.new(probe_set(prompts(4)), [model("http://127.0.0.1:9/v1")], concurrency=1)
        runner = Runner(made, [Pending(cell, 1) for cell in made.cells()], ask, Rules())
        assert notes.line("tea", runner.facts(), None) == ""
        async for _ in runner.responses():
            pass
        return runner

    facts = asyncio.run(work()).facts()
    assert facts["late_share"] > 0.5
    assert facts["late_s"] >= 0.3
    assert "this machine was the bottleneck" in notes.line("tea", facts, None)


def test_what_an_earlier_pass_found_stays_in_the_run(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with Provider() as server:
        made = planned(settings, prompts(3), model(server.base))
        folder = folder_of(settings, made)
        folder.beat({"state": "running", "late_share": 0.2, "late_s": 1.5, "over_budget": True})
        assert worker.work(settings, made.run) is RunState.FINISHED
    assert jobs.status(folder).note == TOO_SLOW
    assert folder.heartbeat()["over_budget"] is False


def test_facts_of_several_processes_are_the_worst_of_each() -> None:
    beats = [{}, {"late_share": 0.1, "late_s": 0.4}, {"over_budget": True, "late_s": 1.5, "done": 3}]
    assert notes.together(beats) == {"over_budget": True, "late_share": 0.1, "late_s": 1.5}
