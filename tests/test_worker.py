"""Workers as real processes over real sockets: killed, stopped, refused, out of disk, and resumed."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parallax import jobs, worker
from parallax.config import Settings
from parallax.errors import MissingKeyError, RunError
from parallax.records import LabelValue, Limits, ModelSpec, RunState
from parallax.runner import RetryPolicy
from parallax.spool import RunFolder
from tests.asking import (
    Cramped,
    FullDisk,
    answered,
    assert_every_cell_once,
    closed_port,
    finished,
    folder_of,
    model,
    planned,
    prompts,
    rows,
    started,
    wait_until,
)
from tests.provider import Provider

QUICK = RetryPolicy(tries=2, base_s=0.01)
WIDTH = 4


@pytest.fixture
def folder(settings: Settings) -> RunFolder:
    return folder_of(settings, planned(settings, prompts(4), model("http://127.0.0.1:1/v1")))


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider(latency=0.05) as running:
        yield running


# ---- one pass


def test_a_run_leaves_shards_a_ledger_and_a_heartbeat(settings: Settings, server: Provider) -> None:
    models = [model(server.base), model(server.base, "other", "other-model+refuse+500-once")]
    made = planned(settings, prompts(10), *models, samples=2)
    beats: list[dict[str, Any]] = []
    state = worker.work(settings, made.run, policy=QUICK, progress=beats.append)
    folder = folder_of(settings, made)
    assert state is RunState.FINISHED
    assert_every_cell_once(folder, made)
    found = rows(folder)
    assert Counter(row["label"] for row in found if row["model"] == "tea") == {LabelValue.COMPLETE: 20}
    assert server.count() == len(found)
    beat = folder.heartbeat()
    assert {name: beat[name] for name in ("state", "total", "done", "errors", "in_flight", "pending")} == {
        "state": "finished",
        "total": 40,
        "done": 40,
        "errors": 0,
        "in_flight": 0,
        "pending": 0,
    }
    assert beats[-1]["retries"] == len(found) - 40
    assert [one["done"] for one in beats] == sorted(one["done"] for one in beats)
    status = jobs.status(folder)
    assert (status.state, status.done, status.is_resumable) == (RunState.FINISHED, 40, False)
    assert {name: one.done for name, one in status.by_model.items()} == {"tea": 20, "other": 20}


def test_a_finished_run_asks_nothing_again(settings: Settings, server: Provider) -> None:
    made = planned(settings, prompts(4), model(server.base))
    for _ in range(2):
        assert worker.work(settings, made.run) is RunState.FINISHED
    assert server.count() == 4
    assert_every_cell_once(folder_of(settings, made), made)


def test_errors_are_asked_again_and_nothing_is_lost(settings: Settings, server: Provider) -> None:
    made = planned(settings, prompts(6), model(server.base, name="test-model+500-once@3"))
    folder = folder_of(settings, made)
    assert worker.work(settings, made.run, policy=RetryPolicy(tries=1)) is RunState.FINISHED
    status = jobs.status(folder)
    assert (status.done, status.errors, status.is_resumable) == (6, 1, True)
    assert worker.work(settings, made.run, policy=RetryPolicy(tries=1)) is RunState.FINISHED
    assert server.count() == 7
    assert_every_cell_once(folder, made)
    assert sorted((r["attempt"], r["outcome"]) for r in rows(folder) if r["probe"] == "p3") == [
        (1, "error"),
        (2, "ok"),
    ]
    assert (jobs.status(folder).errors, jobs.status(folder).is_resumable) == (0, False)


def test_a_dead_endpoint_leaves_its_cells_open_and_is_named(settings: Settings, server: Provider) -> None:
    port = closed_port()
    models = [model(server.base), model(f"http://127.0.0.1:{port}/v1", "dead")]
    made = planned(settings, prompts(10), *models)
    folder = folder_of(settings, made)
    assert worker.work(settings, made.run, policy=QUICK) is RunState.INTERRUPTED
    assert set(answered(rows(folder))) == {tuple(cell) for cell in made.cells() if cell.model == "tea"}
    status = jobs.status(folder)
    assert (status.state, status.is_resumable) == (RunState.INTERRUPTED, True)
    assert status.message.startswith("dead: ")
    assert "\n" not in status.message
    with Provider(port):
        assert worker.work(settings, made.run, policy=QUICK) is RunState.FINISHED
    assert_every_cell_once(folder, made)


def test_no_key_is_written_anywhere(
    settings: Settings, server: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEA_KEY", "sk-very-secret")
    made = planned(settings, prompts(3), model(server.base, name="tea+401@2", api_key_env="TEA_KEY"))
    worker.work(settings, made.run, policy=QUICK)
    assert {one.headers["authorization"] for one in server.requests} == {"Bearer sk-very-secret"}
    written = [path for path in settings.data.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"sk-very-secret" in path.read_bytes()]
    assert "sk-very-secret" not in str(rows(folder_of(settings, made)))


def test_a_missing_key_asks_nothing(
    settings: Settings, server: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEA_KEY", raising=False)
    made = planned(settings, prompts(1), model(server.base, api_key_env="TEA_KEY"))
    with pytest.raises(MissingKeyError, match="TEA_KEY"):
        worker.work(settings, made.run)
    with pytest.raises(MissingKeyError, match="TEA_KEY"):
        jobs.start(settings, made)
    assert server.count() == 0


def test_a_left_journal_counts_as_asked(settings: Settings, server: Provider) -> None:
    made = planned(settings, prompts(8), model(server.base))
    folder = folder_of(settings, made)
    with started(settings, made.run) as process:
        wait_until(lambda: server.count() >= 8)
        process.kill()
    left = rows(folder)
    journals = list(folder.path.glob("journal-*.jsonl"))
    kept = sum(path.read_bytes().count(b"\n") for path in journals)
    for path in journals:
        with path.open("ab") as file:
            file.write(b'{"run": "cut in the mid')
    before = server.count()
    assert worker.work(settings, made.run) is RunState.FINISHED
    assert server.count() - before == 8 - kept - len(left)
    assert_every_cell_once(folder, made)


# ---- killed


def test_a_kill_loses_nothing_and_repeats_at_most_what_was_in_flight(
    settings: Settings, server: Provider
) -> None:
    kills_survived(settings, server, kills=2, size=100, seed=time.time_ns())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.timeout(300)
def test_many_kills(settings: Settings, server: Provider, seed: int) -> None:
    kills_survived(settings, server, kills=12, size=400, seed=seed)


def kills_survived(settings: Settings, server: Provider, *, kills: int, size: int, seed: int) -> None:
    """Kill -9 a run's worker at random instants, resume each time, and count what was asked."""
    print(f"seed {seed}")  # shown where the test fails
    instants = random.Random(seed)
    spec = model(server.base, limits=Limits(concurrency=WIDTH))
    made = planned(settings, prompts(size), spec)
    folder = folder_of(settings, made)
    killed = 0
    for _ in range(kills):
        asked = server.count()
        with started(settings, made.run) as process:
            wait_until(lambda asked=asked: server.count() > asked)
            time.sleep(instants.uniform(0.0, size * 0.05 / WIDTH / kills * 1.2))
            killed += process.poll() is None
            process.kill()
            process.wait()
        assert jobs.status(folder).state in {RunState.INTERRUPTED, RunState.FINISHED}
    assert killed > 0
    assert worker.work(settings, made.run) is RunState.FINISHED
    assert_every_cell_once(folder, made)
    assert size <= server.count() <= size + WIDTH * killed
    assert jobs.status(folder).done == size


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_end_repeats_nothing(settings: Settings, server: Provider, number: signal.Signals) -> None:
    made = planned(settings, prompts(60), model(server.base, limits=Limits(concurrency=WIDTH)))
    folder = folder_of(settings, made)
    with started(settings, made.run) as process:
        wait_until(lambda: server.count() >= 10)
        process.send_signal(number)
        printed, _ = process.communicate(timeout=30)
    assert (process.returncode, printed) == (0, "")
    asked = server.count()
    assert 10 <= asked < 60
    assert len(rows(folder)) == asked
    assert jobs.status(folder).state is RunState.INTERRUPTED
    assert worker.work(settings, made.run) is RunState.FINISHED
    assert server.count() == 60
    assert_every_cell_once(folder, made)


