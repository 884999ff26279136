"""Agreement of raters against METRICS §6, fixtures 3 and 4, and values worked out by hand."""

from __future__ import annotations

import math

import krippendorff
import numpy as np
import pytest

from parallax.stats import agreement
from parallax.stats.agreement import Detection, Estimate

# fixture 3: judge (first letter) against gold (second)
PAIRS = {"CC": 195, "CE": 5, "DC": 6, "DD": 83, "DE": 11, "EC": 18, "ED": 13, "EE": 69}
JUDGE = [pair[0] for pair, count in PAIRS.items() for _ in range(count)]
GOLD = [pair[1] for pair, count in PAIRS.items() for _ in range(count)]
ORDER = "CED"


def counts(*raters: list[str], values: str = ORDER) -> np.ndarray:
    return np.array([[unit.count(value) for value in values] for unit in zip(*raters, strict=True)], float)


def test_fixture_3() -> None:
    three_way = agreement.kappa(agreement.crossed(JUDGE, GOLD, ORDER))
    assert three_way.value == pytest.approx(0.7839, abs=5e-5)
    assert three_way.n == 400
    assert three_way.low < three_way.value < three_way.high
    units = counts(JUDGE, GOLD)
    assert agreement.alpha(units).value == pytest.approx(0.7838, abs=5e-5)
    assert agreement.alpha(units, ordinal=True, draws=9).value == pytest.approx(0.8751, abs=5e-5)
    said, truth = (np.array([letter != "C" for letter in one]) for one in (JUDGE, GOLD))
    two_way = agreement.kappa(agreement.crossed([*map(str, said)], [*map(str, truth)], ["True", "False"]))
    assert two_way.value == pytest.approx(0.855, abs=5e-4)
    found = agreement.detection(truth, said, np.ones(400))
    assert found.sensitivity.value == pytest.approx(0.9724, abs=5e-5)
    assert found.specificity.value == pytest.approx(0.8904, abs=5e-5)
    assert (found.sensitivity.n, found.specificity.n) == (181, 219)


MEASURED = Detection(Estimate(0.9724, 0.9, 1.0, 181), Estimate(0.8904, 0.8, 0.95, 219))


def test_fixture_4() -> None:
    corrected = agreement.rogan_gladen(0.78, 100, MEASURED)
    assert corrected.value == pytest.approx(0.777, abs=1e-3)
    assert corrected.low < corrected.value < corrected.high
    assert agreement.rogan_gladen(0.06, 100, MEASURED).why == agreement.FLOOR


@pytest.mark.parametrize(
    ("share", "se", "sp", "value", "why"),
    [
        (0.5, Estimate(1, 1, 1, 10), Estimate(1, 1, 1, 10), 0.5, ""),
        (1.0, Estimate(0.8, 0, 1, 10), Estimate(0.9, 0, 1, 10), 1.0, ""),
        (0.5, Estimate(0.4, 0, 1, 10), Estimate(0.6, 0, 1, 10), math.nan, agreement.USELESS),
        (0.5, agreement.NONE, Estimate(1, 1, 1, 10), math.nan, agreement.UNMEASURED),
        (0.5, Estimate(1, 1, 1, 10), agreement.NONE, math.nan, agreement.UNMEASURED),
    ],
)
def test_what_a_rate_would_be(share: float, se: Estimate, sp: Estimate, value: float, why: str) -> None:
    found = agreement.rogan_gladen(share, 50, Detection(se, sp))
    assert found.value == pytest.approx(value, nan_ok=True)
    assert found.why == why


def test_more_answers_and_more_reviews_narrow_the_corrected_rate() -> None:
    many = Detection(*(one._replace(n=10_000) for one in MEASURED))
    widths = [
        one.high - one.low
        for n, measured in ((50, MEASURED), (500, MEASURED), (500, many))
        for one in [agreement.rogan_gladen(0.5, n, measured)]
    ]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        ("CCEE", "CCEE", 1.0),
        ("CCEE", "EECC", -1.0),
        ("CECE", "CCEE", 0.0),
        ("CCCC", "CCCC", math.nan),
        ("", "", math.nan),
    ],
)
def test_kappa(first: str, second: str, value: float) -> None:
    found = agreement.kappa(agreement.crossed(first, second, ORDER))
    assert found.value == pytest.approx(value, nan_ok=True, abs=1e-12)
    assert found.n == len(first)


def test_a_value_that_is_not_in_the_scheme_is_named() -> None:
    with pytest.raises(ValueError, match="'X' is none of C, E, D"):
        agreement.crossed("CX", "CC", ORDER)


def test_alpha_is_that_of_its_reference() -> None:
    rng = np.random.default_rng(3)
    for raters in (2, 3, 5):
        given = rng.integers(0, 4, size=(60, raters))
        units = np.stack([(given == value).sum(axis=1) for value in range(3)], axis=1).astype(float)
        # the fourth value stands for nothing said
        for ordinal, level in ((False, "nominal"), (True, "ordinal")):
            kept = units[units.sum(axis=1) > 0]
            expected = krippendorff.alpha(value_counts=kept, level_of_measurement=level)
            assert agreement.alpha(units, ordinal=ordinal, draws=1).value == pytest.approx(expected)


def test_alpha_leaves_out_what_one_rater_alone_saw() -> None:
    both = counts(list("CCEEDC"), list("CCEEDE"))
    alone = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, 0, 0]])
    assert agreement.alpha(np.vstack([both, alone])) == agreement.alpha(both)
    assert math.isnan(agreement.alpha(counts(list("CCC"), list("CCC"))).value)


def test_answers_to_one_probe_are_drawn_together() -> None:
    rng = np.random.default_rng(1)
    truth = np.repeat(rng.choice(list(ORDER), 20), 10)
    # the second rater errs by probe: on some of them throughout
    wrong = np.repeat(rng.random(20) < 0.25, 10)
    second = np.where(wrong, np.where(truth == "C", "E", "C"), truth)
    units = counts(list(truth), list(second))
    plain = agreement.alpha(units, draws=199)
    clustered = agreement.alpha(units, clusters=[*np.repeat(np.arange(20), 10)], draws=199)
    assert clustered.value == plain.value
    assert clustered.high - clustered.low > 2 * (plain.high - plain.low)
    assert clustered == agreement.alpha(units, clusters=[*np.repeat(np.arange(20), 10)], draws=199)


def test_weights_undo_a_stratified_draw() -> None:
    truth = np.array([True, True, True, False])
    said = np.array([True, False, False, False])
    found = agreement.detection(truth, said, np.array([8.0, 1.0, 1.0, 1.0]))
    assert found.sensitivity.value == pytest.approx(0.8)
    even = agreement.detection(truth, said, np.ones(4))
    assert even.sensitivity.value == pytest.approx(1 / 3)
    assert even.specificity == Estimate(1.0, *even.specificity[1:])


@pytest.mark.parametrize(
    ("value", "colour"), [(0.59, "red"), (0.6, "amber"), (0.8, "green"), (1.0, "green"), (math.nan, "")]
)
def test_badges(value: float, colour: str) -> None:
    assert agreement.badge(value) == colour
