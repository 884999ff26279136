"""Counting a run: by model, from the ledger on, over several processes, and what a heartbeat says of it."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from parallax import jobs
from parallax.plan import Plan
from parallax.records import Cell, Outcome, Response, RunState
from parallax.spool import Done, RunFolder
from parallax.tally import ModelProgress, Progress, Tally, dollars, duration, stopped
from tests.asking import ANSWER, folder_of, model, planned, prompts, settings_in
from tests.recordings import BEGAN


@dataclass
class Lane:
    in_flight: int = 0
    retries: int = 0
    fault: str = ""


@pytest.fixture
def made(tmp_path: Path) -> Plan:
    base = "http://127.0.0.1:1/v1"
    return planned(settings_in(tmp_path), prompts(4), model(base), model(base, "other"))


def attempt(
    cell: Cell, outcome: Outcome = Outcome.OK, *, final: bool = True, cached: bool = False
) -> Response:
    reply = dataclasses.replace(ANSWER, outcome=outcome, cached=cached)
    return Response("run", cell, 1, final, reply, BEGAN)


def ledger(**cells: str) -> dict[Cell, Done]:
    """`tea="A.E"`: the first cell of tea is answered, the third ended in an error."""
    marks = {"A": Done(1, True, False), "E": Done(1, False, True), "t": Done(1, False, False)}
    return {
        Cell(f"p{n}", model, 0): marks[mark]
        for model, row in cells.items()
        for n, mark in enumerate(row)
        if mark != "."
    }


def test_a_run_is_counted_by_its_ledger(made: Plan) -> None:
    earlier = Progress({"tea": ModelProgress(done=1, cost_usd=0.5, retries=3)}, unsplit_usd=0.25)
    now = Progress.counted(made, ledger(tea="AE.t", other="AAAA"), {"other": 2.0}, earlier)
    assert now.models == {
        "tea": ModelProgress(total=4, done=2, errors=1, cost_usd=0.5),
        "other": ModelProgress(total=4, done=4, cost_usd=2.0),
    }
    assert (now.sums.total, now.sums.done, now.sums.cost_usd, now.is_complete) == (8, 6, 2.75, False)
    assert Progress.counted(made, ledger(tea="AEEA", other="AAAA"), {}, earlier).is_complete


def test_an_error_that_is_asked_again_counts_until_it_is_answered(made: Plan) -> None:
    known = ledger(tea="AEE.")
    failed = [cell for cell, done in known.items() if done.failed]
    pending = [*failed, Cell("p3", "tea", 0)]
    tally = Tally(Progress.counted(made, known, {}, Progress({})), pending, failed)
    lanes = {"tea": Lane(in_flight=1), "other": Lane(fault="nobody listens")}

    def seen() -> tuple[int, int, int]:
        one = tally.progress(lanes).models["tea"]
        return one.done, one.errors, one.pending

    steps = [
        (attempt(failed[0], Outcome.ERROR, final=False), (3, 2, 3)),
        (attempt(failed[0]), (3, 1, 2)),
        (attempt(failed[1], Outcome.ERROR), (3, 1, 1)),
        (attempt(Cell("p3", "tea", 0), Outcome.BLOCKED), (4, 1, 0)),
    ]
    assert seen() == (3, 2, 3)
    for response, expected in steps:
        tally.add(response)
        assert seen() == expected
    now = tally.progress(lanes)
    assert now.models["tea"].cost_usd == pytest.approx(4 * 0.001)
    assert (now.models["tea"].in_flight, now.models["other"].fault) == (1, "nobody listens")
    assert now.models["tea"].calls_per_second == 4.0


def test_an_answer_from_the_cache_is_no_call(made: Plan) -> None:
    cell = Cell("p0", "tea", 0)
    tally = Tally(Progress.counted(made, {}, {}, Progress({})), [cell], [])
    tally.add(attempt(cell, cached=True))
    now = tally.progress({"tea": Lane(), "other": Lane()}).sums
    assert (now.done, now.calls_per_second, now.seconds_left) == (1, 0.0, None)


def test_parts_add_up_to_the_run(made: Plan) -> None:
    known = ledger(tea="AE..", other="....")
    whole = Progress.counted(made, known, {}, Progress({}, unsplit_usd=1.0))
    nothing = Progress({m.id: ModelProgress() for m in made.models})
    cells = [cell for cell in made.cells() if cell not in known or known[cell].failed]
    total = whole
    for part in (cells[:3], cells[3:]):
        tally = Tally(nothing, part, [cell for cell in part if cell in known])
        for cell in part:
            tally.add(attempt(cell))
        beat = tally.progress({"tea": Lane(retries=1), "other": Lane()}).beat(RunState.FINISHED)
        total += Progress.of(beat)
    assert total.is_complete
    assert (total.sums.errors, total.sums.pending, total.sums.retries) == (0, 0, 2)
    assert total.sums.cost_usd == pytest.approx(1.0 + 7 * 0.001)


def test_a_heartbeat_reads_as_it_was_told() -> None:
    told = Progress(
        {
            "tea": ModelProgress(4, 3, 1, 1, 2, 5, 0.5, 1.5, "no key"),
            "other": ModelProgress(4, 4, cost_usd=0.25),
        },
        unsplit_usd=0.25,
    )
    beat = told.beat(RunState.PAUSED, "the cache is locked")
    assert Progress.of(beat) == told
    assert {name: beat[name] for name in ("state", "note", "pid", "faults", "done", "cost_usd")} == {
        "state": "paused",
        "note": "the cache is locked",
        "pid": os.getpid(),
        "faults": {"tea": "no key"},
        "done": 7,
        "cost_usd": 1.0,
    }
    later = beat | {"models": {name: one | {"new": 1} for name, one in beat["models"].items()}}
    assert Progress.of(later) == told


def test_a_heartbeat_of_an_older_run_is_read(made: Plan, tmp_path: Path) -> None:
    folder = folder_of(settings_in(tmp_path), made)
    folder.beat({"state": "interrupted", "total": 8, "done": 3, "cost_usd": 0.5, "models": {"tea": 3}})
    now = jobs.status(folder)
    assert {name: (one.total, one.done) for name, one in now.by_model.items()} == {
        "tea": (4, 3),
        "other": (4, 0),
    }
    assert now.cost_usd == Progress.of(folder.heartbeat()).sums.cost_usd == 0.5


@pytest.mark.parametrize(
    ("mark", "state"),
    [("", RunState.INTERRUPTED), ("cancel", RunState.CANCELLED), ("pause", RunState.PAUSED)],
)
def test_the_mark_says_how_a_run_was_stopped(mark: str, state: RunState) -> None:
    assert stopped(mark) is state


def test_the_time_left_is_that_of_the_slowest_model(made: Plan, tmp_path: Path) -> None:
    models = {
        "tea": ModelProgress(4, 2, pending=2, calls_per_second=0.5),
        "other": ModelProgress(4, 2, pending=2, calls_per_second=2.0),
        "gone": ModelProgress(4, 0, pending=4),
    }
    assert Progress(models).seconds_left == 4.0
    folder: RunFolder = folder_of(settings_in(tmp_path), made)
    folder.beat(Progress(models).beat(RunState.RUNNING))
    assert jobs.status(folder).seconds_left is None, "nobody is at it"
    with folder.lock():
        assert jobs.status(folder).seconds_left == 4.0


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (5000, "83 min"), (12_600, "3.5 h")]
)
def test_a_time_is_said_in_its_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("amount", "said"), [(0.0, ""), (0.004, "< $0.01"), (0.01, "$0.01"), (1234.5, "$1,234.50")]
)
def test_an_amount_is_said_in_dollars(amount: float, said: str) -> None:
    assert dollars(amount) == said
