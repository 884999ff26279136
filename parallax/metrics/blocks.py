"""What gaps are counted from: each model's answers to each critical matched probe."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from parallax.metrics import answers
from parallax.metrics.counting import COUNTS
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
    found = _counted(store, selection, by)
    verified = found[~found["unverified"]].drop(columns="unverified")
    unverified = found.loc[found["unverified"], "probe"].nunique()
    begun = verified[verified["provisional"]]
    asked = begun.groupby(["run", "model", *BLOCK])["probe"].transform("nunique")
    part = begun[asked != begun["planned"]]
    lost = part.groupby(["run", "name"])["template"].nunique().reset_index()
    dropped = {(row["run"], row["name"]): row["template"] for row in lost.to_dict("records")}
    return Answered(verified.drop(index=part.index), unverified, dropped)


def _counted(store: Store, selection: Selection, by: str) -> pd.DataFrame:
    """Return a row a (run, name, probe): the columns of `Answered` and of `_probes`."""
    given = answers.read(store, critical(selection), COUNTS, (by,))
    models = given.models.assign(name=given.models[by])
    shape = len(given.probes), len(models)
    cell = np.ravel_multi_index((given.probe, given.model), shape)
    size = shape[0] * shape[1] * len(COUNTS)
    labels = np.bincount(cell * len(COUNTS) + given.label, minlength=size).reshape(-1, len(COUNTS))
    human = np.bincount(cell[given.human], minlength=len(labels))
    # everything else is known of a probe or of a model: half a million rows only take it from there
    asked = _probes(store, list(models["run"].unique()))
    probe, model = np.unravel_index(np.flatnonzero(labels.any(axis=1)), shape)
    known = _places(asked, given.probes, models)[model, probe]
    kept = known >= 0
    cell = np.ravel_multi_index((probe[kept], model[kept]), shape)
    parts = (
        models[["model", "name", "home"]].take(model[kept]),
        asked.drop(columns="set_hash").take(known[kept]),
        pd.DataFrame(labels[cell], columns=list(COUNTS)).assign(human=human[cell]),
    )
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)


def _places(asked: pd.DataFrame, probes: pd.DataFrame, models: pd.DataFrame) -> answers.Ints:
    """Return for each model and each probe the row of `asked` that tells of both, -1 where none does."""
    run, runs = pd.factorize(models["run"])
    place = pd.MultiIndex.from_frame(probes[["set_hash", "probe"]])
    found = np.full((len(runs), len(probes)), -1)
    of_run = runs.get_indexer(pd.Index(asked["run"]))
    of_probe = place.get_indexer(pd.MultiIndex.from_frame(asked[["set_hash", "probe"]]))
    # a probe that no model answered has no place
    met = of_probe >= 0
    found[of_run[met], of_probe[met]] = np.flatnonzero(met)
    return found[run]


def _probes(store: Store, runs: list[str]) -> pd.DataFrame:
    """Return the critical matched probes of runs, and how many their template has in their language."""
    found = store.frame(
        f"""
        SELECT run, set_hash, s.id AS "set", samples, done < cells AS provisional, probe, template, country,
            topic, language, {_UNVERIFIED} AS unverified,
            count(*) FILTER (NOT {_UNVERIFIED}) OVER (PARTITION BY run, template, language) AS planned
        FROM runs JOIN probe_sets s USING (set_hash) JOIN probes p USING (set_hash)
        WHERE run IN (SELECT unnest(?)) AND kind = 'matched' AND stance = 'critical' AND template <> ''
            AND country <> ''
        """,
        [runs],
    )
    texts = ["run", "set", "template", "country", "topic", "language"]
    return found.astype(dict.fromkeys(texts, "category"))
