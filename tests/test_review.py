"""The queue of people who label: chance, then disagreement and doubt; what they decide and take back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from parallax import review
from parallax.errors import ParallaxError
from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.store import Selection, Store, ingest, labels
from tests import recordings
from tests.recordings import BEGAN, benign, matched

RUN = "run-a"
ALL = Selection(runs=(RUN,))


@pytest.fixture
def answered(store: Store, spool: Path) -> Store:
    """Two models on three countries and two controls; alpha is blocked in France."""
    probes = (*matched("leader", "CN FR US"), *benign(2))
    table = {(p.id, m): "CCC" for p in probes for m in ("alpha", "beta")} | {("leader.fr", "alpha"): "BBB"}
    recordings.record(spool, RUN, probes, table)
    ingest(store, spool)
    return store


def judged(probe: str, model: str, value: str, confidence: float = 1.0, sample: int = 0) -> Labelled:
    verdict = Verdict(LabelValue(value), "says so", confidence)
    return Labelled(
        RUN, Cell(probe, model, sample), 1, Label(verdict, "judge:tea", "1", BEGAN + timedelta(days=1))
    )


def test_a_draw_is_stratified_and_weighted_back(answered: Store) -> None:
    assert review.draw(answered, ALL, size=14) == 14
    drawn = answered.rows(
        "SELECT model, country, count(*), sum(weight) FROM draws JOIN probes USING (probe) GROUP BY ALL"
    )
    # seven strata, two answers each; a stratum's weights add up to its answers
    assert {(model, country): (k, weight) for model, country, k, weight in drawn} == {
        **{("beta", country): (2, 3.0) for country in ("CN", "FR", "US")},
        **{("alpha", country): (2, 3.0) for country in ("CN", "US")},
        **{(model, ""): (2, 6.0) for model in ("alpha", "beta")},
    }


def test_a_draw_is_the_same_again_and_a_larger_one_holds_it(answered: Store) -> None:
    def drawn() -> set[tuple[object, ...]]:
        return {*answered.rows("SELECT run, probe, model, sample FROM draws")}

    review.draw(answered, ALL, size=7)
    first = drawn()
    review.draw(answered, ALL, size=7)
    assert drawn() == first
    review.draw(answered, ALL, size=14)
    assert drawn() > first
    review.draw(answered, ALL, size=7, seed=1)
    assert len(answered.rows("SELECT DISTINCT draw FROM draws")) == 2


def test_the_queue_is_chance_then_disagreement_then_doubt(answered: Store) -> None:
    labels.add(
        answered,
        [
            judged("leader.us", "beta", "complete", 0.2),
            judged("leader.cn", "beta", "refusal", 0.9),
            judged("leader.us", "alpha", "error", 0.0),
        ],
    )
    first = review.queue(answered, ALL, "Anna", most=100)
    assert [(one.cell.probe, one.cell.model) for one in first[:2]] == [
        ("leader.cn", "beta"),
        ("leader.us", "beta"),
    ]
    assert len(first) == 27
    assert not any(one.drawn for one in first)
    review.draw(answered, ALL, size=7)
    drawn = review.queue(answered, ALL, "Anna", most=7)
    assert all(one.drawn for one in drawn)
    assert Counter(one.cell.model for one in drawn) == {"alpha": 3, "beta": 4}


def test_a_decision_leaves_the_queue_and_comes_back_when_it_is_taken_back(answered: Store) -> None:
    review.draw(answered, ALL, size=7)
    item, following, *_ = review.queue(answered, ALL, "Anna")
    given = review.decide(answered, item, LabelValue.EVASIVE, "Anna", "  off\ntopic ")
    assert review.queue(answered, ALL, "Anna")[0] == following
    assert review.queue(answered, ALL, "Ben")[0] == item
    assert review.stand(answered, ALL) == (7, 1, 1)
    found = answered.rows("SELECT label, rater, reason FROM comparison WHERE rater <> 'rules'")
    assert found == [("evasive", "human:Anna", "off topic")]
    review.undo(answered, given)
    assert review.queue(answered, ALL, "Anna")[0] == item
    assert review.stand(answered, ALL) == (7, 0, 0)


def test_nothing_in_the_queue_tells_whose_answer_it_is(answered: Store) -> None:
    shown = review.queue(answered, ALL, "Anna", most=1)[0]
    assert {*shown._fields} == {"run", "cell", "attempt", "prompt", "response", "language", "drawn"}


def test_errors_and_empty_answers_are_not_asked_about(answered: Store) -> None:
    assert not [one for one in review.queue(answered, ALL, "Anna", most=100) if not one.response]


@pytest.mark.parametrize("name", ["Anna", "Anna-Maria O'Neill", "安娜", "J. R. 2"])
def test_names(name: str) -> None:
    assert review.rater(f"  {name} ") == f"human:{name}"


@pytest.mark.parametrize("name", ["", " ", "-", "a" * 61, "<b>", "a:b", "a\x00b"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ParallaxError, match="is no name"):
        review.rater(name)
