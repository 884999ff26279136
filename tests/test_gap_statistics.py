"""The gap as pure functions: figures of METRICS §3, statsmodels, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from parallax.stats import newcombe
from parallax.stats.corrections import benjamini_hochberg, holm
from parallax.stats.gap import Gap, gap, panel_median
from parallax.stats.permutation import Ints, clustered_p, permutation_p, rest_p
from parallax.stats.selectivity import selective_p

NONE = float("nan")
PROPERTIES = settings(max_examples=60, deadline=None, derandomize=True)


def ints(*rows: list[int]) -> Ints:
    return np.array(rows, dtype=np.int64)


def one(declined: Ints, answers: Ints | None = None, templates: list[int] | None = None) -> Gap:
    """Return the gaps of one model, a value a country."""
    answers = np.ones_like(declined) if answers is None else answers
    blocks = np.arange(len(declined)) if templates is None else np.array(templates)
    found = gap(declined[None], answers[None], (answers > 0).astype(np.int64)[None], blocks)
    return Gap(*(of[0] for of in found))


def of_rates(*declined: int, templates: int = 50) -> Ints:
    """Return one answer a template to each country, so many of them declined."""
    return (np.arange(templates)[:, None] < np.array(declined)).astype(np.int64)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Ints, Ints]:
    """Draw counts and answers, templates × countries, some cells empty."""
    shape = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    flat = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=25, max_size=25)
    pairs = np.array(draw(flat), dtype=np.int64)[: shape[0] * shape[1]].reshape(*shape, 2)
    return np.minimum(pairs[..., 0], pairs[..., 1]), pairs[..., 1]


@pytest.mark.parametrize(
    ("declined", "points"),
    [
        pytest.param((39, 12, 3, 3), 66.0, id="DeepSeek-R1 on China, Russia, US, EU"),
        pytest.param((30, 34, 21, 34), 0.7, id="Claude 3.5 Sonnet"),
    ],
)
def test_gaps_of_speechmap(declined: tuple[int, ...], points: float) -> None:
    assert 100 * one(of_rates(*declined)).value[0] == pytest.approx(points, abs=0.05)


def test_one_censored_country_makes_no_robust_gap_of_the_others() -> None:
    # 90 % at one of 16 countries, nothing elsewhere
    found = one(of_rates(45, *[0] * 15))
    assert found.value[1:] == pytest.approx([-0.06] * 15)
    assert found.robust.tolist() == pytest.approx([0.9, *[0.0] * 15])


def test_templates_without_another_country_are_not_compared() -> None:
    found = one(ints([1, 0, 0], [1, 0, 0], [1, 1, 0]), ints([1, 1, 1], [1, 0, 0], [2, 2, 0]))
    assert found.templates.tolist() == [2, 2, 1]
    assert found.answers.tolist() == [3, 3, 1]
    assert found.rate.tolist() == pytest.approx([0.75, 0.25, 0.0])
    assert found.others.tolist() == pytest.approx([0.25, 0.5, 0.5])


def test_no_median_of_countries_on_less_than_half_of_the_templates() -> None:
    answers = ints([1, 1, 1], [1, 1, 0], [1, 1, 0], [1, 1, 0])
    found = one(ints([1, 0, 1], [1, 0, 0], [1, 0, 0], [1, 0, 0]), answers)
    assert found.robust.tolist() == pytest.approx([1.0, -1.0, 0.5])


def test_a_country_alone_has_no_gap_and_one_template_no_interval() -> None:
    alone, single = one(ints([1], [1])), one(ints([1, 0]))
    assert np.isnan([alone.value[0], alone.low[0], alone.robust[0]]).all()
    assert alone.templates.tolist() == [0]
    assert single.value.tolist() == [1.0, -1.0]
    assert np.isnan([single.low, single.high]).all()


def test_two_languages_of_a_template_are_one_template() -> None:
    # template 0 in two languages, template 1 in one
    found = one(ints([1, 0, 0], [0, 0, 0], [1, 1, 0]), templates=[0, 0, 1])
    assert found.templates.tolist() == [2, 2, 2]
    assert found.rate.tolist() == pytest.approx([0.75, 0.5, 0.0])
    assert found.others.tolist() == pytest.approx([0.25, 0.375, 0.625])


def test_what_is_declined_in_a_language_that_few_were_asked_in_is_no_gap() -> None:
    # in the second language everything is declined, and only two countries are asked in it
    declined = np.repeat([[0, 0, 0, 0], [1, 1, 0, 0]], 12, axis=0)
    answers = np.repeat([[1, 1, 1, 1], [1, 1, 0, 0]], 12, axis=0)
    templates = np.tile(np.arange(12), 2)
    found = one(declined, answers, templates.tolist())
    assert found.value.tolist() == pytest.approx([0.0] * 4)
    assert (clustered_p(declined, answers, templates) > 0.2).all()


def test_languages_of_a_template_are_drawn_together() -> None:
    declined, answers = ints([1, 0, 0, 0], [2, 0, 0, 0]), ints([1, 1, 1, 1], [2, 2, 2, 2])
    templates = np.array([0, 0])
    assert clustered_p(declined, answers, templates).tolist() == [0.25, 1, 1, 1]
    assert permutation_p(declined, answers)[0] == pytest.approx(1 / 16)


def test_second_pass_finds_who_stood_behind_the_first() -> None:
    # the second country is declined half as often as the first, the others never
    declined = np.zeros((20, 8), dtype=np.int64)
    declined[:, 0], declined[:8, 1] = 1, 1
    answers, templates = np.ones_like(declined), np.arange(20)
    first = clustered_p(declined, answers, templates)
    rest = rest_p(declined, answers, templates, first)
    assert rest[0] == first[0] < 1e-15
    assert rest[1] == pytest.approx((1 / 7) ** 8)
    assert rest[1] < 0.01 * first[1]
    assert (rest[2:] == 1).all()


def test_second_pass_leaves_all_where_nothing_stands_out() -> None:
    declined = np.random.default_rng(1).binomial(1, 0.2, (20, 8))
    answers, templates = np.ones_like(declined), np.arange(20)
    first = clustered_p(declined, answers, templates)
    assert first.min() * 8 > 0.05
    assert (rest_p(declined, answers, templates, first) == first).all()


def test_second_pass_of_two_countries_leaves_the_second_without_a_test() -> None:
    declined = np.tile([1, 0], (10, 1))
    answers, templates = np.ones_like(declined), np.arange(10)
    rest = rest_p(declined, answers, templates, clustered_p(declined, answers, templates))
    assert rest[0] == pytest.approx(2**-10)
    assert np.isnan(rest[1])


@pytest.mark.parametrize(
    ("first", "n1", "second", "n2"),
    [(0.78, 50.0, 0.12, 150.0), (0.0, 12.0, 0.0, 40.0), (1.0, 8.3, 0.5, 17.9), (0.05, 33.7, 0.4, 9.0)],
)
def test_newcombe_is_that_of_statsmodels(first: float, n1: float, second: float, n2: float) -> None:
    expected = confint_proportions_2indep(first * n1, n1, second * n2, n2, method="newcomb")
    found = newcombe(*(np.array([value]) for value in (first, n1, second, n2)))
    assert (found.low[0], found.high[0]) == pytest.approx(expected, abs=1e-9)


def test_newcombe_of_nothing_is_nothing() -> None:
    assert np.isnan(newcombe(*(np.array([value]) for value in (0.5, NONE, 0.5, 9.0)))).all()


def test_corrections_leave_out_what_was_not_tested() -> None:
    p = np.array([0.001, NONE, 0.02, 0.04, 0.9])
    known = p[~np.isnan(p)]
    for found, method in ((holm(p), "holm"), (benjamini_hochberg(p), "fdr_bh")):
        assert np.isnan(found[1])
        assert np.delete(found, 1) == pytest.approx(multipletests(known, method=method)[1])
    assert np.isnan(holm(np.array([NONE]))).all()


def test_panel_median_is_of_at_least_four_others() -> None:
    gaps = np.array([[0.5, 0.1], [0.1, NONE], [0.2, 0.1], [0.3, 0.1], [0.4, 0.1]])
    found = panel_median(gaps)
    assert found[:, 0].tolist() == pytest.approx([0.25, 0.35, 0.35, 0.3, 0.25])
    # the model without a gap is compared with four others, each of them with three
    assert np.isnan(found[:, 1]).tolist() == [True, False, True, True, True]


@pytest.mark.parametrize(
    ("declined", "answers", "p"),
    [
        pytest.param(of_rates(10, 0, 0, 0, templates=12), None, 1.38e-6, id="Cochran's Q of 30"),
        pytest.param(np.zeros((4, 3), dtype=np.int64), None, 1.0, id="no variation"),
        pytest.param(ints([1, 0], [0, 1]), ints([1, 0], [0, 1]), NONE, id="nothing to compare"),
    ],
)
def test_selective_at_all(declined: Ints, answers: Ints | None, p: float) -> None:
    answers = np.ones_like(declined) if answers is None else answers
    found = selective_p(declined, answers, np.arange(len(answers)))
    assert found == pytest.approx(p, rel=0.005, nan_ok=True)


@pytest.mark.parametrize("samples", [2, 3])
def test_selective_with_several_samples_is_drawn(samples: int) -> None:
    declined, templates = of_rates(9, 1, 1, 1, templates=12), np.arange(12)
    answers = np.full_like(declined, samples)
    answers[0, 3] = 0
    declined[0, 3] = 0
    assert selective_p(samples * declined, answers, templates) < 0.001
    generator = np.random.default_rng(2)
    assert selective_p(generator.binomial(answers, 0.3), answers, templates) > 0.05


def test_selective_takes_the_languages_of_a_template_together() -> None:
    # six templates in four languages say as much as six templates
    declined = of_rates(3, 0, 0, 0, templates=6)
    one = selective_p(3 * declined, np.full_like(declined, 3), np.arange(6))
    four = selective_p(np.tile(declined, (4, 1)), np.ones((24, 4), dtype=np.int64), np.tile(np.arange(6), 4))
    assert four == pytest.approx(one, abs=0.01)
    assert one > 0.01


@PROPERTIES
@given(tables())
def test_gaps_hold_together(table: tuple[Ints, Ints]) -> None:
    declined, answers = table
    found = one(declined, answers)
    known = found.templates > 0
    assert (np.isnan(found.value) == ~known).all()
    assert found.value[known] == pytest.approx(found.rate[known] - found.others[known])
    assert ((found.low <= found.value + 1e-9) & (found.value <= found.high + 1e-9))[found.templates > 1].all()
    assert (np.abs(found.value[known]) <= 1 + 1e-12).all()
    both = found.templates > 1
    assert (found.n_eff[both] >= found.templates[both] - 1e-9).all()
    assert (found.n_eff[both] <= found.answers[both] + 1e-9).all()


@PROPERTIES
@given(tables())
def test_order_of_countries_and_templates_means_nothing(table: tuple[Ints, Ints]) -> None:
    declined, answers = table
    rows, columns = (np.random.default_rng(len(answers)).permutation(size) for size in answers.shape)
    before, after = one(declined, answers), one(declined[rows][:, columns], answers[rows][:, columns])
    for old, new in zip(before, after, strict=True):
        assert new == pytest.approx(old[columns], nan_ok=True)
    p = permutation_p(declined, answers)[columns]
    assert permutation_p(declined[rows][:, columns], answers[rows][:, columns]) == pytest.approx(
        p, nan_ok=True
    )


@PROPERTIES
@given(tables())
def test_p_is_a_chance_and_no_smaller_than_it_can_be(table: tuple[Ints, Ints]) -> None:
    declined, answers = table
    p = permutation_p(declined, answers)
    here = (answers > 0) & ((answers > 0).sum(axis=1, keepdims=True) >= 2)
    least = np.prod(np.where(here, 1 / np.maximum(here.sum(axis=1, keepdims=True), 1), 1.0), axis=0)
    known = here.any(axis=0)
    assert (np.isnan(p) == ~known).all()
    assert ((p[known] >= least[known] * (1 - 1e-9)) & (p[known] <= 1)).all()


@PROPERTIES
@given(tables())
def test_a_template_that_all_decline_alike_changes_no_p(table: tuple[Ints, Ints]) -> None:
    declined, answers = table
    alike = np.full((1, answers.shape[1]), 2)
    more = permutation_p(np.vstack([declined, alike]), np.vstack([answers, alike]))
    known = ~np.isnan(permutation_p(declined, answers))
    assert more[known] == pytest.approx(permutation_p(declined, answers)[known])
