"""What a visitor with one minute sees."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from parallax import countries, metrics
from parallax.metrics import Rate
from parallax.metrics.trust import MUCH_MISSING, critical
from parallax.store import Selection, Store
from parallax.views.grid import Heatmap, drawn

FEW_TEMPLATES = 5


@dataclass(frozen=True, slots=True)
class Overview:
    """What a visitor with one minute sees: totals, a rate for each model, the widest differences."""

    answers: int
    models: int
    probes: int
    by_model: pd.DataFrame
    by_country: Heatmap
    differences: tuple[str, ...]


def overview(store: Store, selection: Selection, by: str = "model") -> Overview:
    """Return totals of a selection, each model's rate, its countries, and where two models differ most.

    `by` says what is told apart as one model: `model`, or `route`.
    """
    rows = selection.rows()
    answered, models, asked = store.rows(
        f"SELECT count(*), count(DISTINCT model), count(DISTINCT probe) FROM {rows.sql}",
        rows.parameters,
    )[0]
    axes = ("country", by)
    counted = metrics.counts(store, critical(selection), axes)
    of_model = counted.groupby([by, "cluster"]).sum(numeric_only=True).reset_index()
    by_country = drawn(store, selection, counted, axes, Rate.NONCOMPLIANCE, by)
    return Overview(
        answered,
        models,
        asked,
        metrics.rates(of_model, (by,), Rate.NONCOMPLIANCE).rename(columns={by: "model"}),
        by_country,
        _differences(by_country.cells),
    )


def _differences(cells: pd.DataFrame, most: int = 3) -> tuple[str, ...]:
    """Say for which countries two models are furthest apart, in counts; few templates are left out."""
    telling = cells[(cells["missing"] <= MUCH_MISSING) & (cells["templates"] >= FEW_TEMPLATES)]
    wide = telling.pivot(index="row", columns="column", values="value")
    spread = (wide.max(axis=1) - wide.min(axis=1)).dropna().sort_values(ascending=False, kind="stable")
    by_cell = {(cell["row"], cell["column"]): cell for cell in telling.to_dict("records")}
    said = []
    for country in spread[spread > 0].index[:most]:
        high, low = wide.loc[country].idxmax(), wide.loc[country].idxmin()
        first, second = _counted(by_cell[country, high]), _counted(by_cell[country, low])
        said.append(f"{countries.name(country)}: {high} declined or dodged {first}, {low} {second}.")
    return tuple(said)


def _counted(cell: dict[Hashable, Any]) -> str:
    return f"{cell['evasive'] + cell['refusal']:.0f} of {cell['base']:.0f}"
