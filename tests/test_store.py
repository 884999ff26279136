"""The store: what the ingest keeps, replaces and sets aside; opening, migrating and asking the file."""

from __future__ import annotations

import itertools
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from parallax import config
from parallax.errors import StoreError, StoreLockedError
from parallax.records import Response
from parallax.spool import RunFolder
from parallax.store import IngestLoop, Store, current, ingest, open_store, shut
from parallax.store.labels import current_of
from parallax.store.migrations import MIGRATIONS
from tests import recordings
from tests.recordings import matched, response

PROBES = matched("leader", "CN FR")
TABLES = (
    "probe_sets", "probes", "models", "runs", "run_models", "attempts", "responses", "labels",
    "current_labels", "newest_labels", "draws",
)  # fmt: skip
LATER = recordings.BEGAN.replace(hour=18)


@pytest.fixture
def folder(spool: Path) -> RunFolder:
    """A planned run that has no answer yet: 2 probes × 2 models."""
    folder = RunFolder(spool, "run-a")
    folder.create(recordings.plan("run-a", PROBES))
    return folder


def answer(letter: str, **more: Any) -> Response:
    return response("run-a", "leader.cn", "alpha", letter, **more)


def contents(store: Store) -> dict[str, list[str]]:
    """Every row of every table, without the one column that tells when it was written."""
    but = {"runs": "EXCLUDE (updated_at, plan_version)"}
    return {t: sorted(map(repr, store.rows(f"SELECT * {but.get(t, '')} FROM {t}"))) for t in TABLES}


def in_force(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT * FROM current_labels ORDER BY ALL")


def recomputed(store: Store) -> list[tuple[Any, ...]]:
    return store.rows(f"SELECT * FROM ({current_of('responses')}) ORDER BY ALL")


# ---- what a pass keeps


def test_a_pass_takes_plans_and_shards_in_and_says_how_many(store: Store, spool: Path) -> None:
    table = {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "C", ("leader.cn", "beta"): "C"}
    recordings.record(spool, "run-a", PROBES, table)
    assert ingest(store, spool) == (1, 3, 0)
    sizes = {table: len(rows) for table, rows in contents(store).items()}
    assert sizes == dict(zip(TABLES, (1, 2, 2, 1, 2, 3, 3, 3, 3, 0, 0), strict=True))
    assert store.rows("SELECT run, cells, done FROM runs") == [("run-a", 4, 3)]
    assert list(RunFolder(spool, "run-a").shards.iterdir()) == []
    assert ingest(store, spool) == (0, 0, 0)


def test_a_shard_that_comes_twice_changes_nothing(store: Store, folder: RunFolder, spool: Path) -> None:
    given = [answer("X", final=False), answer("R", attempt=2), response("run-a", "leader.fr", "beta", "C")]
    recordings.shard(spool, "run-a", given)
    ingest(store, spool)
    before = contents(store)
    recordings.shard(spool, "run-a", given, "again")
    recordings.shard(spool, "run-a", given)
    assert ingest(store, spool) == (2, 6, 0)
    assert contents(store) == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_shards_may_come_in_any_order(
    store: Store, folder: RunFolder, spool: Path, order: tuple[int, ...]
) -> None:
    given = [
        [answer("X"), response("run-a", "leader.fr", "beta", "B")],
        [answer("X", attempt=2, final=False), answer("R", attempt=3)],
        [answer("X", attempt=4), response("run-a", "leader.fr", "beta", "C", attempt=2)],
    ]
    for number in order:
        recordings.shard(spool, "run-a", given[number], f"shard-{number}")
        ingest(store, spool)
    assert len(store.rows("FROM attempts")) == 6
    found = store.rows("SELECT probe, model, attempt, label FROM comparison ORDER BY probe")
    assert found == [("leader.cn", "alpha", 3, "refusal"), ("leader.fr", "beta", 2, "complete")]
    assert in_force(store) == recomputed(store)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        pytest.param(answer("X"), answer("C", attempt=2), (2, "complete"), id="ok replaces an error"),
        pytest.param(answer("X", attempt=2), answer("C"), (1, "complete"), id="even an older ok"),
        pytest.param(answer("X"), answer("B", attempt=2), (2, "blocked"), id="a block is an answer"),
        pytest.param(answer("X"), answer("X", attempt=2), (2, "error"), id="a later error, an error"),
        pytest.param(answer("C"), answer("R", attempt=2), (2, "refusal"), id="a later ok, an ok"),
        pytest.param(answer("R", attempt=2), answer("C"), (2, "refusal"), id="an older ok does not"),
        pytest.param(answer("R"), answer("X", attempt=2), (1, "refusal"), id="an error never does"),
        pytest.param(answer("T"), answer("X", attempt=2), (1, "truncated"), id="nor for a cut answer"),
        pytest.param(answer("R"), answer("C", attempt=2, final=False), (1, "refusal"), id="nor a try"),
    ],
)
@pytest.mark.parametrize("together", [False, True], ids=["two shards", "one shard"])
def test_which_attempt_counts(
    store: Store,
    folder: RunFolder,
    spool: Path,
    first: Response,
    second: Response,
    kept: tuple[int, str],
    together: bool,
) -> None:
    for number, given in enumerate([[first, second]] if together else [[first], [second]]):
        recordings.shard(spool, "run-a", given, f"shard-{number}")
        ingest(store, spool)
    assert store.rows("SELECT attempt, label FROM comparison") == [kept]
    assert store.rows("SELECT done FROM runs") == [(1,)]
    assert len(store.rows("FROM attempts")) == 2
    assert in_force(store) == recomputed(store)


