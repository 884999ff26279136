"""Paired change: the same probes put to two models, in two runs, or about two countries (METRICS §3)."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from parallax.stats.intervals import Floats
from parallax.stats.permutation import DRAWS, LARGEST_MULTIPLE, Ints, upper_tail

# beyond so many steps the exact tail takes seconds
MOST_STEPS = 100_000_000


class Difference(NamedTuple):
    """A mean difference of shares and its interval, between −1 and 1; NaN where there is none."""

    value: float
    low: float
    high: float

    def within(self, margin: float) -> bool:
        """Whether the whole interval lies inside ± `margin`: at 90 %, the two are equivalent at 5 %."""
        return -margin < self.low and self.high < margin


def mcnemar_p(lost: int, gained: int) -> float:
    """Return the exact two-sided p of McNemar's test, from how many pairs changed in either direction.

    Source: McNemar, Psychometrika 12 (1947), by the binomial.
    """
    # imported here because no click should wait for it
    from statsmodels.stats.contingency_tables import mcnemar

    return min(1.0, float(mcnemar([[0, lost], [gained, 0]], exact=True).pvalue))


def sign_flip_p(first: Ints, first_answers: Ints, second: Ints, second_answers: Ints) -> float:
    """Return the two-sided p of the mean difference of two shares of each probe, by flipping their signs.

    `first` and `second` are counts out of the answers given with them, all above 0, a value a probe. Under
    the null the two sides of a probe are exchangeable, so each difference may as well have the other sign.
    The p is exact, by convolution, unless the least common multiple of the answers exceeds 2,520 or there
    are too many probes for it: then p = (1 + b) / (99,999 + 1) of seeded draws. NaN without a probe. With
    one answer on each side it is McNemar's. Source: Fisher, The Design of Experiments (1935), §21.
    """
    if not len(first):
        return math.nan
    multiple = math.lcm(*first_answers.tolist(), *second_answers.tolist())
    if multiple > LARGEST_MULTIPLE:
        return _drawn(second / second_answers - first / first_answers)
    by = second * (multiple // second_answers) - first * (multiple // first_answers)
    sizes = np.abs(by[by != 0])
    if len(sizes) * int(sizes.sum()) > MOST_STEPS:
        return _drawn(by.astype(float))
    # a difference counts in full or not at all: half their sum and half the observed one, an integer
    reached = (int(sizes.sum()) + abs(int(by.sum()))) // 2
    histograms = np.zeros((len(sizes), int(sizes.max(initial=0)) + 1, 1))
    histograms[:, 0] = 0.5
    histograms[np.arange(len(sizes)), sizes] += 0.5
    return min(1.0, 2 * float(upper_tail(histograms, reached)[reached, 0])) if by.sum() else 1.0


def mean_difference(differences: Floats, level: float = 0.95) -> Difference:
    """Return the mean of paired differences of shares (each −1 to 1) with its interval.

    For differences of −1, 0 and 1 it is the interval of Agresti and Min, which adds half a pair to each of
    the four outcomes, so that pairs without a change still leave a width; for shares of several answers the
    same two pairs are added. The interval is clipped to [−1, 1]. NaN without a pair. Source: Agresti and Min,
    Statistics in Medicine 24 (2005).
    """
    if not len(differences):
        return Difference(math.nan, math.nan, math.nan)
    n = len(differences) + 2
    centre = float(differences.sum()) / n
    # half a pair of +1 and half of −1 have a sum of squares of 1
    variance = (float((differences**2).sum()) + 1) / n - centre**2
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance / n)
    return Difference(float(differences.mean()), max(-1.0, centre - half), min(1.0, centre + half))


def symmetry_p(table: Ints) -> float:
    """Return the p of Bowker's test: does a square table of paired labels change in one direction more.

    Rows are the first label, columns the second. 1 where nothing changed. Source: Bowker, Journal of the
    American Statistical Association 43 (1948).
    """
    # imported here because no click should wait for it
    from statsmodels.stats.contingency_tables import SquareTable

    if not (table - np.diag(np.diag(table))).any():
        return 1.0
    return float(SquareTable(table, shift_zeros=False).symmetry().pvalue)


def _drawn(differences: Floats) -> float:
    """Return the Monte-Carlo p: differences of one size flip as a binomial number of them."""
    sizes, numbers = np.unique(np.abs(differences), return_counts=True)
    generator = np.random.default_rng(0)
    sums = np.zeros(DRAWS)
    for size, number in zip(sizes, numbers, strict=True):
        sums += size * (2 * generator.binomial(number, 0.5, DRAWS) - number)
    # Equal sums of fractions may differ in their last digits.
    reached = (np.abs(sums) >= abs(differences.sum()) - 1e-9).sum()
    return float(1 + reached) / (DRAWS + 1)
