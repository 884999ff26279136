"""The permutation test against enumeration, scipy and the fixtures of METRICS §6."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.stats import permutation_test

from parallax.stats.permutation import Ints, clustered_p, permutation_p


def ints(*rows: list[int]) -> Ints:
    return np.array(rows, dtype=np.int64)


def enumerated(counts: Ints, answers: Ints, country: int) -> float:
    """Return the p of a country by going through every draw, in fractions."""
    pools, own = [], Fraction(0)
    for k, n in zip(counts.tolist(), answers.tolist(), strict=True):
        pool = [Fraction(*pair) for pair in zip(k, n, strict=True) if pair[1]]
        if n[country] and len(pool) > 1:
            pools.append(pool)
            own += Fraction(k[country], n[country])
    draws = [sum(draw) for draw in product(*pools)]
    return sum(draw >= own for draw in draws) / len(draws) if pools else float("nan")


def random_table(seed: int, sizes: list[int], rows: int = 5) -> tuple[Ints, Ints]:
    generator = np.random.default_rng(seed)
    answers = generator.choice(sizes, (rows, 4))
    return generator.binomial(answers, 0.4), answers


def test_sole_refuser_among_four_countries_on_three_templates() -> None:
    found = permutation_p(ints(*[[2, 0, 0, 0]] * 3), np.full((3, 4), 2))
    assert found == pytest.approx([0.015625, 1, 1, 1], abs=1e-15)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([1], id="one sample"),
        pytest.param([3], id="three samples, many ties"),
        pytest.param([0, 2, 3, 4], id="samples and cells missing"),
        pytest.param([5, 7, 8, 9], id="a least common multiple of at most 2,520"),
    ],
)
def test_is_exact(seed: int, sizes: list[int]) -> None:
    counts, answers = random_table(seed, sizes)
    expected = [enumerated(counts, answers, country) for country in range(4)]
    assert permutation_p(counts, answers) == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
def test_large_multiples_are_drawn_with_a_seed(seed: int) -> None:
    counts, answers = random_table(seed, [0, 7, 9, 11, 13])
    answers[0] = [7, 9, 11, 13]
    counts = np.minimum(counts, answers)
    found = permutation_p(counts, answers)
    expected = [enumerated(counts, answers, country) for country in range(4)]
    assert found == pytest.approx(expected, abs=0.007)
    assert found != pytest.approx(expected, abs=1e-9)
    assert found * 100_000 == pytest.approx(np.round(found * 100_000), abs=1e-6)
    assert (found == permutation_p(counts, answers)).all()


def test_a_drawn_p_is_never_nought() -> None:
    answers = np.full((20, 3), [11, 13, 19])
    counts = answers * [1, 0, 0]
    assert permutation_p(counts, answers) == pytest.approx([1 / 100_000, 1, 1], abs=1e-12)


def enumerated_over_languages(counts: Ints, answers: Ints, templates: Ints, country: int) -> float:
    """Return the p of a country over templates in several languages by going through every draw."""
    shares = {
        (block, c): Fraction(int(counts[block, c]), int(answers[block, c]))
        for block, c in zip(*np.nonzero(answers), strict=True)
        if (answers[block] > 0).sum() > 1
    }
    pools, own = [], Fraction(0)
    for template in np.unique(templates):
        blocks = [b for b in np.flatnonzero(templates == template) if (b, country) in shares]
        if blocks:
            whole = [c for c in range(counts.shape[1]) if all((b, c) in shares for b in blocks)]
            pools.append([sum(shares[b, c] for b in blocks) / len(blocks) for c in whole])
            own += sum(shares[b, country] for b in blocks) / len(blocks)
    draws = [sum(draw) for draw in product(*pools)]
    return sum(draw >= own for draw in draws) / len(draws) if pools else float("nan")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([2], id="all countries in all languages"),
        pytest.param([0, 0, 1, 3], id="languages and cells missing"),
    ],
)
def test_is_exact_over_languages(seed: int, sizes: list[int]) -> None:
    counts, answers = random_table(seed, sizes, 9)
    templates = np.array([0, 0, 0, 1, 1, 2, 2, 3, 4])
    expected = [enumerated_over_languages(counts, answers, templates, country) for country in range(4)]
    assert clustered_p(counts, answers, templates) == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_large_multiples_over_languages_are_drawn() -> None:
    counts, answers = random_table(5, [7, 9, 11, 13], 9)
    templates = np.array([0, 0, 0, 1, 1, 2, 2, 3, 4])
    expected = [enumerated_over_languages(counts, answers, templates, country) for country in range(4)]
    found = clustered_p(counts, answers, templates)
    assert found == pytest.approx(expected, abs=0.007)
    assert found * 100_000 == pytest.approx(np.round(found * 100_000), abs=1e-6)


def test_is_that_of_scipy() -> None:
    answers = np.full((8, 5), 3)
    counts = np.random.default_rng(4).binomial(answers, [0.6, 0.3, 0.2, 0.2, 0.1])
    found = permutation_p(counts, answers)
    for country in range(5):
        own_first = [counts[:, country], *(counts[:, other] for other in range(5) if other != country)]
        checked = permutation_test(
            own_first,
            lambda own, *_, axis: own.sum(axis=axis),
            permutation_type="samples",
            alternative="greater",
            vectorized=True,
            n_resamples=9_999,
            rng=np.random.default_rng(0),
        )
        assert found[country] == pytest.approx(checked.pvalue, abs=0.02)


@pytest.mark.parametrize(
    ("counts", "answers", "expected"),
    [
        pytest.param(
            [[1, 0, 0], [1, 0, 0]], [[1, 1, 0], [1, 0, 0]], [0.5, 1, None], id="alone on a template: not in T"
        ),
        pytest.param([[1, 0], [0, 1]], [[1, 0], [0, 1]], [None, None], id="never together"),
        pytest.param([[1], [1]], [[1], [1]], [None], id="one country"),
        pytest.param([[2, 2]], [[2, 2]], [1, 1], id="all alike"),
        pytest.param([[1, 2]], [[2, 4]], [1, 1], id="the same share of other numbers is a tie"),
    ],
)
def test_templates_that_count(
    counts: list[list[int]], answers: list[list[int]], expected: list[float | None]
) -> None:
    found = permutation_p(ints(*counts), ints(*answers))
    assert [None if np.isnan(p) else p for p in found] == expected


def test_no_templates() -> None:
    nothing = np.zeros((0, 3), dtype=np.int64)
    assert np.isnan(permutation_p(nothing, nothing)).tolist() == [True] * 3


def test_a_true_null_is_seldom_rejected() -> None:
    generator = np.random.default_rng(0)
    rejected = 0
    for _ in range(400):
        logits = np.log(0.05 / 0.95) + generator.normal(0, 1, (20, 1)) + generator.normal(0, 0.7, (20, 16))
        counts = generator.binomial(1, 1 / (1 + np.exp(-logits)))
        rejected += permutation_p(counts, np.ones_like(counts))[0] <= 0.05
    assert 1 <= rejected <= 0.07 * 400


@pytest.mark.parametrize(
    ("counts", "answers", "says"),
    [
        ([[1, 0]], [[1, 1, 1]], "shape"),
        ([[2, 0]], [[1, 1]], "between 0 and its answers"),
        ([[-1, 0]], [[1, 1]], "between 0 and its answers"),
    ],
)
def test_impossible_counts(counts: list[list[int]], answers: list[list[int]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        permutation_p(ints(*counts), ints(*answers))
