"""Is a model selective at all: does what it declines depend on the country (METRICS §3)."""

from __future__ import annotations

import math

import numpy as np

from parallax.stats import Floats
from parallax.stats.gap import compared
from parallax.stats.permutation import Ints

DRAWS = 9_999


def selective_p(declined: Ints, answers: Ints) -> float:
    """Return the p of a model treating all countries alike, against any difference between them.

    `declined` and `answers` are counts, blocks × countries, a block being a template in one language. With
    one answer in every cell it is Cochran's Q. Else the variance of the countries' mean shares is held to
    9,999 seeded shuffles of the shares within each block: p = (1 + b) / (9,999 + 1). 1 where nothing
    varies, NaN where nothing can be compared. Sources: Cochran, Biometrika 37 (1950); METRICS §3.
    """
    here = compared(answers)
    rows, columns = here.any(axis=1), here.any(axis=0)
    here = here[rows][:, columns]
    declined, answers = declined[rows][:, columns], answers[rows][:, columns]
    if not here.size:
        return math.nan
    share = np.where(here, declined / np.maximum(answers, 1), np.nan)
    if np.nanmax(share) == np.nanmin(share):
        return 1.0
    if (answers == 1).all():
        return _cochran(declined)
    generator = np.random.default_rng(0)
    observed = _spread(share[None])[0]
    reached = 0
    for size in [999] * 10 + [9]:
        shuffled = np.stack([_shuffled(row, size, generator) for row in share], axis=1)
        reached += int((_spread(shuffled) >= observed - 1e-12).sum())
    return (1 + reached) / (DRAWS + 1)


def _cochran(declined: Ints) -> float:
    # imported here because no click should wait for it
    from statsmodels.stats.contingency_tables import cochrans_q

    # a template on which all countries agree says nothing; without any other, Q would be 0 / 0
    varied = declined[(declined != declined[:, :1]).any(axis=1)]
    return float(cochrans_q(varied).pvalue) if len(varied) else 1.0


def _spread(shares: Floats) -> Floats:
    """Return for each shuffle the variance of the countries' mean shares."""
    spread: Floats = np.nanvar(np.nanmean(shares, axis=1), axis=1)
    return spread


def _shuffled(row: Floats, size: int, generator: np.random.Generator) -> Floats:
    """Return a block's shares in `size` orders; where a country is absent, it stays so."""
    known = ~np.isnan(row)
    result = np.tile(row, (size, 1))
    result[:, known] = generator.permuted(np.tile(row[known], (size, 1)), axis=1)
    return result
