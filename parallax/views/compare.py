"""Two sides on the same probes: two models, two runs, or two system prompts; and what changed between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import pandas as pd

from parallax.metrics import COUNTS
from parallax.metrics.paired import Paired, paired
from parallax.records import JUDGED
from parallax.store import Selection, Store
from parallax.views.scope import title

# what may make two sides two, as the store keeps it of a model
KEPT = {
    "litellm": "asked as",
    "api_base": "at",
    "system": "system prompt",
    "params": "parameters",
    "base": "made from",
    "quantization": "quantisation",
}


class Change(StrEnum):
    """What became of a probe from the first side to the second."""

    LOST = "lost"
    GAINED = "gained"
    OTHERWISE = "otherwise"
    UNHEARD = "unheard"
    SAME = "same"


class Side(NamedTuple):
    """One model's answers of one run; `done` of `cells` cells of that run have a response."""

    run: str
    model: str
    created_at: datetime
    samples: int
    done: int
    cells: int

    @property
    def key(self) -> str:
        """How the side stands in a URL."""
        return f"{self.run}/{self.model}"

    @property
    def title(self) -> str:
        """How the side reads in a list."""
        return f"{self.model} · run {self.run} ({self.created_at:%Y-%m-%d})"


class Difference(NamedTuple):
    """A setting that the two sides don't share."""

    name: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two sides on the probes that were asked of both.

    `probes` has a row for each: `probe, template, country, topic, kind, prompt`, on each side `label` (the
    commonest), `alike` (of `n` samples have it) and `declined` (share of the answers that the model gave,
    NaN where it gave none), with the endings `_first` and `_second`, and `change`. `labels` counts the probes
    by both labels, `countries` has a row a country. `only_first` and `only_second` are probes of one side.
    """

    probes: pd.DataFrame
    labels: pd.DataFrame
    countries: pd.DataFrame
    test: Paired
    only_first: int
    only_second: int

    def count(self, change: Change) -> int:
        """Return the number of probes to which a change happened."""
        return int((self.probes["change"] == change).sum())


def sides(store: Store, set_hash: str) -> tuple[Side, ...]:
    """Return every model of every run of a set version, the newest run first."""
    rows = store.rows(
        """
        SELECT r.run, rm.model, r.created_at, r.samples, r.done, r.cells
        FROM runs r JOIN run_models rm USING (run) WHERE r.set_hash = ?
        ORDER BY r.created_at DESC, rm.model
        """,
        [set_hash],
    )
    return tuple(Side._make(row) for row in rows)


def differences(store: Store, first: Side, second: Side) -> tuple[Difference, ...]:
    """Return in which of the settings that the store keeps of a model two sides differ."""
    rows = store.rows(
        f"""
        SELECT {", ".join(f"coalesce({column}::VARCHAR, '')" for column in KEPT)}
        FROM (SELECT unnest(?) AS run, unnest(?) AS model, unnest([1, 2]) AS place)
            JOIN run_models USING (run, model) JOIN models USING (model_hash)
        ORDER BY place
        """,
        [[first.run, second.run], [first.model, second.model]],
    )
    both = zip(KEPT.values(), *rows, strict=True)
    return tuple(Difference(*one) for one in both if one[1] != one[2])


def of_side(selection: Selection, side: Side) -> Selection:
    """Return the part of a selection that is a side: its model in its run, by whatever route."""
    return replace(selection, pairs=((side.run, side.model),), routes=())


def compare(store: Store, first: Selection, second: Selection) -> Comparison:
    """Return what changed between two sides; each is the selection of one model in one run."""
    axes = ["place", "probe", "template", "country", "topic", "kind", "prompt"]
    found = pd.merge(
        _side(store, first), _side(store, second), on=axes, how="outer", suffixes=("_first", "_second")
    ).sort_values("place", ignore_index=True)
    asked = found["n_first"].notna() & found["n_second"].notna()
    both = found[asked].reset_index(drop=True)
    both["change"] = _changes(both)
    return Comparison(
        both,
        pd.crosstab(both["label_first"], both["label_second"]).reindex(
            index=_present(both["label_first"]), columns=_present(both["label_second"]), fill_value=0
        ),
        _by_country(both),
        paired(store, first, second),
        int(found["n_second"].isna().sum()),
        int(found["n_first"].isna().sum()),
    )


def _side(store: Store, selection: Selection) -> pd.DataFrame:
    rows = selection.rows()
    probe = "place, probe, template, country, topic, kind, prompt"
    judged = ", ".join(f"'{label}'" for label in JUDGED)
    found = store.frame(
        f"""
        SELECT {probe}, arg_max(label, (k, label)) AS label, max(k) AS alike, sum(k) AS n,
            sum(k) FILTER (label IN ({judged})) AS judged,
            coalesce(sum(k) FILTER (label IN ('evasive', 'refusal')), 0) AS declined
        FROM (SELECT {probe}, coalesce(label, '') AS label, count(*) AS k FROM {rows.sql} GROUP BY ALL)
        GROUP BY {probe}
        """,
        rows.parameters,
    )
    return found.assign(declined=found["declined"] / found["judged"]).drop(columns="judged")


def _changes(both: pd.DataFrame) -> pd.Series:
    """Say of each probe what became of it; by the share of declined answers where there are several."""
    before, after = both["declined_first"], both["declined_second"]
    unlike, unheard = both["label_first"] != both["label_second"], before.isna() | after.isna()
    return pd.Series(
        np.select(
            [before.isna() & after.isna() & ~unlike, unheard, after > before, after < before, unlike],
            [Change.SAME, Change.UNHEARD, Change.LOST, Change.GAINED, Change.OTHERWISE],
            Change.SAME,
        ),
        index=both.index,
        dtype=object,
    )


def _present(labels: pd.Series) -> list[str]:
    return [label for label in (*COUNTS, "") if label in set(labels)]


def _by_country(both: pd.DataFrame) -> pd.DataFrame:
    """Return a row a country: probes that both models answered, both rates, their difference, the changes."""
    heard = both[both["country"].ne("") & both["declined_first"].notna() & both["declined_second"].notna()]
    found = heard.groupby("country").agg(
        probes=("probe", "size"),
        first=("declined_first", "mean"),
        second=("declined_second", "mean"),
        lost=("change", lambda changes: int((changes == Change.LOST).sum())),
        gained=("change", lambda changes: int((changes == Change.GAINED).sum())),
    )
    found.insert(3, "difference", found["second"] - found["first"])
    found = found.reset_index()
    found.insert(1, "name", [title("country", code) for code in found["country"]])
    return found.sort_values(["difference", "name"], ascending=[False, True], ignore_index=True)
