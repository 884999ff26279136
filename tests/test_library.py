"""Which probe sets are at hand: files, saved ones, those of earlier runs, and files that are none."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from parallax import config, library, probes
from parallax.errors import StoreError
from parallax.library import SetAtHand
from parallax.records import ProbeSet
from parallax.store import Store, forget, ingest, open_store, sets
from tests import recordings
from tests.recordings import benign, probe_set

SMALL = probe_set(benign(2))
FAULTY = "id,prompt,country,kind\nq1,Name a river.,UK,matched\nq1,Name a lake.,,benignn\n"


@pytest.fixture
def store() -> Store:
    return open_store(config.load().store)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "sets"
    path.mkdir()
    return path


def write(folder: Path, name: str, found: ProbeSet) -> Path:
    path = folder / name
    path.write_text(probes.dump(found, path.suffix[1:].replace("yml", "yaml")))
    return path


def run(store: Store, name: str, found: ProbeSet) -> None:
    spool = config.load().spool
    table = {(probe.id, "alpha"): "C" for probe in found.probes}
    recordings.record(spool, name, found.probes, table, id=found.id, version=found.version)
    ingest(store, spool)


def origins(store: Store, folder: Path) -> list[tuple[str, str]]:
    return [(entry.id, entry.origin) for entry in library.library(store, folder).sets]


def test_the_shipped_sets_come_first_the_quick_one_before_all(store: Store) -> None:
    sets.save(store, SMALL)
    found = library.library(store, config.ROOT / "probes")
    shipped = ["smoke", "core", "controls", "evenhanded", "history", "languages"]
    assert [entry.id for entry in found.sets] == [*shipped, "small"]
    assert [entry.origin for entry in found.sets] == ["shipped"] * 6 + ["saved"]
    assert found.sets[1][2:5] == ("Government criticism, matched across countries", "1.0.0", 688)
    assert found.faulty == ()
    assert found.sets[-1] == SetAtHand(SMALL.hash, "small", "The small set", "1", 2, "saved")
    assert found.sets[-1].words == "The small set · 1"


@pytest.mark.parametrize("name", ["set.yaml", "set.yml", "set.jsonl", "set.csv", "SET.CSV"])
def test_a_file_of_any_format_is_a_set(store: Store, folder: Path, name: str) -> None:
    text = probes.dump(SMALL, name.lower().partition(".")[2].replace("yml", "yaml"))
    (folder / name).write_text(text)
    [entry] = library.library(store, folder).sets
    assert (entry.set_hash, entry.origin) == (SMALL.hash, "shipped")
    assert library.fetch(store, folder, SMALL.hash) == SMALL


def test_each_version_is_listed_once(store: Store, folder: Path) -> None:
    write(folder, "a.yaml", SMALL)
    write(folder, "b.csv", SMALL)
    sets.save(store, SMALL)
    run(store, "run-a", SMALL)
    assert origins(store, folder) == [("small", "shipped")]


def test_a_set_of_an_earlier_run_is_listed_as_such_until_it_is_saved(store: Store, folder: Path) -> None:
    run(store, "run-a", SMALL)
    assert origins(store, folder) == [("small", "run")]
    assert library.fetch(store, folder, SMALL.hash) == SMALL
    sets.save(store, SMALL)
    assert origins(store, folder) == [("small", "saved")]
    forget(store, config.load().spool, ["run-a"])
    assert origins(store, folder) == [("small", "saved")]


def test_a_question_is_listed_once_it_is_saved(store: Store, folder: Path) -> None:
    question = probe_set(SMALL.probes, id=f"{library.ASKED}how-they-treat")
    run(store, "run-a", question)
    run(store, "run-b", SMALL)
    assert origins(store, folder) == [("small", "run")]
    assert library.fetch(store, folder, question.hash) == question
    sets.save(store, question)
    assert ("ask-how-they-treat", "saved") in origins(store, folder)


def test_a_forgotten_set_is_gone(store: Store, folder: Path) -> None:
    run(store, "run-a", SMALL)
    forget(store, config.load().spool, ["run-a"])
    assert origins(store, folder) == []
    with pytest.raises(StoreError, match=f"there is no probe set {SMALL.hash[:12]} any more; choose another"):
        library.fetch(store, folder, SMALL.hash)


def test_a_faulty_file_is_named_with_every_fault(store: Store, folder: Path) -> None:
    (folder / "b.csv").write_text(FAULTY)
    write(folder, "a.yaml", SMALL)
    found = library.library(store, folder)
    assert [entry.id for entry in found.sets] == ["small"]
    assert found.faulty == (
        library.FaultyFile("b.csv", tuple(map(str, probes.read_file(folder / "b.csv").faults))),
    )
    assert len(found.faulty[0].faults) == 3


def test_a_file_is_read_anew_once_it_is_changed(store: Store, folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text(FAULTY)
    assert library.library(store, folder).sets == ()
    write(folder, "a.csv", SMALL)
    os.utime(path, ns=(1, 1))
    assert [entry.set_hash for entry in library.library(store, folder).sets] == [SMALL.hash]
    assert library.library(store, folder).faulty == ()


def test_what_is_no_probe_file_is_left_alone(store: Store, folder: Path) -> None:
    (folder / "README.md").write_text("# Sets")
    (folder / "starters.yaml").mkdir()
    (folder / ".#a.yaml").symlink_to("somebody@elsewhere.1234")
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    (folder / ".a.yaml.swp").write_bytes(b"\x00")
    (folder / ".hidden.yaml").write_text("id: [")
    assert library.library(store, folder) == ((), ())
    assert library.library(store, folder / "nowhere") == ((), ())


def test_namesakes_have_the_same_id_and_version_and_other_content(store: Store, folder: Path) -> None:
    write(folder, "a.yaml", SMALL)
    other = probe_set(benign(3))
    next_version = probe_set(benign(3), version="2")
    sets.save(store, next_version)
    sets.save(store, dataclasses.replace(other, id="smaller"))
    found = library.library(store, folder)
    assert library.namesakes(found, SMALL) == ()
    assert [entry.set_hash for entry in library.namesakes(found, other)] == [SMALL.hash]
    sets.save(store, other)
    both = library.library(store, folder)
    assert [entry.set_hash for entry in library.namesakes(both, SMALL)] == [other.hash]
    assert {entry.set_hash for entry in both.sets} >= {SMALL.hash, other.hash}
