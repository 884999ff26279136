"""Throttle: who is let in, when, and what it learns from replies. Time is a fake clock where it matters.

A scene is a line of steps, played with callers named by letters:

    +abc  +abc:500     they come, one after the other (each with an estimate of 500 tokens)
    a=ok  a=ok/100     their calls come back at the same time, well (with 100 tokens used),
    ab=429  ab=429~10  or with a status (and a Retry-After of 10 seconds)
    -ab                they give up, waiting or calling
    @60                time passes until second 60
    ?abc  w4           check who was let in so far, in that order, and the width
    !                  all leave; then as many newcomers as the width get in
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from parallax.limits import Throttle, estimate, overloaded, shared
from parallax.records import Limits, Outcome, Reply

T = TypeVar("T")
GOOD = Reply(Outcome.OK, text="Tea.", http_status=200)
TOO_MANY = Reply(Outcome.ERROR, http_status=429, transient=True)


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept = 0
        self._alarms: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept += 1
        rung = asyncio.get_running_loop().create_future()
        self._alarms.append((self.now + seconds, rung))
        await rung

    async def until(self, end: float) -> None:
        """Let time pass, stopping at each alarm that falls due on the way."""
        await settled()
        while due := [alarm for alarm in self._alarms if alarm[0] <= end and not alarm[1].done()]:
            self.now, rung = min(due, key=lambda alarm: alarm[0])
            rung.set_result(None)
            await settled()
        self.now = end

    @property
    def pending(self) -> int:
        return sum(not rung.done() for _, rung in self._alarms)


async def settled() -> None:
    """Let everything happen that can happen without time passing."""
    for _ in range(100):
        await asyncio.sleep(0)


@dataclass
class Callers:
    """Tasks that ask a throttle for a slot and hold it until they are told the reply."""

    throttle: Throttle
    clock: Clock
    entered: dict[str, float] = field(default_factory=dict)
    calls: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    replies: dict[str, asyncio.Future[Reply]] = field(default_factory=dict)

    async def step(self, step: str) -> None:
        kind, rest = step[0], step[1:]
        if kind == "+":
            names, _, tokens = rest.partition(":")
            for name in names:
                self.replies[name] = asyncio.get_running_loop().create_future()
                self.calls[name] = asyncio.create_task(self._call(name, int(tokens or 0)))
        elif kind == "-":
            for name in rest:
                self.calls[name].cancel()
        elif kind == "@":
            await self.clock.until(float(rest))
        elif kind == "?":
            assert "".join(self.entered) == rest, step
        elif kind == "!":
            await self.step("-" + "".join(self.calls))
            wanted = "".join(self.entered) + "ABCDEFGHIJ"[: self.throttle.width]
            await self.step("+ABCDEFGHIJ")
            await self.step(f"?{wanted}")
        elif kind == "w":
            assert self.throttle.width == int(rest), step
        else:
            names, _, said = step.partition("=")
            for name in names:
                self.replies[name].set_result(reply_of(said))
        await settled()

    async def _call(self, name: str, tokens: int) -> None:
        async with self.throttle.slot(tokens) as slot:
            self.entered[name] = self.clock.now
            slot.told(await self.replies[name])


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in this very task; what hangs fails."""

    async def in_time() -> T:
        async with asyncio.timeout(20):
            return await work

    return asyncio.run(in_time())


def reply_of(said: str) -> Reply:
    status, _, pause = said.partition("~")
    ok, _, tokens = status.partition("/")
    if ok != "ok":
        after = float(pause) if pause else None
        return Reply(Outcome.ERROR, http_status=int(ok), transient=True, retry_after_s=after)
    return Reply(Outcome.OK, text="Tea.", prompt_tokens=0, completion_tokens=int(tokens)) if tokens else GOOD


def play(limits: Limits, steps: str) -> Callers:
    """Play a scene; whoever is left at its end is cancelled, and then nothing may remain."""

    async def played() -> Callers:
        clock = Clock()
        callers = Callers(Throttle(limits, clock, clock.sleep), clock)
        for step in steps.split():
            await callers.step(step)
        await callers.step("-" + "".join(callers.calls))
        assert callers.throttle.waiting == clock.pending == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return callers

    return run(played())


