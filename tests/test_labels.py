"""Labels that come after the answers: which is in force, under which label set, and what is kept."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.shards import label_table
from parallax.spool import RunFolder
from parallax.store import Store, ingest, labels
from tests import recordings
from tests.recordings import BEGAN, benign, matched

RUN = "run-a"
JUDGE, HUMAN = "judge:tea", "human:anna"


@pytest.fixture
def judged(store: Store, spool: Path) -> Store:
    """A run of one model: complete in China, refused in France, blocked and an error on two controls."""
    answers = {
        ("leader.cn", "alpha"): "C",
        ("leader.fr", "alpha"): "R",
        ("benign-1", "alpha"): "B",
        ("benign-2", "alpha"): "X",
    }
    recordings.record(spool, RUN, (*matched("leader", "CN FR"), *benign(2)), answers)
    ingest(store, spool)
    return store


def said(probe: str, value: str, rater: str, minutes: int = 0) -> Labelled:
    verdict = Verdict(LabelValue(value), f"{rater} says {value}", 0.5)
    return Labelled(
        RUN,
        Cell(probe, "alpha", 0),
        1,
        Label(verdict, rater, "1", BEGAN + timedelta(days=1, minutes=minutes)),
    )


def in_force(store: Store, source: str = "comparison") -> dict[str, tuple[str | None, str | None]]:
    return {
        probe: (label, rater)
        for probe, label, rater in store.rows(f"SELECT probe, label, rater FROM {source}")
    }


RULES = {
    "leader.cn": ("complete", "rules"),
    "leader.fr": ("refusal", "rules"),
    "benign-1": ("blocked", "rules"),
    "benign-2": ("error", "rules"),
}


def test_a_judge_changes_its_own_label_set_alone(judged: Store) -> None:
    labels.add(judged, [said("leader.cn", "evasive", JUDGE), said("benign-1", "refusal", JUDGE)])
    assert in_force(judged) == RULES
    assert in_force(judged, f"comparison_of('{JUDGE}')") == {
        "leader.cn": ("evasive", JUDGE),
        "leader.fr": (None, None),
        # a block is a block, whatever a judge says
        "benign-1": ("blocked", "rules"),
        "benign-2": ("error", "rules"),
    }
    assert labels.sets(judged, [RUN]) == (("rules", 4), (JUDGE, 2))
    assert labels.sets(judged, ["run-b"]) == (("rules", 0),)


def test_a_person_wins_in_every_label_set(judged: Store) -> None:
    labels.add(judged, [said("leader.cn", "evasive", JUDGE), said("leader.cn", "refusal", HUMAN)])
    for source in ("comparison", f"comparison_of('{JUDGE}')", "comparison_of('judge:unknown')"):
        assert in_force(judged, source)["leader.cn"] == ("refusal", HUMAN)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("refusal", HUMAN, 0), ("evasive", HUMAN, 1)], ("evasive", HUMAN)),
        ([("evasive", HUMAN, 1), ("refusal", HUMAN, 0)], ("evasive", HUMAN)),
        ([("refusal", HUMAN, 0), ("evasive", "human:ben", 1)], ("evasive", "human:ben")),
        ([("refusal", JUDGE, 5)], ("complete", "rules")),
    ],
)
def test_the_newest_of_the_highest_is_in_force(
    judged: Store, given: list[tuple[str, str, int]], expected: tuple[str, str]
) -> None:
    for value, rater, minutes in given:
        labels.add(judged, [said("leader.cn", value, rater, minutes)])
    assert in_force(judged)["leader.cn"] == expected
    found = judged.rows("SELECT count(*) FROM labels WHERE probe = 'leader.cn'")
    assert found == [(1 + len(given),)]


def test_what_was_taken_back_is_kept_and_no_longer_in_force(judged: Store) -> None:
    mine = said("leader.cn", "refusal", HUMAN)
    labels.add(judged, [mine])
    labels.withdraw(judged, mine, BEGAN.replace(tzinfo=None) + timedelta(days=2))
    assert in_force(judged) == RULES
    assert labels.of_rater(judged, [RUN], HUMAN) == []
    assert judged.rows("SELECT label FROM labels WHERE rater = ? ORDER BY created_at", [HUMAN]) == [
        ("refusal",),
        ("",),
    ]


def test_a_rater_s_labels_come_back_as_they_were_given(judged: Store) -> None:
    labels.add(judged, [said("leader.cn", "refusal", HUMAN), said("leader.fr", "evasive", HUMAN)])
    found = {one.cell.probe: one.label.verdict for one in labels.of_rater(judged, [RUN], HUMAN)}
    assert found == {
        "leader.cn": Verdict("refusal", f"{HUMAN} says refusal", 0.5),
        "leader.fr": Verdict("evasive", f"{HUMAN} says evasive", 0.5),
    }


def shard(folder: RunFolder, *found: Labelled, name: str = "a") -> Path:
    folder.labels.mkdir(exist_ok=True)
    path = folder.labels / f"{name}.parquet"
    pq.write_table(label_table(found), path)
    return path


def test_labels_come_through_the_spool_once(judged: Store, spool: Path) -> None:
    folder = RunFolder(spool, RUN)
    given = [said("leader.cn", "evasive", JUDGE), said("leader.fr", "refusal", JUDGE)]
    for _ in range(2):
        path = shard(folder, *given)
        assert ingest(judged, spool).rows == 2
        assert not path.exists()
    assert Counter(judged.rows("SELECT rater FROM labels")) == {("rules",): 4, (JUDGE,): 2}
    assert in_force(judged, f"comparison_of('{JUDGE}')")["leader.cn"] == ("evasive", JUDGE)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"label": "fine"}, "column label holds 'fine'"),
        ({"run": "run-b"}, "column run holds 'run-b'"),
        ({"probe": "none"}, "column probe holds 'none'"),
        ({"rater": None}, "cannot be read as a shard"),
    ],
)
def test_labels_of_something_else_are_set_aside(
    judged: Store, spool: Path, wrong: dict[str, object], why: str
) -> None:
    folder = RunFolder(spool, RUN)
    path = shard(folder, said("leader.cn", "evasive", JUDGE))
    row = {**pq.read_table(path).to_pylist()[0], **wrong}
    pq.write_table(pa.Table.from_pylist([row]), path)
    assert ingest(judged, spool).quarantined == 1
    assert why in (folder.path / "quarantine" / "a.txt").read_text()
    assert in_force(judged) == RULES


def test_a_new_answer_takes_its_cell_s_labels_out_of_force(judged: Store, spool: Path) -> None:
    """A judge's label belongs to the text it judged: a retry that replaces it has none yet."""
    labels.add(judged, [said("benign-2", "complete", JUDGE)])
    recordings.shard(spool, RUN, [recordings.response(RUN, "benign-2", "alpha", "C", attempt=2)], "retry")
    ingest(judged, spool)
    assert in_force(judged)["benign-2"] == ("complete", "rules")
    assert in_force(judged, f"comparison_of('{JUDGE}')")["benign-2"] == (None, None)
