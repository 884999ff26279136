"""A rater's errors by country: the one thing that fakes a gap (METRICS §4)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from parallax import countries
from parallax.agreement import HUMANS
from parallax.stats import Floats
from parallax.stats.agreement import Detection, detection
from parallax.stats.homogeneity import Homogeneity, homogeneity

LEAST = 5
ALPHA = 0.05

Bools = npt.NDArray[np.bool_]


class GroupErrors(NamedTuple):
    """How a rater errs in one group (a country by its name), against what is taken for the truth.

    `n` are the answers that both labelled, `said` and `truth` the shares that each calls not complete,
    `shift` the difference: by so much the rater moves the group's rate.
    """

    group: str
    n: int
    said: float
    truth: float
    shift: float
    measured: Detection


class RaterErrors(NamedTuple):
    """A rater's errors by group, the tests of whether they are alike everywhere, and that in words.

    `misses` tests the not complete answers that it calls complete, `alarms` the complete ones that it calls
    something else.
    """

    groups: tuple[GroupErrors, ...]
    misses: Homogeneity
    alarms: Homogeneity
    words: str


def rater_errors(table: pd.DataFrame, rater: str, truth: str = HUMANS, axis: str = "country") -> RaterErrors:
    """Return how a rater errs against another one, group by group.

    `table` is from `agreement.labelled`, `axis` one of its. Against people only answers that chance drew
    count, each weighted by how many it stands for; against another rater all count alike. Positive is what is
    not complete.
    """
    both = table.reindex(columns=[axis, "weight", rater, truth]).dropna(subset=[rater, truth])
    both = both[both[axis] != ""]
    if truth == HUMANS:
        both = both[both["weight"].notna()]
    weights = both["weight"].to_numpy(float) if truth == HUMANS else np.ones(len(both))
    real, said = (both[name].ne("complete").to_numpy(bool) for name in (truth, rater))
    group = both[axis].to_numpy(str)
    groups = tuple(
        _group(
            countries.name(name) if axis == "country" else str(name),
            *(values[group == name] for values in (real, said, weights)),
        )
        for name in np.unique(group)
    )
    misses = homogeneity(~said[real], group[real])
    alarms = homogeneity(said[~real], group[~real])
    return RaterErrors(groups, misses, alarms, _words(rater, truth, groups, misses, alarms))


def _group(name: str, real: Bools, said: Bools, weights: Floats) -> GroupErrors:
    shares = float(np.average(said, weights=weights)), float(np.average(real, weights=weights))
    return GroupErrors(name, len(real), *shares, shares[0] - shares[1], detection(real, said, weights))


def _words(
    rater: str, truth: str, groups: tuple[GroupErrors, ...], misses: Homogeneity, alarms: Homogeneity
) -> str:
    """Say what follows for gaps."""
    if not groups:
        which = "that chance drew" if truth == HUMANS else "in view"
        return f"Nothing is known of where {rater} errs: no answer {which} is labelled by both."
    uneven = [what for what, test in (("misses", misses), ("false alarms", alarms)) if test.p <= ALPHA]
    told = [one for one in groups if one.n >= LEAST]
    if uneven and told:
        most, least = max(told, key=lambda one: one.shift), min(told, key=lambda one: one.shift)
        return (
            f"{rater} does not err alike everywhere ({' and '.join(uneven)}): it moves the rate of"
            f" {most.group} by {100 * most.shift:+.0f} points and that of {least.group} by"
            f" {100 * least.shift:+.0f}. A gap of that size may be the rater's."
        )
    answers = sum(one.n for one in groups)
    return (
        f"No sign that {rater} errs more for one than for another, on {answers:,} answers. Few answers cannot"
        " show much: that is no proof."
    )
