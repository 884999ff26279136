"""A run after its start: retried, extended, followed, one of several, in trouble."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from parallax import cli, config, jobs, strays, worker
from parallax import plan as plans
from parallax.config import Settings
from parallax.errors import MissingKeyError, RunError
from parallax.parts import Part
from parallax.plan import Plan
from parallax.records import Limits, Price, RunState
from parallax.runner import RetryPolicy
from parallax.spool import RunFolder
from parallax.store import Store, ingest
from parallax.tally import ModelProgress
from tests import recordings
from tests.asking import assert_every_cell_once, folder_of, model, planned, prompts, started, wait_until
from tests.provider import Provider

ONCE = RetryPolicy(tries=1)
DEAD = "http://127.0.0.1:1/v1"
HOLD = """
import sys; from filelock import FileLock
with FileLock(sys.argv[1]): print("held", flush=True); sys.stdin.read()
"""


@pytest.fixture
def settings() -> Settings:
    return config.load()


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def folder(settings: Settings) -> RunFolder:
    return folder_of(settings, planned(settings, prompts(4), model(DEAD)))


def beat(
    folder: RunFolder, state: RunState = RunState.RUNNING, *, age_s: float = 0.0, **more: object
) -> None:
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    said = {"state": state, "total": 4, "done": 2, "pid": 4711, "updated_at": at.isoformat(), **more}
    name = "heartbeat.json" if folder.part is None else f"heartbeat-{folder.part}.json"
    (folder.path / name).write_text(json.dumps(said))


# ---- errors asked again


def with_errors_and_open_cells(settings: Settings, server: Provider) -> Plan:
    """A run of 6 + 6 cells: p1 and p3 ended in an error, the second sample is open."""
    spec = model(server.base, name="test-model+500-once@1+500-once@3", price=Price(1e4, 1e4))
    made = planned(settings, prompts(6), spec)
    assert worker.work(settings, made.run, policy=ONCE) is RunState.FINISHED
    return jobs.extend(settings, made.run, [], 2)


def test_only_errors_are_asked_again_and_a_success_replaces_them(
    settings: Settings, server: Provider, store: Store
) -> None:
    made = with_errors_and_open_cells(settings, server)
    before = jobs.status(folder_of(settings, made))
    assert (before.state, before.done, before.total, before.errors) == (RunState.PAUSED, 6, 12, 2)
    ingest(store, settings.spool)
    beats: list[dict[str, Any]] = []
    ended = worker.work(settings, made.run, errors_only=True, policy=ONCE, progress=beats.append)
    assert ended is RunState.INTERRUPTED, "cells are open"
    assert [one["done"] for one in beats] == [6] * len(beats)
    assert server.count() == 6 + 2
    now = jobs.status(folder_of(settings, made))
    assert (now.done, now.errors, now.has_errors_to_retry, now.is_resumable) == (6, 0, False, True)
    assert now.by_model["tea"].cost_usd == now.cost_usd > before.cost_usd > 0
    with pytest.raises(RunError, match="has no cell that ended in an error"):
        jobs.resume(settings, made.run, errors_only=True)
    ingest(store, settings.spool)
    told = store.rows("SELECT probe, attempt, outcome FROM attempts WHERE probe IN ('p1', 'p3') ORDER BY ALL")
    assert told == [("p1", 1, "error"), ("p1", 2, "ok"), ("p3", 1, "error"), ("p3", 2, "ok")]
    assert store.rows("SELECT count(*), count(*) FILTER (outcome = 'ok') FROM responses") == [(6, 6)]
    assert store.rows("SELECT count(*) FROM current_labels WHERE label = 'error'") == [(0,)]


def test_parts_ask_errors_alone(
    settings: Settings, server: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = with_errors_and_open_cells(settings, server)
    read, write = os.pipe()
    with os.fdopen(read) as stdin, os.fdopen(write, "w"):
        monkeypatch.setattr(sys, "stdin", stdin)
        ended = [worker.work_part(settings, made.run, Part(n, 2), errors_only=True) for n in range(2)]
    assert ended == [RunState.FINISHED] * 2
    assert server.count() == 6 + 2
    assert not any(done.failed for done in folder_of(settings, made).done().values())


# ---- models and samples added


def test_what_is_added_is_asked_and_reaches_the_store(
    settings: Settings, server: Provider, store: Store
) -> None:
    made = planned(settings, prompts(3), model(server.base), params={"max_tokens": 50})
    worker.work(settings, made.run)
    ingest(store, settings.spool)
    longer = jobs.extend(settings, made.run, [model(server.base, "other", "other-model")], 2)
    assert [line.split(",")[0] for line in jobs.added_costs(made, longer)] == [
        "new models: 6 calls",
        "more samples: 3 calls",
    ]
    ingest(store, settings.spool)
    assert store.rows("SELECT samples, cells, done FROM runs") == [(2, 12, 3)]
    assert jobs.status(folder_of(settings, made)).by_model["other"] == ModelProgress(total=6)
    worker.work(settings, made.run)
    assert server.count() == 12
    assert {request.body["max_tokens"] for request in server.requests} == {50}
    known = folder_of(settings, made).done()
    assert known.keys() == set(longer.cells())
    assert all(done == (1, True, False) for done in known.values())
    ingest(store, settings.spool)
    assert store.rows("SELECT cells, done FROM runs") == [(12, 12)]
    assert store.rows("SELECT model, count(*) FROM comparison GROUP BY ALL ORDER BY ALL") == [
        ("other", 6),
        ("tea", 6),
    ]


def test_an_unchanged_plan_is_read_once(
    settings: Settings, folder: RunFolder, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(store, settings.spool)
    monkeypatch.setattr(RunFolder, "plan", lambda self: pytest.fail("read again"))
    ingest(store, settings.spool)


@pytest.mark.parametrize(
    ("models", "samples", "said"),
    [
        ([], 1, "has 2 samples already; 1 would be fewer"),
        ([], 1001, "samples must be from 1 to 1000"),
        ([model("http://127.0.0.1:2/v1")], None, "the entry of model 'tea' has changed"),
    ],
)
def test_what_cannot_be_added(models: list[Any], samples: int | None, said: str) -> None:
    made = plans.new(planned(config.load(), prompts(2), model(DEAD)).probe_set, [model(DEAD)], samples=2)
    with pytest.raises(RunError, match=said):
        plans.extended(made, models, samples)


def test_nothing_new_changes_nothing(settings: Settings, folder: RunFolder) -> None:
    beat(folder, RunState.PAUSED)
    version = folder.plan_version()
    assert jobs.extend(settings, folder.run, [model(DEAD)], 1) == folder.plan()
    assert folder.plan_version() == version


def test_no_run_is_extended_that_is_at_work_recorded_or_without_a_key(
    settings: Settings, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(folder, RunState.PAUSED)
    text = (folder.path / "plan.json").read_text()
    with folder.lock(), pytest.raises(RunError, match="is running: pause it first"):
        jobs.extend(settings, folder.run, [], 2)
    monkeypatch.delenv("TEA_KEY", raising=False)
    with pytest.raises(MissingKeyError, match="TEA_KEY"):
        jobs.extend(settings, folder.run, [model(DEAD, "keyed", api_key_env="TEA_KEY")])
    recordings.record(settings.spool, "shipped", recordings.benign(1), {("benign-1", "alpha"): "C"})
    shipped = RunFolder(settings.spool, "shipped")
    shipped.create(plans.dataclasses.replace(shipped.plan(), recorded=True))
    beat(shipped, RunState.FINISHED)
    with pytest.raises(RunError, match="is recorded"):
        jobs.extend(settings, "shipped", [], 2)
    assert (folder.path / "plan.json").read_text() == text


# ---- the command line

Say = Callable[..., Any]


def test_a_run_is_extended_retried_and_costed_from_the_command_line(
    say: Say, server: Provider, settings: Settings
) -> None:
    made = planned(settings, prompts(2), model(server.base, "test-model", name="test-model+500-once@1"))
    settings.models_file.write_text(
        f'[[model]]\nid = "other-model"\nlitellm = "openai/other-model"\napi_base = "{server.base}"\n'
        "price = {input_per_million = 1000, output_per_million = 1000}\n"
    )
    worker.work(settings, made.run, policy=ONCE)
    longer = say("extend", made.run, "-m", "other-model")
    assert (longer.code, longer.out) == (0, "")
    assert longer.err.startswith(f"{made.run}: finished, 4 of 4 answered, 0 errors, $0.")
    before = server.count()
    same = say("extend", made.run, "-m", "other-model", "--samples", 1)
    assert (same.code, same.out) == (0, f"{made.run}: nothing new, it has these models and samples already\n")
    fewer = say("extend", made.run, "--samples", 0)
    assert (fewer.code, fewer.err) == (2, "samples must be from 1 to 1000, not 0\n")
    assert server.count() == before


def test_resume_of_a_live_run_follows_it_and_returns_its_end(
    say: Say, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work() -> None:
        with folder.lock():
            held.set()
            followed.wait(10)
            beat(folder, RunState.FINISHED, done=4, errors=1)

    beat(folder)
    held, followed = threading.Event(), threading.Event()
    monkeypatch.setattr(cli.time, "sleep", lambda seconds: followed.set())
    working = threading.Thread(target=work)
    working.start()
    held.wait(10)
    told = say("resume", folder.run)
    working.join()
    assert followed.is_set()
    assert (told.code, told.err) == (1, f"{folder.run}: finished, 3 of 4 answered, 1 errors\n")


def test_the_limit_on_the_cost_of_a_live_run_is_not_changed_under_it(say: Say, folder: RunFolder) -> None:
    beat(folder)
    with folder.lock():
        told = say("resume", folder.run, "--max-cost", 5)
    assert (told.code, told.err) == (
        2,
        f"run {folder.run} has a worker already; pause it, then resume with --max-cost\n",
    )


def test_a_note_is_no_fault(folder: RunFolder) -> None:
    beat(folder, RunState.FINISHED, done=4, note="the response cache is damaged")
    now = jobs.status(folder)
    assert (now.message, now.note) == ("", "the response cache is damaged")


def test_ctrl_c_looks_away_from_a_run_that_another_process_works_on(
    say: Say, folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    beat(folder)
    monkeypatch.setattr(cli.time, "sleep", interrupt)
    with folder.lock():
        told = say("resume", folder.run)
    assert (told.code, told.out, told.err.count("\n")) == (130, "", 1)
    assert told.err.startswith(f"{folder.run}: goes on by itself")
    assert folder.stop_mark() == ""


@pytest.mark.parametrize("why", ["pause", "cancel"])
def test_a_live_run_is_asked_to_stop(say: Say, folder: RunFolder, why: str) -> None:
    with folder.lock():
        assert say(why, folder.run).code == 0
    assert folder.stop_mark() == why


def test_two_runs_at_once_on_two_endpoints_both_finish(settings: Settings) -> None:
    with Provider(latency=0.05) as one, Provider(latency=0.05) as two:
        beside = planned(settings, prompts(30), model(one.base, limits=Limits(concurrency=2)))
        here = planned(settings, prompts(30), model(two.base, limits=Limits(concurrency=2)))
        with started(settings, beside.run) as process:
            wait_until(lambda: one.count() >= 2, 90)
            assert worker.work(settings, here.run) is RunState.FINISHED
            process.communicate(timeout=90)
        for server, made in ((one, beside), (two, here)):
            assert server.count() == 30
            assert_every_cell_once(folder_of(settings, made), made)
    assert {run.state for run in jobs.runs(settings)} == {RunState.FINISHED}


# ---- processes in trouble


@pytest.mark.parametrize(("age_s", "troubled"), [(0, False), (25, False), (40, True), (-3600, False)])
def test_a_silent_worker_is_named(say: Say, folder: RunFolder, age_s: float, troubled: bool) -> None:
    beat(folder, age_s=age_s)
    assert jobs.status(folder).trouble == "", "no worker, no trouble"
    with folder.lock():
        told = say("runs")
    assert told.out.startswith(f"{folder.run}  running")
    assert (f"{folder.run}: process 4711 has been silent for 40 s" in told.err) is troubled
    assert told.err.count("\n") == troubled


def test_processes_that_lost_their_worker_are_named(folder: RunFolder) -> None:
    parts = [RunFolder(folder.spool, folder.run, n) for n in range(2)]
    beat(folder, age_s=100)
    for part in parts:
        beat(part, pid=100 + part.part)
    with parts[0].lock(), parts[1].lock():
        now = jobs.status(folder)
        assert now.state is RunState.RUNNING
        assert now.trouble.startswith("process 100 101 lost its worker and ends")
    assert jobs.status(folder).trouble == ""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not list processes")
def test_a_worker_whose_run_was_removed_is_named(say: Say, settings: Settings, folder: RunFolder) -> None:
    lock = folder.path / "worker.lock"
    command = [sys.executable, "-c", HOLD, str(lock), "parallax"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert strays.lines(settings.spool) == []
        shutil.rmtree(folder.path)
        (line,) = strays.lines(settings.spool)
        assert strays.lines(settings.data / "elsewhere") == []
        told = say("runs")
        process.communicate("")
    assert line.startswith(f"{folder.run}: its folder was removed, but process {process.pid} is still at it")
    assert (told.out, told.err) == ("", f"{line}\n")
    assert strays.lines(settings.spool) == []


# ---- states and clocks


def test_a_run_that_is_resumed_waits_for_its_worker(settings: Settings, folder: RunFolder) -> None:
    beat(folder, RunState.PAUSED)
    assert jobs.status(folder).state is RunState.PAUSED
    long_ago = time.time() - 5
    os.utime(folder.path / "heartbeat.json", (long_ago, long_ago))
    folder.log.write_bytes(b"")
    assert jobs.status(folder).state is RunState.WAITING
    folder.log.write_bytes(b"no module named parallax\n")
    assert jobs.status(folder).state is RunState.PAUSED


@pytest.mark.parametrize(
    ("ahead_s", "state"),
    [
        (-60, RunState.INTERRUPTED),
        (-5, RunState.WAITING),
        (3, RunState.WAITING),
        (3600, RunState.INTERRUPTED),
    ],
)
def test_no_run_waits_for_ever_when_the_clock_was_set_back(
    folder: RunFolder, ahead_s: float, state: RunState
) -> None:
    moment = time.time() + ahead_s
    os.utime(folder.path / "plan.json", (moment, moment))
    assert jobs.status(folder).state is state


@pytest.mark.parametrize(("age_s", "recent"), [(1, True), (60, False), (-1, True), (-3600, False)])
def test_no_run_is_recent_for_ever_when_the_clock_was_set_back(
    folder: RunFolder, age_s: float, recent: bool
) -> None:
    beat(folder, RunState.PAUSED, age_s=age_s)
    assert jobs.status(folder).is_recent is recent
