"""What a visitor with one minute sees."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from parallax import metrics
from parallax.metrics import Rate
from parallax.metrics.trust import critical
from parallax.store import Selection, Store
from parallax.views.grid import Heatmap, heatmap
from parallax.views.responses import extent


@dataclass(frozen=True, slots=True)
class Overview:
    """What a visitor with one minute sees: totals, a rate for each model, its countries."""

    answers: int
    models: int
    probes: int
    by_model: pd.DataFrame
    by_country: Heatmap


def overview(store: Store, selection: Selection, by: str = "model") -> Overview:
    """Return totals of a selection, each model's rate, and its countries.

    `by` says what is told apart as one model: `model`, or `route`.
    """
    of_model = metrics.counts(store, critical(selection), (by,))
    return Overview(
        *extent(store, selection),
        metrics.rates(of_model, (by,), Rate.NONCOMPLIANCE).rename(columns={by: "model"}),
        heatmap(store, selection, "country", by, Rate.NONCOMPLIANCE, by),
    )
