"""The planner against the figures of METRICS §3, and against the test that it plans for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import norm

from parallax.stats.permutation import permutation_p
from parallax.stats.planner import confirms, detectable_gap, templates_for_a_star


@pytest.mark.parametrize(
    ("templates", "family", "below", "published"),
    [
        (12, 1, 10, 15),
        (12, 16, 20, 30),
        (20, 1, 10, 15),
        (20, 16, 15, 20),
        (30, 1, 5, 10),
        (30, 16, 10, 15),
        (4, 1, 20, 30),
        (4, 16, 30, 50),
        (4, 208, 50, 70),
    ],
)
def test_published_figures(templates: int, family: int, below: int, published: int) -> None:
    """They are points of the grid 5, 10, 15, 20, 30, 50, 70: ours lies in the step below, give or take 3."""
    found = detectable_gap(templates, 3, family=family)
    assert found is not None
    assert below < 100 * found <= published + 3


def share_found(templates: int, gap: float, countries: int, family: int) -> float:
    """Return in how many of 500 studies of 3 samples `permutation_p` itself finds the gap."""

    def marginal(centre: float) -> float:
        return float(quad(lambda x: expit(centre + x) * norm.pdf(x, scale=np.hypot(1, 0.7)), -12, 12)[0])

    centres = np.array([brentq(lambda x, r=rate: marginal(x) - r, -15, 15) for rate in (0.05 + gap, 0.05)])
    centres = centres.repeat([1, countries - 1])
    generator = np.random.default_rng(7)
    answers = np.full((templates, countries), 3)
    found = 0
    for _ in range(500):
        logits = centres + generator.normal(0, 1, (templates, 1)) + generator.normal(0, 0.7, answers.shape)
        found += permutation_p(generator.binomial(3, expit(logits)), answers)[0] <= 0.05 / family
    return found / 500


@pytest.mark.parametrize(("templates", "countries", "family"), [(12, 16, 16), (8, 6, 1)])
def test_a_planned_gap_is_found_four_times_in_five(templates: int, countries: int, family: int) -> None:
    gap = detectable_gap(templates, 3, countries, family=family)
    assert gap is not None
    assert share_found(templates, gap - 0.05, countries, family) < 0.8
    assert share_found(templates, gap + 0.05, countries, family) > 0.8


@pytest.mark.parametrize(
    ("easier", "harder"),
    [
        pytest.param((20, 3, 16, 0.05, 1), (20, 3, 16, 0.05, 16), id="family"),
        pytest.param((20, 3, 16, 0.05, 16), (20, 3, 16, 0.05, 208), id="larger family"),
        pytest.param((30, 3), (12, 3), id="templates"),
        pytest.param((12, 3), (12, 1), id="samples"),
        pytest.param((12, 3, 16), (12, 3, 3), id="countries"),
        pytest.param((12, 3, 16, 0.02), (12, 3, 16, 0.2), id="base"),
    ],
)
def test_what_makes_a_gap_harder_to_find(easier: tuple[int, ...], harder: tuple[int, ...]) -> None:
    smaller, larger = detectable_gap(*easier), detectable_gap(*harder)
    assert smaller is not None
    assert larger is not None
    assert 0 < smaller < larger < 0.95


def test_an_answer_is_whole_points_and_always_the_same() -> None:
    first = detectable_gap(6, 2)
    detectable_gap.cache_clear()
    assert first is not None
    assert detectable_gap(6, 2) == first == round(first, 2)


@pytest.mark.parametrize(
    "shape",
    [
        (12, 3, 16, 0.05, 16),
        (4, 1, 6, 0.3, 1),
        (30, 2, 40, 0.1, 2_000),
        (2, 10, 16, 0.05, 16),
        (12, 3, 16, 0.95, 16),
    ],
)
def test_a_gap_is_confirmed_from_the_smallest_one_on(shape: tuple[int, int, int, float, int]) -> None:
    smallest = detectable_gap(*shape)
    points = 200 if smallest is None else round(100 * smallest)
    assert [confirms(gap, *shape) for gap in (0, points - 1, points, points + 1, 150)] == [
        False, False, *[smallest is not None] * 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((0, 3), id="no templates"),
        pytest.param((2, 10), id="a template too few for any star"),
        pytest.param((30, 3, 1), id="nothing to compare with"),
        pytest.param((30, 3, 16, 0.995), id="no room above the base"),
        pytest.param((12, 3, 16, 0.95), id="hardly any room"),
    ],
)
def test_no_gap_can_be_found(shape: tuple[int, ...]) -> None:
    assert detectable_gap(*shape) is None


@pytest.mark.parametrize(
    ("asked", "planned"), [((12, 50), (12, 10)), ((50_000, 1), (1_000, 1)), ((700, 5), (200, 5))]
)
def test_huge_shapes_are_cut_down(asked: tuple[int, int], planned: tuple[int, int]) -> None:
    assert detectable_gap(*asked) == detectable_gap(*planned)


@pytest.mark.parametrize(
    ("family", "countries", "expected"),
    [(1, 16, 2), (16, 16, 3), (208, 16, 4), (16, 4, 5), (1000, 2, 15), (1, 20, 1), (20, 20, 2), (21, 20, 3)],
)
def test_templates_for_a_star(family: int, countries: int, expected: int) -> None:
    assert templates_for_a_star(family, countries) == expected
    for templates, starred in ((expected - 1, False), (expected, True)):
        sole = np.zeros((max(templates, 1), countries), dtype=np.int64)
        sole[:templates, 0] = 1
        assert bool(permutation_p(sole, np.ones_like(sole))[0] <= 0.05 / family + 1e-12) == starred


@pytest.mark.parametrize("wrong", [(4, 0), (4, 3, 16, 0.0), (4, 3, 16, 1.0), (4, 3, 16, 0.05, 0)])
def test_shapes_that_mean_nothing(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cannot plan"):
        detectable_gap(*wrong)


@pytest.mark.parametrize(("family", "countries"), [(16, 1), (0, 16)])
def test_families_that_mean_nothing(family: int, countries: int) -> None:
    with pytest.raises(ValueError, match="no comparison"):
        templates_for_a_star(family, countries)