# ---- shares and estimates


@pytest.mark.parametrize("workers", [1, 2, 3, 7, 16])
@pytest.mark.parametrize(
    "limits",
    [Limits(8), Limits(1, 60), Limits(20, 600, 200_000), Limits(500, 7, 0), Limits(9, 2, 5), Limits(3, 0, 1)],
)
def test_parts_add_up_to_the_whole_and_none_becomes_unlimited(limits: Limits, workers: int) -> None:
    parts = [shared(limits, workers, index) for index in range(workers)]
    for name in ("concurrency", "rpm", "tpm"):
        asking = [getattr(part, name) for part in parts if part.concurrency]
        assert sum(getattr(part, name) for part in parts) == sum(asking) == getattr(limits, name)
        assert max(asking) - min(asking) <= 1
        assert all(asking) or not getattr(limits, name)


@pytest.mark.parametrize("index", [-1, 2])
def test_a_share_of_nobody_is_a_mistake(index: int) -> None:
    with pytest.raises(ValueError, match=f"worker {index} is not one of 2"):
        shared(Limits(), 2, index)


def test_a_share_without_calls_lets_nobody_in_and_hangs_nobody() -> None:
    nothing = Throttle(shared(Limits(concurrency=1, rpm=60), 2, 1))
    assert nothing.width == 0
    with pytest.raises(ValueError, match="concurrency 0"):
        run(nothing.slot().__aenter__())


@pytest.mark.parametrize(
    ("text", "max_tokens", "tokens"),
    [
        ("a" * 400, 100, 200),
        ("茶" * 400, 100, 500),
        ("a" * 400, 50_000, 1124),
        ("", None, 1024),
        ("\ud800aaa", 1, 3),
    ],
)
def test_an_estimate_has_the_prompt_and_a_bounded_reply(text: str, max_tokens: int, tokens: int) -> None:
    assert estimate(text, max_tokens) == tokens


@pytest.mark.parametrize(
    ("status", "error", "wanted"),
    [
        (429, "", True),
        (529, "", True),
        (None, "RateLimitError: slow down", True),
        (400, "Throttling.RateQuota", True),
        (500, "The model is overloaded. Try again later.", True),
        (500, "internal error", False),
        (408, "timed out", False),
    ],
)
def test_what_counts_as_overload(status: int | None, error: str, wanted: bool) -> None:
    assert overloaded(Reply(Outcome.ERROR, http_status=status, error=error)) is wanted
    assert not overloaded(Reply(Outcome.BLOCKED, http_status=status, error=error))


# ---- scenes


@pytest.mark.parametrize(
    ("concurrency", "steps"),
    [
        pytest.param(1, "+abc w1 ?a a=ok ?ab", id="one at a time"),
        pytest.param(5, "+abcdefghij w5 ?abcde", id="as many as allowed"),
        pytest.param(2, "+abcdef b=ok a=ok d=ok ?abcde c=ok ?abcdef", id="first come, first served"),
        pytest.param(99, "+a a=ok +b b=ok +c c=ok +d d=ok +e e=ok +f f=ok w64", id="hardly used: no growth"),
        pytest.param(99, "+abcdefgh abcdefgh=500 w64", id="other errors change nothing"),
        pytest.param(
            8, "+abcdefgh abcde=429 w4 +ijkl ?abcdefghi f=429 w4 i=429 w2", id="met by many at once"
        ),
        pytest.param(8, "+abcdefgh a=429 bcdefgh=ok w4", id="sent before the cut"),
        pytest.param(2, "+abcdefg -c ?ab a=ok ?abd b=ok ?abde", id="the next one gives up"),
        pytest.param(2, "+abcdefg -df ?ab a=ok b=ok ?abce c=ok ?abceg", id="others give up"),
        pytest.param(2, "+abc -c -a -b +d ?abd d=ok +e ?abde", id="all give up"),
        pytest.param(1, "+ab -a ?ab b=429 w1 +c ?abc", id="a call given up gives its place back"),
    ],
)
def test_calls_at_once(concurrency: int, steps: str) -> None:
    play(Limits(concurrency), f"{steps} !")


