"""What a visitor with one minute sees."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from parallax import metrics
from parallax.metrics import Rate
from parallax.metrics.trust import critical
from parallax.store import Selection, Store
from parallax.views.grid import Heatmap, heatmaps
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
    given = metrics.read(store, critical(selection), ["country", by])
    return Overview(
        *extent(store, selection),
        metrics.rates(metrics.tally(given, (by,)), (by,), Rate.NONCOMPLIANCE).rename(columns={by: "model"}),
        heatmaps(store, selection, "country", by, Rate.NONCOMPLIANCE, by, given=given)[""],
    )
