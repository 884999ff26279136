"""What the Compare page shows: the sides there are, how they differ, what changed, which words differ."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from parallax import config
from parallax.metrics.paired import paired
from parallax.spool import RunFolder
from parallax.store import Selection, Store, ingest
from parallax.views import compare, wording
from parallax.views.compare import Side
from tests import recordings
from tests.recordings import BEGAN, benign, matched

PROBES = (*matched("press", "CN FR"), *matched("vote", "CN FR"), *benign(1))
LATER = BEGAN + timedelta(days=2)


@pytest.fixture
def sides(store: Store) -> dict[str, Side]:
    """alpha and beta in run-a; alpha again two days later, with a system prompt and fewer probes."""
    spool = config.load().spool
    first = {(p.id, m): "C" for p in PROBES for m in ("alpha", "beta")}
    first |= {("vote.cn", "alpha"): "R", ("press.fr", "alpha"): "E", ("vote.fr", "alpha"): "R"}
    recordings.record(spool, "run-a", PROBES, first)
    again = {("press.cn", "alpha"): "R", ("vote.cn", "alpha"): "C", ("press.fr", "alpha"): "R"}
    again |= {("vote.fr", "alpha"): "R", ("benign-1", "alpha"): "B"}
    made = recordings.record(spool, "run-b", PROBES, again, created_at=LATER)
    asked = tuple(dataclasses.replace(m, system="Be brief.") for m in made.models)
    RunFolder(spool, "run-b").create(dataclasses.replace(made, models=asked))
    recordings.record(spool, "other", matched("press", "CN"), {("press.cn", "alpha"): "C"}, id="another")
    recordings.record(spool, "newer", matched("press", "CN"), {("press.cn", "alpha"): "C"}, version="2")
    ingest(store, spool)
    found = compare.sides(store, made.probe_set.hash)
    assert [one.key for one in found] == ["run-b/alpha", "run-a/alpha", "run-a/beta", "newer/alpha"]
    return {one.key: one for one in found}


def pair(store: Store, sides: dict[str, Side], **selected: tuple[str, ...]) -> compare.Paired:
    both = (compare.of_side(Selection(**selected), sides[key]) for key in ("run-a/alpha", "run-b/alpha"))
    return paired(store, *both)


def test_two_sides_differ_in_their_settings_and_in_the_version_of_the_set(
    store: Store, sides: dict[str, Side]
) -> None:
    def unlike(first: str, second: str) -> list[str]:
        return [one.setting for one in compare.differences(store, sides[first], sides[second])]

    assert unlike("run-a/alpha", "run-b/alpha") == ["system prompt"]
    assert unlike("run-a/alpha", "run-a/beta") == ["model"]
    assert unlike("run-a/alpha", "newer/alpha") == ["version of the set"]
    (system,) = compare.differences(store, sides["run-a/alpha"], sides["run-b/alpha"])
    assert system[1:] == ("", "Be brief.")


def test_a_side_is_its_model_in_its_run_under_the_filters(sides: dict[str, Side]) -> None:
    given = Selection(pairs=(("x", "y"),), countries=("CN",), routes=("y @ z",), label_set="judge:a")
    of_side = compare.of_side(given, sides["run-a/beta"])
    assert of_side == Selection(pairs=(("run-a", "beta"),), countries=("CN",), label_set="judge:a")


def test_each_probe_has_changed_in_one_way(store: Store, sides: dict[str, Side]) -> None:
    changed = compare.changes(pair(store, sides))
    assert dict(zip(changed["probe"], changed["change"], strict=True)) == {
        "press.cn": "lost",
        "vote.cn": "gained",
        "press.fr": "other",
        "vote.fr": "same",
        "benign-1": "blocked",
    }
    assert list(changed["country"]) == ["", "CN", "CN", "FR", "FR"]
    (stopped,) = changed[changed["change"] == "blocked"].to_dict("records")
    assert (stopped["first"], stopped["second"]) == ("complete", "blocked")


def test_countries_come_by_how_far_they_moved(store: Store, sides: dict[str, Side]) -> None:
    rows = compare.by_country(pair(store, sides, probes=("press.cn", "press.fr", "vote.fr", "benign-1")))
    assert list(rows["name"]) == ["China", "France"]
    assert list(rows["difference"]) == [1.0, 0.0]
    assert list(rows["probes"]) == [1, 2]
    assert list(rows["lost"]) == [1, 0]


@pytest.mark.parametrize(
    ("first", "second", "gone", "new"),
    [
        ("I can help with that now.", "I cannot help with that now.", ["can"], ["cannot"]),
        ("It is the one true way", "It is some other true way", ["the one"], ["some other"]),
        ("法国政府做得不好", "中国政府做得很好", ["法", "不"], ["中", "很"]),
        ("one two\n\nthree", "one two\nthree", ["\n\n"], ["\n"]),
        ("same text", "same text", [], []),
    ],
)
def test_words_that_differ_are_told_apart(first: str, second: str, gone: list[str], new: list[str]) -> None:
    found = wording.compared(first, second)
    assert found is not None
    assert [piece.text for piece in found.first if piece.differs] == gone
    assert [piece.text for piece in found.second if piece.differs] == new
    assert ("".join(p.text for p in found.first), "".join(p.text for p in found.second)) == (first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I'm sorry.", "Journalists were jailed, papers closed, and the law of 2014 made it easy."),
        ("word " * 4_001, "word " * 4_001),
        ("", "something"),
    ],
)
def test_texts_too_unlike_or_too_long_are_not_compared(first: str, second: str) -> None:
    assert wording.compared(first, second) is None
