"""Limits of a provider: shared by its models, and no concern of another provider's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from parallax import plan, providers
from parallax.raters import Rules
from parallax.records import Limits, ModelSpec, Response
from parallax.runner import Pending, Runner
from tests.asking import model, probe_set, prompts, serving
from tests.provider import Provider


def runner_of(asked: Sequence[str], *models: ModelSpec, allowed: dict[str, Limits]) -> Runner:
    made = plan.new(probe_set(asked), models, providers=allowed)
    providers.prepare(models)
    return Runner(made, [Pending(cell, 1) for cell in made.cells()], providers.ask, Rules())


def first(runner: Runner, count: int) -> list[Response]:
    """Return the first `count` final answers; what is still under way is cancelled then."""

    async def work() -> list[Response]:
        found: list[Response] = []
        answers = runner.responses()
        async for response in answers:
            found += [response] * response.final
            if len(found) == count:
                break
        await answers.aclose()
        await providers.close()
        return found

    return asyncio.run(asyncio.wait_for(work(), 60))


def test_models_of_one_provider_share_what_it_allows() -> None:
    with Provider(latency=0.05) as server:
        models = [model(server.base, name, limits=Limits(4)) for name in ("tea", "coffee", "cocoa")]
        host = models[0].provider
        assert len(first(runner_of(prompts(8), *models, allowed={host: Limits(5)}), 24)) == 24
        assert server.max_in_flight == 5


def test_a_minute_of_a_provider_is_for_all_its_models() -> None:
    with Provider() as server:
        models = [model(server.base, name, limits=Limits(4)) for name in ("tea", "coffee")]
        first(runner_of(prompts(8), *models, allowed={models[0].provider: Limits(9, rpm=6)}), 6)
        assert server.count() == 6


def test_one_endpoints_trouble_does_not_slow_another() -> None:
    with serving() as troubled, Provider() as quick:
        troubled.fails(429, "Rate limit reached.", Retry_After="30")
        models = [model(troubled.base, "troubled"), model(quick.base, "quick")]
        allowed = {spec.provider: Limits(3) for spec in models}
        runner = runner_of(prompts(30), *models, allowed=allowed)
        began = time.monotonic()
        answers = first(runner, 30)
        assert time.monotonic() - began < 15
        assert {response.cell.model for response in answers} == {"quick"}
        assert quick.count() == 30
        assert len(troubled.seen) <= 2
