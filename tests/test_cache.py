"""The response cache: which answers are kept, under which key, and what is never in the file."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from parallax import cache
from parallax.cache import Cache
from parallax.records import BlockKind, Limits, ModelSpec, Outcome, Price, ReasoningState, Reply
from tests import asking

SPEC = ModelSpec(
    "tea",
    "openai/tea",
    api_base="http://127.0.0.1:1/v1",
    api_key_env="TEA_API_KEY",
    system="Be brief.",
    params={"temperature": 0.7, "max_tokens": 64},
)
ANSWER = replace(asking.ANSWER, text=asking.ANSWER.text.replace("\r", "\0\r"))
BLOCKED = Reply(Outcome.BLOCKED, block=BlockKind.INPUT, http_status=400, error="content filter")
SILENT = Reply(Outcome.BLOCKED, block=BlockKind.EMPTY, finish_reason="stop")
CUT = Reply(Outcome.TRUNCATED, reasoning="Hm", reasoning_state=ReasoningState.PRESENT, finish_reason="length")
SECRET = "sk-planted-0123456789"


def key_of(n: int, who: int = 0) -> str:
    return f"{who:032x}{n:032x}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "responses.sqlite"


def begun(path: Path, count: int = 40, text: str = "tea " * 500) -> Path:
    """Put some answers into a cache and close it."""
    with closing(Cache(path)) as filled:
        assert all(filled.put(key_of(n), replace(ANSWER, text=f"{n} {text}")) for n in range(count))
    return path


# ---- the key


@pytest.mark.parametrize(
    ("spec", "prompt", "sample", "params"),
    [
        (replace(SPEC, litellm="openai/tea-2"), "Tea?", 0, {}),
        (replace(SPEC, api_base="http://127.0.0.1:2/v1"), "Tea?", 0, {}),
        (replace(SPEC, system=""), "Tea?", 0, {}),
        (replace(SPEC, params={"temperature": 0.7}), "Tea?", 0, {}),
        (SPEC, "Tea!", 0, {}),
        (SPEC, "Tea?", 1, {}),
        (SPEC, "Tea?", 0, {"temperature": 0.0}),
        (SPEC, "Tea?", 0, {"provider": {"order": ["a"], "allow_fallbacks": False}}),
    ],
)
def test_what_decides_an_answer_decides_its_key(spec, prompt, sample, params) -> None:
    assert cache.key(spec, prompt, sample, params) != cache.key(SPEC, "Tea?", 0, {})


@pytest.mark.parametrize(
    ("spec", "params"),
    [
        (replace(SPEC, id="other", developer="X", home="FR", license="MIT", released=date(2025, 1, 1)), {}),
        (replace(SPEC, api_key_env="OTHER_API_KEY"), {}),
        (replace(SPEC, limits=Limits(99), price=Price(1.0, 2.0)), {}),
        (replace(SPEC, params={"max_tokens": 64, "temperature": 0.7}), {}),
        (replace(SPEC, params={"max_tokens": 9}), {"temperature": 0.7, "max_tokens": 64}),
    ],
)
def test_nothing_else_does(spec, params) -> None:
    assert cache.key(spec, "Tea?", 0, params) == cache.key(SPEC, "Tea?", 0)


# ---- what is kept


@pytest.mark.parametrize("reply", [ANSWER, BLOCKED, SILENT, CUT], ids=["ok", "blocked", "silent", "cut"])
def test_an_observation_comes_back_whole_at_no_cost(path: Path, reply: Reply) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    with closing(Cache(path)) as first:
        assert first.put(key_of(1), reply)
    with closing(Cache(path)) as second:
        known = second.get(key_of(1))
        assert known is not None
        assert known.reply == replace(reply, cost_usd=0.0, cached=True)
        assert before <= known.answered_at <= datetime.now(UTC)
        assert second.get(key_of(2)) is None


def test_answers_that_come_together_are_kept_together(path: Path) -> None:
    replies = [replace(ANSWER, text=f"tea {n}") for n in range(40)]
    replies[7] = Reply(Outcome.ERROR, http_status=500, error="broken", transient=True)

    async def together(kept: Cache) -> list[bool]:
        waiting = [asyncio.create_task(kept.keep(SPEC, "Tea?", n, reply)) for n, reply in enumerate(replies)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        return [one is True for one in ended]

    with closing(Cache(path)) as kept:
        assert [n for n, ended in enumerate(asyncio.run(together(kept))) if not ended] == [0, 7]
    with closing(Cache(path)) as later:
        found = [later.recall(SPEC, "Tea?", n) for n in range(40)]
    assert [n for n, known in enumerate(found) if known is None] == [7]
    assert all(known is None or known.reply.text == f"tea {n}" for n, known in enumerate(found))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(Outcome.ERROR, http_status=500, error="broken", transient=True),
        Reply(Outcome.ERROR, http_status=401, error="no", unusable=True),
        Reply(Outcome.OK, finish_reason="stop"),
        Reply(Outcome.OK, finish_reason="stop", reasoning="Hm."),
        replace(ANSWER, text=f"Your key is {SECRET}."),
        replace(ANSWER, reasoning=SECRET),
        replace(BLOCKED, error=f"content filter for {SECRET}"),
    ],
    ids=["error", "unusable", "empty", "thought only", "key in text", "key in reasoning", "key in error"],
)
def test_what_is_no_observation_or_repeats_a_key_is_not(
    path: Path, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEA_API_KEY", SECRET)
    with closing(Cache(path)) as kept:
        assert not kept.put(key_of(1), reply)
        assert kept.get(key_of(1)) is None
        assert kept.note == ""


@pytest.mark.parametrize("secret", [SECRET, 'sk-"quoted"\\0123', "sk-茶-0123456789"])
def test_no_key_and_no_prompt_is_in_any_file(
    path: Path, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = cache.key(SPEC, "A question about tea", 0)
    monkeypatch.setenv("TEA_API_KEY", secret)
    assert cache.key(SPEC, "A question about tea", 0) == without
    with closing(Cache(path)) as kept:
        assert kept.put(without, ANSWER)
        assert not kept.put(key_of(1), replace(ANSWER, text=f"{secret} is your key"))
        written = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert "Tea — 茶".encode() in written
    assert secret.encode() not in written
    assert b"A question about tea" not in written


def test_fresh_reads_nothing_and_replaces_what_was_kept(path: Path) -> None:
    begun(path, 1)
    with closing(Cache(path, fresh=True)) as fresh:
        assert fresh.get(key_of(0)) is None
        assert fresh.put(key_of(0), replace(ANSWER, text="new"))
        assert fresh.get(key_of(0)) is None
    with closing(Cache(path)) as later:
        known = later.get(key_of(0))
    assert known is not None
    assert known.reply.text == "new"


def test_a_cell_has_one_row_and_its_text_stands_there_once(path: Path) -> None:
    for _ in range(3):
        begun(path, 1, "remarkable")
    with closing(sqlite3.connect(path)) as db:
        dump = "\n".join(db.iterdump())
    assert dump.count("remarkable") == 1


@pytest.mark.parametrize("broken", ["not json", "[]", '{"outcome": "no such"}', b"\xff\xfe"])
def test_a_row_that_cannot_be_read_is_asked_again(path: Path, broken: str | bytes) -> None:
    begun(path, 1)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update responses set reply = cast(? as text)", (broken,))
    with closing(Cache(path)) as kept:
        assert kept.get(key_of(0)) is None
        assert kept.put(key_of(0), ANSWER)
        assert kept.get(key_of(0)) is not None
        assert kept.note == ""
