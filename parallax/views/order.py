"""The order of a heatmap's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

import numpy as np
import pandas as pd

from parallax.views.grid import Heatmap


class Order(StrEnum):
    """What the rows of a heatmap are sorted by."""

    NAME = "name"
    VALUE = "value"
    CLUSTER = "cluster"


def arranged(shown: Mapping[str, Heatmap], order: Order) -> dict[str, Heatmap]:
    """Return heatmaps of the same rows and columns with their rows in an order, the same in all of them.

    By name as they are; by the mean of a row's cells that are not grey, the highest first; or so that
    like rows stand together: average linkage over Euclidean distances, leaves ordered after Bar-Joseph,
    Gifford and Jaakkola (2001), an empty cell taken for its column's mean. Under three rows: by value.
    """
    if not shown or order is Order.NAME:
        return dict(shown)
    first = next(iter(shown.values()))
    wide = pd.concat([_wide(one) for one in shown.values()], axis=1)
    means = wide.mean(axis=1).sort_values(ascending=False, na_position="last", kind="stable")
    rows = tuple(means.index) if order is Order.VALUE or len(first.rows) < 3 else _clustered(wide)
    return {name: replace(one, rows=rows) for name, one in shown.items()}


def _wide(shown: Heatmap) -> pd.DataFrame:
    known = shown.cells[shown.cells["state"] != "grey"]
    wide = known.pivot(index="row", columns="column", values="value")
    return wide.reindex(index=shown.rows, columns=shown.columns)


def _clustered(wide: pd.DataFrame) -> tuple[str, ...]:
    # a tenth of a second that only those pay who sort so
    from scipy.cluster.hierarchy import leaves_list, linkage

    filled = wide.fillna(wide.mean()).fillna(0.0).to_numpy(np.float64)
    leaves = leaves_list(linkage(filled, "average", optimal_ordering=True))
    return tuple(wide.index[leaves])
