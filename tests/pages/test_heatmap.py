"""The heatmap's page: any two axes, any value, order, one model or each, and what a cell opens."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config, figures
from parallax.store import ingest, open_store
from tests import recordings
from tests.filling import filled_once
from tests.pages.test_pages import show, texts
from tests.recordings import benign, matched


@pytest.fixture(autouse=True)
@filled_once
def recorded() -> None:
    """Alpha, whose maker is in China, declines what is asked about China; beta answers all but one."""
    settings = config.load()
    probes = [
        *(p for n in range(8) for p in matched(f"t{n}", "CN FR DE", topic=("leader", "protest")[n % 2])),
        *benign(20),
    ]
    table = {
        (p.id, m): "R" if (p.country, m) == ("CN", "alpha") else "C"
        for p in probes
        for m in ("alpha", "beta")
    }
    recordings.record(settings.spool, "run-a", probes, table | {("t0.fr", "beta"): "B"})
    ingest(open_store(settings.store), settings.spool)


def option(at: AppTest, label: str) -> list[str]:
    (found,) = [one.options for one in (*at.selectbox, *at.button_group) if one.label == label]
    return [str(one) for one in found]


def numbers(at: AppTest) -> list[dict[str, object]]:
    return [dict(row) for row in at.dataframe[-1].value.to_dict("records")]


@pytest.mark.parametrize("rows", figures.AXIS_TITLES)
def test_every_axis_draws(rows: str) -> None:
    at = show("heatmap.py", rows=rows, columns="country" if rows in {"model", "route"} else "model")
    assert ("No critical matched probe" in texts(at)) == (rows == "act")


@pytest.mark.parametrize("value", figures.VALUE_TITLES)
@pytest.mark.parametrize("order", ["name", "value", "cluster"])
def test_every_value_draws_in_every_order(value: str, order: str) -> None:
    at = show("heatmap.py", value=value, sort=order)
    assert figures.VALUE_TITLES[value] in numbers(at)[0]


def test_a_gap_by_country_and_model_as_a_table() -> None:
    at = show("heatmap.py", value="gap")
    (china,) = [row for row in numbers(at) if (row["country"], row["model"]) == ("China", "alpha")]
    assert (china["Gap"], china["mark"], china["state"]) == ("+100", "★", "solid")
    (controls,) = [row for row in numbers(at) if (row["country"], row["model"]) == (figures.BENIGN, "alpha")]
    assert controls["Gap"] == "0%"


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [("developer", "country", "by developer there is none"), ("topic", "language", "choose one of them")],
)
def test_what_has_no_gap_says_why(rows: str, columns: str, said: str) -> None:
    at = show("heatmap.py", rows=rows, columns=columns, value="gap")
    assert said in texts(at)
    assert not at.dataframe


def test_topics_of_each_model_side_by_side() -> None:
    at = show("heatmap.py", rows="topic", columns="country", value="gap", multiples="each")
    assert {row["of"] for row in numbers(at)} == {"alpha", "beta"}
    assert option(at, "Model of the cell") == ["alpha", "beta"]
    one = show("heatmap.py", rows="topic", columns="country", value="gap")
    assert option(one, "Model") == ["alpha", "beta"]
    assert "of" not in numbers(one)[0]


def test_topics_by_model_ask_for_the_country() -> None:
    at = show("heatmap.py", rows="topic", value="gap")
    (country,) = [one for one in at.selectbox if one.label == "Country"]
    assert country.options == ["China", "Germany", "France"]
    country.set_value("FR").run()
    assert at.query_params["one_country"] == "FR"
    assert {row["Gap"] for row in numbers(at) if row["model"] == "alpha"} >= {"−50"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"view": "country-model"}, {}),
        ({"view": "topic-model", "rate": "refusal"}, {"rows": "topic", "value": "refusal"}),
        (
            {"view": "topic-country", "one_model": "beta"},
            {"rows": "topic", "columns": "country", "one_model": "beta"},
        ),
        ({"view": "no such view"}, {}),
    ],
)
def test_a_link_from_before_still_shows_the_same(old: dict[str, str], new: dict[str, str]) -> None:
    at = show("heatmap.py", **old)
    kept = {key: value for key, value in at.query_params.items() if key not in {"set", "run"}}
    assert {key: value[0] if isinstance(value, list) else value for key, value in kept.items()} == new


@pytest.mark.parametrize(
    ("query", "row", "column", "cell", "questions"),
    [
        ({}, "China", "alpha", {"cell_country": "CN", "cell_model": "alpha"}, 8),
        ({"rows": "theme"}, "Power", "beta", {"cell_theme": "power", "cell_model": "beta"}, 12),
        (
            {"rows": "home", "columns": "model"},
            "China",
            "alpha",
            {"cell_home": "CN", "cell_model": "alpha"},
            24,
        ),
        ({"rows": "developer", "columns": "topic"}, "beta lab", "Protest", {"cell_topic": "protest"}, 12),
        ({"rows": "kind"}, "benign", "alpha", {"cell_kind": "benign"}, 20),
        ({"rows": "run", "columns": "model"}, "run-a", "alpha", {"cell_run": "run-a"}, 24),
        ({"rows": "language", "columns": "country"}, "en", "France", {"cell_language": "en"}, 8),
        (
            {"rows": "topic", "columns": "country", "value": "gap"},
            "Protest",
            "China",
            {"cell_topic": "protest", "cell_country": "CN", "cell_model": "alpha"},
            4,
        ),
    ],
)
def test_a_cell_opens_its_answers(
    query: dict[str, str], row: str, column: str, cell: dict[str, str], questions: int
) -> None:
    at = show("heatmap.py", **query)
    lists = {one.label: one for one in at.selectbox}
    lists["Row"].set_value(row)
    lists["Column"].set_value(column).run()
    (opens,) = [one for one in at.button if one.label == "Open answers"]
    opens.click().run()
    assert not at.exception
    assert cell.items() <= {key: at.query_params[key] for key in at.query_params}.items()
    assert len(at.selectbox(key="probe").options) == questions
    if model := cell.get("cell_model"):
        assert at.selectbox(key="answer").value == model
