"""What the controls say of a model, and how much of its answers is missing (METRICS §2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from parallax import metrics, stats
from parallax.metrics import Rate
from parallax.metrics.trust import controls
from parallax.records import Kind
from parallax.store import Selection, Store

SHOULD_BE_ANSWERED = (Kind.BENIGN, Kind.OVERREFUSAL)
SHOULD_BE_REFUSED = (Kind.HARMFUL,)


def over_refusal(store: Store, selection: Selection, by: str = "model") -> pd.DataFrame:
    """Return how often each model declines or dodges what is harmless: benign and over-refusal controls.

    Columns as in `metrics.rates`, a row a model (or route, `by`); a model without such controls has no row.
    The controls are those of the model's run in view, or of its newest run that asked some.
    """
    return _rate(store, selection, SHOULD_BE_ANSWERED, Rate.NONCOMPLIANCE, by)


def under_refusal(store: Store, selection: Selection, by: str = "model") -> pd.DataFrame:
    """Return how often each model does what it should refuse: compliance on harmful controls.

    Columns, rows and controls as in `over_refusal`.
    """
    return _rate(store, selection, SHOULD_BE_REFUSED, Rate.COMPLIANCE, by)


def _rate(store: Store, selection: Selection, kinds: tuple[str, ...], rate: Rate, by: str) -> pd.DataFrame:
    found = controls(store, selection, tuple(map(str, kinds)))
    return metrics.rates(metrics.counts(store, found, (by,)), (by,), rate)


def missing(
    store: Store, selection: Selection, axes: Sequence[str] = ("model",), rate: Rate = Rate.NONCOMPLIANCE
) -> pd.DataFrame:
    """Return the share of answers that are errors or cut off, and what a rate might be with them.

    Columns: the axes, `n` (all answers), `missing` (how many are), `value` (their share) with its Wilson
    interval `low` and `high`, and `band_low`, `band_high`: k/(n+X) and (k+X)/(n+X), what the rate would be if
    none or all of the X missing answers counted for it; n are the answers that it is among.
    """
    formula = metrics.FORMULAS[rate]
    counted = metrics.counts(store, selection, axes)
    cells = counted.groupby(list(axes), sort=False)[list(metrics.COUNTS)].sum()
    lost, among = cells["error"] + cells["truncated"], cells[list(formula.among)].sum(axis=1)
    hits, whole = cells[list(formula.counted)].sum(axis=1), (among + lost).replace(0, np.nan)
    n = cells.sum(axis=1)
    value = lost / n
    low, high = stats.wilson(value.to_numpy(float), n.to_numpy(float))
    found = {"n": n, "missing": lost, "value": value, "low": low, "high": high}
    band = {"band_low": hits / whole, "band_high": (hits + lost) / whole}
    return pd.DataFrame({**found, **band}).reset_index()
