"""The response cache in trouble: several writers, kills, damage, a full disk, a place it cannot write to."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from parallax import cache, config
from parallax.cache import Cache
from tests.asking import Cramped, FullDisk
from tests.test_cache import ANSWER, begun, key_of

# writes answers under keys of its own, and says after each that it is kept
WRITER = """
import sys; from pathlib import Path
from parallax.cache import Cache
from parallax.records import Outcome, Reply
path, who, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
cache = Cache(path)
for n in range(count):
    if not cache.put(f"{int(who):032x}{n:032x}", Reply(Outcome.OK, text=f"tea {who} {n} " * 200)):
        break
    print(n, flush=True)
cache.close()
print(cache.note, file=sys.stderr)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "responses.sqlite"


@contextmanager
def writer(
    path: Path, who: int, count: int, cramped: Cramped | None = None
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITER, str(path), str(who), str(count)]
    pipe = subprocess.PIPE
    before = cramped.before if cramped else None
    process = subprocess.Popen(
        command, cwd=config.ROOT, stdout=pipe, stderr=pipe, text=True, preexec_fn=before
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def assert_whole(path: Path, who: int, kept: int) -> None:
    """The file is sound, and holds every answer that a writer was told is kept."""
    with closing(Cache(path)) as again:
        for n in range(kept):
            known = again.get(key_of(n, who))
            assert known is not None
            assert known.reply.text.startswith(f"tea {who} {n} ")
        assert again.note == ""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]


# ---- several processes, and kills


def test_processes_write_at_once_and_see_each_other(path: Path) -> None:
    with writer(path, 1, 200) as a, writer(path, 2, 200) as b, writer(path, 3, 200) as c:
        said = [process.communicate(timeout=60) for process in (a, b, c)]
    for who, (kept, note) in enumerate(said, start=1):
        assert note.strip() == ""
        assert len(kept.split()) == 200
        assert_whole(path, who, 200)


@pytest.mark.parametrize("lines", [1, 60, 700])
def test_a_killed_writer_loses_nothing_that_it_kept(path: Path, lines: int) -> None:
    begun(path)
    with writer(path, 1, 100_000) as killed, closing(Cache(path)) as other:
        assert killed.stdout is not None
        for _ in range(lines):
            killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
        rest = killed.stdout.read().count("\n")
        assert other.put(key_of(1, 2), ANSWER)
    assert_whole(path, 1, lines + rest)


