"""Two sides to compare: two models, two runs, or two system prompts; what differs, and where it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import pandas as pd

from parallax.metrics.paired import Paired
from parallax.store import Selection, Store
from parallax.views.scope import title

# what the store keeps of a model, in the words of models.toml
SETTINGS = {
    "litellm": "model",
    "api_base": "address",
    "system": "system prompt",
    "params": "parameters",
    "base": "base",
    "quantization": "quantisation",
}


class Change(StrEnum):
    """What became of a probe from the first side to the second."""

    LOST = "lost"
    GAINED = "gained"
    OTHER = "other"
    SAME = "same"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


class Side(NamedTuple):
    """One model's answers of one run of a set version; `done` of the run's `cells` have a response."""

    run: str
    model: str
    set_hash: str
    version: str
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
        return f"{self.model} · {self.run}"

    @property
    def is_finished(self) -> bool:
        """True where every cell of the run has a response."""
        return self.done >= self.cells


class Difference(NamedTuple):
    """A setting that two sides don't share, and its value on either."""

    setting: str
    first: str
    second: str


def sides(store: Store, set_hash: str) -> tuple[Side, ...]:
    """Return every model of every run of a set, of the version given first, then the newest run first."""
    rows = store.rows(
        """
        SELECT r.run, rm.model, s.set_hash, s.version, r.created_at, r.samples, r.done, r.cells
        FROM runs r JOIN run_models rm USING (run) JOIN probe_sets s USING (set_hash)
        WHERE s.id = (SELECT id FROM probe_sets WHERE set_hash = ?)
        ORDER BY s.set_hash = ? DESC, r.created_at DESC, rm.model
        """,
        [set_hash, set_hash],
    )
    return tuple(Side._make(row) for row in rows)


def differences(store: Store, first: Side, second: Side) -> tuple[Difference, ...]:
    """Return in which settings two sides differ, and in the version of the set."""
    columns = ", ".join(f"coalesce({column}::VARCHAR, '')" for column in SETTINGS)
    rows = [
        store.rows(
            f"SELECT {columns} FROM run_models JOIN models USING (model_hash) WHERE run = ? AND model = ?",
            [side.run, side.model],
        )[0]
        for side in (first, second)
    ]
    named = [Difference(*one) for one in zip(SETTINGS.values(), *rows, strict=True)]
    named.append(Difference("version of the set", first.version, second.version))
    return tuple(one for one in named if one.first != one.second)


def of_side(selection: Selection, side: Side) -> Selection:
    """Return the part of a selection that is a side: its model in its run, by whatever route."""
    return replace(selection, pairs=((side.run, side.model),), routes=())


def changes(found: Paired) -> pd.DataFrame:
    """Return the probes of a comparison, by country and id, `change` being a `Change` for each.

    `lost` and `gained` are as in `Paired`; `other` is any other difference of the labels. What one host
    alone blocked has a row of its own, `blocked` or `unblocked`, whatever became of its other samples.
    """
    probes = found.probes
    flipped = [probes["change"] == change for change in (Change.LOST, Change.GAINED)]
    kinds = np.select([*flipped, probes["first"] != probes["second"]], list(Change)[:3], Change.SAME)
    every = pd.concat([probes.assign(change=kinds), found.stopped])
    return every.sort_values(["country", "probe"], kind="stable", ignore_index=True)


def by_country(found: Paired) -> pd.DataFrame:
    """Return a row a country of a comparison, the largest difference first; nothing is tested here.

    Columns: `country`, `name`, `probes`, `first` and `second` (mean shares declined or dodged), `difference`,
    `lost`, `gained`.
    """
    probes = found.probes[found.probes["country"] != ""]
    rows = probes.groupby("country").agg(
        probes=("probe", "size"),
        first=("first_share", "mean"),
        second=("second_share", "mean"),
        lost=("change", lambda changed: int((changed == Change.LOST).sum())),
        gained=("change", lambda changed: int((changed == Change.GAINED).sum())),
    )
    rows.insert(3, "difference", rows["second"] - rows["first"])
    rows = rows.reset_index()
    rows.insert(1, "name", [title("country", code) for code in rows["country"]])
    far = rows["difference"].abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[far].reset_index(drop=True)
