"""A run taken out of the store and the spool, and what an ingest under way makes of that."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from parallax.spool import RunFolder
from parallax.store import Store, as_shard, forget, ingest, open_store, sets, shut
from parallax.store.ingest import read_shard
from tests import recordings
from tests.recordings import matched, response

PROBES = matched("leader", "CN FR")
TABLE = {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "C"}
TABLES = (
    "probe_sets", "probes", "models", "runs", "run_models", "attempts", "responses", "labels",
    "current_labels", "newest_labels", "draws",
)  # fmt: skip


def sizes(store: Store) -> dict[str, int]:
    return {table: store.rows(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


NOTHING = dict.fromkeys(TABLES, 0)


def test_a_run_alone_leaves_nothing_behind(store: Store, spool: Path) -> None:
    recordings.record(spool, "run-a", PROBES, TABLE)
    ingest(store, spool)
    forget(store, spool, ["run-a"])
    assert sizes(store) == NOTHING
    assert list(spool.iterdir()) == []
    assert store.revision == 1
    assert ingest(store, spool) == (0, 0, 0)


def test_what_another_run_uses_stays(store: Store, spool: Path) -> None:
    recordings.record(spool, "run-a", PROBES, TABLE)
    ingest(store, spool)
    before = sizes(store)
    recordings.record(spool, "run-b", PROBES, TABLE | {("leader.cn", "beta"): "C"})
    recordings.record(spool, "run-c", PROBES, {("leader.cn", "gamma"): "C"}, id="other")
    ingest(store, spool)
    forget(store, spool, ["run-b", "run-c"])
    assert sizes(store) == before
    assert store.rows("SELECT run, label FROM comparison ORDER BY ALL") == [
        ("run-a", "complete"),
        ("run-a", "refusal"),
    ]
    assert [path.name for path in spool.iterdir()] == ["run-a"]


def test_a_set_that_was_saved_stays(store: Store, spool: Path) -> None:
    made = recordings.record(spool, "run-a", PROBES, TABLE)
    sets.save(store, made.probe_set)
    ingest(store, spool)
    forget(store, spool, ["run-a"])
    assert sets.fetch(store, made.probe_set.hash) == made.probe_set
    assert sizes(store) == NOTHING | {"probe_sets": 1, "probes": 2}


@pytest.mark.parametrize("there", ["spool", "store", "nowhere"])
def test_a_run_in_one_place_only_is_forgotten_too(store: Store, spool: Path, there: str) -> None:
    recordings.record(spool, "run-a", PROBES, TABLE)
    if there != "spool":
        ingest(store, spool)
        (spool / "run-a").rename(spool.parent / "gone")
    if there == "nowhere":
        forget(store, spool, ["run-a"])
    forget(store, spool, ["run-a"])
    assert sizes(store) == NOTHING
    assert not (spool / "run-a").exists()


def test_a_run_may_come_again(store: Store, spool: Path) -> None:
    for _ in range(3):
        recordings.record(spool, "run-a", PROBES, TABLE)
        assert ingest(store, spool) == (1, 2, 0)
        forget(store, spool, ["run-a"])
    assert sizes(store) == NOTHING


# ---- while an ingest is at it


def after(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, then: Callable[[], None]) -> None:
    """Have something done each time right after a real function has returned."""
    real = getattr(owner, name)

    def both(*given: Any) -> Any:
        value = real(*given)
        then()
        return value

    monkeypatch.setattr(owner, name, both)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        pytest.param("parallax.store.ingest", "folders", id="its folder was listed"),
        pytest.param("parallax.plan", "from_json", id="its plan was read"),
        pytest.param("parallax.store.ingest", "_register", id="it was registered"),
        pytest.param("parallax.store.ingest", "_readable", id="its shards were read"),
    ],
)
def test_a_pass_does_not_bring_back_what_is_forgotten_after(
    store: Store, spool: Path, monkeypatch: pytest.MonkeyPatch, owner: str, name: str
) -> None:
    recordings.record(spool, "run-a", PROBES, TABLE)
    recordings.record(spool, "run-b", PROBES, TABLE)
    with monkeypatch.context() as patch:
        after(patch, sys.modules[owner], name, lambda: forget(store, spool, ["run-a"]))
        passed = ingest(store, spool)
    assert passed.quarantined == 0
    assert ingest(store, spool).quarantined == 0
    assert store.rows("SELECT DISTINCT run FROM attempts") == [("run-b",)]
    assert store.rows("SELECT run FROM runs") == [("run-b",)]
    assert [path.name for path in spool.iterdir()] == ["run-b"]


def test_a_folder_that_somebody_deletes_is_no_fault(
    store: Store, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings.record(spool, "run-a", PROBES, TABLE)
    recordings.record(spool, "run-b", PROBES, TABLE)
    gone = spool.parent / "gone"

    def delete() -> None:
        if not gone.exists():
            (spool / "run-a").rename(gone)

    with monkeypatch.context() as patch:
        after(patch, sys.modules["parallax.store.ingest"], "_register", delete)
        assert ingest(store, spool) == (1, 2, 0)
    assert store.rows("SELECT DISTINCT run FROM attempts") == [("run-b",)]


def test_runs_may_come_and_go_while_another_thread_ingests(store: Store, spool: Path) -> None:
    ended = threading.Event()
    taken: list[int] = []

    def feed() -> None:
        while not ended.is_set():
            taken.append(ingest(store, spool).rows)

    with ThreadPoolExecutor(1) as pool:
        feeding = pool.submit(feed)
        for _ in range(30):
            recordings.record(spool, "run-a", PROBES, TABLE)
            forget(store, spool, ["run-a"])
        ended.set()
        feeding.result()
    assert len(taken) > 1
    assert ingest(store, spool) == (0, 0, 0)
    assert sizes(store) == NOTHING


# ---- a run as one shard


def test_a_run_as_a_shard_brings_the_same_into_another_store(
    store: Store, spool: Path, tmp_path: Path
) -> None:
    recordings.record(spool, "run-a", PROBES, {("leader.cn", "alpha"): "RB", ("leader.fr", "beta"): "TX"})
    more = [
        response("run-a", "leader.fr", "alpha", "X", final=False, http_status=429),
        response("run-a", "leader.fr", "alpha", "X", attempt=2),
        response("run-a", "leader.fr", "alpha", "C", attempt=3, reasoning="Well.", cost_usd=0.5),
        response("run-a", "leader.fr", "alpha", "C", attempt=3, rater="human:ann"),
    ]
    for number, one in enumerate(more):
        recordings.shard(spool, "run-a", [one], f"more-{number}")
    ingest(store, spool)
    shard = as_shard(store, "run-a")
    kept = {t: store.rows(f"FROM {t} ORDER BY ALL") for t in ("attempts", "responses")}
    labels = store.rows("FROM labels WHERE rater = 'rules' ORDER BY ALL")

    folder = RunFolder(tmp_path / "other", "run-a")
    folder.create(RunFolder(spool, "run-a").plan())
    pq.write_table(shard, folder.shards / "a.parquet")
    other = open_store(tmp_path / "other.duckdb")
    assert read_shard(folder.shards / "a.parquet", "run-a").equals(shard)
    assert ingest(other, tmp_path / "other") == (1, 7, 0)
    assert {t: other.rows(f"FROM {t} ORDER BY ALL") for t in kept} == kept
    assert other.rows("FROM labels ORDER BY ALL") == labels
    shut(other.path)


def test_a_store_from_before_recorded_runs_has_none(store: Store, spool: Path) -> None:
    recordings.record(spool, "run-a", PROBES, TABLE)
    ingest(store, spool)
    store.cursor.execute("ALTER TABLE runs DROP COLUMN recorded")
    store.cursor.execute("DELETE FROM migrations WHERE name = 'runs_recorded'")
    shut(store.path)
    again = open_store(store.path)
    assert again.rows("SELECT run, recorded FROM runs") == [("run-a", False)]
    recordings.record(spool, "run-b", PROBES, TABLE)
    assert ingest(again, spool) == (1, 2, 0)
    assert len(again.rows("FROM comparison")) == 4
