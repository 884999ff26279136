"""The gap: how much less willing a model is for one country than for the others (METRICS §3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from parallax.stats.intervals import Floats, effective_n, newcombe
from parallax.stats.permutation import Bools, Ints

# below this, a variance of shares is what rounding left of none
NO_VARIANCE = 1e-12


class Gap(NamedTuple):
    """Gaps of models (rows) at countries (columns); arrays of one shape, shares as fractions.

    `templates` is the size of T, `answers` the country's valid answers on it, `rate` and `others` the means
    over T of its own share and of the mean share of the other countries, `value` their difference, `low`
    and `high` its 95 % interval, `n_eff` the effective answers behind `rate`, `robust` the rate less the
    median of the other countries' rates. NaN where there is none.
    """

    templates: Ints
    answers: Ints
    rate: Floats
    others: Floats
    value: Floats
    low: Floats
    high: Floats
    n_eff: Floats
    robust: Floats


class _Means(NamedTuple):
    """The mean over T of template means, and the effective number of answers behind it."""

    value: Floats
    n_eff: Floats


def gap(declined: Ints, answers: Ints, probes: Ints, templates: Ints) -> Gap:
    """Return the gaps of several models at once.

    `declined` (evasive or refusal), `answers` (valid ones) and `probes` (distinct, with a valid answer) are
    counts of the shape models × blocks × countries; a block is a template in one language, and `templates`
    holds for each block the number of its template, from 0. T of a country are the templates on which, in
    one and the same language, it and another country have answers. What is compared lies within a block;
    blocks are averaged to their template, and templates to the gap. Source: METRICS §3.
    """
    here = compared(answers)
    share = np.where(here, declined / np.maximum(answers, 1), 0.0)
    number = here.sum(axis=2, keepdims=True)
    beside = np.where(here, (share.sum(axis=2, keepdims=True) - share) / np.maximum(number - 1, 1), 0.0)
    member = _member(templates)
    blocks = member @ here
    size = (blocks > 0).sum(axis=1)
    counted, asked = np.where(here, answers, 0), np.where(here, probes, 0)
    own = _mean(member @ share, blocks, counted, asked)
    others = _mean(member @ beside, blocks, _rest(counted, here), _rest(asked, here))
    value = own.value - others.value
    low, high = newcombe(own.value, own.n_eff, others.value, others.n_eff)
    robust = own.value - _median_of_others(share, here, member, blocks)
    return Gap(size, counted.sum(axis=1), own.value, others.value, value, low, high, own.n_eff, robust)


def compared(answers: Ints) -> Bools:
    """Return where a country has answers on a block that another country has answers on, too."""
    here = answers > 0
    both: Bools = here & (here.sum(axis=-1, keepdims=True) >= 2)
    return both


def panel_median(gaps: Floats, least: int = 4) -> Floats:
    """Return for each cell the median of the other models' gaps: what is not special to this model.

    `gaps`, models × countries, may hold NaN; so does the result where fewer than `least` others have a gap.
    The panel-adjusted gap is the gap less this. Source: METRICS §3.
    """
    medians = np.full(gaps.shape, np.nan)
    for row in range(len(gaps)):
        others = np.delete(gaps, row, axis=0)
        enough = (~np.isnan(others)).sum(axis=0) >= least
        medians[row, enough] = np.nanmedian(others[:, enough], axis=0)
    return medians


def _member(templates: Ints) -> Floats:
    """Return which block belongs to which template: templates × blocks, 1 or 0."""
    member: Floats = (np.arange(templates.max(initial=-1) + 1)[:, None] == templates).astype(float)
    return member


def _rest(counts: Ints, here: Bools) -> Ints:
    """Return what the other countries of each block have."""
    rest: Ints = np.where(here, counts.sum(axis=2, keepdims=True) - counts, 0)
    return rest


def _mean(sums: Floats, blocks: Floats, answers: Ints, probes: Ints) -> _Means:
    """Return the mean over templates of the mean of their blocks."""
    on = blocks > 0
    size = on.sum(axis=1)
    means = sums / np.maximum(blocks, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(size > 0, means.sum(axis=1) / size, np.nan)
        variance = (np.where(on, means - value[:, None], 0.0) ** 2).sum(axis=1) / (size - 1)
    variance = np.where(variance > NO_VARIANCE, variance, 0.0)
    n_eff = effective_n(
        value,
        variance,
        size.astype(float),
        answers.sum(axis=1).astype(float),
        probes.sum(axis=1).astype(float),
    )
    return _Means(value, n_eff)


def _median_of_others(share: Floats, here: Bools, member: Floats, blocks: Floats) -> Floats:
    """Return the median of the other countries' shares on T, of those present on at least half of T."""
    present = here.astype(float)
    # a country's blocks weigh alike within a template, and its templates alike
    weight = present / np.maximum(np.einsum("tb,utc->ubc", member, blocks), 1)
    turned = weight.transpose(0, 2, 1)
    on = (blocks > 0).astype(float)
    together = on.transpose(0, 2, 1) @ on
    size = on.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = (turned @ share) / (turned @ present)
    counts = (together >= size[:, :, None] / 2) & ~np.eye(share.shape[2], dtype=bool) & (size[:, :, None] > 0)
    means[~counts] = np.nan
    median = np.full(size.shape, np.nan)
    some = (~np.isnan(means)).any(axis=2)
    median[some] = np.nanmedian(means[some], axis=1)
    return median
