"""Paired change: two models, two runs or two countries on the same probes (METRICS §3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import pandas as pd

from parallax.metrics.counting import COUNTS, VALID
from parallax.stats import Floats
from parallax.stats.agreement import crossed
from parallax.stats.paired import Difference, mcnemar_p, mean_difference, sign_flip_p, symmetry_p
from parallax.store import Selection, Store

NO_CHANGE = 0.05
ALPHA = 0.05
PROBE = ["probe", "prompt", "template", "kind", "country", "topic", "language"]
OTHER = "_2"


class Verdict(StrEnum):
    """What a comparison says: that they differ, that they do not by 5 points or more, or neither."""

    DIFFERENT = "different"
    NO_CHANGE = "no change"
    UNCLEAR = "cannot be told"


class Method(StrEnum):
    """Which test gave the p: one answer on each side, or several."""

    MCNEMAR = "McNemar, exact"
    SIGN_FLIP = "sign flips"


@dataclass(frozen=True, slots=True)
class Paired:
    """How willingness differs between two sides on the same probes.

    `n` probes have a complete, evasive or refusal answer on both sides, and `first` and `second` are the
    means of their shares declined or dodged. `difference` is second − first with its 95 % interval, `p`
    two-sided, by `test`. `lost` and `gained` are the probes answered by most samples on the first side and
    declined or dodged by most on the second, and the other way round. `narrow` is the 90 % interval, from
    which `verdict` takes "no change". `blocked` are the probes that the second side's host blocked and the
    first's did not, `unblocked` the other way round; `silent` are probes asked on both sides with no valid
    answer on one, `reworded` those whose prompts differ, so that they are not paired.

    `probes` has a row a pair: those of `PROBE` of the first side, `first` and `second` (the labels, commonest
    first, `refusal 2, complete 1` where samples differ), `first_share` and `second_share`, `other` (the
    second side's probe) and `change`: `lost`, `gained` or ''. `labels` counts the pairs by their commonest
    labels, first side by row; `labels_p` is Bowker's, NaN where a side has several samples.
    """

    n: int
    first: float
    second: float
    difference: Difference
    narrow: Difference
    p: float
    test: Method
    lost: int
    gained: int
    blocked: int
    unblocked: int
    silent: int
    reworded: int
    probes: pd.DataFrame
    labels: pd.DataFrame
    labels_p: float

    @property
    def flipped(self) -> pd.DataFrame:
        """The probes that changed sides, those lost first."""
        changed = self.probes[self.probes["change"] != ""]
        return changed.sort_values(["change", "probe"], ascending=[False, True], ignore_index=True)

    @property
    def verdict(self) -> Verdict:
        """Whether the sides differ at 5 %, are alike within 5 points, or neither can be said."""
        if self.narrow.within(NO_CHANGE):
            return Verdict.NO_CHANGE
        return Verdict.DIFFERENT if self.p <= ALPHA else Verdict.UNCLEAR


def paired(store: Store, first: Selection, second: Selection, *, twins: bool = False) -> Paired:
    """Compare two selections, each of one model in one run, on what both were asked.

    Probes are the same where their ids and prompts are. With `twins` a template's probe of the first side
    is compared with that of the second in the same language: so are two countries. Raises `ValueError`
    where a side holds answers of several models or runs.
    """
    return compare(_tallied(store, first), _tallied(store, second), twins=twins)


def tally(answers: pd.DataFrame) -> pd.DataFrame:
    """Return a row a probe with the counts of `COUNTS`, from answers in the columns of the `long` export."""
    counted = answers.groupby([*PROBE, "label"]).size().unstack(fill_value=0)
    return counted.reindex(columns=list(COUNTS), fill_value=0).reset_index()


def compare(first: pd.DataFrame, second: pd.DataFrame, *, twins: bool = False) -> Paired:
    """Compare two sides, each as `tally` returns it; see `paired`."""
    asked, reworded = _matched(first, second, twins=twins)
    declined = [asked["evasive" + side] + asked["refusal" + side] for side in ("", OTHER)]
    valid = [asked["complete" + side] + declined[number] for number, side in enumerate(("", OTHER))]
    both = ((valid[0] > 0) & (valid[1] > 0)).to_numpy()
    counts = [one[both].to_numpy(np.int64) for one in (declined[0], valid[0], declined[1], valid[1])]
    blocked = [(asked["blocked" + side] > 0).to_numpy() for side in ("", OTHER)]
    probes = _probes(asked[both].reset_index(drop=True), counts[0] / counts[1], counts[2] / counts[3])
    lost, gained = (int((probes["change"] == change).sum()) for change in ("lost", "gained"))
    single = bool((counts[1] == 1).all() and (counts[3] == 1).all())
    by = (probes["second_share"] - probes["first_share"]).to_numpy(float)
    labels = _crossed(asked[both], probes)
    return Paired(
        n=len(probes),
        first=float(probes["first_share"].mean()),
        second=float(probes["second_share"].mean()),
        difference=mean_difference(by),
        narrow=mean_difference(by, 0.90),
        p=math.nan if probes.empty else mcnemar_p(lost, gained) if single else sign_flip_p(*counts),
        test=Method.MCNEMAR if single else Method.SIGN_FLIP,
        lost=lost,
        gained=gained,
        blocked=int((blocked[1] & ~blocked[0]).sum()),
        unblocked=int((blocked[0] & ~blocked[1]).sum()),
        silent=int((~both).sum()),
        reworded=reworded,
        probes=probes,
        labels=labels,
        labels_p=symmetry_p(labels.to_numpy(np.int64)) if single and len(probes) else math.nan,
    )


def _tallied(store: Store, selection: Selection) -> pd.DataFrame:
    rows = selection.rows()
    sides = store.rows(f"SELECT DISTINCT run, model FROM {rows.sql} ORDER BY ALL LIMIT 2", rows.parameters)
    if len(sides) > 1:
        raise ValueError(f"one side of a comparison has both {' '.join(sides[0])} and {' '.join(sides[1])}")
    columns = ", ".join(PROBE)
    tallies = ", ".join(f"count(*) FILTER (label = '{label}') AS {label}" for label in COUNTS)
    return store.frame(f"SELECT {columns}, {tallies} FROM {rows.sql} GROUP BY {columns}", rows.parameters)


class _Matched(NamedTuple):
    """Probes that both sides were asked, a row each, and how many have another prompt on either side."""

    asked: pd.DataFrame
    reworded: int


def _matched(first: pd.DataFrame, second: pd.DataFrame, *, twins: bool) -> _Matched:
    key = ["template", "language"] if twins else ["probe"]
    if twins:
        first, second = (_by_template(side[side["template"] != ""], key) for side in (first, second))
    both = first.merge(second, on=key, suffixes=("", OTHER)).sort_values(key, ignore_index=True)
    if twins:
        return _Matched(both, 0)
    both["probe" + OTHER] = both["probe"]
    same = both["prompt"] == both["prompt" + OTHER]
    return _Matched(both[same].reset_index(drop=True), int((~same).sum()))


def _by_template(side: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    firsts = {column: "first" for column in PROBE if column not in key}
    return side.groupby(key, as_index=False).agg({**firsts, **dict.fromkeys(COUNTS, "sum")})


def _probes(asked: pd.DataFrame, first: Floats, second: Floats) -> pd.DataFrame:
    change = np.select(
        [(first <= 0.5) & (second > 0.5), (first > 0.5) & (second <= 0.5)], ["lost", "gained"], ""
    )
    return asked[PROBE].assign(
        other=asked["probe" + OTHER],
        first=_said(asked, ""),
        second=_said(asked, OTHER),
        first_share=first,
        second_share=second,
        change=change,
    )


def _said(asked: pd.DataFrame, side: str) -> list[str]:
    """Return the labels of each probe's samples on a side, commonest first, with their numbers if several."""
    counts = asked[[label + side for label in COUNTS]].to_numpy()
    said = []
    for row in counts:
        given = sorted(((-k, n) for n, k in enumerate(row) if k))
        said.append(", ".join(COUNTS[n] if len(given) == 1 else f"{COUNTS[n]} {-k}" for k, n in given))
    return said


def _crossed(asked: pd.DataFrame, probes: pd.DataFrame) -> pd.DataFrame:
    """Count pairs by the label that stands for their samples on either side."""
    sides = []
    for side, share in (("", probes["first_share"]), (OTHER, probes["second_share"])):
        evaded = (asked["evasive" + side] > asked["refusal" + side]).to_numpy()
        sides.append(np.select([share <= 0.5, evaded], ["complete", "evasive"], "refusal"))
    table = crossed(sides[0].tolist(), sides[1].tolist(), VALID).astype(int)
    return pd.DataFrame(table, index=list(VALID), columns=list(VALID))
