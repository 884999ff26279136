"""Statistics as pure functions: arrays in, arrays or named tuples out. Imports nothing of ours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """Lower and upper limits, each of the shape of what was asked, as fractions; NaN where none."""

    low: Floats
    high: Floats


def wilson(share: Floats, n_eff: Floats) -> Interval:
    """Return the 95 % Wilson score interval of shares.

    `share` (fractions) and `n_eff` (effective numbers of answers, any positive number) are arrays of
    one shape; NaN where `n_eff` is not positive. Source: Wilson, JASA 22 (1927), by statsmodels.
    """
    # imported here because it costs a second, and a page without rates needs none of it
    from statsmodels.stats.proportion import proportion_confint

    known = (n_eff > 0) & ~np.isnan(share)
    low, high = np.full(share.shape, np.nan), np.full(share.shape, np.nan)
    if known.any():
        n = n_eff[known]
        low[known], high[known] = proportion_confint(share[known] * n, n, method="wilson")
    return Interval(low, high)


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
