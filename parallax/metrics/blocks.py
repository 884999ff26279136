"""What gaps are counted from: each model's answers to each critical matched probe."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from parallax.metrics.counting import TALLIES
from parallax.metrics.trust import critical
from parallax.store import Selection, Store

BLOCK = ["template", "language"]
_UNVERIFIED = (
    "(coalesce(meta->>'$.review', '') = 'unverified'"
    " OR list_contains(json_extract_string(meta, '$.facts[*].review'), 'unverified'))"
)


class Answered(NamedTuple):
    """The answers that gaps are made of, and what was left out of them.

    `frame` has a row a (run, name, probe): `run`, `set`, `samples`, `provisional` (its run is not
    finished), `model`, `name` (the model, or its route), `home`, the probe's `template`, `country`,
    `topic` and `language`, the counts of `COUNTS`, and `human`, the labels that people gave. `unverified`
    is how many probes were left out as such; `dropped` maps a (run, name) that is not finished to its
    templates that some country has no answer on.
    """

    frame: pd.DataFrame
    unverified: int
    dropped: dict[tuple[str, str], int]


def read(store: Store, selection: Selection, by: str) -> Answered:
    """Return the answers of a selection's runs and models to critical matched probes.

    Probes marked unverified are left out; so are, of an unfinished run, the templates of a language that
    lack an answer for one of the countries they were written for. `by` is `model` or `route`.
    """
    counted = _counted(store, selection, by)
    probes = _probes(store, list(counted["run"].unique()))
    verified = counted.merge(probes[~probes["unverified"]], on=["run", "probe"])
    unverified = probes.loc[probes["unverified"], "probe"].nunique()
    asked = verified.groupby(["run", "model", *BLOCK])["probe"].transform("nunique")
    whole = ~verified["provisional"] | (asked == verified["planned"])
    lost = verified[~whole].groupby(["run", "name"])["template"].nunique().reset_index()
    dropped = {(row["run"], row["name"]): row["template"] for row in lost.to_dict("records")}
    return Answered(verified[whole], unverified, dropped)


def _counted(store: Store, selection: Selection, by: str) -> pd.DataFrame:
    chosen = critical(selection)
    rows = chosen.labelled() if by == "model" else chosen.rows((by,))
    # a probe is counted before anything is known of it: a million answers are a few thousand probes
    return store.frame(
        f"""
        SELECT run, model, {by} AS name, probe, any_value(home) AS home, {TALLIES},
            count(*) FILTER (rater LIKE 'human:%') AS human
        FROM {rows.sql} AND template <> '' AND country <> '' GROUP BY run, model, name, probe
        """,
        rows.parameters,
    )


def _probes(store: Store, runs: list[str]) -> pd.DataFrame:
    """Return the critical matched probes of runs, and how many their template has in their language."""
    return store.frame(
        f"""
        SELECT run, s.id AS "set", samples, done < cells AS provisional, probe, template, country, topic,
            language, {_UNVERIFIED} AS unverified,
            count(*) FILTER (NOT {_UNVERIFIED}) OVER (PARTITION BY run, template, language) AS planned
        FROM runs JOIN probe_sets s USING (set_hash) JOIN probes p USING (set_hash)
        WHERE run IN (SELECT unnest(?)) AND kind = 'matched' AND stance = 'critical' AND template <> ''
            AND country <> ''
        """,
        [runs],
    )
