"""The within-template permutation test of the country labels (METRICS §3), by its exact tail."""

from __future__ import annotations

import math

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
        tail = _drawn if multiple > LARGEST_MULTIPLE else _exact
        result[compared] = tail(
            noncompliant[:, compared], answers[:, compared], present[:, compared], multiple
        )
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


def _drawn(counts: Ints, answers: Ints, present: Bools, multiple: int) -> Floats:
    """Return the Monte-Carlo p of every country."""
    shares = np.where(present, counts / np.maximum(answers, 1), 0.0)
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
