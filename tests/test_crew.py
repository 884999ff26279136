"""A worker of several processes: every cell once, limits that add up, lone tries alone, kills survived."""

from __future__ import annotations

import ast
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from parallax import config, jobs, worker
from parallax.config import Settings
from parallax.parts import Part, how_many, sharers
from parallax.plan import Plan
from parallax.records import Limits, Outcome, RunState
from parallax.runner import RetryPolicy
from tests.asking import (
    assert_every_cell_once,
    folder_of,
    model,
    planned,
    prompts,
    rows,
    settings_in,
    started,
    wait_until,
)
from tests.proofs import children
from tests.provider import Provider

WIDTH = 6


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider(latency=0.05) as running:
        yield running


def two_processes(settings: Settings, server: Provider, size: int, marks: str = "") -> Plan:
    spec = model(server.base, limits=Limits(concurrency=WIDTH))
    return planned(settings, prompts(size, marks), spec, workers=2)


# ---- shares


@pytest.mark.parametrize(
    ("limits", "of_host", "count"),
    [
        (Limits(8), None, 2),
        (Limits(7, 100, 1000), None, 3),
        (Limits(2), None, 5),
        (Limits(1, 1, 1), None, 4),
        (Limits(50, 3), None, 8),
        (Limits(8, 100), Limits(1, 60), 2),
        (Limits(1, 100), Limits(9, 60, 1000), 3),
        (Limits(9), Limits(9, 2), 4),
    ],
)
def test_every_cell_is_of_one_part_that_may_ask_its_model(
    limits: Limits, of_host: Limits | None, count: int, tmp_path: Path
) -> None:
    spec = model("http://127.0.0.1:9/v1", limits=limits)
    providers = {"127.0.0.1:9": of_host} if of_host else {}
    made = planned(settings_in(tmp_path), prompts(200), spec, samples=2, providers=providers)
    among = sharers(made, count)
    parts = [Part(index, count) for index in range(count)]
    owners = Counter(part for cell in made.cells() for part in parts if part.owns(cell, among["tea"]))
    assert sum(owners.values()) == made.size
    shares = {part: part.of(made) for part in parts}
    assert {part for part in parts if shares[part].models[0].limits.concurrency} == set(owners)
    pairs = [(limits, [share.models[0].limits for share in shares.values()])]
    if of_host:
        pairs.append((of_host, [share.providers["127.0.0.1:9"] for share in shares.values()]))
    for whole, of_parts in pairs:
        assert {part for part, of_part in zip(parts, of_parts, strict=True) if of_part.concurrency} == set(
            owners
        )
        for name in ("concurrency", "rpm", "tpm"):
            assert sum(getattr(of_part, name) for of_part in of_parts) == getattr(whole, name)


def test_no_more_processes_than_a_provider_allows_calls(tmp_path: Path) -> None:
    spec = model("http://127.0.0.1:9/v1", limits=Limits(8))
    hosts = {"127.0.0.1:9": Limits(2)}
    made = planned(settings_in(tmp_path), prompts(4), spec, workers=5, providers=hosts)
    assert how_many(made, 5000) == 2


@pytest.mark.parametrize(
    ("workers", "concurrency", "pending", "expected"),
    [
        (3, 8, 5000, 3),
        (3, 2, 5000, 2),
        (8, 8, 3, 3),
        (None, 8, 150, 1),
        (None, 8, 0, 1),
        (None, 64, 1_000_000, os.cpu_count()),
    ],
)
def test_as_many_processes_as_the_run_is_worth(
    workers: int | None, concurrency: int, pending: int, expected: int, tmp_path: Path
) -> None:
    spec = model("http://127.0.0.1:9/v1", limits=Limits(8))
    made = planned(settings_in(tmp_path), prompts(4), spec, workers=workers, concurrency=concurrency)
    assert how_many(made, pending) == expected