# ---- started, refused, paused, cancelled, resumed: as the dashboard does it


def state_of(settings: Settings, run: str) -> RunState:
    return jobs.status(RunFolder(settings.spool, run)).state


def slow_run(base: str) -> ModelSpec:
    return model(base, name="test-model+slow:0.1", limits=Limits(concurrency=WIDTH))


def test_the_life_of_a_run(settings: Settings, server: Provider) -> None:
    made = planned(settings, prompts(160), slow_run(server.base))
    run, folder = made.run, folder_of(settings, made)
    jobs.start(settings, made)
    assert state_of(settings, run) in {RunState.WAITING, RunState.RUNNING}
    try:
        wait_until(lambda: jobs.status(folder).done > 0)
        assert state_of(settings, run) is RunState.RUNNING
        with pytest.raises(RunError, match="has a worker already"):
            jobs.resume(settings, run)
        jobs.stop(settings, run, "pause")
        wait_until(lambda: state_of(settings, run) is not RunState.RUNNING)
        assert state_of(settings, run) is RunState.PAUSED
        paused = jobs.status(folder)
        assert 0 < paused.done == len(rows(folder)) == server.count() < 160
        with pytest.raises(RunError, match="is paused: there is nothing to stop"):
            jobs.stop(settings, run)

        jobs.resume(settings, run)
        wait_until(lambda: jobs.status(folder).done > paused.done)
        jobs.stop(settings, run)
        wait_until(lambda: state_of(settings, run) is not RunState.RUNNING)
        assert state_of(settings, run) is RunState.CANCELLED
        assert jobs.status(folder).done == len(rows(folder)) == server.count()

        jobs.resume(settings, run)
        wait_until(lambda: state_of(settings, run) is RunState.FINISHED, 60)
    finally:
        folder.ask_to_stop("cancel")
        wait_until(lambda: not folder.is_alive())
    assert server.count() == 160
    assert_every_cell_once(folder, made)
    with pytest.raises(RunError, match="is finished: every cell has its answer"):
        jobs.resume(settings, run)


