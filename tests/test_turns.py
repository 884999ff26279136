"""Answers that come together: the first is on its way again before the last was read."""

from __future__ import annotations

import asyncio

from parallax import turns

MANY = 200
STEPS = 5


async def answers_at_once() -> list[str]:
    told: list[str] = []

    async def answer(number: int) -> None:
        await turns.here().arriving.passed()
        told.append(f"read {number}")
        for _ in range(STEPS):
            await asyncio.sleep(0)
        await turns.here().leaving.passed()
        told.append(f"asked again {number}")

    await asyncio.gather(*map(answer, range(MANY)))
    return told


def test_the_first_asks_again_while_most_still_wait() -> None:
    told = asyncio.run(answers_at_once())
    assert told.index("asked again 0") < MANY / 2
    for words in ("read", "asked again"):
        assert [t for t in told if t.startswith(words)] == [f"{words} {n}" for n in range(MANY)]


def test_each_event_loop_has_its_own_queues() -> None:
    assert asyncio.run(answers_at_once()) == asyncio.run(answers_at_once())


def test_who_gives_up_in_the_queue_holds_nobody_up() -> None:
    async def work() -> int:
        queue = turns.here().arriving
        waiting = [asyncio.create_task(queue.passed()) for _ in range(MANY)]
        await asyncio.sleep(0)
        for task in waiting[::2]:
            task.cancel()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        await queue.passed()
        return ended.count(None)

    assert asyncio.run(work()) == MANY / 2
