"""What the pages show: which runs are in view, states of cells, cautions, twins, filters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from parallax import config, views
from parallax.metrics import Rate
from parallax.records import Probe
from parallax.store import Selection, Store, ingest, open_store
from tests import recordings
from tests.recordings import BEGAN, Table, benign, matched

COUNTRIES = "CN FR"
TEMPLATES = tuple(f"t{n}" for n in range(1, 11))
MANY = tuple(probe for template in TEMPLATES for probe in matched(template, COUNTRIES))
FEW = matched("leader", COUNTRIES)


def record(
    run: str,
    table: Table,
    probes: Iterable[Probe] = FEW,
    *,
    day: int = 0,
    samples: int = 1,
    version: str = "1",
) -> str:
    """Put a run into the spool; returns the hash of its set."""
    created_at = BEGAN + timedelta(days=day)
    spool = config.load().spool
    made = recordings.record(
        spool, run, probes, table, samples=samples, created_at=created_at, version=version
    )
    return made.probe_set.hash


def fed() -> Store:
    settings = config.load()
    store = open_store(settings.store)
    ingest(store, settings.spool)
    return store


def everywhere(letters: str, model: str, probes: Iterable[Probe] = FEW) -> dict[tuple[str, str], str]:
    return {(probe.id, model): letters for probe in probes}


def of_country(code: str, letters: str, model: str = "alpha") -> dict[tuple[str, str], str]:
    """One letter for each of the ten templates."""
    return {(f"{t}.{code}", model): letter for t, letter in zip(TEMPLATES, letters, strict=True)}


# ---- runs and sets in view


def test_each_model_is_shown_from_its_newest_finished_run() -> None:
    record("run-1", everywhere("C", "alpha") | everywhere("C", "beta"))
    record("run-2", everywhere("R", "alpha"), day=1)
    record("run-3", {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "."}, day=2)
    set_hash = record("run-4", {("leader.cn", "gamma"): "R", ("leader.fr", "gamma"): "."}, day=3)
    record("run-5", {("leader.cn", "gamma"): "R", ("leader.fr", "gamma"): "."}, day=4)
    found = views.in_view(fed(), set_hash)
    assert [(r.model, r.run, r.done, r.is_finished) for r in found] == [
        ("alpha", "run-2", 2, True),
        ("beta", "run-1", 4, True),
        ("gamma", "run-5", 1, False),
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (["run-1"], [("alpha", "run-1")]),
        (["run-1", "run-2"], [("alpha", "run-2"), ("beta", "run-2")]),
        (["run-1", "run-3"], [("alpha", "run-1")]),
        (["run-3"], [("alpha", "run-3")]),
        (["no-such-run"], []),
    ],
)
def test_runs_asked_for_win_over_newer_ones(asked: list[str], expected: list[tuple[str, str]]) -> None:
    set_hash = record("run-1", everywhere("C", "alpha"))
    record("run-2", everywhere("R", "alpha") | everywhere("R", "beta"), day=1)
    record("run-3", {("leader.cn", "alpha"): "R"}, day=2)
    assert [(r.model, r.run) for r in views.in_view(fed(), set_hash, asked)] == expected


def test_set_versions_are_never_pooled() -> None:
    first = record("run-1", everywhere("C", "alpha"))
    second = record("run-2", everywhere("R", "alpha"), day=1, version="2")
    record("run-3", everywhere("R", "alpha"), day=2)
    store = fed()
    assert views.sets(store) == (
        (first, "The small set · 1"),
        (second, "The small set · 2"),
    )
    assert [r.run for r in views.in_view(store, second)] == ["run-2"]
    assert [run for run, _ in views.runs_of(store, first)] == ["run-3", "run-1"]
    assert views.runs_of(store, second) == (("run-2", "Run run-2 · 2026-03-02 12:00"),)


def test_empty_store_shows_nothing_and_fails_nowhere() -> None:
    store = fed()
    assert views.sets(store) == ()
    assert views.in_view(store, "none") == ()
    shown = views.heatmap(store, Selection(), "country", "model", Rate.NONCOMPLIANCE)
    assert (shown.rows, shown.columns, shown.cautions) == ((), (), ())
    assert shown.cells.empty
    total = views.overview(store, Selection())
    assert (total.answers, total.models, total.probes) == (0, 0, 0)
    assert views.answers(store, Selection(), 0).empty
    assert views.probes(store, Selection()).empty
    assert views.questions(store, Selection()).empty
    assert views.twins(store, Selection(), "leader.cn").empty
    assert views.came(store, Selection()) == ((), None, None)


# ---- heatmap


@pytest.mark.parametrize(
    ("letters", "state", "value"),
    [
        pytest.param("CCCCCCCCCC", "solid", 0.0, id="ten templates that agree"),
        pytest.param("RRRRRRRRRE", "solid", 1.0, id="and at the other end"),
        pytest.param("RCRCRCRCRC", "dim", 0.5, id="half-width over 25 points"),
        pytest.param("CCCCCCC...", "dim", 0.0, id="seven answers: under 8"),
        pytest.param("CCCCCCCC..", "solid", 0.0, id="eight answers"),
        pytest.param("CCCCCCCCCX", "solid", 0.0, id="a tenth missing"),
        pytest.param("CCCCCCCCXT", "grey", 0.0, id="over a tenth missing"),
        pytest.param("BBBBBBBBBB", "grey", float("nan"), id="nothing but blocks"),
        pytest.param("R.........", "dim", 1.0, id="one template: no interval"),
    ],
)
def test_state_of_a_cell(letters: str, state: str, value: float) -> None:
    record("run-1", of_country("cn", letters), MANY)
    shown = views.heatmap(fed(), Selection(), "country", "model", Rate.NONCOMPLIANCE)
    [cell] = shown.cells.to_dict("records")
    assert (cell["row"], cell["column"], cell["state"]) == ("CN", "alpha", state)
    assert cell["value"] == pytest.approx(value, nan_ok=True)


def test_what_has_no_country_or_topic_has_no_row() -> None:
    stray = Probe("stray", "Criticise the United Nations.", stance="critical")
    record("run-1", everywhere("R", "alpha", (*FEW, stray)), (*FEW, stray))
    store = fed()
    assert views.heatmap(store, Selection(), "country", "model", Rate.REFUSAL).rows == ("CN", "FR")
    assert views.heatmap(store, Selection(), "model", "topic", Rate.REFUSAL).columns == ("leader",)


def test_heatmap_holds_critical_matched_probes_only() -> None:
    probes = (*FEW, *matched("praise", "CN FR", stance="positive"), *benign(1))
    table = everywhere("R", "alpha", FEW) | everywhere("C", "alpha", probes[2:])
    record("run-1", table, probes)
    store = fed()
    shown = views.heatmap(store, Selection(), "country", "model", Rate.NONCOMPLIANCE)
    assert shown.cells["n"].to_list() == [1, 1]
    assert shown.cells["value"].to_list() == [1.0, 1.0]
    assert shown.benign[["at", "n", "value"]].to_numpy().tolist() == [["alpha", 1, 0.0]]


def test_rows_and_columns_stand_in_the_order_of_their_names_on_screen() -> None:
    probes = matched("leader", "CH DE AT", topic="war-conduct") + matched("press", "CH", topic="protest")
    record("run-1", everywhere("C", "beta", probes) | everywhere("C", "alpha", probes), probes)
    store = fed()
    shown = views.heatmap(store, Selection(), "country", "model", Rate.NONCOMPLIANCE)
    assert (shown.rows, shown.columns) == (("AT", "DE", "CH"), ("alpha", "beta"))  # Austria, Germany, Switz…
    assert (shown.row_axis, shown.column_axis, shown.value) == ("country", "model", Rate.NONCOMPLIANCE)
    by_topic = views.heatmap(store, Selection(), "topic", "country", Rate.NONCOMPLIANCE)
    assert by_topic.rows == ("war-conduct", "protest")  # Conduct in war, Protest


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        pytest.param("C" * 20, [], id="all answered"),
        pytest.param("C" * 18 + "RR", ["alpha declines or dodges 10% of benign questions."], id="a warning"),
        pytest.param(
            "C" * 15 + "R" * 5,
            [
                "alpha declines or dodges 25% of benign questions:"
                " its differences between countries say nothing."
            ],
            id="void",
        ),
        pytest.param("C" * 19, ["alpha: controls too few to tell (19 benign answers)."], id="too few"),
        pytest.param(
            "C" * 19 + "B",
            ["alpha: controls too few to tell (19 benign answers)."],
            id="blocked ones are none",
        ),
    ],
)
def test_cautions_of_the_benign_controls(letters: str, expected: list[str]) -> None:
    controls = benign(len(letters))
    table = {(probe.id, "alpha"): letter for probe, letter in zip(controls, letters, strict=True)}
    record("run-1", table | everywhere("C", "alpha"), FEW + controls)
    shown = views.heatmap(fed(), Selection(countries=("CN",)), "country", "model", Rate.REFUSAL)
    assert list(shown.cautions) == expected


def test_controls_of_another_run_stand_in_where_the_run_in_view_asked_none() -> None:
    controls = benign(20)
    record("seen", everywhere("C", "alpha"))
    record("older", everywhere("R", "alpha", controls), controls)
    record("newer", everywhere("C", "alpha", controls), controls, day=1)
    record("of-another", everywhere("R", "beta", controls), controls, day=1)
    shown = views.heatmap(
        fed(), Selection(pairs=(("seen", "alpha"),)), "country", "model", Rate.NONCOMPLIANCE
    )
    assert shown.benign[["at", "n", "value"]].to_numpy().tolist() == [["alpha", 20, 0.0]]
    assert (shown.control_runs, shown.cautions) == (("newer",), ())


def test_a_model_that_was_never_asked_a_control_is_named() -> None:
    record("seen", everywhere("C", "alpha"))
    shown = views.heatmap(
        fed(), Selection(pairs=(("seen", "alpha"),)), "country", "model", Rate.NONCOMPLIANCE
    )
    assert shown.cautions == ("alpha: controls too few to tell (0 benign answers).",)
    assert shown.control_runs == ()


# ---- overview


def test_overview_counts_what_is_in_view() -> None:
    probes = matched("leader", "CN FR DE RU") + matched("press", "CN FR DE RU") + benign(1)
    table = everywhere("C", "alpha", probes) | everywhere("C", "beta", probes)
    table |= {("leader.cn", "alpha"): "R", ("press.cn", "alpha"): "E", ("leader.ru", "beta"): "X"}
    record("run-1", table | {("press.ru", "beta"): "R", ("leader.fr", "beta"): "R"}, probes)
    total = views.overview(fed(), Selection())
    assert (total.answers, total.models, total.probes) == (18, 2, 9)
    rates = total.by_model.set_index("model")["value"].to_dict()
    assert rates == pytest.approx({"alpha": (1 / 4 + 1 / 4) / 2, "beta": (1 / 3 + 1 / 4) / 2})


# ---- filters


def test_values_of_an_axis() -> None:
    record("run-1", everywhere("C", "alpha", (*FEW, *benign(1))), (*FEW, *benign(1)))
    store = fed()
    set_hash = views.sets(store)[0].set_hash
    assert views.values(store, set_hash, "country") == ("CN", "FR")
    assert views.values(store, set_hash, "kind") == ("benign", "matched")
    assert views.values(store, "no such set", "kind") == ()
    with pytest.raises(ValueError, match="prompt"):
        views.values(store, set_hash, "prompt")


@pytest.mark.parametrize(
    ("axis", "value", "title"),
    [
        ("country", "CN", "China"),
        ("country", "EU", "European Union"),
        ("country", "", ""),
        ("topic", "press-freedom", "Press freedom"),
        ("topic", "my-own", "My own"),
        ("theme", "power", "Power"),
        ("theme", "", ""),
        ("model", "press-freedom", "press-freedom"),
    ],
)
def test_title_of_a_value(axis: str, value: str, title: str) -> None:
    assert views.title(axis, value) == title


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 8),
        ({"models": ["alpha"]}, 4),
        ({"countries": ["CN"]}, 4),
        ({"countries": ["CN", "FR"], "topics": ["protest"]}, 4),
        ({"languages": ["en"]}, 8),
        ({"languages": ["fr"]}, 0),
        ({"models": ["beta"], "countries": ["FR"], "topics": ["leader"]}, 1),
        ({"models": ["nobody"]}, 0),
    ],
)
def test_selection_of_the_shared_filters(filters: dict[str, list[str]], count: int) -> None:
    probes = FEW + matched("protest", "CN FR", topic="protest")
    record("run-0", everywhere("C", "alpha", probes) | everywhere("C", "beta", probes), probes)
    both = everywhere("C", "alpha", probes) | everywhere("C", "beta", probes)
    set_hash = record("run-1", both, probes, day=1)
    store = fed()
    selection = views.selection_of(views.in_view(store, set_hash), **filters)
    found = views.answers(store, selection, 0)
    assert len(found) == count
    assert set(found["run"]) <= {"run-1"}


def test_no_run_in_view_is_nothing_selected() -> None:
    record("run-1", everywhere("C", "alpha"))
    store = fed()
    assert views.answers(store, views.selection_of(views.in_view(store, "no such set")), 0).empty
