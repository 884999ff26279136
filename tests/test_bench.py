"""What the benchmarks print of what they measured; they themselves are no tests."""

from __future__ import annotations

import numpy as np
import pytest

from bench import simulations
from bench.calls import table
from bench.calls.load import Load
from bench.calls.table import Figures, Pair
from bench.simulations import Shape
from parallax.stats.permutation import permutation_p


def figures(*pairs: Pair) -> Figures:
    found = Figures()
    for pair in pairs:
        found.expect("wall time", "s", 1.15).pairs.append(pair)
    return found


def test_a_row_has_medians_and_the_ratios_of_each_round(capsys: pytest.CaptureFixture[str]) -> None:
    measured = figures(Pair(10.0, 11.0), Pair(20.0, 20.0), Pair(40.0, 50.0))
    assert table.show(measured.rows())
    shown = capsys.readouterr().out
    assert "| wall time | 20.0 s | 20.0 s | 1.10 × (1.00 to 1.25) | 1.15 × |" in shown
    assert "Past its limit: nothing." in shown


def test_a_row_past_its_limit_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert not table.show(figures(Pair(10.0, 12.0)).rows())
    assert "Past its limit: wall time." in capsys.readouterr().out


def test_a_peer_that_is_not_installed_has_no_figure() -> None:
    found = Figures()
    found.expect("wall time", "s", 0.6)
    (row,) = found.rows()
    assert (row.theirs, row.ours, row.factor) == ("not installed", "", "")
    assert row.within


@pytest.mark.parametrize(("calls", "seconds"), [(15_000, 60.0), (300, 2.0)])
def test_no_load_is_faster_than_one_answer(calls: int, seconds: float) -> None:
    assert Load.of(calls, concurrency=500, latency_ms=2_000).ideal_s == pytest.approx(seconds)


@pytest.mark.parametrize("samples", [1, 3])
def test_simulated_p_is_that_of_the_engine(samples: int) -> None:
    declined = simulations.drawn(Shape(8, samples, 5, 0.2), 20, seed=1)
    expected = [permutation_p(one, np.full_like(one, samples))[0] for one in declined]
    assert simulations.first_p(declined, samples) == pytest.approx(expected)


def test_simulated_studies_have_the_base_rate_and_no_gap() -> None:
    shape = Shape(20, 1, 4, 0.05)
    assert simulations.drawn(shape, 2_000, seed=2).mean() == pytest.approx(0.05, abs=0.002)
    found = simulations.summary(simulations.simulate(shape, 400, seed=3))
    assert found.loc[0, "type_i_error"] <= 0.05
    assert found.loc[0, "coverage"] >= simulations.LEAST_COVERED
