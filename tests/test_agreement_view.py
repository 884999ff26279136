"""Agreement of raters on what is in view: from stored labels to κ, and a rate corrected by it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from parallax import agreement, review
from parallax.agreement import HUMANS
from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.store import Selection, Store, ingest, labels
from tests import recordings
from tests.recordings import BEGAN, matched

RUN, JUDGE = "run-a", "judge:tea"
ALL = Selection(runs=(RUN,))
TEMPLATES = [f"t{n}" for n in range(10)]
LETTERS = {"C": "complete", "E": "evasive", "R": "refusal"}


@pytest.fixture
def rated(store: Store, spool: Path) -> Store:
    """One model, 10 templates in 2 countries: rules CCCCCEEERR; the judge and people agree but on two."""
    probes = tuple(probe for name in TEMPLATES for probe in matched(name, "CN FR"))
    rules = {f"t{n}.{c}": letter for n, letter in enumerate("CCCCCEEERR") for c in ("cn", "fr")}
    recordings.record(spool, RUN, probes, {(probe, "alpha"): letter for probe, letter in rules.items()})
    ingest(store, spool)
    given = []
    for rater, changes in ((JUDGE, {"t0.cn": "R", "t9.fr": "C"}), ("human:Anna", {"t0.cn": "E"})):
        for probe, letter in {**rules, **changes}.items():
            verdict = Verdict(LabelValue(LETTERS[letter]), "")
            label = Label(verdict, rater, "1", BEGAN + timedelta(days=1))
            given.append(Labelled(RUN, Cell(probe, "alpha", 0), 1, label))
    labels.add(store, given)
    return store


def test_pairs_of_raters(rated: Store) -> None:
    table = agreement.labelled(rated, ALL)
    assert agreement.raters(table) == (HUMANS, "rules", JUDGE)
    found = {(pair.first, pair.second): pair for pair in agreement.pairs(table)}
    assert {key: pair.n for key, pair in found.items()} == {
        (HUMANS, "rules"): 20,
        (HUMANS, JUDGE): 20,
        ("rules", JUDGE): 20,
    }
    assert agreement.crossed(table, "rules", JUDGE).tolist() == [[9, 0, 1], [0, 6, 0], [1, 0, 3]]
    rules_judge = found["rules", JUDGE]
    # 18 of 20 agree; by chance (10·10 + 6·6 + 4·4) / 400
    assert rules_judge.kappa.value == pytest.approx((0.9 - 0.38) / 0.62)
    assert rules_judge.kappa_two_way.value == pytest.approx((0.9 - 0.5) / 0.5)
    assert rules_judge.badge == "green"
    assert rules_judge.alpha.low < rules_judge.alpha.value < 1


def test_pairs_by_country(rated: Store) -> None:
    table = agreement.labelled(rated, ALL)
    found = {
        (pair.group, pair.second): pair for pair in agreement.pairs(table, "country") if pair.first == HUMANS
    }
    assert {group for group, _ in found} == {"CN", "FR"}
    assert found["FR", "rules"].kappa.value == pytest.approx(1.0)
    assert found["CN", "rules"].kappa.value < 1
    # ten answers are too few for a colour
    assert {pair.badge for pair in found.values()} == {""}


def test_an_axis_that_is_none(rated: Store) -> None:
    with pytest.raises(ValueError, match="no such axis: weather"):
        agreement.pairs(agreement.labelled(rated, ALL), "weather")


def test_people_count_as_one_rater_whose_newest_word_holds(rated: Store) -> None:
    item = next(one for one in review.queue(rated, ALL, "Ben", most=50) if one.cell.probe == "t0.cn")
    review.decide(rated, item, LabelValue.COMPLETE, "Ben")
    table = agreement.labelled(rated, ALL)
    assert agreement.raters(table) == (HUMANS, "rules", JUDGE)
    assert agreement.crossed(table, HUMANS, "rules").trace() == 20


def test_only_what_chance_drew_measures_a_rater(rated: Store) -> None:
    raw = [("rules", 0.5, 20.0), (JUDGE, 0.5, 20.0)]
    table = agreement.labelled(rated, ALL)
    assert {one.corrected.why for one in agreement.prevalences(table, raw)} == {agreement.stats.UNMEASURED}
    review.draw(rated, ALL, size=20)
    rules, judge = agreement.prevalences(agreement.labelled(rated, ALL), raw)
    assert (rules.measured.sensitivity.n, rules.measured.specificity.n) == (11, 9)
    assert rules.measured.sensitivity.value == pytest.approx(10 / 11)
    assert rules.measured.specificity.value == 1.0
    assert rules.corrected.value == pytest.approx(0.5 / (10 / 11))
    assert judge.measured.sensitivity.value == pytest.approx(10 / 11)


def test_nothing_beside_the_rules_is_nothing_to_compare(store: Store, spool: Path) -> None:
    recordings.record(spool, RUN, matched("leader", "CN FR"), {("leader.cn", "alpha"): "C"})
    ingest(store, spool)
    table = agreement.labelled(store, ALL)
    assert agreement.pairs(table) == []
    assert [one.corrected.why for one in agreement.prevalences(table, [("rules", 0.0, 1.0)])] == [
        agreement.stats.UNMEASURED
    ]
