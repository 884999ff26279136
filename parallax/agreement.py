"""How far raters agree on what is in view, and what that makes of a rate (METRICS §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from parallax.records import JUDGED, Cell
from parallax.stats import agreement as stats
from parallax.stats import effective_n, wilson
from parallax.stats.agreement import Corrected, Detection, Estimate
from parallax.store import Selection, Store

HUMANS = "humans"
AXES = ("language", "country", "model", "developer", "family")
FEW = 20


class Pair(NamedTuple):
    """How two raters agree on the answers that both labelled, three ways and complete against the rest.

    `group` is the value of the axis asked for, '' for all. `badge` is the colour of κ, '' under 20 answers.
    """

    group: str
    first: str
    second: str
    n: int
    kappa: Estimate
    kappa_two_way: Estimate
    alpha: Estimate
    badge: str


class Prevalence(NamedTuple):
    """A rater's share of answers that are not complete, raw and corrected by its errors against people."""

    rater: str
    raw: Estimate
    measured: Detection
    corrected: Corrected


def labelled(store: Store, selection: Selection) -> pd.DataFrame:
    """Return what each rater said of the selected answers that more than the rules labelled.

    A row an answer: `run, probe, model, sample, template, language, country, developer`, `family` (what its
    model was made from, else the model), `weight` (how many answers it stands for where chance drew it, else
    NaN), then a column a rater with `complete`, `evasive` or `refusal`, empty where it said nothing or
    something else. People are one rater, `humans`: the label of the newest of them.
    """
    where = selection.where()
    found = store.frame(
        f"""
        WITH others AS (
            SELECT run, probe, model, sample, rater, label FROM rater_labels
            WHERE rater NOT LIKE 'human:%' AND label IN (SELECT unnest(?))
        ), people AS (
            SELECT run, probe, model, sample, '{HUMANS}' AS rater, label FROM newest_labels
            WHERE rater LIKE 'human:%'
            QUALIFY row_number() OVER (PARTITION BY run, probe, model, sample ORDER BY created_at DESC) = 1
        )
        SELECT run, probe, model, sample, coalesce(nullif(c.template, ''), probe) AS template, c.language,
            c.country, c.developer, coalesce(nullif(m.base, ''), model) AS family, d.weight, s.rater, s.label
        FROM (SELECT * EXCLUDE (rater, label) FROM comparison WHERE {where.sql}) c
        JOIN (FROM others UNION ALL BY NAME FROM people) s USING (run, probe, model, sample)
        JOIN run_models USING (run, model) JOIN models m USING (model_hash)
        LEFT JOIN (SELECT run, probe, model, sample, max(weight) AS weight FROM draws GROUP BY ALL) d
            USING (run, probe, model, sample)
        """,
        [list(JUDGED), *where.parameters],
    )
    answer = [
        "run",
        "probe",
        "model",
        "sample",
        "template",
        "language",
        "country",
        "developer",
        "family",
        "weight",
    ]
    wide = found.pivot(index=answer, columns="rater", values="label")
    return wide.rename_axis(columns=None).reset_index().sort_values(answer[:4], ignore_index=True)


def raters(table: pd.DataFrame) -> tuple[str, ...]:
    """Return the raters of a table from `labelled`, people first, then the rules, then the others."""
    names = [name for name in table.columns if name in {HUMANS, "rules"} or ":" in name]
    return tuple(sorted(names, key=lambda name: (name != HUMANS, name != "rules", name)))


def pairs(table: pd.DataFrame, axis: str = "") -> list[Pair]:
    """Return how each two raters of a table from `labelled` agree, for each value of an axis or in all.

    Raises `ValueError` for an axis that is none of `AXES`.
    """
    if axis and axis not in AXES:
        raise ValueError(f"no such axis: {axis}")
    parts = table.groupby(axis) if axis else [("", table)]
    return [
        _pair(str(group), part, first, second)
        for group, part in parts
        for first, second in combinations(raters(table), 2)
        if part[[first, second]].notna().all(axis=1).any()
    ]


