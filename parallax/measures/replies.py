"""The language of replies: is it the one asked in, is a model less willing in one of them (METRICS §2)?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from parallax import languages, metrics
from parallax.metrics import Rate
from parallax.metrics.trust import critical
from parallax.records import JUDGED
from parallax.stats.gap import gap
from parallax.stats.permutation import Ints
from parallax.store import Selection, Store

_NONCOMPLIANT = metrics.FORMULAS[Rate.NONCOMPLIANCE].counted


def language_mismatch(
    store: Store, selection: Selection, axes: Sequence[str] = ("model", "language")
) -> pd.DataFrame:
    """Return the share of replies that are not in the language asked for, for each cell of the axes.

    Columns: the axes, `n` (complete, evasive and refused answers), `base` (those whose language could be
    told), `templates`, `value`, `low`, `high`, `n_eff`, and `mixed`: the share of `base` of which a fifth or
    more is in another language than the rest. Answers that nobody has read yet (`store.readings`) are in `n`.
    """
    found = _replies(store, selection, [*axes, "cluster"], axes)
    told = found[found["reply"] != ""]
    counted = told.assign(hits=told["n"].where(told["mismatched"], 0)).groupby([*axes, "cluster"], sort=False)
    sums = counted.agg(base=("n", "sum"), hits=("hits", "sum"), probes=("probe", "nunique")).reset_index()
    cells = found.groupby(list(axes), sort=False)[["n"]].sum().join(metrics.shares(sums, axes))
    mixed = told.groupby(list(axes), sort=False)["mixed"].sum()
    shares = cells.assign(mixed=mixed / cells["base"]).reset_index()
    return shares.astype(dict.fromkeys(axes, "str"))


def language_gaps(store: Store, selection: Selection) -> pd.DataFrame:
    """Return how much less willing each model is in a language than in the others it was asked the same in.

    Compared are critical matched probes of one template and country in several languages, as countries are
    for the gap (METRICS §3). Columns: `model`, `language`, `templates`, `n`, `rate`, `rate_others`, `value`,
    `low`, `high`; `matched`, `matched_low`, `matched_high`: the same over the replies in the language asked
    for alone, for a model that answers in another language is not unwilling in this one.
    """
    block = ["model", "language", "template", "country"]
    found = _replies(store, critical(selection), block, ())
    everything, matched = _gap(found), _gap(found[~found["mismatched"]])
    table = everything.merge(
        matched[["model", "language", "value", "low", "high"]].rename(
            columns={"value": "matched", "low": "matched_low", "high": "matched_high"}
        ),
        on=["model", "language"],
        how="left",
    )
    return table[table["templates"] > 0].reset_index(drop=True)


def _replies(store: Store, selection: Selection, columns: Sequence[str], axes: Sequence[str]) -> pd.DataFrame:
    """Return replies counted by the columns, `probe`, the language `asked` for and that of the `reply`.

    Further columns: `n`, `declined`, `mixed` (counts) and `mismatched`.
    """
    rows = selection.rows(axes)
    named = ", ".join(
        "coalesce(nullif(c.template, ''), c.probe) AS cluster" if c == "cluster" else f"c.{c}"
        for c in columns
    )
    found = store.long_frame(
        f"""
        SELECT {named}, c.probe, coalesce(nullif(p.meta->>'expected_language', ''), c.language) AS asked,
            coalesce(c.reply_language, '') AS reply, count(*) AS n,
            count(*) FILTER (c.label IN (SELECT unnest(?))) AS declined,
            count(*) FILTER (c.other_language >= ?) AS mixed
        FROM (SELECT * FROM {rows.sql} AND label IN (SELECT unnest(?))) c
        JOIN probes p ON p.set_hash = c.set_hash AND p.probe = c.probe
        GROUP BY ALL ORDER BY ALL
        """,
        [list(_NONCOMPLIANT), languages.MIXED, *rows.parameters, list(JUDGED)],
    )  # fmt: skip
    asked = found["asked"].map(languages.base).astype("str")
    found["mismatched"] = (found["reply"] != "") & (asked != found["reply"].astype("str"))
    return found


def _gap(found: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps of models (rows) at languages, within blocks of one template and country."""
    names = ["model", "language", "template", "country"]
    found = found.groupby(names, as_index=False).agg(
        n=("n", "sum"), declined=("declined", "sum"), probes=("probe", "nunique")
    )
    coded = {name: pd.factorize(found[name], sort=True) for name in names}
    models, tongues = (list(coded[name][1]) for name in ("model", "language"))
    blocks, block_keys = pd.factorize(pd.MultiIndex.from_arrays([coded["template"][0], coded["country"][0]]))
    shape = len(models), len(block_keys), len(tongues)
    place = coded["model"][0], blocks, coded["language"][0]
    declined, answers, probes = (
        _cells(shape, place, found[column].to_numpy(np.int64)) for column in ("declined", "n", "probes")
    )
    templates = np.array([template for template, _ in block_keys], dtype=np.int64)
    measured = gap(declined, answers, probes, templates)
    rows, at = np.indices(measured.templates.shape).reshape(2, -1)
    columns = {"model": [models[k] for k in rows], "language": [tongues[k] for k in at]}
    named = {"templates": "templates", "n": "answers", "rate": "rate", "rate_others": "others"}
    kept = {**named, "value": "value", "low": "low", "high": "high"}
    return pd.DataFrame(columns | {c: getattr(measured, field)[rows, at] for c, field in kept.items()})


def _cells(shape: tuple[int, int, int], place: tuple[Ints, Ints, Ints], counts: Ints) -> Ints:
    cells = np.zeros(shape, dtype=np.int64)
    np.add.at(cells, place, counts)
    return cells
