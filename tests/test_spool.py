"""The spool: journals become shards, a cut line or a kill between two steps loses and doubles nothing."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from parallax import jobs, plan, shards
from parallax.config import Settings
from parallax.errors import RunError, SpoolError
from parallax.records import (
    BlockKind,
    Cell,
    Label,
    LabelValue,
    Outcome,
    Reply,
    Response,
    RunState,
    Verdict,
)
from parallax.shards import Journal, recover
from parallax.spool import Done, RunFolder, folders
from parallax.store import Store
from parallax.store.ingest import ingest
from parallax.store.runs import as_shard
from tests.asking import ANSWER, model, planned, probe_set, prompts

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
FAILED = Reply(Outcome.ERROR, http_status=500, error="broken", transient=True)
BLOCKED = Reply(Outcome.BLOCKED, block=BlockKind.INPUT, http_status=400, error="content filter")


@pytest.fixture
def folder(settings: Settings) -> RunFolder:
    made = planned(settings, prompts(4), model("http://127.0.0.1:1/v1"))
    return RunFolder(settings.spool, made.run)


def response(number: int, reply: Reply = ANSWER, attempt: int = 1, *, final: bool = True) -> Response:
    label = Label(Verdict(LabelValue.COMPLETE, "said", 0.5), "rules", "1", NOW) if final else None
    return Response("run", Cell(f"p{number}", "tea", 0), attempt, final, reply, NOW, label)


def journalled(folder: RunFolder, *responses: Response) -> Path:
    journal = Journal(folder)
    for one in responses:
        journal.keep(one)
    (path,) = folder.path.glob("journal-*.jsonl")
    return path


def tables(folder: RunFolder) -> dict[str, list[dict[str, object]]]:
    return {path.name: pq.read_table(path).to_pylist() for path in sorted(folder.shards.iterdir())}


def asked(folder: RunFolder) -> list[tuple[str, int]]:
    return sorted((str(row["probe"]), int(str(row["attempt"]))) for t in tables(folder).values() for row in t)


# ---- rows


@pytest.mark.parametrize(
    "one",
    [
        response(1),
        response(1, replace(ANSWER, cost_usd=None, prompt_tokens=None, completion_tokens=None)),
        response(1, BLOCKED),
        response(1, replace(FAILED, transient=False), attempt=7),
        response(1, replace(FAILED, transient=False), final=False),
    ],
)
def test_a_row_gives_the_response_back(one: Response) -> None:
    assert shards.from_row(json.loads(json.dumps(shards.to_row(one)))) == one


def test_a_shard_has_the_journalled_answers(folder: RunFolder) -> None:
    journal = Journal(folder)
    journal.keep(response(1))
    journal.keep(response(2, FAILED, final=False))
    assert journal.seal() == 2
    assert journal.seal() == 0
    ((name, rows),) = tables(folder).items()
    assert name.endswith(".parquet")
    assert pq.read_schema(folder.shards / name).equals(shards.SCHEMA)
    assert not list(folder.path.glob("journal-*"))
    first, second = rows
    assert (
        first
        | {
            "run": "run",
            "probe": "p1",
            "model": "tea",
            "text": ANSWER.text,
            "created_at": NOW.replace(tzinfo=None),
            "label": "complete",
            "cost_usd": 0.001,
        }
        == first
    )
    assert (second["outcome"], second["final"], second["label"]) == ("error", False, None)


def test_the_parameters_of_a_request_reach_the_store(
    folder: RunFolder, settings: Settings, store: Store
) -> None:
    journal = Journal(folder)
    journal.keep(replace(response(0), run=folder.run))
    journal.seal()
    assert ingest(store, settings.spool).rows == 1
    assert store.rows("SELECT params FROM comparison") == [('{"max_tokens":9}',)]
    assert as_shard(store, folder.run).column("params").to_pylist() == ['{"max_tokens":9}']


def test_a_shard_from_before_a_column_gets_what_stood_for_it(tmp_path: Path) -> None:
    shards.write(tmp_path / "new.parquet", [shards.to_row(response(1))])
    older = pq.read_table(tmp_path / "new.parquet").drop_columns(["cached", "params"])
    (row,) = shards.in_schema(older).to_pylist()
    assert (row["cached"], row["params"], row["text"]) == (False, "", ANSWER.text)


def test_each_seal_makes_a_shard_of_its_own(folder: RunFolder) -> None:
    journal = Journal(folder)
    for number in range(3):
        journal.keep(response(number))
        journal.seal()
    assert len(tables(folder)) == 3
    assert asked(folder) == [("p0", 1), ("p1", 1), ("p2", 1)]


def test_text_that_is_no_unicode_is_kept_as_well_as_can_be(folder: RunFolder) -> None:
    broken = "half a pair: \ud83c, a null: \x00"
    journal = Journal(folder)
    journal.keep(response(1, replace(ANSWER, text=broken)))
    journal.seal()
    ((row,),) = tables(folder).values()
    assert row["text"] == "half a pair: ?, a null: \x00"


# ---- what a kill leaves


def test_a_journal_without_a_shard_is_recovered(folder: RunFolder) -> None:
    journalled(folder, response(0), response(1, FAILED), response(2, BLOCKED))
    assert recover(folder) == 3
    assert asked(folder) == [("p0", 1), ("p1", 1), ("p2", 1)]
    assert folder.done() == {
        Cell("p0", "tea", 0): Done(1, True, False),
        Cell("p1", "tea", 0): Done(1, False, True),
        Cell("p2", "tea", 0): Done(1, True, False),
    }
    assert not list(folder.path.glob("journal-*"))


@pytest.mark.parametrize("cut", [1, 10, -1])
def test_a_cut_last_line_is_left_out(folder: RunFolder, cut: int) -> None:
    path = journalled(folder, response(0), response(1), response(2))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1] + lines[2].removesuffix(b"\n")[:cut])
    assert recover(folder) == 2
    assert asked(folder) == [("p0", 1), ("p1", 1)]
    assert not list(folder.path.glob("journal-*"))


def test_a_journal_of_a_cut_line_alone_leaves_no_shard(folder: RunFolder) -> None:
    path = journalled(folder, response(0))
    path.write_bytes(path.read_bytes()[:20])
    assert recover(folder) == 0
    assert tables(folder) == {}
    assert not list(folder.path.glob("journal-*"))


@pytest.mark.parametrize("killed", ["after the shard", "after the ledger"])
def test_recovery_twice_gives_the_same_shards(folder: RunFolder, killed: str) -> None:
    path = journalled(folder, response(0), response(1, FAILED, final=False), response(1, attempt=2))
    left = path.read_bytes()
    assert recover(folder) == 3
    once, known = tables(folder), folder.done()
    path.write_bytes(left)
    if killed == "after the shard":
        (folder.path / "ledger.jsonl").unlink()
    assert recover(folder) == 3
    assert recover(folder) == 0
    assert tables(folder) == once
    assert folder.done() == known
    assert sum(folder.spent().values()) == pytest.approx(2 * (ANSWER.cost_usd or 0))


def test_a_cut_shard_in_the_making_is_no_shard(folder: RunFolder) -> None:
    (folder.shards / ".abc.parquet.123").write_bytes(b"PAR1")
    journalled(folder, response(0))
    recover(folder)
    assert len(list(folder.shards.glob("*.parquet"))) == 1


def test_several_journals_are_recovered(folder: RunFolder) -> None:
    for number in range(3):
        Journal(folder).keep(response(number))
    assert recover(folder) == 3
    assert asked(folder) == [("p0", 1), ("p1", 1), ("p2", 1)]


@pytest.mark.parametrize("cut", [1, 12, -2])
def test_a_cut_line_of_the_ledger_spoils_nothing_after_it(folder: RunFolder, cut: int) -> None:
    path = journalled(folder, response(0), response(1))
    left = path.read_bytes()
    recover(folder)
    ledger = folder.path / "ledger.jsonl"
    lines = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(lines[0] + lines[1][:cut])
    path.write_bytes(left)
    recover(folder)
    journalled(folder, response(2))
    recover(folder)
    assert {cell.probe: done.answered for cell, done in folder.done().items()} == {
        "p0": True,
        "p1": True,
        "p2": True,
    }


# ---- the ledger


@pytest.mark.parametrize(
    ("attempts", "known"),
    [
        ([(1, FAILED, False)], Done(1, False, False)),
        ([(1, FAILED, False), (2, FAILED, True)], Done(2, False, True)),
        ([(1, FAILED, True), (2, ANSWER, True)], Done(2, True, False)),
        ([(2, ANSWER, True), (1, FAILED, True)], Done(2, True, False)),
        ([(1, ANSWER, False), (2, BLOCKED, True)], Done(2, True, False)),
        ([(1, ANSWER, True), (1, ANSWER, True)], Done(1, True, False)),
        ([(1, ANSWER, True), (2, FAILED, True)], Done(2, True, False)),
    ],
)
def test_what_the_ledger_knows_of_a_cell(
    folder: RunFolder, attempts: list[tuple[int, Reply, bool]], known: Done
) -> None:
    folder.note_in_ledger([response(1, reply, number, final=final) for number, reply, final in attempts])
    assert folder.done() == {Cell("p1", "tea", 0): known}


def test_an_unasked_run_knows_nothing(folder: RunFolder) -> None:
    assert folder.done() == {}


# ---- writing that fails


def test_a_full_device_is_one_line(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda count: "full")
    path = folder.path / "journal-full.jsonl"
    path.symlink_to("/dev/full")
    with pytest.raises(SpoolError) as raised:
        Journal(folder).keep(response(1))
    assert (
        str(raised.value)
        == f"{path}: cannot be written: the disk is full; free some space, then resume the run"
    )


def test_a_spool_that_cannot_be_made_is_one_line(settings: Settings) -> None:
    settings.data.parent.mkdir(parents=True, exist_ok=True)
    settings.data.write_text("a file where the folder should be")
    made = plan.new(probe_set(["x"]), [model("http://127.0.0.1:1/v1")])
    with pytest.raises(SpoolError, match=r"^[^\n]*: cannot be written: Not a directory$"):
        RunFolder(settings.spool, made.run).create(made)


# ---- run folders


def test_a_run_is_read_back(settings: Settings) -> None:
    made = planned(settings, prompts(2), model("http://127.0.0.1:1/v1"))
    assert RunFolder(settings.spool, made.run).plan() == made


@pytest.mark.parametrize("run", ["", "../up", "a/b", "A", "-x", ".hidden", "a" * 101])
def test_an_impossible_run_id(settings: Settings, run: str) -> None:
    with pytest.raises(RunError, match="is no run id"):
        RunFolder(settings.spool, run)


def test_an_unknown_run(settings: Settings) -> None:
    with pytest.raises(RunError, match=r"^there is no run 'tea-1'; `python -m parallax runs` lists them$"):
        RunFolder(settings.spool, "tea-1").plan()


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"\xff"])
def test_a_run_without_a_readable_plan(settings: Settings, folder: RunFolder, data: bytes) -> None:
    (folder.path / "plan.json").write_bytes(data)
    with pytest.raises(RunError, match="plan"):
        folder.plan()
    assert jobs.runs(settings) == []


def test_runs_are_listed_newest_first(settings: Settings) -> None:
    made = [planned(settings, prompts(1), model("http://127.0.0.1:1/v1")).run for _ in range(3)]
    for age, run in enumerate(reversed(made)):
        os.utime(settings.spool / run / "plan.json", (time.time() - age, time.time() - age))
    (settings.spool / "no-plan").mkdir()
    assert [found.run for found in folders(settings.spool)] == made
    assert [status.run for status in jobs.runs(settings)] == made[::-1]


def test_a_spool_that_is_not_there_has_no_runs(settings: Settings) -> None:
    assert jobs.runs(settings) == []


@pytest.mark.parametrize("data", [None, b"", b'{"state": "run', b"[]"])
def test_an_unreadable_heartbeat_is_none(folder: RunFolder, data: bytes | None) -> None:
    if data is not None:
        (folder.path / "heartbeat.json").write_bytes(data)
    assert folder.heartbeat() == {}


def test_a_heartbeat_is_read_back_with_its_time(folder: RunFolder) -> None:
    folder.beat({"state": RunState.RUNNING, "done": 3})
    beat = folder.heartbeat()
    assert (beat["state"], beat["done"]) == ("running", 3)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(beat["updated_at"])).total_seconds()) < 60
    assert {path.name for path in folder.path.iterdir()} == {"plan.json", "shards", "heartbeat.json"}


@pytest.mark.parametrize("why", ["pause", "cancel"])
def test_the_stop_mark(folder: RunFolder, why: str) -> None:
    assert folder.stop_mark() == ""
    folder.ask_to_stop(why)
    assert folder.stop_mark() == why
    folder.clear_stop()
    folder.clear_stop()
    assert folder.stop_mark() == ""


@pytest.mark.parametrize(
    ("printed", "words"),
    [(None, ""), ("", ""), ("one\ntwo\n", "two"), ("one\n  two  \n\n \n", "two"), ("only", "only")],
)
def test_the_last_words_of_a_worker(folder: RunFolder, printed: str | None, words: str) -> None:
    if printed is not None:
        folder.log.write_text(printed)
    assert folder.last_words() == words


def test_one_worker_holds_a_run(folder: RunFolder) -> None:
    assert not folder.is_alive()
    with folder.lock():
        assert folder.is_alive()
        said = f"^run {folder.run} has a worker already; [^\n]*$"
        with pytest.raises(RunError, match=said), folder.lock(timeout_s=0.1):
            pytest.fail("two workers hold one run")
    assert not folder.is_alive()
    with folder.lock(timeout_s=0.1):
        assert folder.is_alive()


# ---- a run that was never asked


def test_a_fresh_run_waits(folder: RunFolder) -> None:
    status = jobs.status(folder)
    assert (status.state, status.total, status.done) == (RunState.WAITING, 4, 0)
    assert (status.models, status.set_id, status.is_active, status.is_resumable) == (
        ("tea",),
        "tea",
        True,
        False,
    )


def test_a_run_that_never_started_is_interrupted(folder: RunFolder) -> None:
    os.utime(folder.path / "plan.json", (time.time() - 600, time.time() - 600))
    status = jobs.status(folder)
    assert (status.state, status.is_resumable, status.message) == (RunState.INTERRUPTED, True, "")


def test_a_worker_that_failed_at_once_says_why(folder: RunFolder) -> None:
    folder.log.write_text("model 'tea' needs its key: set the environment variable TEA_KEY\n")
    status = jobs.status(folder)
    assert (status.state, status.is_resumable) == (RunState.INTERRUPTED, True)
    assert status.message == "model 'tea' needs its key: set the environment variable TEA_KEY"
