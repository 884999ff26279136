"""Intervals of rates and the effective number of answers behind them (METRICS §3)."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z = NormalDist().inv_cdf(0.975)

Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """Lower and upper limits, each of the shape of what was asked, as fractions; NaN where none."""

    low: Floats
    high: Floats


def wilson(share: Floats, n_eff: Floats) -> Interval:
    """Return the 95 % Wilson score interval of shares.

    `share` (fractions) and `n_eff` (effective numbers of answers, any positive number) are arrays of
    one shape; NaN where `n_eff` is not positive. Source: Wilson, JASA 22 (1927). Written out because
    statsmodels takes a second to import, on the click; a test holds it to `proportion_confint`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.where(n_eff > 0, n_eff, np.nan)
        centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    # of none and of all, the limit is exact; the sum would miss it by its last digit
    low = np.where(share == 0, 0.0 * n, np.clip(centre - half, 0.0, 1.0))
    return Interval(low, np.where(share == 1, 1.0 + 0.0 * n, np.clip(centre + half, 0.0, 1.0)))


def newcombe(first: Floats, first_n: Floats, second: Floats, second_n: Floats) -> Interval:
    """Return the 95 % interval of first − second by Newcombe's hybrid of two Wilson intervals.

    `first` and `second` are independent shares (fractions), `first_n` and `second_n` their effective
    numbers of answers, arrays of one shape; NaN where a share has no interval. Source: Newcombe,
    Statistics in Medicine 17 (1998), method 10. Written out because statsmodels does one at a time; a test
    holds it to `confint_proportions_2indep`.
    """
    one, two = wilson(first, first_n), wilson(second, second_n)
    below = np.hypot(first - one.low, two.high - second)
    above = np.hypot(one.high - first, second - two.low)
    return Interval(first - second - below, first - second + above)


def effective_n(mean: Floats, variance: Floats, templates: Floats, answers: Floats, probes: Floats) -> Floats:
    """Return the effective number of answers behind a mean of template means (METRICS §3).

    All arrays have one shape: the mean of T template means, their variance s² (ddof 1), T, the valid
    answers, the distinct probes. n_eff = p̃(1 − p̃) / (s²/T) with p̃ = (T·p + 1) / (T + 2), clamped to
    [T, answers]; where s² = 0 it is the number of distinct probes; where T < 2 there is none (NaN).
    """
    smooth = (templates * mean + 1) / (templates + 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = smooth * (1 - smooth) / (variance / templates)
    result = np.where(variance > 0, np.clip(raw, templates, answers), probes)
    return np.where(templates >= 2, result, np.nan)