@pytest.mark.parametrize(
    ("limits", "steps"),
    [
        pytest.param(Limits(rpm=3), "+ab @7 +cdef ?abc @59 ?abc @60 ?abcde @66 ?abcde @67 ?abcdef", id="rpm"),
        pytest.param(Limits(rpm=3), "+abc abc=429 +d @59 ?abc @60 ?abcd", id="a call turned away was a call"),
        pytest.param(Limits(tpm=100), "+a:60 +b:90 +c:10 ?a @60 ?abc", id="none slips past a large one"),
        pytest.param(Limits(tpm=1000), "+abc:500 ?ab a=ok/100 b=ok/100 ?abc", id="a rest comes back at once"),
        pytest.param(
            Limits(tpm=99), "+a:9 @30 a=ok/99 +bc:9 @59 ?a @60 ?ab @89 ?ab @90 ?abc", id="an excess"
        ),
        pytest.param(Limits(tpm=1000), "+a:600 @61 +b:600 a=ok/1 +c:600 ?ab", id="a late rest"),
        pytest.param(Limits(tpm=1000), "+ab:800 a=429 ?ab", id="turned away: no token used"),
        pytest.param(Limits(tpm=1000), "+ab:800 a=500 ?a", id="failed: the estimate stands"),
        pytest.param(Limits(tpm=1000), "+ab:800 a=ok ?a", id="usage untold: the estimate stands"),
        pytest.param(Limits(tpm=1000), "+ab:800 -a ?a @60 ?ab", id="given up: the estimate stands"),
        pytest.param(Limits(tpm=100), "+a:10 +b:250 +c:10 @59 ?a @60 ?ab @209 ?ab @210 ?abc", id="too large"),
        pytest.param(Limits(tpm=100), "+a:5000 ?a a=ok/40 +b:60 ?ab", id="wrongly above the budget"),
        pytest.param(Limits(tpm=100), "+ab:10 a=ok/310 b=ok/20 +c:500 @179 ?ab @180 ?abc", id="a debt"),
        pytest.param(Limits(rpm=2, tpm=100), "+ab:80 @30 -b +c:100 @59 ?a @60 ?ac", id="one gives up"),
        pytest.param(Limits(rpm=60), "+a a=429~90 +b @89 ?a @90 ?ab", id="a pause above a minute"),
    ],
)
def test_requests_and_tokens_a_minute(limits: Limits, steps: str) -> None:
    play(limits, steps)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param("+abcd a=429~0 b=ok ?abc", id="none"),
        pytest.param("+abcd a=429~2.5 b=ok ?ab @2 ?ab @2.5 ?abc", id="short"),
        pytest.param("+abcd a=500~300 b=ok @299 ?ab @300 ?abcd", id="on another error, five minutes"),
        pytest.param("+abc a=429~inf b=ok @3599 ?ab @3600 ?abc", id="for ever is an hour"),
        pytest.param("+abc a=500~100 b=500~10 @99 ?ab @100 ?abc", id="a later word does not shorten it"),
        pytest.param("+abc a=500~10 @5 b=500~20 @24 ?ab @25 ?abc", id="a later word makes it longer"),
        pytest.param("+abcd a=500~10 @5 -c b=ok @9 ?ab @10 ?abd", id="who gives up in a pause"),
    ],
)
def test_nobody_is_let_in_before_retry_after(steps: str) -> None:
    play(Limits(2), steps)


def test_waiting_does_not_spin() -> None:
    assert play(Limits(rpm=1), "+abc @59.5 ?a @60 ?ab @120 ?abc").clock.slept == 2


# ---- how the width moves


async def rounds(throttle: Throttle, count: int, reply: Reply = GOOD) -> list[int]:
    """Fill the throttle `count` times, answer all at once, and return its width after each round."""
    widths = []
    for _ in range(count):
        async with AsyncExitStack() as stack:
            for slot in [await stack.enter_async_context(throttle.slot()) for _ in range(throttle.width)]:
                slot.told(reply)
        widths.append(throttle.width)
    return widths


