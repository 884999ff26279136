"""The Overview's findings and the page Models: what is claimed, what is compared, and where each leads."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config
from parallax.spool import RunFolder
from parallax.store import ingest, open_store
from tests import recordings
from tests.filling import filled_once
from tests.pages.test_pages import show, texts
from tests.recordings import Table, benign, matched

CLAIM = "alpha (asked 2026-03-01) is 100 points less willing on China than on matched countries"
PROBES = tuple(probe for n in range(8) for probe in matched(f"t{n}", "CN FR DE US")) + benign(20)
ANSWERED = {(p.id, m): "C" for p in PROBES for m in ("alpha", "beta")}
CONFIRMED = ANSWERED | {(f"t{n}.cn", "alpha"): "R" for n in range(8)}


@filled_once
def record(table: Table) -> None:
    settings = config.load()
    recordings.record(settings.spool, "run-a", PROBES, table)
    ingest(open_store(settings.store), settings.spool)


def said(at: AppTest) -> str:
    return texts(at).replace("\\", "")


def links(at: AppTest) -> dict[str, str]:
    found = [element.proto for element in at.get("page_link")]
    return {link.label: f"{link.page}?{link.query_string}" for link in found}


def test_a_finding_leads_to_its_gaps_and_to_its_answers() -> None:
    record(CONFIRMED)
    at = show("overview.py")
    assert f"**{CLAIM} (65 to 100): 8 templates, clear after correction.**" in said(at)
    evidence = links(at)
    assert "one_model=alpha" in evidence["Beside its other countries"]
    assert "cell_country=CN" in evidence["Its answers on China"]
    for leads in (evidence["Beside its other countries"], evidence["Its answers on China"]):
        assert "run=run-a" in leads


def test_where_nothing_is_confirmed_the_overview_says_so_and_what_would_settle_it() -> None:
    record(ANSWERED)
    shown = said(show("overview.py"))
    assert "No model in view is confirmed to be less willing on one country than on the others." in shown
    assert "No gap in view lies above 0. By simulation, 8 templates × 1 sample confirm" in shown
    assert "less willing on China" not in shown


def test_findings_told_apart_by_route_name_the_route() -> None:
    settings = config.load()
    made = recordings.plan("run-a", PROBES)
    RunFolder(settings.spool, "run-a").create(made)
    given = [
        recordings.response(
            "run-a", probe, model, letter, served_by="two" if probe.startswith(("t6", "t7")) else "one"
        )
        for (probe, model), letter in CONFIRMED.items()
    ]
    recordings.shard(settings.spool, "run-a", given)
    ingest(open_store(settings.store), settings.spool)
    at = show("overview.py", split="route")
    assert "alpha @ one · alpha (asked 2026-03-01) is 100 points less willing on China" in said(at)
    assert "one_model=alpha+%40+one+%C2%B7+alpha" in links(at)["Beside its other countries"]
    assert "cell_route=alpha+%40+one+%C2%B7+alpha" in links(at)["Its answers on China"]


def test_the_models_stand_side_by_side_with_thresholds_from_the_url() -> None:
    record(CONFIRMED)
    at = show("models.py", max_worst_gap="20", max_over_refusal="17.5")
    table = at.dataframe[0].value
    assert table["Model"].to_list() == ["alpha", "beta"]
    assert table["Worst gap"].to_list() == [100.0, 0.0]
    assert table["where"].to_list() == ["China · 65 to 100 · ★", "China · −14 to 32"]
    assert table["Worst gap ≤ 20"].to_list() == ["✗ not met", "? cannot be told"]
    assert table["Over-refusal ≤ 17.5"].to_list() == ["✓ met", "✓ met"]
    assert table["Raters agree κ"].isna().all()


def test_cards_say_the_same_in_words() -> None:
    record(CONFIRMED)
    at = show("models.py", models_view="cards", min_agreement="0.6")
    assert [heading.value for heading in at.subheader] == ["alpha", "beta"]
    shown = said(at)
    assert "**Worst gap** +100 points · China · 65 to 100 · ★" in shown
    assert "Raters agree ≥ 0.6: **? cannot be told**" in shown
    assert "**Raters agree** – fewer than 20 answers that two raters labelled" in shown
    assert "one_model=beta" in links(at)["Its gaps"]


def test_a_threshold_goes_into_the_url_and_out_of_it() -> None:
    record(CONFIRMED)
    at = show("models.py")
    at.number_input(key="max_cost").set_value(2.5).run()
    assert at.query_params["max_cost"] == "2.5"
    assert at.dataframe[0].value["Cost ≤ 2.5"].to_list() == ["? cannot be told"] * 2
    at.number_input(key="max_cost").set_value(None).run()
    assert "max_cost" not in at.query_params


@pytest.mark.parametrize("wrong", ["", "much", "nan", "inf"])
def test_a_threshold_of_the_url_that_is_no_number_is_none(wrong: str) -> None:
    record(CONFIRMED)
    at = show("models.py", max_cost=wrong)
    assert at.number_input(key="max_cost").value is None


def test_models_are_sorted_by_a_measure_the_best_first() -> None:
    record(CONFIRMED)
    at = show("models.py", sort="worst_gap")
    assert at.dataframe[0].value["Model"].to_list() == ["beta", "alpha"]


def test_an_empty_store_offers_the_ways_in() -> None:
    assert "The store is empty" in texts(show("models.py"))
