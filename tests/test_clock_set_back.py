"""The clock is set back by a day, while a run is asked and between its passes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from parallax import jobs
from parallax.config import Settings
from parallax.jobs import RunStatus
from parallax.plan import Plan
from parallax.records import Limits, Outcome, RunState
from parallax.spool import RunFolder
from parallax.store import ingest, open_store
from tests import provider
from tests.asking import assert_every_cell_once, folder_of, model, planned, prompts, wait_until
from tests.provider import MARKERS, HttpReply, Provider, Request

DAY_S = 86_400
SIZE = 240
# Found by every Python on PYTHONPATH: the processes of a worker read the time from here. A subclass in the
# place of `datetime` would crash libraries that are compiled against it, so its own method is exchanged.
SHIFTED = """
import ctypes, datetime, gc, os, pathlib, time

_real, _shift = time.time, pathlib.Path(os.environ["TESTS_CLOCK"])
time.time = lambda: _real() + float(_shift.read_text())
time.time_ns = lambda: int(time.time() * 1e9)

def now(cls, tz=None):
    return cls.fromtimestamp(time.time(), tz)

gc.get_referents(datetime.datetime.__dict__)[0]["now"] = classmethod(now)
ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.usefixtures("no_orphans")]


class Clock:
    """The clock of all processes that are started from now on, ahead of the true one by so many seconds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, ahead_s: float) -> None:
        scratch = self._file.with_suffix(".new")
        scratch.write_text(str(ahead_s))
        scratch.replace(self._file)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "sitecustomize.py").write_text(SHIFTED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "python"))
    monkeypatch.setenv("TESTS_CLOCK", str(tmp_path / "clock"))
    return Clock(tmp_path / "clock")


@pytest.fixture
def server() -> Iterator[Provider]:
    with Provider(latency=0.05) as running:
        yield running


class Sickness:
    """A marker `ill` of the server: a 500 until it is `over`."""

    over = False

    def __call__(self, asked: Request, argument: str) -> HttpReply | None:
        return None if self.over else MARKERS["500"](asked, argument)


@pytest.fixture
def sickness(monkeypatch: pytest.MonkeyPatch) -> Sickness:
    found = Sickness()
    monkeypatch.setitem(provider.MARKERS, "ill", found)  # type: ignore[arg-type]
    return found


def watched(folder: RunFolder, clock: Clock, set_back_at: int) -> list[RunStatus]:
    """Follow a run to its end; the clock is set back by a day when so many cells are done."""
    # on a busy machine the start alone takes longer than a run is waited for
    wait_until(folder.heartbeat, 120)
    seen: list[RunStatus] = []

    def is_over() -> bool:
        seen.append(jobs.status(folder))
        if seen[-1].done >= set_back_at:
            clock.set(-DAY_S)
        return not seen[-1].is_active

    wait_until(is_over, 120)
    return seen


def assert_sane(seen: list[RunStatus], last: RunState) -> None:
    assert {one.state for one in seen} <= {RunState.WAITING, RunState.RUNNING, last}
    assert seen[-1].state is last
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    for one in seen:
        assert one.calls_per_second >= 0
        assert one.in_flight >= 0
        assert one.seconds_left is None or 0 <= one.seconds_left < DAY_S


def test_a_run_is_right_whatever_the_clock_says(
    settings: Settings, server: Provider, clock: Clock, sickness: Sickness
) -> None:
    asked = [f"{text} [[ill]]" if n % 40 == 0 else text for n, text in enumerate(prompts(SIZE))]
    made = planned(settings, asked, model(server.base, limits=Limits(concurrency=12)), workers=2)
    folder = folder_of(settings, made)
    jobs.start(settings, made)
    first = watched(folder, clock, set_back_at=60)
    assert_sane(first, RunState.FINISHED)
    assert (first[-1].done, first[-1].errors) == (SIZE, 6)
    beats = [one.updated_at for one in first if one.updated_at]
    assert max(beats) - beats[-1] > timedelta(hours=23), "the workers did not see the clock change"
    sickness.over = True
    clock.set(-2 * DAY_S)
    jobs.resume(settings, made.run)
    wait_until(lambda: not jobs.status(folder).errors and not jobs.status(folder).is_active, 90)
    assert (jobs.status(folder).state, jobs.status(folder).errors) == (RunState.FINISHED, 0)
    assert_every_cell_once(folder, made)
    assert_the_latest_attempt_counts(settings, made, server)


def assert_the_latest_attempt_counts(settings: Settings, made: Plan, server: Provider) -> None:
    store = open_store(settings.store)
    ingest(store, settings.spool)
    assert store.rows("SELECT count(*) FROM attempts") == [(server.count(),)]
    found = store.rows(
        """
        SELECT r.probe, r.outcome, l.label, r.attempt, max(a.attempt)
        FROM responses r JOIN attempts a USING (run, probe, model, sample)
        JOIN current_labels l USING (run, probe, model, sample) GROUP BY ALL
        """
    )
    assert len(found) == SIZE
    for _, outcome, label, attempt, latest in found:
        assert (outcome, label, attempt) == (Outcome.OK, "complete", latest)
    back = store.rows(
        """
        SELECT count(*) FROM responses r WHERE r.created_at < (SELECT min(created_at) FROM attempts a
            WHERE (a.probe, a.model, a.sample) = (r.probe, r.model, r.sample) AND a.attempt < r.attempt)
        """
    )
    assert back == [(6,)], "the answers in force are older, by the clock, than the errors they replace"
