"""Counts and rates of a hand-made recording, against values worked out by hand (METRICS §1, §2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from parallax import config, metrics
from parallax.metrics import Rate
from parallax.records import Probe
from parallax.store import Selection, Store, ingest, open_store
from tests import recordings
from tests.filling import filled_once
from tests.recordings import Table, benign, matched

AXES = ("country", "model")
PROBES = matched("leader", "CN FR") + matched("press", "CN FR") + matched("war", "CN") + benign(2)
# the templates have unequal numbers of answers: 3, 1 and, of the model itself, none
TABLE = {
    ("leader.cn", "alpha"): "RRE",
    ("press.cn", "alpha"): "C",
    ("war.cn", "alpha"): "BXT",
    ("leader.fr", "alpha"): "CCC",
    ("press.fr", "alpha"): "CCC",
    ("leader.cn", "beta"): "X",
    ("benign-1", "alpha"): "CC",
    ("benign-2", "alpha"): "CR",
}
NONE = float("nan")


@filled_once
def recorded(table: Table, probes: tuple[Probe, ...] = PROBES) -> None:
    settings = config.load()
    recordings.record(settings.spool, "run-a", probes, table)
    ingest(open_store(settings.store), settings.spool)


@pytest.fixture
def store() -> Store:
    return recorded(TABLE)


def rated(store: Store, rate: Rate, axes: tuple[str, ...] = AXES, selection: Selection | None = None) -> Any:
    selection = selection or Selection(kinds=("matched",))
    return metrics.rates(metrics.counts(store, selection, axes), axes, rate).set_index(list(axes))


def test_counts_have_a_row_for_each_template_of_each_cell(store: Store) -> None:
    found = metrics.counts(store, Selection(kinds=("matched",), models=("alpha",)), AXES)
    assert found.drop(columns="model").to_numpy().tolist() == [
        ["CN", "leader", 1, 0, 1, 2, 0, 0, 0],
        ["CN", "press", 1, 1, 0, 0, 0, 0, 0],
        ["CN", "war", 1, 0, 0, 0, 1, 1, 1],
        ["FR", "leader", 1, 3, 0, 0, 0, 0, 0],
        ["FR", "press", 1, 3, 0, 0, 0, 0, 0],
    ]
    assert tuple(found.columns) == (*AXES, "cluster", "probes", *metrics.COUNTS)


@pytest.mark.parametrize(
    ("rate", "value", "base", "templates"),
    [
        (Rate.NONCOMPLIANCE, 1 / 2, 4, 2),
        (Rate.REFUSAL, 1 / 3, 4, 2),
        (Rate.EVASION, 1 / 6, 4, 2),
        (Rate.COMPLIANCE, 1 / 2, 4, 2),
        (Rate.BLOCK, 1 / 3, 5, 3),
        (Rate.HARD_CENSORSHIP, 5 / 9, 5, 3),
    ],
)
def test_rate_is_the_equal_weight_mean_over_templates(
    store: Store, rate: Rate, value: float, base: int, templates: int
) -> None:
    cell = rated(store, rate).loc["CN", "alpha"]
    assert cell["value"] == pytest.approx(value)
    assert (cell["base"], cell["templates"]) == (base, templates)


@pytest.mark.parametrize("rate", Rate)
def test_counts_and_missing_are_the_same_beside_every_rate(store: Store, rate: Rate) -> None:
    cell = rated(store, rate).loc["CN", "alpha"]
    assert [cell[c] for c in ("n", *metrics.COUNTS)] == [7, 1, 1, 2, 1, 1, 1]
    assert cell["missing"] == pytest.approx(2 / 7)


@pytest.mark.parametrize(
    ("country", "n_eff", "low", "high"),
    [
        # shares 1 and 0: s² = .5, v = .25, p̃ = .5, 1 by the formula, clamped up to 2 templates
        ("CN", 2, 0.0945, 0.9055),
        # no variance: two distinct probes, however many samples; Wilson 0/2
        ("FR", 2, 0.0, 0.6576),
    ],
)
def test_interval(store: Store, country: str, n_eff: float, low: float, high: float) -> None:
    cell = rated(store, Rate.NONCOMPLIANCE).loc[country, "alpha"]
    assert cell["n_eff"] == pytest.approx(n_eff)
    assert [cell["low"], cell["high"]] == pytest.approx([low, high], abs=5e-4)


@pytest.mark.parametrize("rate", Rate)
def test_cell_of_errors_alone_has_no_rate(store: Store, rate: Rate) -> None:
    cell = rated(store, rate).loc["CN", "beta"]
    assert np.isnan([cell["value"], cell["low"], cell["high"], cell["n_eff"]]).all()
    assert (cell["n"], cell["base"], cell["templates"], cell["missing"]) == (1, 0, 0, 1.0)


def test_wholly_blocked_template_is_in_no_rate_of_the_model() -> None:
    probes = matched("leader", "CN") + matched("press", "CN")
    store = recorded({("leader.cn", "alpha"): "BB", ("press.cn", "alpha"): "RC"}, probes)
    assert rated(store, Rate.NONCOMPLIANCE).loc["CN", "alpha"]["value"] == 0.5
    assert rated(store, Rate.BLOCK).loc["CN", "alpha"]["value"] == 0.5
    assert rated(store, Rate.HARD_CENSORSHIP).loc["CN", "alpha"]["value"] == 0.75


def test_probe_without_a_template_is_a_cluster_of_its_own(store: Store) -> None:
    cell = rated(store, Rate.NONCOMPLIANCE, ("model",), Selection(kinds=("benign",))).loc["alpha"]
    assert (cell["value"], cell["templates"], cell["n"]) == (0.25, 2, 4)


def test_languages_of_a_template_are_one_cluster_of_several_probes() -> None:
    probes = tuple(
        probe
        for template in ("leader", "press")
        for language in ("en", "fr")
        for probe in matched(template, "CN", language=language)
    )
    store = recorded({(probe.id, "alpha"): "R" for probe in probes}, probes)
    cell = rated(store, Rate.NONCOMPLIANCE).loc["CN", "alpha"]
    assert (cell["templates"], cell["n_eff"]) == (2, 4)
    by_language = rated(store, Rate.NONCOMPLIANCE, ("language", "model"))
    assert by_language["n"].to_dict() == {("en", "alpha"): 2, ("fr", "alpha"): 2}


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        (("model",), {"alpha", "beta"}),
        (("country",), {"CN", "FR", ""}),
        (("topic",), {"leader", ""}),
        (("theme",), {"power", ""}),
        (("kind",), {"matched", "benign"}),
        (("run",), {"run-a"}),
        (("language",), {"en"}),
    ],
)
def test_axes(store: Store, axes: tuple[str, ...], expected: set[str]) -> None:
    found = rated(store, Rate.NONCOMPLIANCE, axes, Selection())
    assert set(found.index) == expected
    assert found["n"].sum() == 18


def test_nothing_selected_is_an_empty_table_with_its_columns(store: Store) -> None:
    empty = metrics.counts(store, Selection(models=("nobody",)), AXES)
    found = metrics.rates(empty, AXES, Rate.NONCOMPLIANCE)
    some = metrics.rates(metrics.counts(store, Selection(), AXES), AXES, Rate.NONCOMPLIANCE)
    assert isinstance(found, pd.DataFrame)
    assert found.empty
    assert list(found.columns) == list(some.columns)


def test_unknown_axis_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1; DROP TABLE runs"):
        metrics.counts(store, Selection(), ("country", "1; DROP TABLE runs"))
