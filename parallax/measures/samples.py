"""What is seen only beside the label: thoughts that stay empty, samples that differ (METRICS §2)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from parallax import metrics
from parallax.records import JUDGED, LabelValue, ReasoningState
from parallax.store import Selection, Store

_TOLD = (*JUDGED, LabelValue.BLOCKED)


def empty_thought(
    store: Store, selection: Selection, axes: Sequence[str] = ("model", "country")
) -> pd.DataFrame:
    """Return the share of reasoning traces that are there but empty, for each cell of the axes.

    Columns: the axes, `n` (traces, empty or not), `templates`, `value`, `low`, `high`, `n_eff`. A model
    without traces has no row.
    """
    rows = selection.rows(axes)
    names = ", ".join(axes)
    counted = store.frame(
        f"""
        SELECT {names}, coalesce(nullif(template, ''), probe) AS cluster, count(DISTINCT probe) AS probes,
            count(*) AS base, count(*) FILTER (reasoning_state = ?) AS hits
        FROM {rows.sql} AND reasoning_state IN (SELECT unnest(?))
        GROUP BY ALL ORDER BY ALL
        """,
        [ReasoningState.EMPTY, *rows.parameters, [ReasoningState.EMPTY, ReasoningState.PRESENT]],
    )
    return _as_table(counted, axes)


def flip_rate(store: Store, selection: Selection, axes: Sequence[str] = ("model",)) -> pd.DataFrame:
    """Return the share of questions whose samples were not all dealt with alike, for each cell of the axes.

    A question is a probe asked of a model with two or more samples that are complete, evasive, refused or
    blocked. Columns: the axes, `n` (such questions), `templates`, `value`, `low`, `high`, `n_eff`.
    """
    rows = selection.counted(axes)
    names = ", ".join(axes)
    counted = store.frame(
        f"""
        SELECT {names}, cluster, count(DISTINCT probe) AS probes, count(*) AS base,
            count(*) FILTER (kinds > 1) AS hits
        FROM (
            SELECT {names}, coalesce(nullif(template, ''), probe) AS cluster, probe,
                count(DISTINCT label) AS kinds
            FROM {rows.sql} AND label IN (SELECT unnest(?))
            GROUP BY run, {"" if "model" in axes else "model, "}{names}, cluster, probe HAVING count(*) > 1
        )
        GROUP BY ALL ORDER BY ALL
        """,
        [*rows.parameters, list(_TOLD)],
    )
    return _as_table(counted, axes)


def alike(store: Store, selection: Selection) -> pd.DataFrame:
    """Return how many samples of each question were dealt with alike.

    A row a (run, probe, model): `label`, the commonest; `alike`, how many samples have it; `n`, all samples.
    """
    rows = selection.rows()
    return store.frame(
        f"""
        SELECT run, probe, model, arg_max(label, (k, label)) AS label, max(k) AS alike, sum(k)::BIGINT AS n
        FROM (SELECT run, probe, model, label, count(*) AS k FROM {rows.sql} GROUP BY ALL)
        GROUP BY run, probe, model ORDER BY run, probe, model
        """,
        rows.parameters,
    )


def _as_table(counted: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    return metrics.shares(counted, axes).rename(columns={"base": "n"}).reset_index()
