"""The dashboard is killed while it ingests, again and again: the store has what the spool had, once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from parallax import config, dashboard, jobs, plan, shards
from parallax.config import Settings
from parallax.exports import Export
from parallax.plan import Plan
from parallax.raters import Rules
from parallax.records import Label, Limits, Response, RunState
from parallax.spool import RunFolder
from parallax.store import Store, open_store
from tests.asking import ANSWER, folder_of, model, planned, probe_set, prompts, wait_until
from tests.e2e.browser import Dashboard
from tests.provider import Provider

KILLS, LEFT, ASKED, EACH = 5, 3_600, 600, 3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.usefixtures("no_orphans")]


@pytest.fixture
def settings() -> Settings:
    return config.load()


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider(latency=0.1) as running:
        yield running


def left_in_shards(settings: Settings) -> Plan:
    """Leave a finished run in the spool, in many small shards."""
    made = plan.new(probe_set(prompts(LEFT)), [model("http://127.0.0.1:9/v1", "left")])
    folder = RunFolder(settings.spool, made.run)
    folder.create(made)
    rater, now = Rules(), datetime.now(UTC)
    label = Label(rater.rate(made.probe_set.probes[0], ANSWER), rater.name, rater.version, now)
    rows = [shards.to_row(Response(made.run, cell, 1, True, ANSWER, now, label)) for cell in made.cells()]
    for start in range(0, LEFT, EACH):
        shards.write(folder.shards / f"{start:04}.parquet", rows[start : start + EACH])
    return made


def waiting(folder: RunFolder) -> set[str]:
    return {path.name for path in folder.shards.glob("*.parquet")}


def test_kills_of_the_dashboard_double_nothing_and_lose_nothing(
    settings: Settings, server: Provider, tmp_path: Path
) -> None:
    random = Random(5)
    left = left_in_shards(settings)
    folder = folder_of(settings, left)
    shutil.copytree(folder.shards, tmp_path / "copies")
    asked = planned(settings, prompts(ASKED), model(server.base, limits=Limits(concurrency=4)), workers=2)
    jobs.start(settings, asked)
    cut_short = 0
    for _ in range(KILLS):
        # all of them again: what was committed before a kill comes a second time
        shutil.copytree(tmp_path / "copies", folder.shards, dirs_exist_ok=True)
        before = waiting(folder)
        with Dashboard(settings.data, settings.models_file, start=180.0) as running:
            few = random.randint(1, len(before) // 2)
            wait_until(lambda: len(before - waiting(folder)) >= few, 120)  # noqa: B023
            running.kill()
        cut_short += bool(waiting(folder))
    assert cut_short, "no kill came while there was something left to ingest"
    with Dashboard(settings.data, settings.models_file, start=180.0):
        wait_until(lambda: jobs.status(folder_of(settings, asked)).state is RunState.FINISHED, 180)
        wait_until(lambda: not waiting(folder) and not waiting(folder_of(settings, asked)), 180)
        rows = dashboard.export(settings, Export(raw=True), tmp_path / "long.csv").rows
        assert rows == LEFT + ASKED
    store = open_store(settings.store)
    for made, requests in ((left, LEFT), (asked, server.count())):
        assert_as_in_the_spool(store, made, requests)
    assert not list(settings.spool.glob("*/quarantine/*"))
    assert server.count() == ASKED


def assert_as_in_the_spool(store: Store, made: Plan, requests: int) -> None:
    cells = sorted(map(tuple, made.cells()))
    for table in ("responses", "current_labels"):
        found = store.rows(f"SELECT probe, model, sample FROM {table} WHERE run = ? ORDER BY ALL", [made.run])
        assert found == cells, table
    counted = "SELECT count(*), count(DISTINCT (probe, model, sample, attempt)) FROM {} WHERE run = ?"
    for table in ("attempts", "labels"):
        assert store.rows(counted.format(table), [made.run]) == [(requests, requests)], table
    assert store.rows("SELECT done, cells FROM runs WHERE run = ?", [made.run]) == [(made.size, made.size)]
