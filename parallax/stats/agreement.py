"""How far raters agree, and what a rate would be if they did not err (METRICS §4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from parallax.stats.intervals import Floats, Z, wilson

Counts = npt.NDArray[np.float64]
RED, AMBER = 0.6, 0.8
DRAWS = 999


class Estimate(NamedTuple):
    """A value and its 95 % interval; NaN where there is none. `n` is what it rests on: pairs or units."""

    value: float
    low: float
    high: float
    n: int


class Detection(NamedTuple):
    """How well a rater finds what is positive: sensitivity and specificity, fractions with intervals.

    Their `n` are the positive and the negative answers of the truth.
    """

    sensitivity: Estimate
    specificity: Estimate


NONE = Estimate(math.nan, math.nan, math.nan, 0)


def crossed(first: Sequence[str], second: Sequence[str], values: Sequence[str]) -> Counts:
    """Return how often two raters gave each pair of values: an array of len(values) squared.

    Rows are the first rater's, columns the second's. Raises `ValueError` where the two are not of one
    length or hold another value.
    """
    place = {value: index for index, value in enumerate(values)}
    if strange := sorted({*first, *second} - set(values)):
        raise ValueError(f"'{strange[0]}' is none of {', '.join(values)}")
    table = np.zeros((len(values), len(values)))
    pairs = [(place[a], place[b]) for a, b in zip(first, second, strict=True)]
    np.add.at(table, tuple(np.array(pairs, dtype=int).reshape(-1, 2).T), 1.0)
    return table


def kappa(table: Counts) -> Estimate:
    """Return Cohen's κ of two raters from their crossed table, with its asymptotic interval.

    None (NaN) where both gave one and the same value throughout: chance alone would agree wholly. The
    interval is that of Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969), clipped to [−1, 1].
    """
    n = int(table.sum())
    if n == 0 or (table.sum(axis=0) * table.sum(axis=1)).sum() == n * n:
        return NONE._replace(n=n)
    # it takes a second to import, and no page but one asks for it
    from statsmodels.stats.inter_rater import cohens_kappa

    # its standard errors are 0 / 0 where two raters agree wholly
    with np.errstate(divide="ignore", invalid="ignore"):
        found = cohens_kappa(table)
    low, high = (float(np.clip(limit, -1.0, 1.0)) for limit in (found.kappa_low, found.kappa_upp))
    return Estimate(float(found.kappa), low, high, n)


def alpha(
    counts: Counts, *, ordinal: bool = False, clusters: Sequence[object] | None = None, draws: int = DRAWS
) -> Estimate:
    """Return Krippendorff's α of any number of raters, with a bootstrap interval.

    `counts` has a row for each unit and a column for each value, in their order: how many raters gave it.
    Units that fewer than two rated count for nothing. The interval is of the percentiles of `draws`
    resamples of clusters (without `clusters`: of units), drawn by `default_rng(0)`: answers to one probe
    are judged alike, so they are drawn together. None (NaN) where one value alone was given. Source:
    Krippendorff, Content Analysis (2004), chapter 11. Written out because the package for it is under the
    GPL; a test holds it to that.
    """
    rated = counts.sum(axis=1) >= 2
    counts = counts[rated]
    names = np.arange(len(rated)) if clusters is None else np.unique(list(clusters), return_inverse=True)[1]
    _, group = np.unique(names[rated], return_inverse=True)
    # what a unit adds to the coincidences is its own: a resample is a sum of clusters
    each = np.zeros((group.max(initial=-1) + 1, *2 * counts.shape[1:]))
    np.add.at(each, group, _coincidences(counts))
    value = _alpha(each.sum(axis=0), ordinal=ordinal)
    rng = np.random.default_rng(0)
    drawn = (rng.integers(len(each), size=len(each)) for _ in range(draws if len(each) else 0))
    values = [_alpha(each[chosen].sum(axis=0), ordinal=ordinal) for chosen in drawn]
    known = [one for one in values if not math.isnan(one)]
    low, high = np.quantile(known, [0.025, 0.975]) if known else (math.nan, math.nan)
    return Estimate(value, float(low), float(high), len(counts))


def _coincidences(counts: Counts) -> Counts:
    """Return for each unit how often each two values meet in it: an array of units × values × values."""
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    return np.asarray(pairs / (counts.sum(axis=1)[:, None, None] - 1))


def _alpha(met: Counts, *, ordinal: bool) -> float:
    """Return α from the coincidences of values; NaN where fewer than two values were given."""
    of_value = met.sum(axis=0)
    if (of_value > 0).sum() < 2:
        return math.nan
    distance = 1 - np.eye(len(of_value))
    if ordinal:
        place = np.cumsum(of_value) - of_value / 2
        distance = (place[:, None] - place[None, :]) ** 2
    expected = np.outer(of_value, of_value) / (of_value.sum() - 1)
    return float(1 - (met * distance).sum() / (expected * distance).sum())


def detection(truth: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_], weights: Floats) -> Detection:
    """Return a rater's sensitivity and specificity against the truth.

    All arrays have one shape, an answer each. `weights` undo a stratified draw: how many answers each one
    stands for. The intervals are Wilson's on Kish's effective number, (Σw)² / Σw².
    """
    return Detection(_share(said[truth], weights[truth]), _share(~said[~truth], weights[~truth]))


def _share(hits: npt.NDArray[np.bool_], weights: Floats) -> Estimate:
    if not len(hits):
        return NONE
    share = float(np.average(hits, weights=weights))
    n_eff = weights.sum() ** 2 / (weights**2).sum()
    low, high = wilson(np.array([share]), np.array([n_eff]))
    return Estimate(share, float(low[0]), float(high[0]), len(hits))


class Corrected(NamedTuple):
    """A share as it would be without the rater's errors; NaN with `why` where it cannot be told."""

    value: float
    low: float
    high: float
    why: str = ""