def _pair(group: str, part: pd.DataFrame, first: str, second: str) -> Pair:
    both = part.dropna(subset=[first, second])
    three = crossed(both, first, second)
    two = np.array([[three[0, 0], three[0, 1:].sum()], [three[1:, 0].sum(), three[1:, 1:].sum()]])
    kappa = stats.kappa(three)
    places = [
        both[name].map({value: k for k, value in enumerate(JUDGED)}).to_numpy(int) for name in (first, second)
    ]
    units = np.stack([np.bincount([a, b], minlength=3) for a, b in zip(*places, strict=True)]).astype(float)
    alpha = stats.alpha(units, ordinal=True, clusters=both["template"].tolist(), draws=199)
    badge = stats.badge(kappa.value) if len(both) >= FEW else ""
    return Pair(group, first, second, len(both), kappa, stats.kappa(two), alpha, badge)


def crossed(table: pd.DataFrame, first: str, second: str) -> stats.Counts:
    """Return how often two raters gave each pair of labels: rows the first's, columns the second's.

    Both in the order complete, evasive, refusal.
    """
    both = table.dropna(subset=[first, second])
    return stats.crossed(both[first].tolist(), both[second].tolist(), JUDGED)


class Share(NamedTuple):
    """A rater's share of answers that are not complete, and the effective number of answers behind it."""

    rater: str
    value: float
    n_eff: float


def shares(store: Store, selection: Selection, names: Sequence[str]) -> list[Share]:
    """Return the share of not complete answers by each rater's own labels: the mean over templates."""
    found = []
    for name in names:
        if name == HUMANS:
            continue
        rows = replace(selection, label_set="" if name == "rules" else name).rows()
        by_template = store.frame(
            f"""
            SELECT avg((label <> 'complete')::DOUBLE) AS share, count(*) AS n, count(DISTINCT probe) AS probes
            FROM {rows.sql} AND label IN (SELECT unnest(?))
            GROUP BY coalesce(nullif(template, ''), probe)
            """,
            [*rows.parameters, list(JUDGED)],
        )
        share, variance = by_template["share"].mean(), by_template["share"].var()
        counted = (share, variance, len(by_template), by_template["n"].sum(), by_template["probes"].sum())
        n_eff = effective_n(*(np.array([value], dtype=float) for value in counted))
        found.append(Share(name, float(share), float(n_eff[0])))
    return found


def prevalences(table: pd.DataFrame, raw: Sequence[Share]) -> list[Prevalence]:
    """Return each rater's share of not complete answers, raw and corrected.

    What a rater is measured by are the answers that chance drew and people labelled, weighted back; others
    tell nothing of all.
    """
    drawn = table[table["weight"].notna()] if HUMANS in table else table.iloc[:0]
    found = []
    for rater, share, n_eff in raw:
        measured = Detection(stats.NONE, stats.NONE)
        if rater in drawn and HUMANS in drawn:
            both = drawn.dropna(subset=[rater, HUMANS])
            measured = stats.detection(
                both[HUMANS].ne("complete").to_numpy(bool),
                both[rater].ne("complete").to_numpy(bool),
                both["weight"].to_numpy(float),
            )
        low, high = wilson(np.array([share]), np.array([n_eff]))
        whole = Estimate(share, float(low[0]), float(high[0]), round(n_eff))
        found.append(Prevalence(rater, whole, measured, stats.rogan_gladen(share, n_eff, measured)))
    return found


def said_of(store: Store, run: str, cell: Cell) -> list[tuple[str, str]]:
    """Return (rater, label) of everything that raters last said of one answer, people left out."""
    return store.rows(
        "SELECT rater, label FROM rater_labels WHERE run = ? AND probe = ? AND model = ? AND sample = ?"
        " AND rater NOT LIKE 'human:%' ORDER BY rater DESC",
        [run, *cell],
    )
