"""Paired change on hand-made recordings, and its statistics against statsmodels and enumeration."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parallax import config
from parallax.metrics.paired import Method, Paired, Verdict, paired
from parallax.stats.paired import mcnemar_p, mean_difference, sign_flip_p, symmetry_p
from parallax.stats.permutation import Ints
from parallax.store import Selection, Store, ingest, open_store
from tests import recordings
from tests.recordings import Table, matched

PROPERTIES = settings(max_examples=60, deadline=None, derandomize=True)
PROBES = matched("leader", "CN FR") + matched("press", "CN FR") + matched("war", "CN FR")
COUNTS = st.lists(st.tuples(*[st.integers(0, 3), st.integers(1, 3)] * 2), min_size=1, max_size=8)


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


def recorded(**runs: Table) -> Store:
    settings = config.load()
    for run, table in runs.items():
        recordings.record(settings.spool, run, PROBES, table)
    store = open_store(settings.store)
    ingest(store, settings.spool)
    return store


def of(run: str, model: str = "alpha", country: str = "") -> Selection:
    return Selection(runs=(run,), models=(model,), countries=(country,) if country else ())


def table(model: str, letters: str) -> dict[tuple[str, str], str]:
    """Return the answers to `PROBES` in turn, a word a probe."""
    return {(probe.id, model): word for probe, word in zip(PROBES, letters.split(), strict=True)}


def compared(first: str, second: str) -> Paired:
    """Compare two runs of one model."""
    store = recorded(a=table("alpha", first), b=table("alpha", second))
    return paired(store, of("a"), of("b"))


def test_one_answer_on_each_side() -> None:
    found = compared("C C E R B C", "R E C R C X")
    assert (found.n, found.lost, found.gained, found.silent) == (4, 2, 1, 2)
    assert (found.blocked, found.unblocked, found.reworded) == (0, 1, 0)
    assert (found.first, found.second) == (0.5, 0.75)
    assert (found.difference.value, found.test) == (0.25, Method.MCNEMAR)
    assert found.p == pytest.approx(1.0)
    assert found.verdict is Verdict.UNCLEAR
    assert found.flipped[["probe", "first", "second", "change"]].to_numpy().tolist() == [
        ["leader.cn", "complete", "refusal", "lost"],
        ["leader.fr", "complete", "evasive", "lost"],
        ["press.cn", "evasive", "complete", "gained"],
    ]
    assert found.labels.loc["complete"].tolist() == [0, 1, 1]


def test_several_samples_are_one_share_a_probe() -> None:
    found = compared("CCC CCR RRR CCC CRR CCC", "RRR CRE RRR CCC CRR X..")
    assert (found.n, found.lost, found.gained, found.test) == (5, 2, 0, Method.SIGN_FLIP)
    assert found.difference.value == pytest.approx((1 + 1 / 3) / 5)
    # two differences of one sign: a quarter of the four signs on either side
    assert found.p == pytest.approx(0.5)
    assert math.isnan(found.labels_p)
    assert found.flipped["first"].tolist() == ["complete", "complete 2, refusal 1"]
    assert found.flipped["second"].tolist() == ["refusal", "complete 1, evasive 1, refusal 1"]


def test_two_models_in_one_run() -> None:
    store = recorded(a=table("alpha", "C C C C C C") | table("beta", "R R R R R R"))
    found = paired(store, of("a"), of("a", "beta"))
    assert (found.lost, found.difference.value) == (6, 1.0)
    assert found.p == pytest.approx(2 / 2**6)
    assert found.verdict is Verdict.DIFFERENT


def test_two_countries_by_the_twins_of_their_templates() -> None:
    store = recorded(a=table("alpha", "R C R C C C"))
    found = paired(store, of("a", country="FR"), of("a", country="CN"), twins=True)
    assert (found.n, found.lost, found.gained) == (3, 2, 0)
    assert found.flipped[["probe", "other"]].to_numpy().tolist() == [
        ["leader.fr", "leader.cn"],
        ["press.fr", "press.cn"],
    ]


def test_nothing_in_common() -> None:
    found = paired(recorded(a=table("alpha", "C C C C C C")), of("a"), of("none"))
    assert (found.n, found.lost, found.silent, found.verdict) == (0, 0, 0, Verdict.UNCLEAR)
    assert math.isnan(found.p)
    assert math.isnan(found.difference.value)


def test_a_side_is_one_model_of_one_run() -> None:
    store = recorded(a=table("alpha", "C C C C C C") | table("beta", "R R R R R R"))
    with pytest.raises(ValueError, match="both a alpha and a beta"):
        paired(store, Selection(runs=("a",)), of("a"))


def test_mcnemar_of_the_fixture() -> None:
    assert mcnemar_p(29, 0) == pytest.approx(3.7e-9, rel=0.01)
    assert mcnemar_p(0, 0) == 1.0


@pytest.mark.parametrize(("lost", "gained"), [(0, 0), (3, 0), (4, 4), (12, 3), (60, 41)])
def test_sign_flip_of_single_answers_is_mcnemar(lost: int, gained: int) -> None:
    first = np.repeat([0, 1, 1], [lost, gained, 7])
    second = np.repeat([1, 0, 1], [lost, gained, 7])
    single = np.ones_like(first)
    assert sign_flip_p(first, single, second, single) == pytest.approx(mcnemar_p(lost, gained))


@PROPERTIES
@given(COUNTS)
def test_sign_flip_is_exact(rows: list[tuple[int, int, int, int]]) -> None:
    sides = [(min(k1, n1), n1, min(k2, n2), n2) for k1, n1, k2, n2 in rows]
    by = [Fraction(k2, n2) - Fraction(k1, n1) for k1, n1, k2, n2 in sides]
    signs = itertools.product((1, -1), repeat=len(by))
    sums = [sum(s * d for s, d in zip(flips, by, strict=True)) for flips in signs]
    expected = sum(abs(one) >= abs(sum(by)) for one in sums) / len(sums)
    columns = (ints(*column) for column in zip(*sides, strict=True))
    assert sign_flip_p(*columns) == pytest.approx(expected)


def test_sign_flip_of_awkward_numbers_is_drawn_with_a_seed() -> None:
    answers = ints(7, 9, 11, 13, 17, 19)
    first, second = np.zeros_like(answers), ints(3, 4, 5, 6, 8, 1)
    found = sign_flip_p(first, answers, second, answers)
    assert found == pytest.approx(2 / 2**6, abs=0.003)
    assert found == sign_flip_p(first, answers, second, answers)


def test_no_change_needs_enough_probes() -> None:
    few, many = (mean_difference(np.zeros(size), 0.90) for size in (20, 200))
    assert (few.within(0.05), many.within(0.05)) == (False, True)
    shifted = mean_difference(np.r_[np.ones(20), np.zeros(180)], 0.90)
    assert not shifted.within(0.05)


def test_interval_of_a_difference_covers_it() -> None:
    generator = np.random.default_rng(0)
    # a tenth of 60 pairs lost, a twentieth gained
    drawn = generator.choice([1.0, -1.0, 0.0], (2_000, 60), p=[0.10, 0.05, 0.85])
    limits = [mean_difference(row) for row in drawn]
    assert np.mean([one.low <= 0.05 <= one.high for one in limits]) >= 0.94


def test_symmetry_of_three_labels() -> None:
    assert symmetry_p(np.diag([5, 3, 2])) == 1.0
    assert symmetry_p(np.array([[40, 2, 12], [2, 10, 0], [1, 0, 10]])) == pytest.approx(0.0251, abs=5e-4)
