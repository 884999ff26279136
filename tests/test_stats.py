"""Statistics against METRICS §3 and its fixtures, with values worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from parallax import stats
from parallax.stats import Floats

NONE = float("nan")
ROOT = Path(__file__).resolve().parent.parent


def floats(*values: float) -> Floats:
    return np.array(values, dtype=float)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (39, 50, 0.6476, 0.8725),
        (0, 50, 0.0, 0.0714),
        (50, 50, 0.9286, 1.0),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    found = stats.wilson(floats(hits / n), floats(n))
    assert found.low[0] == pytest.approx(low, abs=1e-4)
    assert found.high[0] == pytest.approx(high, abs=1e-4)


def test_wilson_takes_fractional_counts_between_their_neighbours() -> None:
    widths = [(i.high - i.low)[0] for n in (8, 8.5, 9) for i in [stats.wilson(floats(0.3), floats(n))]]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 3


@pytest.mark.parametrize(("share", "n_eff"), [(NONE, 10), (0.5, NONE), (0.5, 0), (0.5, -1)])
def test_wilson_of_nothing_is_none_and_leaves_its_neighbour_alone(share: float, n_eff: float) -> None:
    found = stats.wilson(floats(share, 0.78), floats(n_eff, 50))
    assert np.isnan([found.low[0], found.high[0]]).all()
    assert [found.low[1], found.high[1]] == pytest.approx([0.6476, 0.8725], abs=1e-4)


def test_wilson_is_that_of_statsmodels() -> None:
    shares, sizes = floats(0.0, 0.05, 0.31, 0.5, 0.999, 1.0), floats(1.0, 8.0, 12.5, 50.0, 333.3, 1000.0)
    expected = proportion_confint(shares * sizes, sizes, method="wilson")
    found = stats.wilson(shares, sizes)
    assert found.low == pytest.approx(expected[0], abs=1e-12)
    assert found.high == pytest.approx(expected[1], abs=1e-12)


def test_wilson_of_no_cells() -> None:
    assert [limits.shape for limits in stats.wilson(floats(), floats())] == [(0,), (0,)]


@pytest.mark.parametrize(
    ("mean", "variance", "templates", "answers", "probes", "expected"),
    [
        pytest.param(0.2, 0.1, 10, 50, 10, 18.75, id="p̃ = 3/12, v = .01: .1875/.01"),
        pytest.param(0.5, 0.5, 10, 50, 10, 10, id="5 by the formula, clamped up to the templates"),
        pytest.param(0.5, 0.01, 4, 12, 4, 12, id="100 by the formula, clamped down to the answers"),
        pytest.param(1.0, 0.0, 4, 12, 8, 8, id="no variance: the distinct probes"),
        pytest.param(0.0, 0.0, 2, 6, 2, 2, id="no variance at zero: the same"),
        pytest.param(1.0, NONE, 1, 3, 1, NONE, id="one template: none"),
        pytest.param(NONE, NONE, 0, 0, 0, NONE, id="nothing answered: none"),
    ],
)
def test_effective_n(
    mean: float, variance: float, templates: int, answers: int, probes: int, expected: float
) -> None:
    arguments = (floats(value) for value in (mean, variance, templates, answers, probes))
    assert stats.effective_n(*arguments)[0] == pytest.approx(expected, nan_ok=True)


def test_statistics_load_without_scipy_pandas_and_statsmodels() -> None:
    code = (
        "import sys, parallax.stats.planner\n"
        "sys.exit(', '.join({'scipy', 'statsmodels', 'pandas'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stderr.strip() == ""
