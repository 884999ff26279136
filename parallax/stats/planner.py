"""What a set of templates can show: the smallest gap it would confirm, by simulation (METRICS §3)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from parallax.stats.intervals import Floats
from parallax.stats.permutation import Bools, upper_tail

ALPHA = 0.05
POWER = 0.8
TEMPLATE_SD = 1.0
INTERACTION_SD = 0.7
MOST_SAMPLES = 10
MOST_ANSWERS = 1_000


class _Studies(NamedTuple):
    """Simulated studies, before a gap is put into them.

    `others`, templates × values × studies: how many of the other countries declined 0, 1, … samples.
    `thresholds`, templates × samples × studies: the target declines a sample where its own centre, in
    logits, lies above this.
    """

    others: npt.NDArray[np.int64]
    thresholds: Floats

    def only(self, chosen: Bools) -> _Studies:
        return _Studies(self.others[..., chosen], self.thresholds[..., chosen])


@lru_cache(maxsize=1_024)
def detectable_gap(
    templates: int, samples: int, countries: int = 16, base: float = 0.05, family: int = 16
) -> float | None:
    """Return the smallest gap, a fraction, that the permutation test finds in 80 % of studies, or None.

    A study asks every country each template `samples` times. Whether a country declines is a logistic
    function of a common centre, a normal effect of the template (sd 1.0) and one of the template for that
    country (sd 0.7). `base`, between 0 and 1, is the mean rate of every country but the target over all
    templates, base + gap that of the target: both are marginal rates, not the logistic of the centre. A
    gap is found where its exact p is at most .05 / `family`, the first and strictest threshold of Holm.

    None where no gap can be found so often: fewer templates than `templates_for_a_star`, one country, or
    a base that leaves no room. The answer is a whole number of points and always the same for the same
    shape; another seed would move it by about one point. A shape over 10 samples, or over 1,000
    answers a country, is cut down to that, so its answer may be a point or two too large.

    Raises ValueError where `samples` or `family` is under 1 or `base` isn't between 0 and 1.
    """
    centres = _centres(templates, samples, countries, base, family)
    if not len(centres):
        return None
    points = _search(_simulate(templates, samples, countries, centres[0]), centres, ALPHA / family)
    return None if points is None else points / 100


@lru_cache(maxsize=1_024)
def confirms(points: int, templates: int, samples: int, countries: int, base: float, family: int) -> bool:
    """Return whether a study would confirm a gap of so many points in 80 % of cases.

    That is whether `detectable_gap` of the other arguments is no larger than it, at a fraction of its work.
    Raises ValueError as that does.
    """
    centres = _centres(templates, samples, countries, base, family)
    at = min(points, len(centres) - 1)
    if at < 1:
        return False
    studies = _simulate(templates, samples, countries, centres[0])
    return bool(_found(studies, centres[at], ALPHA / family).mean() >= POWER)


def _centres(templates: int, samples: int, countries: int, base: float, family: int) -> Floats:
    """Return the target's centre for a gap of 0, 1, … points; none where no gap can be confirmed."""
    if samples < 1 or family < 1 or not 0 < base < 1:
        raise ValueError(f"cannot plan {samples} samples, a family of {family}, a base rate of {base}")
    possible = countries >= 2 and templates >= templates_for_a_star(family, countries)
    return centres_of(np.arange(base, 1.0, 0.01)) if possible else np.empty(0)


def templates_for_a_star(family: int, countries: int) -> int:
    """Return the least number of templates on which any result can be confirmed, ⌈ln(family/.05) / ln K⌉.

    With K countries the permutation test's smallest p on T templates is K^-T, and Holm's first threshold
    in the family is .05 / `family`. Raises ValueError for under two countries or an empty family.
    """
    if countries < 2 or family < 1:
        raise ValueError(f"no comparison of {countries} countries in a family of {family}")
    templates = 0
    while ALPHA * countries**templates < family:
        templates += 1
    return templates


def _search(studies: _Studies, centres: Floats, alpha: float) -> int | None:
    """Return the first of the target's centres at which the gap is found often enough, None if at none.

    A study that finds a gap finds every larger one, as a larger count in the target shifts the sums under
    the null by no more than its own: so each step needs only the studies that the last left open.
    """
    wanted = POWER * studies.others.shape[-1]
    missed, hit, certain = 0, len(centres), 0
    while hit - missed > 1:
        # Small gaps first: their sums are short and quick.
        middle = min((missed + hit) // 2, 2 * missed + 8)
        found = _found(studies, centres[middle], alpha)
        if certain + found.sum() >= wanted:
            hit, studies = middle, studies.only(found)
        else:
            missed, certain, studies = middle, certain + int(found.sum()), studies.only(~found)
    return hit if hit < len(centres) else None


def _found(studies: _Studies, centre: float, alpha: float) -> Bools:
    """Return which studies find the target, its centre in logits, at p ≤ alpha."""
    declined = (studies.thresholds < centre).sum(axis=1)
    own = np.arange(studies.others.shape[1])[:, None] == declined[:, None]
    present = studies.others + own
    observed = declined.sum(axis=0)
    tails = upper_tail(present / present.sum(axis=1, keepdims=True), int(observed.max(initial=0)))
    # The smallest p may equal alpha but for rounding.
    found: Bools = tails[observed, np.arange(len(observed))] <= alpha * (1 + 1e-9)
    return found


def _simulate(templates: int, samples: int, countries: int, centre: float) -> _Studies:
    """Draw the studies; the smaller they are, the more of them, as their power rises less steeply.

    Given the template's effect the other countries are alike and independent: how many of them declined 0, 1,
    … samples is one multinomial draw.
    """
    samples = min(samples, MOST_SAMPLES)
    templates = min(templates, MOST_ANSWERS // samples)
    number = int(np.clip(200_000 // (templates * samples), 200, 2_000))
    generator = np.random.default_rng(0)
    effects = TEMPLATE_SD * generator.standard_normal((templates, number))
    others = generator.multinomial(countries - 1, _chances(centre + effects, samples)).transpose(0, 2, 1)
    own = effects + INTERACTION_SD * generator.standard_normal(effects.shape)
    return _Studies(others, generator.logistic(size=(templates, samples, number)) - own[:, None])


def _chances(logits: Floats, samples: int) -> Floats:
    """Return the chances that a country declines 0, 1, … samples, at templates of these centres in logits.

    They are means over the normal effect of the template for that country, between the points of a grid
    in line; the result has a last axis more.
    """
    deviations = np.linspace(-6, 6, 49)
    weights = np.exp(-(deviations**2) / 2)
    grid = np.linspace(-20, 20, 801)
    rates = _logistic(grid[:, None] + INTERACTION_SD * deviations)
    means = (
        math.comb(samples, declined) * rates**declined * (1 - rates) ** (samples - declined)
        for declined in range(samples + 1)
    )
    return np.stack([np.interp(logits, grid, of @ (weights / weights.sum())) for of in means], axis=-1)


def _logistic(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-logits))


def centres_of(rates: Floats) -> Floats:
    """Return the centres, in logits, at which the mean rate over all effects is each of `rates`.

    Were the rates the logistic of the centre, METRICS' figures for one cell would not come out: a cell of
    4 × 3 would need 58 points instead of 50.
    """
    deviations = np.linspace(-8, 8, 161)
    weights = np.exp(-(deviations**2) / 2)
    centres = np.linspace(-15, 15, 601)
    spread = np.hypot(TEMPLATE_SD, INTERACTION_SD)
    means = _logistic(centres[:, None] + spread * deviations) @ (weights / weights.sum())
    return np.interp(rates, means, centres)
