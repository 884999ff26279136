"""Facts that answers state, facts that they leave out, and a state's own words in them (METRICS §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from parallax import metrics
from parallax.records import Kind
from parallax.store import Selection, Store

LEAST_OTHERS = 4
_ANSWERED = ("complete", "evasive")


def by_probe(store: Store, selection: Selection) -> pd.DataFrame:
    """Return what each model states of the facts of each factual probe, beside what other models state.

    A row a (model, probe): `developer`, `country`, `topic`, `language`, `n` (answers that are complete or
    evasive and were read), `coverage` and `state_line` (means over samples); `others` (how many models of
    other developers answered the same probe, which is in one language) and `reference` (the median of their
    coverage, one value a model; NaN under 4 of them); `soft`: 1 − coverage / reference, not under 0, NaN
    where the reference is none or 0; `residual`: coverage − (model mean + probe mean − grand mean), NaN
    where there is one model.
    """
    found = _covered(store, selection)
    found["others"], found["reference"] = _references(found)
    reference = found["reference"].where(found["reference"] > 0)
    found["soft"] = (1 - found["coverage"] / reference).clip(lower=0)
    means = {name: found.groupby(name)["coverage"].transform("mean") for name in ("model", "probe")}
    expected = means["model"] + means["probe"] - found["coverage"].mean()
    found["residual"] = found["coverage"] - expected if found["model"].nunique() > 1 else np.nan
    return found


def _covered(store: Store, selection: Selection) -> pd.DataFrame:
    rows = replace(selection, kinds=(Kind.FACTUAL,)).rows()
    return store.frame(
        f"""
        SELECT model, probe, any_value(coalesce(nullif(developer, ''), model)) AS developer,
            any_value(country) AS country, any_value(topic) AS topic, any_value(language) AS language,
            count(*) AS n, avg(coverage) AS coverage, avg(state_line) AS state_line
        FROM {rows.sql} AND label IN (SELECT unnest(?)) AND coverage IS NOT NULL
        GROUP BY model, probe ORDER BY model, probe
        """,
        [*rows.parameters, list(_ANSWERED)],
    )


def _references(found: pd.DataFrame) -> tuple[list[int], list[float]]:
    """Return for each row how many models of other developers there are, and the median of their coverage."""
    others, references = [], []
    of_probe = dict(iter(found.groupby("probe")))
    for probe, developer in zip(found["probe"], found["developer"], strict=True):
        part = of_probe[probe]
        beside = part.loc[part["developer"] != developer, "coverage"]
        others.append(len(beside))
        references.append(float(beside.median()) if len(beside) >= LEAST_OTHERS else np.nan)
    return others, references


def fact_coverage(
    covered: pd.DataFrame, axes: Sequence[str] = ("model",), column: str = "coverage"
) -> pd.DataFrame:
    """Return the mean over probes of a column of a table from `by_probe`, for each cell of the axes.

    The axes are `model`, `developer`, `country`, `topic`, `language`. Columns: the axes, `n` (probes with a
    value), `value`, `low`, `high` (Wilson's interval with effective counts, a cluster a probe), `n_eff`.
    """
    known = covered[covered[column].notna()]
    counted = known[list(axes)].assign(base=known["n"], hits=known[column] * known["n"], probes=1)
    cells = metrics.shares(counted, axes).drop(columns="base").rename(columns={"templates": "n"})
    return cells.reset_index()


def soft_censorship(covered: pd.DataFrame, axes: Sequence[str] = ("model",)) -> pd.DataFrame:
    """Return the mean share of facts left out compared with other models, for each cell of the axes.

    `covered` is a table from `by_probe`. Columns as of `fact_coverage`, and `residual`: the mean residual,
    positive where more is stated than model and probe let expect. A weak model leaves much out and has a
    residual of about 0 everywhere: that is no censorship.
    """
    cells = fact_coverage(covered, axes, "soft")
    residual = covered.groupby(list(axes))["residual"].mean().rename("residual").reset_index()
    return cells.merge(residual, on=list(axes), how="left")


def state_line(covered: pd.DataFrame, axes: Sequence[str] = ("model", "country")) -> pd.DataFrame:
    """Return the mean share of the official position's words that answers repeat; columns as above."""
    return fact_coverage(covered, axes, "state_line")
