"""The pages where a model was served by two routes: told, split, filtered; and where none was."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.text import plain
from parallax import config
from parallax.store import ingest, open_store
from tests import recordings
from tests.filling import filled_once
from tests.pages.test_pages import show, texts
from tests.recordings import benign, matched

HOST = "Fire & <b>co</b> https://evil.test"
FIRE = f"alpha @ {HOST} · m-1"
TOGETHER = "alpha @ Together · m-1"
PROBES = [*matched("press", "CN FR", topic="press-freedom"), *matched("vote", "CN FR", topic="elections")]


@filled_once
def recorded(second: dict[str, str]) -> None:
    """One run: beta by one route, alpha's first two answers by one, the other four as `second` says."""
    settings = config.load()
    probes = [*PROBES, *benign(2)]
    first = {"served_by": HOST, "served_model": "m-1", "fingerprint": "fp-1"}
    given = []
    for place, probe in enumerate(probes):
        letter = "R" if probe.country == "CN" else "C"
        served = first | (second if place >= 2 else {})
        given.append(recordings.response("run-a", probe.id, "alpha", letter, **served))
        given.append(recordings.response("run-a", probe.id, "beta", letter))
    recordings.RunFolder(settings.spool, "run-a").create(recordings.plan("run-a", probes))
    recordings.shard(settings.spool, "run-a", given)
    ingest(open_store(settings.store), settings.spool)


@pytest.fixture
def two_routes() -> None:
    recorded({"served_by": "Together", "fingerprint": "fp-2"})


def cautions(at: AppTest) -> list[str]:
    return [w.value.replace("\\", "") for w in at.warning if "route" in w.value]


@pytest.mark.parametrize("page", ["overview.py", "heatmap.py", "answers.py"])
def test_a_change_of_route_is_told_and_split_by_one_press(two_routes: None, page: str):
    at = show(page)
    [said] = cautions(at)
    assert said.startswith(
        "alpha was served by 2 routes in run run-a: Together · m-1 (4 answers), Fire & <b>co"
    )
    assert said.endswith("· m-1 (2); rates mix them.")
    [split] = [one for one in at.button if one.label == "Split by route"]
    split.click().run()
    assert not at.exception
    assert at.query_params["split"] == "route"
    assert cautions(at)[0].endswith("they stand apart here.")
    [whole] = [one for one in at.button if one.label == "Together again"]
    whole.click().run()
    assert "split" not in at.query_params
    assert cautions(at)[0].endswith("rates mix them.")


@pytest.mark.parametrize("page", ["overview.py", "heatmap.py", "answers.py"])
def test_one_route_is_not_worth_a_word(page: str):
    recorded({})
    at = show(page, split="route")
    assert cautions(at) == []
    assert not [one for one in at.multiselect if one.label == "Routes"]


def test_another_fingerprint_is_told_without_a_split():
    recorded({"fingerprint": "fp-2"})
    at = show("heatmap.py")
    [said] = cautions(at)
    assert "same route (Fire & <b>co</b>" in said
    assert "another system fingerprint: fp-1 (2 answers), fp-2 (4)." in said
    assert not [one for one in at.button if one.label == "Split by route"]


def test_a_filter_that_leaves_one_route_leaves_nothing_to_tell(two_routes: None):
    assert cautions(show("heatmap.py", topic="elections")) == []
    assert cautions(show("heatmap.py", model="beta")) == []
    assert cautions(show("heatmap.py", route=TOGETHER)) == []


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("country-model", f"{TOGETHER}: controls too few to tell (2 benign answers)."),
        ("topic-model", f"{TOGETHER}: controls too few to tell (2 benign answers)."),
        ("topic-country", "m-1: controls too few to tell (0 benign answers)."),
    ],
)
def test_every_heatmap_draws_split(two_routes: None, view: str, said: str):
    at = show("heatmap.py", split="route", view=view)
    assert said in texts(at).replace("\\", "")
    [lists] = [
        one.options for one in at.selectbox if one.label == ("Model" if view == "topic-country" else "Column")
    ]
    assert {FIRE, TOGETHER} <= set(lists)


def test_the_answers_of_a_cell_are_those_of_its_route(two_routes: None):
    at = show("heatmap.py", split="route")
    lists = {one.label: one for one in at.selectbox}
    lists["Column"].set_value(TOGETHER)
    lists["Row"].set_value("France").run()
    [opens] = [one for one in at.button if one.label == "Open answers"]
    opens.click().run()
    assert not at.exception
    assert at.query_params["cell_route"] == TOGETHER
    assert at.selectbox(key="probe").options == ["France: Criticise the government of FR (vote)."]
    assert f"Opened cell: France × {TOGETHER}" in [one.label.replace("\\", "") for one in at.button]


def test_answers_are_filtered_by_route_and_each_names_its_own(two_routes: None):
    at = show("answers.py", route=FIRE)
    assert at.selectbox(key="probe").options == [
        "China: Criticise the government of CN (press).",
        "France: Criticise the government of FR (press).",
    ]
    assert plain(f"{HOST} · m-1 · 2026-03-01") in [one.value for one in at.caption]
    at.multiselect(key="route").set_value([]).run()
    assert len(at.selectbox(key="probe").options) == 6
    assert plain("127.0.0.1:9 · beta · 2026-03-01") in [one.value for one in at.caption]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b [x](y)", r"a\_b \[x\]\(y\)"),
        ("see https://evil.test", "see https\\:\u2060//evil\\.test"),
        ("WWW.evil.test", "WWW\u2060\\.evil\\.test"),
        ("me@evil.test", "me@\u2060evil\\.test"),
        ("alpha @ host", "alpha @ host"),
    ],
)
def test_what_a_host_says_is_no_link(text: str, shown: str):
    assert plain(text) == shown