USELESS = "the rater is no better than chance here: sensitivity and specificity add up to 1 or less"
UNMEASURED = "the rater was not measured: humans saw none of one kind of answer"
FLOOR = "not distinguishable from the judge's false alarms"


def rogan_gladen(share: float, n_eff: float, measured: Detection) -> Corrected:
    """Return the share of positive answers corrected for a rater's errors, with its 95 % interval.

    `share` is what the rater says (a fraction) on `n_eff` answers, `measured` how well it finds them.
    θ = (p + Sp − 1) / (Se + Sp − 1); Var θ = [p(1−p)/n_eff + θ²Se(1−Se)/m₁ + (1−θ)²Sp(1−Sp)/m₀] /
    (Se + Sp − 1)². Sources: Rogan and Gladen, American Journal of Epidemiology 107 (1978); the variance
    as in METRICS §4. θ is capped at 1, and nothing is given where it would be negative.
    """
    (se, *_, m1), (sp, *_, m0) = measured
    if not (m1 and m0):
        return Corrected(math.nan, math.nan, math.nan, UNMEASURED)
    power = se + sp - 1
    if power <= 0:
        return Corrected(math.nan, math.nan, math.nan, USELESS)
    if share < 1 - sp:
        return Corrected(math.nan, math.nan, math.nan, FLOOR)
    theta = min(1.0, (share + sp - 1) / power)
    of_rater = theta**2 * se * (1 - se) / m1 + (1 - theta) ** 2 * sp * (1 - sp) / m0
    spread = share * (1 - share) / n_eff + of_rater
    half = Z * math.sqrt(spread) / power
    return Corrected(theta, max(0.0, theta - half), min(1.0, theta + half))


def badge(value: float) -> str:
    """Return the colour of an agreement: `red` under .6, `amber` under .8, else `green`; '' for none."""
    if math.isnan(value):
        return ""
    return "red" if value < RED else "amber" if value < AMBER else "green"
