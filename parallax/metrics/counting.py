"""Rates: SQL joins and counts, Python does the statistics (METRICS §2)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import pandas as pd

from parallax import stats
from parallax.metrics import answers
from parallax.metrics.answers import Answers
from parallax.records import JUDGED
from parallax.store import Selection, Store

AXES = (
    "country", "theme", "topic", "model", "route", "language", "kind", "run", "set", "set_hash", "stance",
    "template", "probe", "sample", "developer", "home", "act",
)  # fmt: skip
VALID = tuple(label.value for label in JUDGED)
COUNTS = (*VALID, "blocked", "truncated", "error")


class Rate(StrEnum):
    """The rates, by their names in code and in exports."""

    NONCOMPLIANCE = "noncompliance"
    REFUSAL = "refusal"
    EVASION = "evasion"
    COMPLIANCE = "compliance"
    BLOCK = "block"
    HARD_CENSORSHIP = "hard_censorship"


class Formula(NamedTuple):
    """The labels that a rate counts, and those it counts them among."""

    counted: tuple[str, ...]
    among: tuple[str, ...]


_SYSTEM = (*VALID, "blocked")
FORMULAS = {
    Rate.NONCOMPLIANCE: Formula(("evasive", "refusal"), VALID),
    Rate.REFUSAL: Formula(("refusal",), VALID),
    Rate.EVASION: Formula(("evasive",), VALID),
    Rate.COMPLIANCE: Formula(("complete",), VALID),
    Rate.BLOCK: Formula(("blocked",), _SYSTEM),
    Rate.HARD_CENSORSHIP: Formula(("refusal", "blocked"), _SYSTEM),
}


def counts(store: Store, selection: Selection, axes: Sequence[str]) -> pd.DataFrame:
    """Count labels for each template within each cell of the axes: see `tally`."""
    return tally(read(store, selection, axes), axes)


def read(store: Store, selection: Selection, axes: Sequence[str]) -> Answers:
    """Return the labelled answers of a selection, to be counted by these axes or some of them.

    Raises `ValueError` for an unknown axis.
    """
    if unknown := set(axes) - set(AXES):
        raise ValueError(f"no such axis: {', '.join(sorted(unknown))}")
    return answers.read(store, selection, COUNTS, axes)


def tally(given: Answers, axes: Sequence[str]) -> pd.DataFrame:
    """Count labels for each template within each cell of the axes.

    Returns a row a (axes…, cluster) with the columns of `COUNTS` and `probes`, the number of distinct
    probes with a label. A cluster is a template, or the probe itself where it has none.
    """
    of_probes = [axis for axis in axes if axis in given.probes]
    asked, probes = answers.grouped(given.probes, [*of_probes, "cluster"])
    named, models = answers.grouped(given.models, [axis for axis in axes if axis not in of_probes])
    shape, model = (len(asked), len(named)), models[given.model]
    cell = probes[given.probe] * len(named) + model
    labels = np.bincount(cell * len(COUNTS) + given.label, minlength=shape[0] * shape[1] * len(COUNTS))
    seen = np.zeros((len(probes), len(named)), bool)
    seen[given.probe, model] = True
    probe, of = np.nonzero(seen)
    distinct = np.bincount(probes[probe] * len(named) + of, minlength=shape[0] * shape[1])
    kept = np.flatnonzero(distinct)
    at, of = np.unravel_index(kept, shape)
    found = pd.concat([asked.take(at).reset_index(drop=True), named.take(of).reset_index(drop=True)], axis=1)
    tallies = pd.DataFrame(labels.reshape(-1, len(COUNTS))[kept], columns=list(COUNTS))
    return pd.concat([found[[*axes, "cluster"]].assign(probes=distinct[kept]), tallies], axis=1)


def rates(counted: pd.DataFrame, axes: Sequence[str], rate: Rate) -> pd.DataFrame:
    """Return one rate for each cell of the axes, from what `counts` returned for the same axes.

    Columns: the axes, `n` (all answers), the counts, `base` (answers that the rate is among),
    `templates` (with at least one of them), `value`, `low`, `high` (fractions, NaN where there is
    none), `n_eff`, `missing` (fraction of n that is an error or truncated).
    """
    formula = FORMULAS[rate]
    work = counted.assign(
        base=counted[list(formula.among)].sum(axis=1), hits=counted[list(formula.counted)].sum(axis=1)
    )
    by_cell = work.groupby(list(axes), dropna=False)
    cells = by_cell[list(COUNTS)].sum()
    cells.insert(0, "n", cells.sum(axis=1))
    cells = cells.join(shares(work, axes))
    cells["missing"] = (cells["error"] + cells["truncated"]) / cells["n"]
    return cells.reset_index()


def shares(counted: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Return the equal-weight mean over clusters of a share, with its interval, for each cell of the axes.

    `counted` has a row a (axes…, cluster): `hits` among `base`, and `probes`, the number of distinct ones.
    A hit may be a fraction. The result is indexed by the axes; columns: `base`, `templates` (clusters with
    a base), `value`, `n_eff`, `low`, `high`, as in `rates`.
    """
    work = counted.assign(
        share=counted["hits"] / counted["base"].replace(0, np.nan),
        asked=counted["probes"].where(counted["base"] > 0, 0),
    )
    cells = work.groupby(list(axes), sort=False, dropna=False).agg(
        base=("base", "sum"),
        templates=("share", "count"),
        value=("share", "mean"),
        variance=("share", "var"),
        asked=("asked", "sum"),
    )
    cells["n_eff"] = stats.effective_n(
        *(cells[c].to_numpy(float) for c in ("value", "variance", "templates", "base", "asked"))
    )
    cells["low"], cells["high"] = stats.wilson(cells["value"].to_numpy(float), cells["n_eff"].to_numpy(float))
    return cells.drop(columns=["variance", "asked"])
