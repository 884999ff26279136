"""The within-template permutation test of the country labels (METRICS §3), by its exact tail."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from parallax.stats.intervals import Floats

LARGEST_MULTIPLE = 2_520
DRAWS = 99_999

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def permutation_p(noncompliant: Ints, answers: Ints) -> Floats:
    """Return each country's p, one-sided, of declining or dodging more for it than for the others.

    `noncompliant` and `answers` are counts, templates × countries, 0 answers where a country is absent.
    The statistic is the sum of the country's shares over T, the templates on which it and another country
    are present. Under the null its share on a template is drawn uniformly from those present there, its
    own among them, each template apart; p is the chance of a sum at least as large. It is exact, unless
    the least common multiple of the answers exceeds 2,520: then p = (1 + b) / (99,999 + 1), b being how
    many of 99,999 seeded draws reach the sum. NaN where T is empty.

    Raises ValueError where the shapes differ or a count doesn't lie between 0 and its answers.
    """
    if noncompliant.shape != answers.shape:
        raise ValueError(f"counts of shape {noncompliant.shape}, answers of shape {answers.shape}")
    if ((noncompliant < 0) | (noncompliant > answers)).any():
        raise ValueError("a count of non-compliant answers must lie between 0 and its answers")
    present = answers > 0
    present &= present.sum(axis=1, keepdims=True) >= 2
    compared = present.any(axis=0)
    result = np.full(answers.shape[1], np.nan)
    if compared.any():
        multiple = math.lcm(*answers[present].tolist())
        counts, sizes, here = noncompliant[:, compared], answers[:, compared], present[:, compared]
        if multiple > LARGEST_MULTIPLE:
            result[compared] = _drawn(np.where(here, counts / np.maximum(sizes, 1), 0.0), here)
        else:
            result[compared] = _exact(counts, sizes, here, multiple)
    return result


def clustered_p(declined: Ints, answers: Ints, templates: Ints) -> Floats:
    """Return each country's p as `permutation_p` does, where a template may be asked in several languages.

    The counts are blocks × countries, a block being a template in one language; `templates` holds for each
    block the number of its template. What is drawn is the mean over the languages of a template, so that
    answers in several languages to one question count as one. A country's draws on a template are from the
    countries that have answers in all the languages that it is compared in there: what is declined more
    often in one language would else look like a country that is.
    """
    if len(np.unique(templates)) == len(templates):
        return permutation_p(declined, answers)
    here = answers > 0
    here &= here.sum(axis=1, keepdims=True) >= 2
    result = np.full(here.shape[1], np.nan)
    compared = here.any(axis=0)
    if compared.any():
        multiple = math.lcm(*answers[here].tolist())
        counts = np.where(here, declined * (multiple // np.maximum(answers, 1)), 0)
        result[compared] = _of_pools(_pools(counts, here, templates), multiple)[compared]
    return result


class _Pools(NamedTuple):
    """What each country's values are drawn from, a pool for each template and group of countries.

    `values`, groups × templates × countries, are integers, the counts times `most`. `members` says which of
    them may be drawn; `group` is that of each country.
    """

    values: Ints
    members: Bools
    group: Ints
    most: int


def _pools(counts: Ints, here: Bools, templates: Ints) -> _Pools:
    """Return the pools of countries that have answers on the same blocks."""
    patterns, group = np.unique(here, axis=1, return_inverse=True)
    # blocks lie in the order of their templates: sums over neighbours are much quicker than a matrix product
    order = np.argsort(templates, kind="stable")
    starts = np.unique(templates[order], return_index=True)[1]
    own = patterns.T[:, order, None].astype(np.int64)
    sizes = np.add.reduceat(own, starts, axis=1)
    most = math.lcm(*np.unique(sizes[sizes > 0]).tolist())
    members = (np.add.reduceat(here[order] * own, starts, axis=1) == sizes) & (sizes > 0)
    values = np.add.reduceat(counts[order] * own, starts, axis=1) * (most // np.maximum(sizes, 1))
    return _Pools(np.where(members, values, 0), members, group, most)


def _of_pools(pools: _Pools, multiple: int) -> Floats:
    """Return the p of every country, exact unless the values have too many steps."""
    values, members, group, most = pools
    countries = np.arange(len(group))
    observed = values[group, :, countries].sum(axis=1)
    if multiple * most > LARGEST_MULTIPLE:
        return _drawn_of_pools(pools, observed)
    groups, templates, _ = place = np.nonzero(members)
    shape = values.shape[1], multiple * most + 1, len(values)
    flat = np.ravel_multi_index((templates, values[place], groups), shape)
    histograms = np.bincount(flat, minlength=math.prod(shape)).reshape(shape).astype(float)
    total = histograms.sum(axis=1, keepdims=True)
    # a template on which a group is not compared adds nothing to its sum
    histograms[:, :1] += total == 0
    tails: Floats = upper_tail(histograms / np.maximum(total, 1), int(observed.max()))[observed, group]
    return tails


def _drawn_of_pools(pools: _Pools, observed: Ints) -> Floats:
    """Return the Monte-Carlo p of every country."""
    generator = np.random.default_rng(0)
    p = np.empty(len(observed))
    for number, (values, members) in enumerate(zip(pools.values, pools.members, strict=True)):
        drawn = [
            generator.choice(row[known], DRAWS)
            for row, known in zip(values, members, strict=True)
            if known.any()
        ]
        sums = np.sum(drawn, axis=0) if drawn else np.zeros(DRAWS)
        for country in np.flatnonzero(pools.group == number):
            p[country] = (1 + (sums >= observed[country]).sum()) / (DRAWS + 1)
    return p


def rest_p(declined: Ints, answers: Ints, templates: Ints, first: Floats, alpha: float = 0.05) -> Floats:
    """Return each country's p of the second pass, in which what stands out has left the baseline.

    The counts are as for `clustered_p`, and `first` is what that returned for them. The country of the
    smallest p leaves if p × the countries left is at most `alpha`, and the rest are tested again without
    it, until none leaves. A country that leaves keeps the p by which it does; the last one left alone has
    none (NaN). Source: METRICS §3.
    """
    result = first.copy()
    left = ~np.isnan(first)
    while left.any():
        best = int(np.nanargmin(np.where(left, result, np.nan)))
        if not result[best] * left.sum() <= alpha:
            break
        left[best] = False
        result[left] = clustered_p(declined[:, left], answers[:, left], templates)
        left &= ~np.isnan(result)
    return result


def upper_tail(histograms: Floats, most: int) -> Floats:
    """Return P(X ≥ x) of sums of independent draws, one from each template, for x from 0 to `most`.

    `histograms`, templates × values × studies, holds the probability of the integers 0, 1, … in each
    template of each study. The result is of the shape (most + 1) × studies.
    """
    _, values, studies = histograms.shape
    sums = np.zeros((most + 1, studies))
    sums[0] = 1.0
    for number, histogram in enumerate(histograms):
        before = sums[: number * (values - 1) + 1].copy()
        sums[: len(before)] = 0.0
        for value in np.flatnonzero(histogram.any(axis=1)):
            short = before[: max(most + 1 - value, 0)]
            sums[value : value + len(short)] += short * histogram[value]
            # Sums beyond `most` need no row each: the last row holds whatever reaches it.
            sums[most] += before[len(short) :].sum(axis=0) * histogram[value]
    return np.minimum(np.cumsum(sums[::-1], axis=0)[::-1], 1.0)


def _exact(counts: Ints, answers: Ints, present: Bools, multiple: int) -> Floats:
    """Return the exact p of every country, its shares scaled to integers by the multiple."""
    scaled = np.where(present, counts * (multiple // np.maximum(answers, 1)), 0)
    pooled = np.zeros((len(counts), multiple + 1))
    np.add.at(pooled, (np.arange(len(counts))[:, None], scaled), present)
    pooled /= np.maximum(present.sum(axis=1, keepdims=True), 1)
    # Countries with the same T share a convolution; a template outside T adds nothing to the sum.
    shared, group = np.unique(present, axis=1, return_inverse=True)
    histograms = pooled[:, :, None] * shared[:, None, :]
    histograms[:, 0] += ~shared
    observed = scaled.sum(axis=0)
    tails: Floats = upper_tail(histograms, int(observed.max()))[observed, group]
    return tails


def _drawn(shares: Floats, present: Bools) -> Floats:
    """Return the Monte-Carlo p of every country from its shares, templates × countries, 0 where absent."""
    shared, group = np.unique(present, axis=1, return_inverse=True)
    generator = np.random.default_rng(0)
    sums = np.zeros((shared.shape[1], DRAWS))
    for share, here, sharing in zip(shares, present, shared, strict=True):
        if here.any():
            sums[sharing] += generator.choice(share[here], DRAWS)
    # Equal sums of fractions may differ in their last digits.
    observed = shares.sum(axis=0) - 1e-9
    reached = [(sums[number] >= least).sum() for number, least in zip(group, observed, strict=True)]
    return (1 + np.array(reached)) / (DRAWS + 1)
