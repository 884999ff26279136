"""The runner: who is asked, how often, in what company, and what is handed over before it goes on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from parallax import plan, providers
from parallax.raters import Rules
from parallax.records import BlockKind, Cell, LabelValue, Limits, ModelSpec, Outcome, Reply, Response
from parallax.runner import Ask, Gate, Pending, RetryPolicy, Runner
from tests.asking import Watched, closed_port, model, probe_set, prompts
from tests.provider import Provider

QUICK = RetryPolicy(tries=3, base_s=0.01, cap_s=0.05)


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def runner_of(
    asked: Sequence[str],
    *models: ModelSpec,
    policy: RetryPolicy = QUICK,
    ask: Ask = providers.ask,
    **fields: Any,
) -> Runner:
    made = plan.new(probe_set(asked), models, **fields)
    providers.prepare(models)
    return Runner(made, [Pending(cell, 1) for cell in made.cells()], ask, Rules(), policy)


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def closing() -> Any:
        try:
            return await asyncio.wait_for(work(), 60)
        finally:
            await providers.close()

    return asyncio.run(closing())


def all_of(runner: Runner) -> list[Response]:
    async def collect() -> list[Response]:
        return [response async for response in runner.responses()]

    answers: list[Response] = run(collect)
    return answers


# ---- what is asked and handed over


def test_every_cell_is_asked_once_and_rated(server: Provider) -> None:
    models = [model(server.base), model(server.base, "other", "other-model+refuse")]
    runner = runner_of(prompts(6), *models, samples=2)
    answers = all_of(runner)
    assert Counter(r.cell for r in answers) == Counter(
        Cell(f"p{n}", m, sample) for n in range(6) for m in ("tea", "other") for sample in range(2)
    )
    assert server.count() == 24
    for r in answers:
        assert (r.attempt, r.final, r.reply.outcome) == (1, True, Outcome.OK)
        assert r.label is not None
        assert (r.label.rater, r.label.version) == (Rules.name, Rules.version)
        wanted = LabelValue.REFUSAL if r.cell.model == "other" else LabelValue.COMPLETE
        assert r.label.verdict.label is wanted


def test_a_slot_asks_again_only_when_its_answer_was_taken(server: Provider) -> None:
    runner = runner_of(prompts(8), model(server.base), concurrency=2)

    async def work() -> None:
        taken = 0
        async for _ in runner.responses():
            taken += 1
            await asyncio.sleep(0.15)
            assert server.count() == min(taken + 1, 8)
        assert taken == 8

    run(work)


@pytest.mark.parametrize(("of_plan", "of_model", "width"), [(None, 3, 3), (4, 2, 4), (1, 8, 1)])
def test_as_many_calls_at_once_as_allowed(of_plan: int | None, of_model: int, width: int) -> None:
    with Provider(latency=0.1) as server:
        spec = model(server.base, limits=Limits(concurrency=of_model))
        assert len(all_of(runner_of(prompts(12), spec, concurrency=of_plan))) == 12
        assert server.max_in_flight == width


def test_each_model_has_its_own_lane() -> None:
    with Provider(latency=0.1) as server:
        models = [model(server.base, "slow", "test-model+slow:0.3"), model(server.base, "fast")]
        answers = all_of(runner_of(prompts(6), *models, concurrency=1))
        assert [r.cell.model for r in answers][:2] == ["fast", "fast"]
        assert server.max_in_flight == 2


def test_nothing_pending_is_nothing_asked(server: Provider) -> None:
    made = plan.new(probe_set(prompts(2)), [model(server.base)])
    assert all_of(Runner(made, [], providers.ask, Rules())) == []
    assert server.count() == 0


def test_attempts_go_on_from_the_number_given(server: Provider) -> None:
    made = plan.new(probe_set(prompts(1, "[[500-once]]")), [model(server.base)])
    runner = Runner(made, [Pending(made.cells()[0], 4)], providers.ask, Rules(), QUICK)
    assert [(r.attempt, r.final) for r in all_of(runner)] == [(4, False), (5, True)]


# ---- retries


@pytest.mark.parametrize(
    ("mark", "requests", "outcome", "block"),
    [
        ("500", 3, Outcome.ERROR, BlockKind.NONE),
        ("429", 3, Outcome.ERROR, BlockKind.NONE),
        ("drop", 3, Outcome.ERROR, BlockKind.NONE),
        ("garbage", 3, Outcome.ERROR, BlockKind.NONE),
        ("500-once", 2, Outcome.OK, BlockKind.NONE),
        ("429-once", 2, Outcome.OK, BlockKind.NONE),
        ("drop-once", 2, Outcome.OK, BlockKind.NONE),
        ("401", 1, Outcome.ERROR, BlockKind.NONE),
        ("block-finish", 1, Outcome.BLOCKED, BlockKind.OUTPUT),
        ("block-azure", 1, Outcome.BLOCKED, BlockKind.INPUT),
        ("block-alibaba", 1, Outcome.BLOCKED, BlockKind.INPUT),
        ("block-openai", 1, Outcome.BLOCKED, BlockKind.INPUT),
        ("cut:10", 1, Outcome.TRUNCATED, BlockKind.NONE),
        ("think-only", 1, Outcome.TRUNCATED, BlockKind.NONE),
        ("refuse", 1, Outcome.OK, BlockKind.NONE),
        ("empty", 2, Outcome.BLOCKED, BlockKind.EMPTY),
        ("empty-once", 2, Outcome.OK, BlockKind.NONE),
    ],
)
def test_how_often_a_cell_is_asked(
    server: Provider, mark: str, requests: int, outcome: Outcome, block: BlockKind
) -> None:
    runner = runner_of(prompts(1, f"[[{mark}]]"), model(server.base))
    answers = all_of(runner)
    assert server.count() == requests
    assert [(r.attempt, r.final) for r in answers] == [(n, n == requests) for n in range(1, requests + 1)]
    assert [r.label is not None for r in answers] == [r.final for r in answers]
    assert (answers[-1].reply.outcome, answers[-1].reply.block) == (outcome, block)


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_one_request_and_the_retries_allowed(server: Provider, tries: int) -> None:
    policy = RetryPolicy(tries=tries, base_s=0.01)
    runner = runner_of(prompts(3, "[[500]]"), model(server.base), policy=policy)
    answers = all_of(runner)
    assert server.count() == len(answers) == 3 * tries
    assert runner.lanes["tea"].retries == 3 * (tries - 1)
    assert [r.reply.http_status for r in answers] == [500] * len(answers)


# ---- empty answers


def test_an_empty_answer_is_confirmed_alone() -> None:
    asked = [*prompts(12, "[[slow:0.1]]"), "Nothing on tea. [[empty]]"]
    with Provider() as server:
        watched = Watched(providers.ask)
        answers = all_of(runner_of(asked, model(server.base), ask=watched, concurrency=4))
        assert server.max_in_flight > 1
    tries = [company for prompt, company in watched.company if "[[empty]]" in prompt]
    assert len(tries) == 2
    assert tries[1] == 1
    after = [prompt for prompt, _ in watched.company].index("Nothing on tea. [[empty]]")
    assert max(company for _, company in watched.company[:after]) > 1
    ends = {r.cell.probe: (r.reply.outcome, r.reply.block) for r in answers if r.final}
    assert ends.pop("p12") == (Outcome.BLOCKED, BlockKind.EMPTY)
    assert set(ends.values()) == {(Outcome.OK, BlockKind.NONE)}


def test_nobody_joins_the_lone_try() -> None:
    asked = [f"Tea {n} [[slow:0.1]] [[empty]]" for n in range(3)] + prompts(6)
    with Provider() as server:
        watched = Watched(providers.ask)
        answers = all_of(runner_of(asked, model(server.base), ask=watched, concurrency=3))
    assert sum(r.final for r in answers) == 9
    seen: set[str] = set()
    for position, (prompt, company) in enumerate(watched.company):
        if prompt in seen:
            assert company == 1
            following = watched.company[position + 1 : position + 2]
            assert [count for _, count in following] in ([], [1])
        seen.add(prompt)


# ---- an endpoint that is not there


@pytest.mark.parametrize("kind", ["nobody listens", "no such model", "no key"])
def test_a_dead_endpoint_stops_its_own_lane_and_leaves_its_cells_open(server: Provider, kind: str) -> None:
    dead = {
        "nobody listens": model(f"http://127.0.0.1:{closed_port()}/v1", "dead"),
        "no such model": model(server.base, "dead", "missing-model"),
        "no key": model(server.base, "dead", "test-model+401"),
    }[kind]
    runner = runner_of(prompts(20), dead, model(server.base))
    answers = all_of(runner)
    ended = Counter(r.cell.model for r in answers if r.final)
    assert ended["tea"] == 20
    assert 1 <= ended["dead"] <= 2
    assert len(runner.lanes["dead"].pending) == 20 - ended["dead"]
    assert runner.lanes["dead"].fault
    assert not runner.lanes["tea"].fault
    assert {r.reply.outcome for r in answers if r.cell.model == "dead"} == {Outcome.ERROR}


def test_a_lane_of_plain_errors_goes_on_to_its_end(server: Provider) -> None:
    runner = runner_of(prompts(5, "[[500]]"), model(server.base))
    assert sum(r.final for r in all_of(runner)) == 5
    assert not runner.lanes["tea"].fault


# ---- the end


def test_stop_asks_nothing_new_and_waits_for_what_is_under_way() -> None:
    with Provider(latency=0.2) as server:
        runner = runner_of(prompts(40), model(server.base), concurrency=4)

        async def work() -> list[Response]:
            answers = []
            async for response in runner.responses():
                answers.append(response)
                runner.stop()
            return answers

        answers = run(work)
        assert len(answers) == server.count() == 4
        assert all(r.final and r.reply.outcome is Outcome.OK for r in answers)


def test_stop_gives_up_what_takes_too_long(server: Provider) -> None:
    runner = runner_of(["Tea", "Tea [[slow:15]]"], model(server.base), concurrency=2)

    async def work() -> list[Response]:
        answers = []
        async for response in runner.responses():
            answers.append(response)
            runner.stop(grace_s=0.2)
        return answers

    started = time.monotonic()
    assert [r.cell.probe for r in run(work)] == ["p0"]
    assert time.monotonic() - started < 10


def test_stop_ends_the_wait_before_a_retry(server: Provider) -> None:
    policy = RetryPolicy(tries=3, base_s=60.0, cap_s=60.0)
    runner = runner_of(prompts(1, "[[500]]"), model(server.base), policy=policy)

    async def work() -> list[Response]:
        answers = []
        async for response in runner.responses():
            answers.append(response)
            asyncio.get_running_loop().call_later(0.1, runner.stop)
        return answers

    started = time.monotonic()
    assert [r.final for r in run(work)] == [False]
    assert time.monotonic() - started < 10
    assert server.count() == 1


def test_stop_before_the_start_asks_nothing(server: Provider) -> None:
    async def work() -> list[Response]:
        runner = runner_of(prompts(4), model(server.base))
        runner.stop()
        return [response async for response in runner.responses()]

    assert run(work) == []
    assert server.count() == 0


def test_a_caller_that_leaves_ends_the_asking(server: Provider) -> None:
    runner = runner_of(prompts(40), model(server.base), concurrency=2)

    async def work() -> None:
        answers = runner.responses()
        await anext(answers)
        await answers.aclose()
        await asyncio.sleep(0.3)

    run(work)
    assert 1 <= server.count() <= 2


def test_a_fault_of_the_machinery_is_raised() -> None:
    async def broken(spec: ModelSpec, prompt: str) -> Reply:
        raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        all_of(runner_of(prompts(3), model("http://127.0.0.1:1/v1"), ask=broken))


# ---- the gate


@dataclass
class Visits:
    """What happens at a gate: `a+` as somebody comes in, `a-` as they leave."""

    gate: Gate = field(default_factory=Gate)
    log: list[str] = field(default_factory=list)

    async def visit(self, name: str, *, alone: bool = False, seconds: float = 0.05) -> None:
        async with self.gate.enter(alone=alone):
            self.log.append(f"{name}+")
            await asyncio.sleep(seconds)
            self.log.append(f"{name}-")


def test_calls_pass_the_gate_together() -> None:
    async def work() -> list[str]:
        visits = Visits()
        await asyncio.gather(visits.visit("a"), visits.visit("b"))
        return visits.log

    assert run(work) == ["a+", "b+", "a-", "b-"]


def test_a_lone_call_waits_keeps_newcomers_out_and_is_alone() -> None:
    async def work() -> list[str]:
        visits = Visits()
        tasks = [asyncio.create_task(visits.visit("a"))]
        await asyncio.sleep(0.01)
        tasks.append(asyncio.create_task(visits.visit("lone", alone=True)))
        await asyncio.sleep(0.01)
        tasks.append(asyncio.create_task(visits.visit("b")))
        await asyncio.gather(*tasks)
        return visits.log

    assert run(work) == ["a+", "a-", "lone+", "lone-", "b+", "b-"]


def test_two_lone_calls_come_one_after_the_other() -> None:
    async def work() -> list[str]:
        visits = Visits()
        await asyncio.gather(visits.visit("x", alone=True), visits.visit("y", alone=True))
        return visits.log

    assert run(work) in (["x+", "x-", "y+", "y-"], ["y+", "y-", "x+", "x-"])


@pytest.mark.parametrize("alone", [True, False])
def test_a_call_that_fails_inside_leaves_the_gate(alone: bool) -> None:
    async def work() -> list[str]:
        visits = Visits()
        with pytest.raises(ValueError, match="inside"):
            async with visits.gate.enter(alone=alone):
                raise ValueError("inside")
        await visits.visit("lone", alone=True)
        await visits.visit("a")
        return visits.log

    assert run(work) == ["lone+", "lone-", "a+", "a-"]


def test_a_lone_call_that_gives_up_waiting_keeps_nobody_out() -> None:
    async def work() -> list[str]:
        visits = Visits()
        first = asyncio.create_task(visits.visit("a", seconds=0.2))
        await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(visits.visit("lone", alone=True), 0.05)
        await asyncio.wait_for(visits.visit("b", seconds=0.01), 1)
        await first
        return visits.log

    assert run(work) == ["a+", "b+", "b-", "a-"]
