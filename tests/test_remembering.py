"""What was paid for in one run is not asked again in the next, and is known as such."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from parallax import config, jobs, worker
from parallax.config import Settings
from parallax.records import Price, RunState
from parallax.runner import RetryPolicy
from parallax.spool import RunFolder
from parallax.store import ingest, open_store, shut
from tests.asking import assert_every_cell_once, folder_of, model, planned, prompts, rows
from tests.provider import Provider

PRICE = Price(1000.0, 1000.0)


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider() as running:
        yield running


def asked(settings: Settings, server: Provider, size: int = 5, **fields: object) -> str:
    made = planned(settings, prompts(size), model(server.base, price=PRICE), **fields)
    assert worker.work(settings, made.run, policy=RetryPolicy(tries=1)) is RunState.FINISHED
    assert_every_cell_once(folder_of(settings, made), made)
    return made.run


def test_a_second_run_asks_nothing_and_says_so(settings: Settings, server: Provider) -> None:
    first, second = asked(settings, server), asked(settings, server)
    assert server.count() == 5
    store = open_store(settings.store)
    ingest(store, settings.spool)
    found = "SELECT probe, response, served_by FROM comparison WHERE run = ?"
    assert sorted(store.rows(found, [first])) == sorted(store.rows(found, [second]))
    received = "SELECT max(created_at) FROM comparison WHERE run = ?"
    ((paid_at,),), ((known_at,),) = store.rows(received, [first]), store.rows(received, [second])
    assert abs(paid_at - known_at) < timedelta(seconds=2)
    paid = "SELECT run, cached, sum(cost_usd) > 0 FROM comparison GROUP BY ALL"
    assert sorted(store.rows(paid)) == sorted([(first, False, True), (second, True, False)])
    shut(settings.store)


def test_more_of_the_same_asks_only_what_is_new(settings: Settings, server: Provider) -> None:
    asked(settings, server)
    asked(settings, server, size=7)
    assert server.count() == 7
    asked(settings, server, samples=2)
    assert server.count() == 12


@pytest.mark.parametrize("fields", [{"fresh": True}, {"params": {"temperature": 0.5}}])
def test_what_is_to_be_fresh_or_differs_is_asked(
    settings: Settings, server: Provider, fields: dict[str, object]
) -> None:
    asked(settings, server)
    run = asked(settings, server, **fields)
    assert server.count() == 10
    assert not any(row["cached"] for row in rows(RunFolder(settings.spool, run)))


def test_an_error_is_not_remembered(settings: Settings, server: Provider) -> None:
    failing = model(server.base, name="test-model+500-once@2")
    for expected in (4, 5):
        made = planned(settings, prompts(4), failing)
        worker.work(settings, made.run, policy=RetryPolicy(tries=1))
        assert server.count() == expected
    assert jobs.status(folder_of(settings, made)).errors == 0


def test_a_damaged_cache_is_set_aside_and_named(settings: Settings, server: Provider) -> None:
    asked(settings, server)
    settings.responses.write_bytes(b"no database" * 1000)
    run = asked(settings, server)
    assert server.count() == 10
    assert "the response cache was damaged" in jobs.status(RunFolder(settings.spool, run)).note


def test_the_cache_lies_beside_the_store() -> None:
    assert config.load().responses.parent == config.load().data
