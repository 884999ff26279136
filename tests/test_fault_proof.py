"""Five thousand cells, three in ten in trouble, twenty kills: every answer once, every request explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import pytest

from parallax import jobs
from parallax.config import Settings
from parallax.plan import Plan
from parallax.records import BlockKind, LabelValue, Limits, Outcome, RunState
from parallax.store import Store, ingest, open_store
from tests import fault_server
from tests.asking import folder_of, model, planned, prompts, started
from tests.fault_server import FaultServer
from tests.proofs import Kill, account, killed_session

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200), pytest.mark.usefixtures("no_orphans")]

PROBES, MODELS, SAMPLES, KILLS, WORKERS = 500, 5, 2, 20, 2
WIDTH = Limits(concurrency=8)
SEED = 20


class Ending(NamedTuple):
    """How a cell must end, whatever happens on the way."""

    outcome: Outcome
    block: BlockKind
    label: LabelValue


OK = Ending(Outcome.OK, BlockKind.NONE, LabelValue.COMPLETE)
REFUSED = Ending(Outcome.OK, BlockKind.NONE, LabelValue.REFUSAL)
CUT = Ending(Outcome.TRUNCATED, BlockKind.NONE, LabelValue.TRUNCATED)
ERROR = Ending(Outcome.ERROR, BlockKind.NONE, LabelValue.ERROR)
INPUT = Ending(Outcome.BLOCKED, BlockKind.INPUT, LabelValue.BLOCKED)
OUTPUT = Ending(Outcome.BLOCKED, BlockKind.OUTPUT, LabelValue.BLOCKED)
SILENT = Ending(Outcome.BLOCKED, BlockKind.EMPTY, LabelValue.BLOCKED)
# a marker of the server, on how many of the probes it stands, and how their cells end
FAULTS: tuple[tuple[str, int, Ending], ...] = (
    ("429-once", 15, OK),
    ("429-after-once:1", 5, OK),
    ("500-once", 22, OK),
    ("drop-once", 12, OK),
    ("garbage-once", 12, OK),
    ("empty-once", 10, OK),
    ("slow:0.3", 10, OK),
    ("block-azure", 8, INPUT),
    ("block-openai", 8, INPUT),
    ("block-alibaba", 8, INPUT),
    ("finish:content_filter", 4, OUTPUT),
    ("finish:refusal", 2, OUTPUT),
    ("finish:sensitive", 2, OUTPUT),
    ("finish:prohibited_content", 2, OUTPUT),
    ("finish:safety", 2, OUTPUT),
    ("empty", 8, SILENT),
    ("cut:20", 8, CUT),
    ("refuse", 7, REFUSED),
    ("429", 1, ERROR),
    ("500", 2, ERROR),
    ("drop", 1, ERROR),
    ("garbage", 1, ERROR),
)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with fault_server.serving(latency_s=0.02) as running:
        yield running


def in_trouble(random: Random) -> list[str]:
    """Return the prompts, three in ten with a fault, in a seeded order."""
    marks = [mark for mark, count, _ in FAULTS for _ in range(count)]
    assert len(marks) == PROBES * 3 // 10
    asked = prompts(PROBES)
    for place, mark in zip(random.sample(range(PROBES), len(marks)), marks, strict=True):
        asked[place] += f" [[{mark}]]"
    return asked


def ending_of(prompt: str) -> Ending:
    return next((ending for mark, _, ending in FAULTS if f"[[{mark}]]" in prompt), OK)


def fed(settings: Settings) -> Store:
    store = open_store(settings.store)
    ingest(store, settings.spool)
    return store


def test_twenty_kills_among_faults(settings: Settings, server: FaultServer) -> None:
    random = Random(SEED)
    models = [model(server.base, f"m{n}", f"tea-{n}", limits=WIDTH) for n in range(MODELS)]
    made = planned(settings, in_trouble(random), *models, samples=SAMPLES, workers=WORKERS)
    assert made.size == 5000
    kills: list[Kill] = []
    while len(kills) < KILLS:
        hit = killed_session(settings, made, random, KILLS - len(kills))
        assert hit, f"the run was over after {len(kills)} kills"
        kills += hit
        fed(settings)
    with started(settings, made.run) as process:
        printed, _ = process.communicate(timeout=600)
    assert (process.returncode, printed) == (0, "")
    store = fed(settings)
    assert_every_cell_ended_right(store, made)
    assert_every_request_is_explained(store, made, server, kills)
    assert_the_folder_agrees(settings, made)


def assert_every_cell_ended_right(store: Store, made: Plan) -> None:
    columns = "probe, model, sample, outcome, block, l.label"
    join = "responses JOIN current_labels l USING (run, probe, model, sample)"
    found = store.rows(f"SELECT {columns} FROM {join} WHERE run = ?", [made.run])
    ended = Counter(cell for *cell, _, _, _ in map(tuple, found) for cell in [tuple(cell)])
    missing, doubled = set(map(tuple, made.cells())) - set(ended), [c for c, n in ended.items() if n > 1]
    assert (len(found), missing, doubled) == (made.size, set(), [])
    due = {probe.id: ending_of(probe.prompt) for probe in made.probe_set.probes}
    wrong = Counter((due[probe], ending) for probe, _, _, *ending in found if tuple(ending) != due[probe])
    assert not wrong, f"due, found, cells: {wrong}"
    finals = store.rows(
        "SELECT probe, model, sample, count(*) FROM attempts WHERE run = ? AND final AND outcome <> 'error'"
        " GROUP BY ALL",
        [made.run],
    )
    assert {n for *_, n in finals} == {1}
    assert (
        len(finals) == sum(ending.outcome is not Outcome.ERROR for ending in due.values()) * MODELS * SAMPLES
    )


def assert_every_request_is_explained(
    store: Store, made: Plan, server: FaultServer, kills: list[Kill]
) -> None:
    found = account(store, made, server.asked())
    allowed = sum(kill.in_flight for kill in kills)
    victims = dict(Counter(kill.victim for kill in kills))
    figures = (
        f"{found.requests} requests = {found.rows} rows of attempts + {found.lost} in flight at a kill"
        f" (at most {allowed}: {victims}); {found.cached} rows from the cache"
    )
    print(figures)
    assert min(found.unexplained.values(), default=0) >= 0, f"a row without a request: {found.unexplained}"
    assert found.requests == found.rows + found.lost, figures
    assert 0 <= found.lost <= allowed, figures
    twice = store.rows(
        "SELECT 1 FROM attempts GROUP BY run, probe, model, sample, attempt HAVING count(*) > 1"
    )
    assert not twice


def assert_the_folder_agrees(settings: Settings, made: Plan) -> None:
    folder = folder_of(settings, made)
    now = jobs.status(folder)
    errors = sum(ending_of(probe.prompt) is ERROR for probe in made.probe_set.probes) * MODELS * SAMPLES
    assert (now.state, now.done, now.errors) == (RunState.FINISHED, made.size, errors)
    assert len(folder.done()) == made.size
    left = {
        path.name
        for pattern in ("journal-*", ".*", "shards/*", "quarantine/*")
        for path in folder.path.glob(pattern)
    }
    assert left == set()
