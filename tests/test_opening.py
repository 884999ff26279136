"""How a throttle opens before anybody has answered: with time, until somebody is turned away."""

from __future__ import annotations

import pytest

from parallax.limits import Throttle
from parallax.records import Limits
from tests.test_limits import Callers, Clock, run

CALLERS = "".join(map(chr, range(1000, 1600)))


@pytest.mark.parametrize(
    ("concurrency", "steps", "inside"),
    [
        pytest.param(400, "@0.2", 64, id="so far it is taken at its word"),
        pytest.param(400, "@0.2 @0.25", 128, id="it doubles"),
        pytest.param(400, "@0.25 @0.5", 256, id="again"),
        pytest.param(400, "@0.25 @0.5 @0.75 @60", 400, id="never above its limit"),
        pytest.param(50, "@60", 50, id="a limit below"),
        pytest.param(400, f"@0.2 {CALLERS[0]}=429 w32 @60 w32", 64, id="not after one was turned away"),
        pytest.param(400, f"@0.25 {CALLERS[0]}=429 w64 @60 w64", 128, id="nor when it had begun to"),
    ],
)
def test_calls_at_once_double_each_quarter_of_a_second(concurrency: int, steps: str, inside: int) -> None:
    async def work() -> None:
        clock = Clock()
        callers = Callers(Throttle(Limits(concurrency), clock, clock.sleep), clock)
        for step in f"+{CALLERS} {steps}".split():
            await callers.step(step)
        assert len(callers.entered) == inside
        await callers.step(f"-{CALLERS}")
        assert clock.pending == callers.throttle.waiting == 0

    run(work())
