"""Disks that are really full: under each file of a worker, under several processes, under the store."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import resource
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config, jobs, plan, shards, web, worker
from parallax.cache import Cache
from parallax.config import Settings
from parallax.errors import SpoolError, StoreError
from parallax.plan import Plan
from parallax.records import Cell, Limits, Response, RunState
from parallax.spool import RunFolder
from parallax.store import Store, ingest, open_store
from tests.asking import (
    ANSWER,
    assert_every_cell_once,
    folder_of,
    model,
    planned,
    probe_set,
    prompts,
    started,
    wait_until,
)
from tests.provider import Provider

SHELL = config.ROOT / "pages" / "_shell.py"
WIDTH, SIZE = 4, 60
PAGE = 4096
FILES = ("heartbeat", "journal", "shards", "ledger", "responses")

pytestmark = pytest.mark.usefixtures("no_orphans")


@pytest.fixture
def settings() -> Settings:
    found = config.load()
    found.data.mkdir()
    return found


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider(latency=0.05) as running:
        yield running


# ---- disks


class Disk:
    """A file system of its own at a folder, with room for so many bytes; needs root."""

    def __init__(self, folder: Path, room: int) -> None:
        self._folder, self._room = folder, room

    def __enter__(self) -> Disk:
        self._mount(f"size={self._room}")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", str(self._folder)], check=True)

    def leave(self, room: int) -> None:
        """Fill the disk, but for so many bytes."""
        free = os.statvfs(self._folder)
        (self._folder / "filler").write_bytes(bytes(free.f_bavail * free.f_frsize - room))

    def widen(self) -> None:
        self._mount("remount,size=400m")

    def _mount(self, options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self._folder)]
        subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def may_mount(tmp_path: Path) -> bool:
    """Whether this process may make a disk of its own; where not, a limit of file sizes stands for it."""
    (tmp_path / "disk").mkdir()
    try:
        with Disk(tmp_path / "disk", PAGE):
            return True
    except subprocess.CalledProcessError:
        return False


class Limit:
    """No file of this process, nor of its children, beyond a size: a write then fails as on a full disk."""

    def __init__(self, size: int) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, self._before[1]))

    def widen(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


class Trouble(NamedTuple):
    """A run with one file on a full disk, and what makes room."""

    made: Plan
    widen: Callable[[], None]


def run_of(settings: Settings, server: Provider, **fields: int) -> Plan:
    return planned(settings, prompts(SIZE), model(server.base, limits=Limits(concurrency=WIDTH)), **fields)


@contextmanager
def full_under(file: str, settings: Settings, server: Provider) -> Iterator[Trouble]:
    """Put one file of a worker, and no other, on a disk that is full."""
    elsewhere = settings.data.parent / "elsewhere"
    if file == "responses":
        (elsewhere / "spool").mkdir(parents=True)
        with Disk(settings.data, PAGE) as disk:
            settings.spool.symlink_to(elsewhere / "spool")
            disk.leave(0)
            yield Trouble(run_of(settings, server), disk.widen)
        return
    made = run_of(settings, server)
    path = folder_of(settings, made).path
    if file == "shards":
        with Disk(path / "shards", PAGE) as disk:
            disk.leave(0)
            yield Trouble(made, disk.widen)
    elif file == "ledger":
        elsewhere.mkdir()
        (path / "ledger.jsonl").symlink_to(elsewhere / "ledger.jsonl")
        with Disk(elsewhere, PAGE) as disk:
            disk.leave(0)
            yield Trouble(made, disk.widen)
    else:
        path.rename(elsewhere)
        path.mkdir()
        with Disk(path, 10 * PAGE) as disk:
            for name in ("plan.json", "shards", "ledger.jsonl"):
                (path / name).symlink_to(elsewhere / name)
            # a heartbeat takes a page, and one more while it is written
            disk.leave(2 * PAGE if file == "journal" else 0)
            yield Trouble(made, disk.widen)


@contextmanager
def limited_under(file: str, settings: Settings, server: Provider) -> Iterator[Trouble]:
    """The same by a limit of size that this file is the first to reach."""
    made = run_of(settings, server)
    size = {"heartbeat": 100, "journal": 800, "shards": 5_000}.get(file, 100_000)
    if file == "ledger":
        (folder_of(settings, made).path / "ledger.jsonl").write_text("-" * (size - 10) + "\n")
    # while somebody has it open, its log is not folded back
    with closing(Cache(settings.responses)) as other:
        log = settings.responses.with_name("responses.sqlite-wal")
        while file == "responses" and log.stat().st_size < size:
            other.put(secrets.token_hex(32), ANSWER)
        limit = Limit(size)
        try:
            yield Trouble(made, limit.widen)
        finally:
            limit.widen()


# ---- under one file of a worker


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["full disk", "file size limit"])
@pytest.mark.parametrize("file", FILES)
def test_no_room_for_one_file(
    settings: Settings, server: Provider, may_mount: bool, file: str, kind: str
) -> None:
    under = full_under if kind == "full disk" and may_mount else limited_under
    with under(file, settings, server) as (made, widen):
        folder = folder_of(settings, made)
        if file == "responses":
            assert worker.work(settings, made.run) is RunState.FINISHED
            assert jobs.status(folder).note.startswith(
                f"{settings.responses}: this run goes on without the response cache: "
            )
        else:
            with pytest.raises(SpoolError) as told:
                worker.work(settings, made.run)
            place, _, reason = str(told.value).partition(": cannot be written: ")
            assert place.removeprefix(str(folder.path)).startswith(f"/{file}")
            assert reason
            assert "\n" not in reason
            assert not folder.is_alive()
        widen()
        assert worker.work(settings, made.run) is RunState.FINISHED
        assert_every_cell_once(folder, made)
        assert SIZE <= server.count() <= SIZE + WIDTH


# ---- under a worker of several processes


@pytest.mark.slow
def test_no_room_for_several_processes(settings: Settings, server: Provider, may_mount: bool) -> None:
    made = planned(settings, prompts(300), model(server.base, limits=Limits(concurrency=WIDTH)), workers=2)
    folder = folder_of(settings, made)
    plan_text = made.to_json()
    with Disk(folder.path, len(plan_text) + 25 * PAGE) if may_mount else closing(_Limited()) as disk:
        folder.create(made)
        with started(settings, made.run) as process:
            printed, _ = process.communicate(timeout=90)
        assert process.returncode == 2
        assert all(": cannot be written: " in line for line in printed.splitlines()), printed
        assert 1 <= len(printed.splitlines()) <= 3
        assert not folder.is_alive()
        assert jobs.status(folder).state is RunState.INTERRUPTED
        asked = server.count()
        assert 0 < asked < 300
        disk.widen()
        assert worker.work(settings, made.run) is RunState.FINISHED
        assert_every_cell_once(folder, made)
        assert server.count() <= 300 + WIDTH


class _Limited(Limit):
    """A limit that shards reach, as a block."""

    def __init__(self) -> None:
        super().__init__(15_000)

    def close(self) -> None:
        self.widen()


# ---- under the store


def many(settings: Settings, count: int, letters: int) -> Plan:
    """Leave a finished run in the spool, ten answers of so many incompressible letters in each shard."""
    made = plan.new(probe_set(prompts(count)), [model("http://127.0.0.1:9/v1")])
    folder = RunFolder(settings.spool, made.run)
    folder.create(made)
    cells = made.cells()
    for start in range(0, count, 10):
        rows = [shards.to_row(_long(made.run, cell, letters)) for cell in cells[start : start + 10]]
        shards.write(folder.shards / f"{start:05}.parquet", rows)
    return made


def _long(run: str, cell: Cell, letters: int) -> Response:
    reply = dataclasses.replace(ANSWER, text=secrets.token_hex(letters // 2))
    return Response(run, cell, 1, True, reply, datetime.now(UTC))


def test_a_checkpoint_without_room_is_told_and_the_store_goes_on(settings: Settings) -> None:
    many(settings, 40, 20_000)
    store = open_store(settings.store)
    store.cursor.execute("SET wal_autocheckpoint = '1KB'")
    reader = store.cursor
    limit = Limit(400_000)
    try:
        with pytest.raises(StoreError, match=r"cannot be written: .*checkpoint") as told:
            ingest(store, settings.spool)
        assert "\n" not in str(told.value)
        assert store.rows("SELECT 1") == [(1,)]
    finally:
        limit.widen()
    ingest(store, settings.spool)
    assert store.cursor is not reader
    assert store.rows("SELECT count(*), count(DISTINCT probe) FROM responses") == [(40, 40)]
    assert store.rows("SELECT count(*) FROM attempts") == [(40,)]


def shown() -> AppTest:
    at = AppTest.from_file(SHELL, default_timeout=60).run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


@pytest.mark.slow
def test_the_dashboard_tells_of_a_full_disk_and_goes_on(settings: Settings, may_mount: bool) -> None:
    elsewhere = settings.data.parent / "elsewhere"
    elsewhere.mkdir()
    with Disk(settings.data, 24_000_000) if may_mount else closing(_Limited()) as disk:
        settings.spool.symlink_to(elsewhere)
        many(settings, 400, 80_000)
        asyncio.run(_fed_through(settings, disk.widen))
    assert not web.fault()


async def _fed_through(settings: Settings, widen: Callable[[], None]) -> None:
    option = {"server.address": "127.0.0.1", "server.port": 9}.__getitem__

    def watched() -> None:
        wait_until(web.fault)
        fault = web.fault()
        assert fault.startswith(f"{settings.store}: cannot be written: ")
        assert "\n" not in fault
        (error,) = shown().error
        assert error.value.startswith("New answers do not reach the store: ")
        store = open_store(settings.store)
        assert _answers(store) < 400
        widen()
        wait_until(lambda: _answers(store) == 400)
        wait_until(lambda: not web.fault())
        assert not shown().error
        assert store.rows("SELECT count(*) FROM attempts") == [(400,)]

    async with web.lifespan(option)(None):
        await asyncio.to_thread(watched)


def _answers(store: Store) -> int:
    return int(store.rows("SELECT count(*) FROM responses")[0][0])
