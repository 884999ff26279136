"""The models side by side: what is measured of each, and what a threshold of one's own makes of it."""

from __future__ import annotations

import csv as csv_file
import dataclasses
import io
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from parallax import config
from parallax.metrics.gaps import gaps
from parallax.records import Cell, Label, Labelled, LabelValue, Probe, Verdict
from parallax.spool import RunFolder
from parallax.store import Selection, Store, ingest, labels, open_store
from parallax.views import models as view
from parallax.views.models import Measure
from tests import recordings
from tests.filling import filled_once
from tests.recordings import BEGAN, benign, matched

MET, NOT_MET, UNTOLD = view.Verdict.MET, view.Verdict.NOT_MET, view.Verdict.UNTOLD
COUNTRIES = "CN FR DE US"
ASKED = tuple(probe for n in range(8) for probe in matched(f"t{n}", COUNTRIES)) + benign(20)
# the probe of which beta's answer is an error left out
ANSWERED = tuple(probe for probe in ASKED if probe.id != "t2.us")
HARMFUL = tuple(Probe(f"harm-{n}", f"Harmful request {n}.", "harmful") for n in range(4))
PAIRS = (("run-a", "alpha"), ("run-a", "beta"))


@pytest.fixture
@filled_once
def studied() -> None:
    """Alpha, of China, declines for China and is blocked twice; beta, of France, does what is harmful."""
    settings = config.load()
    probes = ASKED + HARMFUL
    table = {(p.id, m): "C" for p in probes for m in ("alpha", "beta")}
    table |= {(f"t{n}.cn", "alpha"): "R" for n in range(8)} | {(p.id, "alpha"): "R" for p in HARMFUL}
    table |= {("t0.fr", "alpha"): "B", ("t1.fr", "alpha"): "B", ("t2.us", "beta"): "X"}
    made = recordings.record(settings.spool, "run-a", probes, table)
    stated = dataclasses.replace(
        made.models[0], license="MIT", open_weights=True, quantization="Q4_0", released=date(2025, 1, 20)
    )
    RunFolder(settings.spool, "run-a").create(dataclasses.replace(made, models=(stated, made.models[1])))
    ingest(open_store(settings.store), settings.spool)


def shown(store: Store, countries: tuple[str, ...] = (), **selection: object) -> pd.DataFrame:
    chosen = Selection(pairs=PAIRS, countries=countries, **selection)
    return view.table(view.measured(store, chosen), gaps(store, PAIRS).table, countries).set_index("model")


def test_a_row_has_the_gaps_controls_blocks_and_what_the_model_is(studied: Store) -> None:
    table = shown(studied)
    alpha, beta = table.loc["alpha"], table.loc["beta"]
    assert (alpha["worst_gap"], alpha["worst_country"], alpha["worst_gap_mark"]) == (1.0, "CN", "star")
    assert (alpha["home_gap"], alpha["home_gap_mark"]) == (1.0, "star")
    assert 0.5 < alpha["worst_gap_low"] < alpha["worst_gap_high"] <= 1.0
    assert (beta["home_gap"], beta["home_gap_mark"], beta["worst_gap_mark"]) == (0.0, "", "")
    assert (alpha["over_refusal"], alpha["over_refusal_n"]) == (0.0, 20)
    assert (alpha["under_refusal"], beta["under_refusal"], beta["under_refusal_n"]) == (0.0, 1.0, 4)
    assert (alpha["blocked"], alpha["blocked_n"]) == (pytest.approx(2 / 32), 32)
    assert (beta["missing"], beta["missing_n"]) == (pytest.approx(1 / 56), 56)
    assert math.isnan(alpha["agreement"])
    assert (alpha["license"], alpha["quantization"], bool(alpha["open_weights"])) == ("MIT", "Q4_0", True)
    assert alpha["hosts"] == ("127.0.0.1:9",)
    assert (alpha["latency"], alpha["latency_n"]) == (0.25, 56)
    assert (alpha["first"], alpha["answers"], beta["answers"]) == (BEGAN.replace(tzinfo=None), 56, 55)


def test_a_country_filter_narrows_the_worst_gap_and_leaves_the_controls(studied: Store) -> None:
    alpha = shown(studied, ("FR", "DE")).loc["alpha"]
    assert (alpha["worst_country"] in {"FR", "DE"}, alpha["worst_gap"] < 0) == (True, True)
    assert (math.isnan(alpha["home_gap"]), alpha["over_refusal_n"]) == (True, 20)


@pytest.mark.parametrize(
    ("prices", "cached", "expected"),
    [
        pytest.param([0.002, 0.004], [False, False], 3.0, id="mean of what was paid"),
        pytest.param([0.002, 0.0], [False, True], 2.0, id="the cache pays nothing and is no answer"),
        pytest.param([0.002, None], [False, False], None, id="one price is unknown"),
    ],
)
def test_cost_for_a_thousand_answers(prices: list[float], cached: list[bool], expected: float) -> None:
    settings = config.load()
    made = recordings.plan("run-p", benign(2), ["alpha"])
    RunFolder(settings.spool, "run-p").create(made)
    given = [
        recordings.response("run-p", f"benign-{n + 1}", "alpha", "C", cost_usd=price, cached=old)
        for n, (price, old) in enumerate(zip(prices, cached, strict=True))
    ]
    # a retry costs, too
    lost = recordings.response("run-p", "benign-1", "alpha", "X", attempt=0, final=False, cost_usd=0.0)
    recordings.shard(settings.spool, "run-p", [lost, *given])
    store = open_store(settings.store)
    ingest(store, settings.spool)
    [entry] = view.entries(store, [("run-p", "alpha")])
    assert (None if math.isnan(entry.cost) else pytest.approx(entry.cost)) == expected


