"""How long to wait before a fault is tried again."""

from __future__ import annotations

import asyncio

import pytest

from parallax import plan
from parallax.raters import Rules
from parallax.records import ModelSpec, Outcome, Reply
from parallax.runner import Pending, RetryPolicy, Runner
from tests.asking import model, probe_set, prompts

BROKEN = Reply(Outcome.ERROR, http_status=500)
LIMITED = Reply(Outcome.ERROR, http_status=429)
OVERLOADED = Reply(Outcome.ERROR, error="The model is overloaded.")


@pytest.mark.parametrize(
    ("reply", "longest"),
    [
        (BROKEN, [1, 2, 4, 8, 10, 10]),
        (LIMITED, [8, 16, 20, 20, 20, 20]),
        (OVERLOADED, [8, 16, 20, 20, 20, 20]),
    ],
)
def test_waits_double_up_to_the_cap(reply: Reply, longest: list[float]) -> None:
    policy = RetryPolicy(base_s=1.0, cap_s=10.0)
    for tried, most in enumerate(longest, start=1):
        waits = [policy.wait_s(tried, reply) for _ in range(50)]
        assert all(most / 2 <= wait <= most for wait in waits)
        assert len(set(waits)) > 1


@pytest.mark.parametrize("told", [0.0, 7.0, 1800.0, 3600.0, 7200.0])
def test_the_host_says_how_long_to_wait(told: float) -> None:
    for tried in (1, 4):
        assert RetryPolicy().wait_s(tried, Reply(Outcome.ERROR, retry_after_s=told)) == min(told, 3600.0)


def test_an_overload_of_half_a_minute_costs_no_cell() -> None:
    policy = RetryPolicy()
    assert sum(policy.wait_s(tried, LIMITED) for tried in range(1, policy.tries)) >= 30.0


@pytest.mark.parametrize(("fault", "requests"), [(BROKEN, 4), (LIMITED, 2)])
def test_a_failing_call_is_one_request_and_its_retries(fault: Reply, requests: int) -> None:
    asked: list[str] = []

    async def ask(spec: ModelSpec, prompt: str) -> Reply:
        asked.append(prompt)
        return Reply(Outcome.ERROR, http_status=fault.http_status, transient=True)

    async def work() -> list[bool]:
        made = plan.new(probe_set(prompts(3)), [model("http://127.0.0.1:9/v1")])
        pending = [Pending(cell, 1) for cell in made.cells()]
        runner = Runner(made, pending, ask, Rules(), RetryPolicy(requests, 0.001, 0.01))
        return [response.final async for response in runner.responses()]

    ends = asyncio.run(asyncio.wait_for(work(), 20))
    assert (len(asked), len(ends), sum(ends)) == (3 * requests, 3 * requests, 3)
