"""What a run may cost at most: never passed, used as far as it goes, counted over attempts and passes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from parallax import budget, jobs, parts, plan, worker
from parallax.budget import Budget
from parallax.config import Settings
from parallax.errors import RunError
from parallax.plan import Plan
from parallax.records import Limits, ModelSpec, Outcome, Price, Reply, RunState
from tests.asking import (
    assert_every_cell_once,
    folder_of,
    model,
    planned,
    probe_set,
    prompts,
    rows,
)
from tests.conftest import Said
from tests.provider import Provider

# a dollar a call at most, and about 60 cents for the provider's answers of some 60 words
CENT_A_TOKEN = {"price": Price(0.0, 10_000.0), "params": {"max_tokens": 100}}
NOBODY = "http://127.0.0.1:9/v1"


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider(latency=0.02) as running:
        yield running


def paid(base: str, id: str = "tea", **fields: Any) -> ModelSpec:
    return model(base, id, **{**CENT_A_TOKEN, **fields})


# ---- the worst case


@pytest.mark.parametrize(
    ("spec", "prompt", "most"),
    [
        (paid(NOBODY), "Tea?", 1.0),
        (paid(NOBODY, params={"max_completion_tokens": 50}), "Tea?", 0.5),
        (paid(NOBODY, price=Price(1e6, 0.0), system="茶"), "Tea?", 3 + 4 + 8.0),
        (paid(NOBODY, price=Price(1.0, 0.0), params={}), "x" * 999_992, 1.0),
        (paid(NOBODY, price=Price(0.0, 0.0), params={}), "Tea?", 0.0),
        (paid(NOBODY, params={}), "Tea?", None),
        (paid(NOBODY, params={"max_tokens": -1}), "Tea?", None),
        (paid(NOBODY, price=None), "Tea?", None),
    ],
)
def test_the_most_that_a_call_can_cost(spec: ModelSpec, prompt: str, most: float | None) -> None:
    assert budget.worst_case_usd(spec, prompt) == most


@pytest.mark.parametrize(
    ("fields", "usd", "said"),
    [
        ({"price": None}, 5.0, "model 'tea': its price is unknown, max-cost cannot be kept; give it one"),
        ({"params": {}}, 5.0, "model 'tea': it has no max_tokens, max-cost cannot be kept; set one"),
        ({}, 0.0, "max-cost must be a number of US dollars above 0, not 0"),
        ({}, math.nan, "max-cost must be a number of US dollars above 0, not nan"),
        ({}, math.inf, "max-cost must be a number of US dollars above 0, not inf"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(fields: dict[str, Any], usd: float, said: str) -> None:
    with pytest.raises(RunError) as raised:
        plan.new(probe_set(prompts(2)), [paid(NOBODY, **fields)], max_cost_usd=usd)
    assert str(raised.value) == said


def test_a_model_that_costs_nothing_needs_no_longest_answer() -> None:
    free = paid(NOBODY, price=Price(0.0, 0.0), params={})
    made = plan.new(probe_set(prompts(2)), [free], max_cost_usd=0.01)
    assert plan.from_json(made.to_json()).max_cost_usd == 0.01


# ---- holding back


@pytest.mark.parametrize(
    ("reply", "spent"),
    [
        (Reply(Outcome.OK, cost_usd=0.25), 0.25),
        (Reply(Outcome.OK), 1.0),
        (Reply(Outcome.ERROR, error="timed out"), 1.0),
        (Reply(Outcome.ERROR, http_status=429), 0.0),
        (Reply(Outcome.BLOCKED, http_status=400), 0.0),
        (Reply(Outcome.ERROR, unusable=True), 0.0),
    ],
)
def test_a_call_counts_as_what_it_cost_and_as_its_worst_case_where_nobody_says(
    reply: Reply, spent: float
) -> None:
    async def work(limit: float) -> bool:
        money = Budget(limit)
        held = await money.hold(paid(NOBODY), "Tea?")
        assert held == 1.0
        money.settle(held, reply)
        return await money.hold(paid(NOBODY), "Tea?") is not None

    assert asyncio.run(work(1.0 + spent))
    assert not asyncio.run(work(max(1.0, 0.99 + spent))) or not spent


def test_a_call_waits_for_those_under_way_and_is_refused_when_they_leave_no_room() -> None:
    async def work() -> list[float | None]:
        money = Budget(3.0, spent_usd=0.5)
        held = [await money.hold(paid(NOBODY), "Tea?") for _ in range(2)]
        waiting = [asyncio.create_task(money.hold(paid(NOBODY), "Tea?")) for _ in range(2)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in waiting)
        for cost in (0.5, 0.9, 0.5):
            assert not money.over
            money.settle(1.0, Reply(Outcome.OK, cost_usd=cost))
            await asyncio.sleep(0.01)
        assert held == [1.0, 1.0]
        return [task.result() for task in waiting]

    assert asyncio.run(work()) == [1.0, None]


# ---- shares


@pytest.mark.parametrize("count", [1, 2, 5])
def test_parts_share_what_is_left_by_what_their_cells_can_cost(count: int) -> None:
    dear = paid(NOBODY, "dear", limits=Limits(1))
    cheap = paid(NOBODY, "cheap", price=Price(0.0, 100.0), limits=Limits(8))
    made = plan.new(probe_set(prompts(40)), [dear, cheap], max_cost_usd=9.0)
    shares = [share or 0.0 for share in parts.budgets(made, 5.0, made.cells(), count)]
    assert len(shares) == count
    assert sum(shares) == pytest.approx(4.0)
    assert shares[0] >= 4.0 * 40 / 40.4
    assert all(shares)
    assert sum(share or 0.0 for share in parts.budgets(made, 9.5, made.cells(), count)) == 0.0


def test_no_more_processes_than_calls_that_the_rest_pays_for() -> None:
    made = plan.new(probe_set(prompts(40)), [paid(NOBODY, limits=Limits(8))], workers=4, max_cost_usd=9.0)
    assert [parts.how_many(made, 40, spent) for spent in (0.0, 5.5, 7.5, 9.5)] == [4, 3, 1, 1]


# ---- runs


def spent(settings: Settings, made: Plan) -> float:
    return sum(row["cost_usd"] or 0.0 for row in rows(folder_of(settings, made)))


def test_a_run_stops_before_its_limit_and_goes_on_when_it_is_raised(
    settings: Settings, server: Provider, say: Callable[..., Said]
) -> None:
    asked = [*prompts(15), *prompts(5, "[[500-once]]"), *(f"Tea {n} [[empty-once]]" for n in range(5))]
    made = planned(settings, asked, paid(server.base, limits=Limits(6)), workers=1, max_cost_usd=6.0)
    folder = folder_of(settings, made)
    assert worker.work(settings, made.run) is RunState.INTERRUPTED
    assert 5.0 < spent(settings, made) <= 6.0
    assert spent(settings, made) == pytest.approx(sum(folder.spent().values()))
    now = jobs.status(folder)
    assert (now.state, now.message, now.errors) == (RunState.INTERRUPTED, "", 0)
    assert now.note.startswith(
        f"stopped before $6.00: ${now.cost_usd:.2f} spent; raise it: "
        f"python -m parallax resume {made.run} --max-cost 12"
    )
    assert server.count() == len(rows(folder))

    before = server.count()
    assert worker.work(settings, made.run) is RunState.INTERRUPTED
    assert server.count() == before, "the limit holds for all passes together"

    told = say("resume", made.run, "--max-cost", "9", "--data", settings.data)
    assert (told.code, told.err.count("stopped before $9.00")) == (130, 1)
    told = say("resume", made.run, "--max-cost", "100", "--data", settings.data)
    assert (told.code, "stopped" in told.err) == (0, False)
    assert {done.answered for done in folder.done().values()} == {True}
    assert len(folder.done()) == 25


@pytest.mark.slow
def test_several_processes_stay_within_the_limit_together(settings: Settings, server: Provider) -> None:
    spec = paid(server.base, limits=Limits(6))
    made = planned(settings, prompts(60), spec, workers=2, max_cost_usd=12.0)
    assert worker.work(settings, made.run) is RunState.INTERRUPTED
    assert 9.0 < spent(settings, made) <= 12.0
    assert "stopped before $12.00" in jobs.status(folder_of(settings, made)).note
    jobs.set_max_cost(settings, made.run, 80.0)
    assert worker.work(settings, made.run) is RunState.FINISHED
    assert "stopped" not in jobs.status(folder_of(settings, made)).note
    assert_every_cell_once(folder_of(settings, made), made)
    assert server.count() == 60


def test_a_live_runs_limit_stays_as_it_is(settings: Settings) -> None:
    made = planned(settings, prompts(2), paid(NOBODY), max_cost_usd=5.0)
    folder = folder_of(settings, made)
    with folder.lock(), pytest.raises(RunError, match="has a worker already"):
        jobs.set_max_cost(settings, made.run, 9.0)
    assert folder.plan().max_cost_usd == 5.0
