"""Is something as frequent in every group? A conditional test of a table of groups × two outcomes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

DRAWS = 9_999


class Homogeneity(NamedTuple):
    """The p of equal shares in all groups, how many groups and answers it compares; NaN for under two."""

    p: float
    groups: int
    n: int


def homogeneity(hits: npt.NDArray[np.bool_], group: npt.NDArray[np.str_], draws: int = DRAWS) -> Homogeneity:
    """Return whether hits are as frequent in every group, by Monte Carlo.

    Both arrays have one shape, an answer each. Given how many hits there are and how large the groups are,
    the hits are dealt out anew: their numbers by group are then multivariate hypergeometric, and
    p = (1 + b) / (draws + 1), b being how many of the seeded draws reach Pearson's χ² of what was found. It
    holds for any size of group, unlike the χ² distribution. Source: Agresti, Categorical Data Analysis
    (2013), 3.5 and 16.5.
    """
    _, place, sizes = np.unique(group, return_inverse=True, return_counts=True)
    n, k = len(hits), int(hits.sum())
    if len(sizes) < 2:
        return Homogeneity(np.nan, len(sizes), n)
    if k in {0, n}:
        return Homogeneity(1.0, len(sizes), n)
    found = np.bincount(place, weights=hits, minlength=len(sizes))
    drawn = np.random.default_rng(0).multivariate_hypergeometric(sizes, k, size=draws)
    # Pearson's χ² is this sum times a constant, for the margins are the same in every draw
    spread = ((drawn - k * sizes / n) ** 2 / sizes).sum(axis=1)
    observed = ((found - k * sizes / n) ** 2 / sizes).sum()
    reached = int((spread >= observed - 1e-9).sum())
    return Homogeneity((1 + reached) / (draws + 1), len(sizes), n)