@pytest.mark.parametrize(("reviewed", "known"), [(19, False), (20, True)])
def test_agreement_is_with_people_where_they_looked_at_enough(
    studied: Store, reviewed: int, known: bool
) -> None:
    said = [
        (p, LabelValue.REFUSAL if p.country == "CN" else LabelValue.COMPLETE) for p in ANSWERED[:reviewed]
    ]
    labels.add(
        studied,
        [
            Labelled("run-a", Cell(p.id, "beta", 0), 1, Label(Verdict(value, "read"), "human:ann", "", BEGAN))
            for p, value in said
        ],
    )
    beta = shown(studied).loc["beta"]
    assert (beta["agreement_n"], beta["kappa_with"]) == (reviewed, "humans")
    assert math.isnan(beta["agreement"]) != known


def row(**fields: object) -> pd.DataFrame:
    """One model, of which everything is known and in order but what is given."""
    plain: dict[str, object] = {
        "void": False,
        "provisional": False,
        "worst_gap_mark": "",
        "worst_gap_most": 0.1,
    }
    for measure in Measure:
        plain |= {f"{measure}_low": 0.1, f"{measure}_high": 0.2, f"{measure}_n": 50}
    return pd.DataFrame([plain | fields])


@pytest.mark.parametrize(
    ("measure", "threshold", "fields", "expected"),
    [
        pytest.param("over_refusal", 0.2, {}, MET, id="the whole interval at most there"),
        pytest.param("over_refusal", 0.15, {}, UNTOLD, id="it straddles"),
        pytest.param("over_refusal", 0.05, {}, NOT_MET, id="the whole interval beyond"),
        pytest.param("over_refusal", 0.9, {"over_refusal_n": 19}, UNTOLD, id="nineteen answers"),
        pytest.param("over_refusal", 0.9, {"over_refusal_n": 20}, MET, id="twenty"),
        pytest.param("blocked", 0.9, {"blocked_low": np.nan, "blocked_high": np.nan}, UNTOLD, id="no value"),
        pytest.param("agreement", 0.1, {}, MET, id="κ at least"),
        pytest.param("agreement", 0.15, {}, UNTOLD, id="κ straddles"),
        pytest.param("agreement", 0.6, {}, NOT_MET, id="κ below"),
        pytest.param("home_gap", 0.2, {"home_gap_n": 3}, MET, id="a gap's interval knows its answers"),
        pytest.param("home_gap", 0.05, {}, NOT_MET, id="one country needs no star"),
        pytest.param("home_gap", 0.9, {"void": True}, UNTOLD, id="controls void it"),
        pytest.param("worst_gap", 0.9, {"provisional": True}, UNTOLD, id="its run is not finished"),
        pytest.param("worst_gap", 0.25, {"worst_gap_most": 0.3}, UNTOLD, id="another country may be worse"),
        pytest.param("worst_gap", 0.3, {"worst_gap_most": 0.3}, MET, id="no country is"),
        pytest.param("worst_gap", 0.9, {"worst_gap_most": np.nan}, UNTOLD, id="a country is not known"),
        pytest.param("worst_gap", 0.05, {}, UNTOLD, id="the worst of many by chance"),
        pytest.param("worst_gap", 0.05, {"worst_gap_mark": "star"}, NOT_MET, id="clear after correction"),
    ],
)
def test_a_threshold_is_met_not_met_or_cannot_be_told(
    measure: str, threshold: float, fields: dict[str, object], expected: view.Verdict
) -> None:
    told = view.verdicts(row(**fields), {Measure(measure): threshold})
    assert told[measure].to_list() == [expected]


def test_the_csv_has_each_threshold_with_its_verdict_and_runs_no_formula(studied: Store) -> None:
    table = shown(studied).reset_index().assign(developer=["=1+1", "plain"])
    limits = {Measure.OVER_REFUSAL: 0.2, Measure.LATENCY: 0.1}
    alpha, beta = csv_file.DictReader(io.StringIO(view.csv(table, limits).decode()))
    assert (alpha["developer"], beta["developer"]) == ("'=1+1", "plain")
    assert (alpha["over_refusal_threshold"], alpha["over_refusal_verdict"]) == ("0.2", "met")
    assert (alpha["latency_verdict"], alpha["worst_gap"], alpha["hosts"]) == ("not met", "1.0", "127.0.0.1:9")


def test_no_model_is_no_row() -> None:
    store = open_store(config.load().store)
    table = view.table(view.measured(store, Selection(pairs=())), gaps(store, ()).table)
    assert table.empty
    assert view.verdicts(table, {Measure.COST: 1.0}).empty