def test_a_second_worker_is_refused_with_one_line(settings: Settings, server: Provider) -> None:
    made = planned(settings, prompts(400), slow_run(server.base))
    with started(settings, made.run) as first:
        wait_until(lambda: server.count() > 0)
        code, printed = finished(settings, made.run)
        assert first.poll() is None
    assert (code, printed) == (
        2,
        f"run {made.run} has a worker already; it is asking, nothing to resume\n",
    )


def test_a_run_cancelled_before_its_worker_is_up_stays_cancelled(
    settings: Settings, server: Provider
) -> None:
    made = planned(settings, prompts(100), slow_run(server.base))
    folder = folder_of(settings, made)
    jobs.start(settings, made)
    jobs.stop(settings, made.run)
    wait_until(lambda: not jobs.status(folder).is_active and not folder.is_alive())
    assert state_of(settings, made.run) is RunState.CANCELLED
    assert server.count() == 0
    assert folder.stop_mark() == "cancel"


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("tea-20260101-000000-0000", "there is no run 'tea-20260101-000000-0000'"),
        ("../up", "'../up' is no run id"),
    ],
)
def test_a_worker_on_no_run(settings: Settings, run: str, said: str) -> None:
    code, printed = finished(settings, run)
    assert code == 2
    assert printed == f"{said}; `python -m parallax runs` lists them\n"


