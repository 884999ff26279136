"""Is a model selective at all: does what it declines depend on the country (METRICS §3)."""

from __future__ import annotations

import math

import numpy as np

from parallax.stats import Floats
from parallax.stats.gap import compared
from parallax.stats.permutation import Ints

DRAWS = 9_999


def selective_p(declined: Ints, answers: Ints, templates: Ints) -> float:
    """Return the p of a model treating all countries alike, against any difference between them.

    `declined` and `answers` are counts, blocks × countries, a block being a template in one language;
    `templates` holds for each block the number of its template. With one answer in every cell, in one
    language, it is Cochran's Q. Else the variance of the countries' mean shares is held to 9,999 seeded
    shuffles of the shares within each template, of the countries that have answers in all its languages:
    p = (1 + b) / (9,999 + 1). 1 where nothing varies, NaN where nothing can be compared. Sources: Cochran,
    Biometrika 37 (1950); METRICS §3.
    """
    share = _shares(declined, answers, templates)
    if not share.size:
        return math.nan
    if np.nanmax(share) == np.nanmin(share):
        return 1.0
    if (answers == 1).all() and len(share) == len(answers):
        return _cochran(declined)
    generator = np.random.default_rng(0)
    observed = _spread(share[None])[0]
    reached = 0
    for size in [999] * 10 + [9]:
        shuffled = np.stack([_shuffled(row, size, generator) for row in share], axis=1)
        reached += int((_spread(shuffled) >= observed - 1e-12).sum())
    return (1 + reached) / (DRAWS + 1)


def _shares(declined: Ints, answers: Ints, templates: Ints) -> Floats:
    """Return the shares, templates × countries, NaN where a country is not asked in all languages."""
    here = compared(answers)
    used = here.any(axis=1)
    member = (np.unique(templates[used])[:, None] == templates[used]).astype(float)
    share = np.where(here, declined / np.maximum(answers, 1), 0.0)[used]
    whole = member @ here[used] == member.sum(axis=1, keepdims=True)
    means = np.where(whole, (member @ share) / member.sum(axis=1, keepdims=True), np.nan)
    rows: Floats = means[whole.sum(axis=1) >= 2]
    return rows[:, ~np.isnan(rows).all(axis=0)]


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
