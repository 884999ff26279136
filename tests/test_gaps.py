"""Gaps of hand-made recordings, against values worked out by hand (METRICS §3, §5)."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from parallax import config
from parallax.metrics.gaps import EXPORTED, SHOWN, Gaps, Slice, gaps
from parallax.records import Probe
from parallax.store import Store, ingest, open_store
from tests import recordings
from tests.recordings import Table, matched

COUNTRIES = "CN DE FR US"
PROBES = tuple(itertools.chain(*(matched(t, COUNTRIES) for t in ("leader", "press", "war"))))


def recorded(table: Table, probes: tuple[Probe, ...] = PROBES, run: str = "run-a", samples: int = 1) -> Store:
    settings = config.load()
    recordings.record(settings.spool, run, probes, table, samples=samples)
    store = open_store(settings.store)
    ingest(store, settings.spool)
    return store


def answers(model: str, probes: tuple[Probe, ...] = PROBES, **of_country: str) -> dict[tuple[str, str], str]:
    """Return a model's answers: a country's letters for each of its probes in turn, else complete."""
    turns = {country: itertools.cycle(letters.split()) for country, letters in of_country.items()}
    return {(p.id, model): next(turns[p.country]) if p.country in turns else "C" for p in probes}


def found(store: Store, *models: str, run: str = "run-a", **how: Slice) -> Gaps:
    return gaps(store, [(run, model) for model in models], **how)


def cell(of: Gaps, **keys: str) -> pd.Series:
    table = of.table
    for column, value in keys.items():
        table = table[table[column] == value]
    ((_, row),) = table.iterrows()
    return row


def test_sole_refuser_among_four_countries_on_three_templates() -> None:
    table = answers("alpha", CN="R") | answers("beta")
    of = found(recorded(table), "alpha", "beta")
    assert tuple(of.table.columns) == (*EXPORTED, *SHOWN)
    target = cell(of, model="alpha", country="CN")
    assert target["p"] == pytest.approx(0.015625)
    assert [target[c] for c in ("templates", "samples", "n", "rate", "rate_others", "gap")] == [
        3,
        1,
        3,
        1,
        0,
        1,
    ]
    assert (target["home"], target["set"], target["run"], target["language"]) == (
        True,
        "small",
        "run-a",
        "en",
    )
    assert of.family == 8
    assert target["p_holm"] == pytest.approx(0.125)
    others = of.table[(of.table["model"] == "alpha") & (of.table["country"] != "CN")]
    assert others["gap"].tolist() == pytest.approx([-1 / 3] * 3)
    # one heavily censored country drags no other down here
    assert others["robust_gap"].tolist() == [0, 0, 0]