# ---- no room


@pytest.fixture(params=["file size limit", "full disk"])
def cramped(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Cramped]:
    settings.data.mkdir()
    disk = FullDisk(settings.data)
    if request.param == "full disk" and disk.mount():
        yield disk
        disk.unmount()
    else:
        yield Cramped(settings.data)


def test_no_room_is_one_line_and_loses_nothing(
    settings: Settings, server: Provider, cramped: Cramped
) -> None:
    made = planned(settings, prompts(150), model(server.base, limits=Limits(concurrency=WIDTH)))
    folder = folder_of(settings, made)
    code, printed = finished(settings, made.run, cramped.before)
    assert code == 2
    assert printed.count("\n") == 1
    place, _, reason = printed.partition(": cannot be written: ")
    assert Path(place).is_relative_to(folder.path)
    assert reason.endswith(f"{cramped.why}\n")
    assert 0 < server.count() < 150
    assert state_of(settings, made.run) is RunState.INTERRUPTED
    cramped.widen()
    assert worker.work(settings, made.run) is RunState.FINISHED
    assert_every_cell_once(folder, made)
    assert server.count() <= 150 + WIDTH


# ---- states, as the folder tells them


def beat(folder: RunFolder, state: RunState, done: int, errors: int = 0, **more: object) -> None:
    folder.beat({"state": state, "total": 4, "done": done, "errors": errors, **more})


@pytest.mark.parametrize(
    ("said", "done", "errors", "state", "resumable"),
    [
        (RunState.RUNNING, 2, 0, RunState.INTERRUPTED, True),
        (RunState.INTERRUPTED, 2, 0, RunState.INTERRUPTED, True),
        (RunState.CANCELLED, 2, 0, RunState.CANCELLED, True),
        (RunState.FINISHED, 4, 0, RunState.FINISHED, False),
        (RunState.FINISHED, 4, 1, RunState.FINISHED, True),
    ],
)
def test_the_state_of_a_run_without_a_worker(
    folder: RunFolder, said: RunState, done: int, errors: int, state: RunState, resumable: bool
) -> None:
    beat(folder, said, done, errors, in_flight=3, calls_per_second=2.0)
    status = jobs.status(folder)
    assert (status.state, status.done, status.errors) == (state, done, errors)
    assert (status.is_active, status.is_resumable) == (False, resumable)
    assert (status.in_flight, status.seconds_left) == (0, None)


def test_the_state_of_a_run_with_a_worker(folder: RunFolder) -> None:
    beat(folder, RunState.RUNNING, 2, in_flight=2, retries=1, cost_usd=0.5, calls_per_second=0.5)
    with folder.lock():
        status = jobs.status(folder)
    assert (status.state, status.is_active, status.is_resumable) == (RunState.RUNNING, True, False)
    assert (status.in_flight, status.retries, status.cost_usd, status.seconds_left) == (2, 1, 0.5, 4.0)


def test_a_dead_endpoint_is_named(folder: RunFolder) -> None:
    beat(folder, RunState.INTERRUPTED, 2, faults={"tea": "nobody listens"})
    assert jobs.status(folder).message == "tea: nobody listens"


def test_the_state_of_an_unknown_run(settings: Settings) -> None:
    with pytest.raises(RunError, match="there is no run"):
        jobs.status(RunFolder(settings.spool, "tea-1"))


@pytest.mark.parametrize("state", [RunState.FINISHED, RunState.CANCELLED, RunState.INTERRUPTED])
def test_what_cannot_be_stopped(settings: Settings, folder: RunFolder, state: RunState) -> None:
    beat(folder, state, 4)
    with pytest.raises(RunError, match=f"^run {folder.run} is {state}: there is nothing to stop$"):
        jobs.stop(settings, folder.run)
    assert folder.stop_mark() == ""
