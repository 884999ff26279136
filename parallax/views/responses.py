"""The responses themselves, and the probes they answer."""

from __future__ import annotations

import pandas as pd

from parallax.store import Selection, Store

_ANSWER = (
    "run, probe, template, kind, country, topic, language, model, sample, prompt, response, reasoning,"
    " label, rater, reason, confidence, outcome, block, finish_reason, served_model, served_by, latency_s,"
    " completion_tokens, error, created_at, cached"
)


def answers(store: Store, selection: Selection, sample: int) -> pd.DataFrame:
    """Return one sample (from 0) of a selection, a row a response, in the order of the probe set."""
    rows = selection.rows()
    return store.frame(
        f"SELECT {_ANSWER} FROM {rows.sql} AND sample = ? ORDER BY place, model",
        [*rows.parameters, sample],
    )


def probes(store: Store, selection: Selection, by: str = "model") -> pd.DataFrame:
    """Return the probes of a selection and what each model did with them, in the order of the set.

    A row a probe: `probe, template, country, topic, kind, prompt`, then a column for each model with its
    commonest label, and how many of its samples have it where they differ (`refusal, 2 of 3`). `by` says
    what is told apart as one model: `model`, or `route`.
    """
    rows = selection.rows((by,))
    probe = f"place, probe, template, country, topic, kind, prompt, {by}"
    found = store.frame(
        f"""
        SELECT {probe}, arg_max(label, k) AS label, max(k) AS alike, sum(k)::INTEGER AS n
        FROM (SELECT {probe}, label, count(*) AS k FROM {rows.sql} GROUP BY {probe}, label)
        GROUP BY {probe}
        """,
        rows.parameters,
    )
    alike = found["alike"].astype(str) + " of " + found["n"].astype(str)
    found["shown"] = found["label"].where(found["alike"] == found["n"], found["label"] + ", " + alike)
    axes = ["place", "probe", "template", "country", "topic", "kind", "prompt"]
    wide = found.pivot(index=axes, columns=by, values="shown").sort_index().reset_index()
    return wide.drop(columns="place").rename_axis(columns=None)


def twins(store: Store, selection: Selection, probe: str, sample: int) -> pd.DataFrame:
    """Return one sample of the answers to a probe's twins in other countries, in `answers`' columns."""
    rows = selection.unfiltered().rows()
    return store.frame(
        f"""
        SELECT {_ANSWER} FROM {rows.sql}
            AND sample = ? AND probe <> ? AND template <> ''
            AND (template, language) IN (
                SELECT template, language FROM {rows.sql} AND probe = ?)
        ORDER BY country, model
        """,
        [*rows.parameters, sample, probe, *rows.parameters, probe],
    )
