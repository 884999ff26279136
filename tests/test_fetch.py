"""`fetch`: a public study from a server of our own, and what its errand tells while it works."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from parallax import config, errands, importers, jobs
from parallax.errands import State
from parallax.errors import FetchError, RunError
from parallax.importers import fetching
from tests.asking import wait_until
from tests.test_speechmap import packed, study

__all__ = ["study"]


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder; `/moved/x` leads to `/x`, `/short` ends before its end."""

    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()
        elif self.path.startswith("/short"):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"x" * 10)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def served(study: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the archive of the small study; yields its address, which the settings name."""
    archive = packed(study, ".tar.gz")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=archive.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("PARALLAX_SPEECHMAP", f"{address}/moved/{archive.name}")
        yield address
        server.shutdown()


def downloads() -> list[Path]:
    return list((config.load().cache / "downloads").glob("*"))


def test_the_study_is_fetched_and_imported(served: str, say: Callable[..., Any]) -> None:
    done = say("fetch", "speechmap")
    assert (done.code, done.err) == (0, "")
    assert "1 models, 6 probes, 5 answers: 1 blocked, 4 ok" in done.out
    assert "us hard" not in done.out
    assert [run.set_id for run in jobs.runs(config.load())] == ["speechmap-criticism"]
    assert downloads() == []
    assert "is here already" in say("fetch", "speechmap").out
    assert "us hard" in say("fetch", "speechmap", "--all-sets").out


def test_the_checksum_is_held_to(served: str, study: Path, tmp_path: Path) -> None:
    archive = study.parent / "study.tar.gz"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    told: list[tuple[int, int]] = []
    path = importers.fetch(
        f"{served}/study.tar.gz#sha256={digest}",
        tmp_path / "c",
        lambda done, total: told.append((done, total)),
    )
    assert path.read_bytes() == archive.read_bytes()
    assert told[-1] == (len(path.read_bytes()), len(path.read_bytes()))
    with pytest.raises(FetchError, match=r"gave bytes of SHA-256 \w+, not 0{64}: refused"):
        importers.fetch(f"{served}/study.tar.gz#sha256={'0' * 64}", tmp_path / "d")
    assert list((tmp_path / "d").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/none.tar.gz", "the server says 404; check the address"),
        ("/short", "cannot be fetched"),
        ("/study.tar.gz#md5=1", "after # only sha256="),
    ],
)
def test_what_a_server_does_not_give_is_said_in_a_line(
    served: str, tmp_path: Path, path: str, said: str
) -> None:
    with pytest.raises(FetchError, match=said):
        importers.fetch(f"{served}{path}", tmp_path / "c")
    assert list(tmp_path.glob("c/*")) == []


def test_only_the_web_is_an_address(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="is no web address"):
        importers.fetch("file:///etc/passwd", tmp_path)


def test_too_long_a_download_is_refused(served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 100)
    with pytest.raises(FetchError, match="MB are free"):
        importers.fetch(f"{served}/study.tar.gz", tmp_path / "c")


def test_a_damaged_archive_is_fetched_anew_the_next_time(
    served: str, study: Path, say: Callable[..., Any]
) -> None:
    archive = study.parent / "study.tar.gz"
    good = archive.read_bytes()
    archive.write_bytes(good[: len(good) // 2])
    assert "cannot be unpacked" in say("fetch", "speechmap").err
    archive.write_bytes(good)
    assert say("fetch", "speechmap").code == 0


def test_an_errand_tells_how_it_goes_and_how_it_ended() -> None:
    settings = config.load()
    assert errands.read(settings, "x") is None
    with errands.told(settings, "x") as tell:
        tell("half", 1, 2)
        now = errands.read(settings, "x")
        assert now
        assert (now.state, now.message, now.fraction) == (State.RUNNING, "half", 0.5)
        with pytest.raises(RunError, match="x is under way already"):
            errands.begin(settings, "x", [])
    assert [(one.name, one.state) for one in errands.every(settings)] == [("x", State.DONE)]
    with pytest.raises(FetchError), errands.told(settings, "y"):
        raise FetchError("nothing there")
    failed = errands.read(settings, "y")
    assert failed
    assert (failed.state, failed.message) == (State.FAILED, "nothing there")
    errands.clear(settings, "y")
    assert errands.read(settings, "y") is None


def test_an_errand_that_vanished_is_told_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = config.load()
    with errands.told(settings, "x") as tell:
        tell("half", 1, 2)
        begun = (settings.data / "errands" / "x.json").read_bytes()
    (settings.data / "errands" / "x.json").write_bytes(begun)
    monkeypatch.setattr(errands, "START_S", 0.0)
    vanished = errands.read(settings, "x")
    assert vanished
    assert vanished.state is State.FAILED
    assert "ended without a word" in vanished.message


def test_the_dashboard_can_have_it_done_beside_it(served: str, no_orphans: None) -> None:
    settings = config.load()
    errands.begin(settings, "speechmap", ["fetch", "speechmap"])

    def ended() -> bool:
        now = errands.read(settings, "speechmap")
        return now is not None and now.state is not State.RUNNING

    wait_until(ended, 60)
    now = errands.read(settings, "speechmap")
    assert now
    assert (now.state, now.message) == (State.DONE, "5 answers imported")