def test_it_doubles_each_round_trip_until_the_first_overload_then_grows_by_one() -> None:
    async def work() -> None:
        throttle = Throttle(Limits(concurrency=400), Clock())
        assert throttle.width == 64
        assert await rounds(throttle, 4) == [128, 256, 400, 400]
        assert await rounds(throttle, 1, TOO_MANY) == [200]
        assert await rounds(throttle, 3) == [201, 202, 203]
        assert await rounds(throttle, 1, TOO_MANY) == [101]
        assert await rounds(throttle, 2) == [102, 103]

    run(work())


def test_it_never_falls_below_one_and_is_soon_back_after_an_outage() -> None:
    async def work() -> None:
        throttle = Throttle(Limits(concurrency=64))
        assert await rounds(throttle, 8, TOO_MANY) == [32, 16, 8, 4, 2, 1, 1, 1]
        assert await rounds(throttle, 8) == [2, 4, 8, 16, 32, 33, 34, 35]

    run(work())


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.BLOCKED, Outcome.TRUNCATED])
def test_whatever_a_host_served_is_good(outcome: Outcome) -> None:
    assert run(rounds(Throttle(Limits(concurrency=200)), 1, Reply(outcome))) == [128]


# ---- several throttles, many callers, real time


def test_models_of_one_host_share_its_limit_and_one_that_waits_keeps_no_other_out() -> None:
    done: list[str] = []

    async def work() -> None:
        clock = Clock()
        limits = {"host": Limits(2), "slow": Limits(2, rpm=1), "quick": Limits(2)}
        of = {name: Throttle(limit, clock, clock.sleep) for name, limit in limits.items()}

        async def call(name: str) -> None:
            async with of[name].slot() as mine, of["host"].slot() as ours:
                await clock.sleep(1)
                done.append(f"{name} {clock.now:.0f}")
                mine.told(GOOD)
                ours.told(GOOD)

        tasks = [asyncio.create_task(call(name)) for name in ("slow", "slow", "quick", "quick", "quick")]
        await clock.until(100)
        await asyncio.gather(*tasks)

    run(work())
    assert done == ["slow 1", "quick 1", "quick 2", "quick 2", "slow 61"]


def test_a_storm_of_cancellations_leaves_nothing_behind() -> None:
    async def call(throttle: Throttle, number: int) -> None:
        async with throttle.slot(number % 7) as slot:
            for _ in range(number % 5):
                await asyncio.sleep(0)
            slot.told(TOO_MANY if number % 11 == 0 else GOOD)

    async def work() -> None:
        throttle = Throttle(Limits(concurrency=3))
        tasks: list[asyncio.Task[None]] = []
        for number in range(500):
            tasks.append(asyncio.create_task(call(throttle, number)))
            await asyncio.sleep(0)
            tasks[number * 7919 % len(tasks)].cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(one) for one in ended} == {type(None), asyncio.CancelledError}
        assert throttle.waiting == 0
        assert (await rounds(throttle, 9))[-1] == 3
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(work())


def test_real_calls_stay_within_the_width() -> None:
    inside: list[int] = []

    async def call(throttle: Throttle, number: int) -> int:
        async with throttle.slot() as slot:
            inside.append(number)
            company = len(inside)
            await asyncio.sleep(0.02)
            inside.remove(number)
            slot.told(GOOD)
            return company

    async def work() -> list[int]:
        throttle = Throttle(Limits(concurrency=6))
        return await asyncio.gather(*(call(throttle, number) for number in range(30)))

    assert max(run(work())) == 6


def test_a_real_pause_is_kept() -> None:
    async def work() -> float:
        throttle = Throttle(Limits(concurrency=2))
        began = time.monotonic()
        async with throttle.slot() as slot:
            slot.told(Reply(Outcome.ERROR, http_status=429, retry_after_s=0.15))
        async with throttle.slot():
            return time.monotonic() - began

    assert 0.15 <= run(work()) < 10