@pytest.mark.parametrize(
    ("raters", "winner"),
    [
        (["rules"], "rules"),
        (["rules", "judge:m"], "rules"),
        (["judge:m", "rules"], "rules"),
        (["human:ann", "rules", "judge:m"], "human:ann"),
        (["rules", "human:ann", "judge:m"], "human:ann"),
        (["rules", "judge:m", "human:ann", "human:bob"], "human:bob"),
        (["judge:m", "judge:n"], "judge:n"),
    ],
)
def test_label_in_force(store: Store, folder: RunFolder, spool: Path, raters: list[str], winner: str) -> None:
    for hour, rater in enumerate(raters):
        at = recordings.BEGAN.replace(hour=hour)
        recordings.shard(spool, "run-a", [answer("R", rater=rater, at=at)], f"shard-{hour}")
        ingest(store, spool)
    assert store.rows("SELECT rater FROM labels ORDER BY created_at") == [(r,) for r in raters]
    assert store.rows("SELECT rater FROM comparison") == [(winner,)]
    assert in_force(store) == recomputed(store)


def test_new_answer_has_no_label_of_the_old_one(store: Store, folder: RunFolder, spool: Path) -> None:
    recordings.shard(spool, "run-a", [answer("C"), answer("C", rater="human:ann", at=LATER)], "first")
    recordings.shard(spool, "run-a", [answer("R", attempt=2)], "second")
    ingest(store, spool)
    assert store.rows("SELECT label, rater FROM comparison") == [("refusal", "rules")]
    assert in_force(store) == recomputed(store)


# ---- what a pass sets aside


