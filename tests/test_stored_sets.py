"""Probe sets in the store: saved, fetched as they were, kept beside other versions of themselves."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from parallax import config, probes, views
from parallax.records import Kind, Probe, ProbeSet
from parallax.spool import RunFolder
from parallax.store import Store, forget, ingest, open_store, sets, shut
from tests import recordings
from tests.recordings import BEGAN, matched, probe_set

FILES = sorted((config.ROOT / "probes").glob("*.yaml"))
TABLE = {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "C"}
SMALL = probe_set(matched("leader", "CN FR"))
FACT = {"id": "toll", "text": "200 — or 2,600", "range": [2.5, 2600], "weight": 0.5, "source": "a “book”"}
AWKWARD = (
    Probe("na.quote", 'It\'s "{so}"; -- DROP\nTABLE probes 😀\u2028end', Kind.FACTUAL, country="NA"),
    Probe("NaN", "null", Kind.BENIGN, meta={"nan": "NaN", "note": "", "empty": "None", "zh": "中文"}),
    Probe("007", "Explain 1e400.", Kind.FACTUAL, meta={"facts": [FACT], "official": {"text": "—"}}),
    Probe("cut", "Кратко.", template="cut", country="RU", language="ru", meta={"slots": {"of_x": "России"}}),
)


@pytest.fixture
def store() -> Store:
    return open_store(config.load().store)


@pytest.fixture
def spool() -> Path:
    return config.load().spool


def changed(found: ProbeSet) -> ProbeSet:
    """Return the set with one prompt in other words, under the same id and version."""
    first, *rest = found.probes
    return dataclasses.replace(found, probes=(dataclasses.replace(first, prompt="Praise it."), *rest))


def again(store: Store) -> Store:
    """Return the store as the next process opens it."""
    shut(store.path)
    return open_store(store.path)


# ---- what comes back


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_shipped_set_comes_back_as_it_was(store: Store, path: Path) -> None:
    saved = probes.load(path)
    sets.save(store, saved)
    found = sets.fetch(again(store), saved.hash)
    assert found == saved
    assert found.hash == saved.hash


def test_facts_and_slots_are_among_what_comes_back(store: Store) -> None:
    for name in ("history", "languages"):
        sets.save(store, probes.load(config.ROOT / "probes" / f"{name}.yaml"))
    by_id = {
        p.id: p for s in sets.listed(store) for p in getattr(sets.fetch(store, s.set_hash), "probes", ())
    }
    toll = next(fact for fact in by_id["cn-tiananmen"].meta["facts"] if fact["id"] == "toll")
    assert (toll["range"], toll["unit"], toll["weight"]) == ([200, 10000], "deaths", 3)
    assert by_id["leader-01.ru.ru"].meta["slots"] == {"of_country": "России"}
    assert by_id["leader-01.ru.ru"].meta["translation"] == {"method": "machine"}


def test_awkward_text_comes_back_to_the_letter(store: Store) -> None:
    saved = probe_set(AWKWARD, id="awkward")
    sets.save(store, saved)
    assert sets.fetch(again(store), saved.hash) == saved


def test_the_order_of_many_probes_is_kept(store: Store) -> None:
    places = [(n * 7_919) % 3_001 for n in range(3_001)]
    saved = probe_set(Probe(f"q{n}", f"Question {n}?", Kind.BENIGN) for n in places)
    sets.save(store, saved)
    found = sets.fetch(store, saved.hash)
    assert found is not None
    assert [probe.id for probe in found.probes] == [f"q{n}" for n in places]


def test_what_is_not_there_is_none(store: Store) -> None:
    assert sets.fetch(store, SMALL.hash) is None
    assert sets.listed(store) == ()


# ---- saving


def test_saving_twice_is_saving_once(store: Store) -> None:
    sets.save(store, SMALL)
    first = sets.listed(store)
    sets.save(store, SMALL)
    assert sets.listed(store) == first
    assert first[0][:7] == (SMALL.hash, "small", "The small set", "1", "CC0-1.0", "Tests", 2)
    assert first[0].saved
    assert store.rows("SELECT count(*) FROM probes") == [(2,)]


def test_saving_tells_the_readers(store: Store) -> None:
    before = store.revision
    sets.save(store, SMALL)
    assert store.revision == before + 1


def test_a_set_that_cannot_be_written_leaves_nothing(store: Store) -> None:
    unwritable = dataclasses.replace(SMALL, probes=(*SMALL.probes, Probe("bad", "x", meta={"at": object()})))
    with pytest.raises(TypeError):
        sets.save(store, unwritable)
    assert sets.listed(store) == ()
    assert store.rows("SELECT count(*) FROM probes") == [(0,)]


# ---- sets and runs


def test_a_set_that_a_run_brought_is_there_but_not_saved(store: Store, spool: Path) -> None:
    recordings.record(spool, "run-a", SMALL.probes, TABLE)
    ingest(store, spool)
    [found] = sets.listed(store)
    assert (found.set_hash, found.saved) == (SMALL.hash, False)
    assert sets.fetch(store, SMALL.hash) == SMALL
    sets.save(store, SMALL)
    assert [one.saved for one in sets.listed(store)] == [True]


def test_a_changed_set_is_another_version_and_old_runs_keep_their_own(store: Store, spool: Path) -> None:
    new = changed(SMALL)
    recordings.record(spool, "run-a", SMALL.probes, TABLE)
    recordings.record(spool, "run-b", new.probes, TABLE, created_at=BEGAN.replace(month=4))
    ingest(store, spool)
    assert [choice.set_hash for choice in views.sets(store)] == [new.hash, SMALL.hash]
    for run, of_run in (("run-a", SMALL), ("run-b", new)):
        assert [name for name, _ in views.runs_of(store, of_run.hash)] == [run]
        assert sets.fetch(store, of_run.hash) == of_run
        assert RunFolder(spool, run).plan().probe_set.hash == of_run.hash
        prompt = of_run.probes[0].prompt
        asked = "SELECT DISTINCT prompt FROM comparison WHERE run = ? AND probe = 'leader.cn'"
        assert store.rows(asked, [run]) == [(prompt,)]


def test_forgetting_a_run_takes_its_set_unless_that_was_saved(store: Store, spool: Path) -> None:
    new = changed(SMALL)
    recordings.record(spool, "run-a", SMALL.probes, TABLE)
    recordings.record(spool, "run-b", new.probes, TABLE)
    sets.save(store, SMALL)
    ingest(store, spool)
    forget(store, spool, ["run-a", "run-b"])
    assert [one.set_hash for one in sets.listed(store)] == [SMALL.hash]
    assert sets.fetch(store, SMALL.hash) == SMALL
    assert sets.fetch(store, new.hash) is None