# ---- at work


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_nothing_runs_beside_the_process_that_forks() -> None:
    script = (
        "import os; from parallax import forking; forking.preload(); print(os.listdir('/proc/self/task'))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert len(ast.literal_eval(ran.stdout)) == 1


def test_two_processes_ask_every_cell_once_within_the_limits(settings: Settings, server: Provider) -> None:
    made = two_processes(settings, server, 120)
    folder = folder_of(settings, made)
    beats: list[dict[str, object]] = []
    assert worker.work(settings, made.run, progress=beats.append) is RunState.FINISHED
    assert_every_cell_once(folder, made)
    assert server.count() == 120
    assert server.max_in_flight <= WIDTH
    now = jobs.status(folder)
    assert (now.state, now.done, now.errors, now.by_model["tea"].done) == (RunState.FINISHED, 120, 0, 120)
    assert {path.name for path in folder.path.glob("ledger*")} == {"ledger-0.jsonl", "ledger-1.jsonl"}
    assert [beat["done"] for beat in beats] == sorted(beat["done"] for beat in beats)


def test_the_second_try_of_an_empty_stop_is_alone_among_all_processes(
    settings: Settings, server: Provider
) -> None:
    made = two_processes(settings, server, 40, marks="[[empty]]")
    assert worker.work(settings, made.run) is RunState.FINISHED
    found = rows(folder_of(settings, made))
    assert Counter(row["outcome"] for row in found if row["final"]) == {Outcome.BLOCKED: 40}
    second = {prompt for prompt, count in Counter(r.prompt for r in server.requests).items() if count == 2}
    assert len(second) == 40
    seen: set[str] = set()
    for request in server.requests:
        if request.prompt in seen:
            assert request.company == 1, request
        seen.add(request.prompt)


@pytest.mark.slow
def test_errors_alone_are_asked_again_by_every_process(settings: Settings, server: Provider) -> None:
    made = planned(settings, prompts(8, "[[500-once]]"), model(server.base, limits=Limits(concurrency=WIDTH)))
    folder = folder_of(settings, made)
    assert worker.work(settings, made.run, policy=RetryPolicy(tries=1)) is RunState.FINISHED
    folder.create(dataclasses.replace(made, samples=2, workers=2))
    beats: list[dict[str, int]] = []
    ended = worker.work(settings, made.run, errors_only=True, progress=beats.append)
    assert ended is RunState.INTERRUPTED, "the second sample is open"
    assert server.count() == 16
    assert {beat["done"] for beat in beats} == {8}
    assert [beat["errors"] for beat in beats] == sorted((beat["errors"] for beat in beats), reverse=True)
    now = jobs.status(folder)
    assert (now.done, now.total, now.errors, now.by_model["tea"].pending) == (8, 16, 0, 0)


@pytest.mark.slow
def test_a_polite_end_reaches_every_process(settings: Settings, server: Provider) -> None:
    made = two_processes(settings, server, 300)
    folder = folder_of(settings, made)
    with started(settings, made.run) as process:
        wait_until(lambda: server.count() >= 10)
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=30)
    assert (process.returncode, printed) == (0, "")
    asked = server.count()
    assert len(rows(folder)) == asked < 300
    assert jobs.status(folder).state is RunState.INTERRUPTED
    assert worker.work(settings, made.run) is RunState.FINISHED
    assert server.count() == 300
    assert_every_cell_once(folder, made)


@pytest.mark.parametrize(
    "victim",
    [pytest.param("worker", marks=pytest.mark.slow), pytest.param("parent", marks=pytest.mark.slow), "part"],
)
def test_a_kill_repeats_at_most_the_calls_in_flight(
    settings: Settings, server: Provider, victim: str
) -> None:
    made = two_processes(settings, server, 200)
    folder = folder_of(settings, made)
    with started(settings, made.run) as process:
        wait_until(lambda: server.count() >= 20)
        (parent,) = children(process.pid)
        of = {"worker": process.pid, "parent": parent, "part": children(parent)[0]}
        os.kill(of[victim], signal.SIGKILL)
        process.wait(60)
    wait_until(lambda: not folder.is_alive())
    assert jobs.status(folder).state is RunState.INTERRUPTED
    asked = server.count()
    time.sleep(0.3)
    assert server.count() == asked, "a process went on without its worker"
    assert worker.work(settings, made.run) is RunState.FINISHED
    assert_every_cell_once(folder, made)
    assert 200 <= server.count() <= 200 + WIDTH


def test_a_process_that_only_asks_leaves_pandas_alone(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from parallax import shards, worker; worker.spare_pandas();"
        "from tests.recordings import response;"
        "shards.write(Path(sys.argv[1]), [shards.to_row(response('run', 'tea', 'alpha', 'C'))]);"
        "print('pandas' in sys.modules)"
    )
    file = tmp_path / "shard.parquet"
    command = [sys.executable, "-c", script, str(file)]
    done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert pq.read_metadata(file).num_rows == 1