def bytes_of(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def changed(**columns: Any) -> Callable[[Path], object]:
    return lambda path: recordings.altered_shard(path, answer("C"), **columns)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(bytes_of(b"PAR1 and no more"), "cannot be read as a shard", id="garbage"),
        pytest.param(bytes_of(b""), "cannot be read as a shard", id="empty file"),
        pytest.param(changed(outcome=...), "outcome", id="a column is missing"),
        pytest.param(changed(sample="first"), "cannot be read as a shard", id="a column of another type"),
        pytest.param(changed(run="run-b"), "column run holds 'run-b'", id="another run"),
        pytest.param(changed(label="naughty"), "column label holds 'naughty'", id="unknown label"),
        pytest.param(changed(outcome="fine"), "column outcome holds 'fine'", id="unknown outcome"),
        pytest.param(changed(probe=None), "probe", id="no probe"),
        pytest.param(changed(rater=None), "rater", id="a label of nobody"),
        pytest.param(changed(probe="stranger"), "stranger", id="a probe that the run does not have"),
        pytest.param(changed(model="stranger"), "stranger", id="a model that the run does not have"),
    ],
)
def test_bad_shard_is_set_aside_with_its_reason_and_the_rest_goes_in(
    store: Store, folder: RunFolder, spool: Path, spoil: Callable[[Path], object], said: str
) -> None:
    recordings.shard(spool, "run-a", [response("run-a", "leader.fr", "alpha", "C")], "a-good")
    bad = folder.shards / "b-bad.parquet"
    spoil(bad)
    bytes_of_bad = bad.read_bytes()
    recordings.shard(spool, "run-a", [response("run-a", "leader.fr", "beta", "R")], "c-good")
    assert ingest(store, spool) == (2, 2, 1)
    aside = folder.path / "quarantine"
    reason = (aside / "b-bad.txt").read_text()
    assert said in reason
    assert reason.startswith("b-bad.parquet: ")
    assert reason.count("\n") == 1
    assert (aside / "b-bad.parquet").read_bytes() == bytes_of_bad
    assert store.rows("SELECT count(*) FROM responses") == [(2,)]
    assert ingest(store, spool) == (0, 0, 0)


@pytest.mark.parametrize(
    "plan", [b"{", b"", b"[]", b"7", b'{"format": 99}', b'{"format": 1}', b"\xff\xfe\x00"]
)
def test_plan_that_cannot_be_read_is_set_aside_and_other_runs_go_in(
    store: Store, folder: RunFolder, spool: Path, plan: bytes
) -> None:
    (folder.path / "plan.json").write_bytes(plan)
    recordings.record(spool, "run-b", PROBES, {("leader.cn", "alpha"): "R"})
    assert ingest(store, spool).rows == 1
    assert (folder.path / "quarantine" / "plan.json").read_bytes() == plan
    assert "plan" in (folder.path / "quarantine" / "plan.txt").read_text()
    assert store.rows("SELECT run FROM runs") == [("run-b",)]


def test_plan_of_another_run_is_set_aside(store: Store, folder: RunFolder, spool: Path) -> None:
    recordings.record(spool, "run-b", PROBES, {("leader.cn", "alpha"): "R"})
    (folder.path / "plan.json").write_bytes((spool / "run-b" / "plan.json").read_bytes())
    assert ingest(store, spool).rows + ingest(store, spool).rows == 1
    assert (folder.path / "quarantine" / "plan.json").exists()


# ---- the file


def test_migrations_are_recorded_and_applied_once(store: Store) -> None:
    names = [step.__name__ for step in MIGRATIONS]
    first = store.rows("SELECT name, applied_at FROM migrations ORDER BY ALL")
    assert sorted(name for name, _ in first) == sorted(names)
    shut(store.path)
    again = open_store(store.path)
    assert again is not store
    assert again.rows("SELECT name, applied_at FROM migrations ORDER BY ALL") == first


def test_an_older_file_gets_what_it_lacks_and_keeps_what_it_has(store: Store, spool: Path) -> None:
    recordings.record(spool, "run-a", PROBES, {("leader.cn", "alpha"): "R"})
    ingest(store, spool)
    store.cursor.execute("DROP VIEW comparison")
    store.cursor.execute("DELETE FROM migrations WHERE name = 'comparison_view'")
    shut(store.path)
    assert open_store(store.path).rows("SELECT label FROM comparison") == [("refusal",)]


def test_one_store_a_path_until_it_is_shut(store: Store) -> None:
    assert open_store(store.path) is current(store.path) is store
    shut(store.path)
    shut(store.path)
    assert current(store.path) is None


def test_comparison_is_for_plain_duckdb_too(store: Store, spool: Path) -> None:
    recordings.record(spool, "run-a", PROBES, {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "C"})
    ingest(store, spool)
    shut(store.path)
    with duckdb.connect(str(store.path), read_only=True) as db:
        found = db.execute('SELECT run, "set", country, model, home, label FROM comparison ORDER BY country')
        assert found.fetchall() == [
            ("run-a", "small", "CN", "alpha", "CN", "refusal"),
            ("run-a", "small", "FR", "alpha", "CN", "complete"),
        ]


