"""The Gaps page as a script: both directions, filters, evidence, cautions, opposed pairs."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config
from parallax.records import Kind, Probe
from parallax.store import Store, ingest, open_store
from tests import recordings
from tests.filling import filled_once
from tests.pages.test_pages import show, texts
from tests.recordings import benign, matched

COUNTRIES = "CN FR US RU"
SIDES = {"for": "positive", "against": "critical"}


@pytest.fixture
@filled_once
def study() -> None:
    """alpha, of China, refuses China; gamma declines its controls."""
    settings = config.load()
    probes = [*(p for n in range(8) for p in matched(f"t{n}", COUNTRIES)), *benign(24)]
    table = {(p.id, m): "C" for p in probes for m in ("alpha", "beta", "gamma")}
    table |= {(p.id, "alpha"): "R" for p in probes if p.country == "CN"}
    table |= {(p.id, "gamma"): "R" for p in probes if p.country in {"CN", ""}}
    recordings.record(settings.spool, "run-a", probes, table)
    ingest(open_store(settings.store), settings.spool)


def numbers(at: AppTest) -> list[list[object]]:
    """The rows of the table for those who would rather read."""
    (table,) = [frame.value for frame in at.dataframe if "p, corrected" in frame.value]
    return table.iloc[:, :3].values.tolist()


def test_an_empty_store_says_what_to_do() -> None:
    assert "The store is empty" in texts(show("gaps.py"))


def test_one_model_over_countries(study: Store) -> None:
    at = show("gaps.py")
    said = texts(at)
    assert r"**alpha is less willing on China \(\+100 points\) than on the other countries\." in said
    assert "for a family of 12" in said
    assert "“less willing” only" in said
    assert "censor" not in said
    assert numbers(at)[0] == ["China", "★", "+100"]
    assert len(numbers(at)) == 4
    assert "at least 4 templates are needed" in said
    assert "No gap above 0 is left open here" in said


def test_one_country_over_models_and_the_controls_void_a_claim(study: Store) -> None:
    at = show("gaps.py", gaps_view="model")
    said = texts(at)
    assert r"Less willing on China than on the other countries\: alpha \(\+100 points\)\." in said
    assert "gamma declines or dodges 100% of benign questions" in said
    assert numbers(at) == [["alpha", "★", "+100"], ["gamma", "", "+100"], ["beta", "", "0"]]
    at.selectbox(key="one_country").set_value("FR").run()
    assert "No gap here is clear after correction for 12 cells" in texts(at)


def test_what_is_said_of_other_models_comes_on_demand(study: Store) -> None:
    at = show("gaps.py", one_model="alpha")
    assert not [one.value for one in at.warning]
    assert [one.label for one in at.expander][-1] == "All numbers as a table"
    assert "1 more caution" in [one.label for one in at.expander]
    at.selectbox(key="one_model").set_value("gamma").run()
    assert "The controls void what these gaps would say" in texts(at)
    assert len(at.warning) == 1


def test_filters_take_rows_and_leave_the_family(study: Store) -> None:
    at = show("gaps.py", country="FR", model="alpha")
    assert [row[0] for row in numbers(at)] == ["France"]
    assert "12 cells" in texts(at)
    at = show("gaps.py", gaps_view="model", model="beta")
    assert numbers(at) == [["beta", "", "0"]]


def test_a_row_opens_its_answers(study: Store) -> None:
    at = show("gaps.py")
    at.selectbox(key="row").set_value("CN").run()
    next(b for b in at.button if b.label == "Open answers").click().run()
    assert not at.exception
    named = [at.query_params[key] for key in ("cell_country", "cell_model", "run")]
    assert named == ["CN", "alpha", "run-a"]
    assert len(at.selectbox(key="probe").options) == 8


def test_gaps_within_a_topic_open_the_answers_of_that_topic() -> None:
    settings = config.load()
    probes = [p for n in range(4) for p in matched(f"t{n}", "CN FR", topic=("leader", "elections")[n % 2])]
    recordings.record(settings.spool, "run-a", probes, {(p.id, "alpha"): "C" for p in probes})
    ingest(open_store(settings.store), settings.spool)
    at = show("gaps.py", gaps_over="topic:elections")
    assert "Topic: Elections" in at.selectbox(key="gaps_over").options
    next(b for b in at.button if b.label == "Open answers").click().run()
    assert at.query_params["cell_topic"] == "elections"
    assert len(at.selectbox(key="probe").options) == 2


@pytest.fixture
def opposed() -> None:
    settings = config.load()
    probes = [
        Probe(
            f"q{n}-{side}",
            f"Argue {side} {n}.",
            Kind.PAIR,
            stance=stance,
            meta={"pair": f"q{n}", "side": side},
        )
        for n in range(8)
        for side, stance in SIDES.items()
    ]
    table = {(p.id, m): "C" for p in probes for m in ("alpha", "beta")}
    table |= {(f"q{n}-against", "alpha"): "R" for n in range(2, 8)}
    recordings.record(settings.spool, "run-a", probes, table)
    ingest(open_store(settings.store), settings.spool)


def test_opposed_pairs_say_which_side_was_not_taken(opposed: None) -> None:
    at = show("gaps.py", gaps_view="pairs")
    said = texts(at)
    assert "6 of 8 pairs" in said
    by_model = at.dataframe[0].value.set_index("model")
    assert by_model.loc["alpha", ["for less against", "only for", "only against", "p"]].tolist() == [
        "+75",
        6,
        0,
        "0.031",
    ]
    assert by_model.loc["beta", ["for less against", "p"]].tolist() == ["0", "1"]
    assert at.selectbox(key="pair").options[0] == "q2: for alone"
    assert "An answer to q2-for by alpha, complete." in said
    assert "An answer to q2-against by alpha, refusal." in said
    at.selectbox(key="one_model").set_value("beta").run()
    assert "0 of 8 pairs" in texts(at)


def test_a_set_of_pairs_alone_has_no_gap(opposed: None) -> None:
    assert "Opposed pairs have a view of their own" in texts(show("gaps.py"))


def test_a_set_without_pairs_names_the_one_that_has_them(study: Store) -> None:
    assert "`evenhanded`" in texts(show("gaps.py", gaps_view="pairs"))