# ---- damage


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwritten(path: Path) -> None:
    """All but the first page, so that it opens well."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xaa" * (path.stat().st_size - 4096))


def one_answer(path: Path, n: int) -> None:
    """The page with the text of one answer."""
    with path.open("r+b") as file:
        at = file.read().index(f"{n} tea tea".encode())
        file.seek(at - at % 4096)
        file.write(b"\xaa" * 4096)


@pytest.mark.parametrize("damage", [garbage, cut_in_half, overwritten])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(path: Path, damage: Callable[[Path], None]) -> None:
    damage(begun(path))
    bad = path.read_bytes()
    with closing(Cache(path)) as kept:
        assert kept.get(key_of(30)) is None
        assert kept.put(key_of(1, 1), ANSWER)
        assert kept.get(key_of(1, 1)) is not None
        assert "damaged" in kept.note
        assert "\n" not in kept.note
    assert path.with_name("responses.sqlite.damaged").read_bytes() == bad
    with closing(Cache(path)) as later:
        assert later.get(key_of(1, 1)) is not None
        assert later.note == ""


def test_two_workers_that_find_the_damage_agree_on_the_new_file(path: Path) -> None:
    begun(path)
    with closing(Cache(path)) as one, closing(Cache(path)) as two:
        overwritten(path)
        assert one.put(key_of(1, 1), ANSWER)
        assert two.put(key_of(2, 1), ANSWER)
        assert one.get(key_of(2, 1)) is not None
        assert two.get(key_of(1, 1)) is not None
        assert [cache.note != "" for cache in (one, two)] == [True, False]
    with closing(Cache(path)) as later:
        assert later.get(key_of(1, 1)) is not None
        assert later.get(key_of(2, 1)) is not None


def test_a_worker_that_saw_no_damage_does_not_disturb_the_new_file(path: Path) -> None:
    begun(path)
    with closing(Cache(path)) as one, closing(Cache(path)) as two:
        assert two.get(key_of(39)) is not None
        one_answer(path, 5)
        assert one.get(key_of(5)) is None
        for n in range(300):
            assert two.put(key_of(n, 2), replace(ANSWER, text="two " * 400))
            assert one.put(key_of(n, 1), replace(ANSWER, text="one " * 400))
        two.close()
        assert two.note == ""
        with closing(Cache(path)) as later:
            assert all(later.get(key_of(n, 1)) is not None for n in range(300))
            assert later.put(key_of(0, 3), ANSWER)
        assert one.get(key_of(0, 3)) is not None
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select count(*) from responses").fetchall() == [(301,)]
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_a_file_that_is_damaged_again_is_given_up(path: Path) -> None:
    with closing(Cache(begun(path))) as kept:
        overwritten(path)
        assert kept.put(key_of(1), ANSWER)
        begun(path)
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma wal_checkpoint(truncate)")
        overwritten(path)
        assert not kept.put(key_of(1), ANSWER)
        assert "goes on without" in kept.note


def test_workers_that_start_on_a_damaged_file_begin_one_new_file(path: Path) -> None:
    garbage(begun(path))
    with writer(path, 1, 100) as a, writer(path, 2, 100) as b, writer(path, 3, 100) as c:
        said = [process.communicate(timeout=60) for process in (a, b, c)]
    assert sum("damaged" in note for _, note in said) == 1
    for who in (1, 2, 3):
        assert_whole(path, who, 100)


def test_the_log_of_a_killed_writer_may_end_anywhere(path: Path) -> None:
    begun(path)
    with writer(path, 1, 100_000) as killed:
        assert killed.stdout is not None
        for _ in range(50):
            killed.stdout.readline()
        killed.kill()
        killed.wait()
    log = path.with_name("responses.sqlite-wal")
    os.truncate(log, log.stat().st_size // 2 + 11)
    with closing(Cache(path)) as kept:
        assert kept.get(key_of(39)) is not None
        assert kept.note == ""


# ---- places where nothing can be kept


def a_file_for_a_folder(path: Path) -> None:
    path.parent.write_text("")


def a_folder_for_the_file(path: Path) -> None:
    path.mkdir(parents=True)


def another_format(path: Path) -> None:
    with closing(sqlite3.connect(begun(path))) as db:
        db.execute("pragma user_version = 99")


def no_cache(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("create table responses (mine)")


@pytest.mark.parametrize("trouble", [a_file_for_a_folder, a_folder_for_the_file, another_format, no_cache])
def test_a_run_goes_on_without_and_leaves_the_place_alone(
    path: Path, trouble: Callable[[Path], None]
) -> None:
    trouble(path)
    before = path.read_bytes() if path.is_file() else None
    with closing(Cache(path)) as none:
        assert none.get(key_of(0)) is None
        assert not none.put(key_of(1), ANSWER)
        assert none.note.startswith(f"{path}: this run goes on without the response cache: ")
        assert "\n" not in none.note
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_read_only_folder_is_told_once(tmp_path: Path) -> None:
    disk = FullDisk(tmp_path)
    if disk.mount():
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path)], check=True)
    else:
        tmp_path.chmod(0o500)
    try:
        with closing(Cache(tmp_path / "data" / "responses.sqlite")) as none:
            assert not none.put(key_of(1), ANSWER)
            assert "goes on without" in none.note
            assert none.note.endswith(("Read-only file system", "Permission denied"))
    finally:
        tmp_path.chmod(0o700) if not os.path.ismount(tmp_path) else disk.unmount()


def test_a_file_that_another_program_holds_is_waited_for_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "BUSY_S", 0.1)
    begun(path)
    with closing(Cache(path)) as kept, closing(sqlite3.connect(path)) as holder:
        holder.execute("begin immediate")
        assert kept.get(key_of(0)) is not None
        assert not kept.put(key_of(1, 1), ANSWER)
        holder.rollback()
        assert not kept.put(key_of(1, 1), ANSWER)
        assert "another program" in kept.note


@pytest.mark.parametrize("kind", [Cramped, FullDisk])
def test_a_full_disk_ends_the_cache_and_damages_nothing(tmp_path: Path, kind: type[Cramped]) -> None:
    path = tmp_path / "responses.sqlite"
    cramped: Cramped = Cramped(tmp_path)
    mounted = kind is FullDisk and FullDisk(tmp_path).mount()
    if kind is FullDisk:
        if not mounted:
            pytest.skip("a file system of its own needs root")
        cramped = FullDisk(tmp_path)
        subprocess.run(["mount", "-o", "remount,size=256k", str(tmp_path)], check=True)
    else:
        begun(path, 1)
        cramped.before = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))  # type: ignore[method-assign]
    try:
        with writer(path, 1, 1000, cramped) as full:
            kept, note = full.communicate(timeout=60)
            assert full.returncode == 0
        assert 0 < len(kept.split()) < 1000
        assert "goes on without" in note
        cramped.widen()
        assert_whole(path, 1, len(kept.split()))
    finally:
        if mounted:
            FullDisk(tmp_path).unmount()