def test_store_that_another_process_holds_is_told_in_one_line(
    other_process: Callable[[], AbstractContextManager[None]],
) -> None:
    path = config.load().store
    with other_process(), pytest.raises(StoreLockedError) as caught:
        open_store(path)
    assert str(caught.value).startswith(f"{path}: another process holds the store")
    assert "\n" not in str(caught.value)
    assert open_store(path).revision == 0


# the name of the second folder has the word that DuckDB uses of a held file
@pytest.mark.parametrize("folder_name", ["data", "blocked"])
def test_file_that_is_no_store(tmp_path: Path, folder_name: str) -> None:
    path = tmp_path / folder_name / "parallax.duckdb"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"this is a letter, not a database\n" * 500)
    with pytest.raises(StoreError) as caught:
        open_store(path)
    assert type(caught.value) is StoreError
    assert str(caught.value).startswith(f"{path}: cannot be opened: ")
    assert "\n" not in str(caught.value)


def test_transaction_keeps_all_or_nothing(store: Store) -> None:
    def break_off() -> None:
        with store.transaction() as cursor:
            cursor.execute("INSERT INTO meta VALUES ('half', 'done')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert store.rows("SELECT key FROM meta") == [("revision",)]


def test_revision_goes_up_and_is_kept(store: Store) -> None:
    store.bump()
    store.bump()
    shut(store.path)
    assert open_store(store.path).revision == 2


# ---- the dashboard's loop


def wait_for(ready: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.02)


@pytest.fixture
def loop(store: Store, spool: Path) -> Iterator[IngestLoop]:
    loop = IngestLoop(store, spool)
    loop.start()
    yield loop
    loop.stop()


def test_loop_feeds_the_store_and_tells_the_readers(loop: IngestLoop, store: Store, spool: Path) -> None:
    recordings.record(spool, "run-a", PROBES, {("leader.cn", "alpha"): "R"})
    wait_for(lambda: store.revision == 1)
    assert store.rows("SELECT label FROM comparison") == [("refusal",)]
    assert loop.fault == ""
    recordings.shard(spool, "run-a", [response("run-a", "leader.fr", "alpha", "C")], "more")
    wait_for(lambda: store.revision == 2)
    assert len(store.rows("FROM comparison")) == 2


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Let no file grow beyond `limit` bytes, which fails like a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def tells_of_a_fault(loop: IngestLoop, store: Store) -> bool:
    wait_for(lambda: loop.fault)
    return loop.fault.startswith(f"{store.path}: cannot be written: ") and "\n" not in loop.fault


def test_loop_tells_of_a_full_disk_and_goes_on_when_there_is_room(
    loop: IngestLoop, store: Store, folder: RunFolder, spool: Path
) -> None:
    given = [answer("C", sample=n, text="word " * 1000) for n in range(200)]
    wait_for(lambda: store.rows("FROM runs"))
    with full_disk(300_000):
        recordings.shard(spool, "run-a", given[:20])
        recordings.shard(spool, "run-a", given, "large")
        assert tells_of_a_fault(loop, store)
        assert (folder.shards / "large.parquet").exists()
    wait_for(lambda: len(store.rows("FROM comparison")) == 200)
    wait_for(lambda: not loop.fault)


def test_loop_that_cannot_tell_the_readers_tells_them_later(
    loop: IngestLoop, store: Store, folder: RunFolder, spool: Path
) -> None:
    recordings.shard(spool, "run-a", [answer("R")])
    wait_for(lambda: store.revision == 1)
    recordings.shard(spool, "run-a", [answer("R", sample=1)])
    wait_for(lambda: len(store.rows("FROM comparison")) == 2)
    with full_disk(store.path.with_name(f"{store.path.name}.wal").stat().st_size):
        assert tells_of_a_fault(loop, store)
    wait_for(lambda: store.revision == 2)
    wait_for(lambda: not loop.fault)


def test_loop_that_does_not_run_says_so_unless_it_was_stopped(loop: IngestLoop, store: Store) -> None:
    assert "has ended" in IngestLoop(store, store.path.parent).fault
    loop.stop()
    assert loop.fault == ""
