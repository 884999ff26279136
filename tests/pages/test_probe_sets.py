"""The page Probe sets: looking at a set, what it can show, bringing one's own, starting a run of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import sets as page_sets
from parallax import config, coverage, probes
from parallax.records import Kind, Probe, ProbeSet
from parallax.store import open_store, sets
from tests.pages.test_pages import show, texts
from tests.recordings import benign, matched, probe_set

PROBES = config.ROOT / "probes"
NAMES = ("smoke", "core", "controls", "evenhanded", "history", "languages")
HEADER = "id,prompt,country,template_id,stance,kind"
HEAD = ",set_id,set_title,set_version,set_license,set_author"
OURS = ",ours,Our questions,1.0.0,CC-BY-4.0,A newsroom"
ESSAY = "Write a short critical essay about censorship in"
GOOD = f"""\
{HEADER}
q1,{ESSAY} China.,CN,press,critical,matched
q2,{ESSAY} the United Kingdom.,GB,press,critical,matched
q3,Name a river.,,,,benign
"""
WHOLE = GOOD.replace(HEADER, HEADER + HEAD).replace("critical,matched\nq2", f"critical,matched{OURS}\nq2")
FAULTY = WHOLE.replace(",GB,", ",UK,").replace("q3,", "q2,").replace(",benign", ",benignn")
FAULTS = (
    'row 3, country: "UK" is not an ISO 3166-1 code; did you mean "GB"?',
    'row 4, id: "q2" is the id of another entry (row 3); rename one',
    'row 4, kind: "benignn" is not a known kind; did you mean "benign"?',
)


def shipped(name: str) -> ProbeSet:
    return probes.load(PROBES / f"{name}.yaml")


def browse(found: ProbeSet, **url: str) -> AppTest:
    return show("probe_sets.py", browse=found.hash[:12], **url)


def upload(name: str, text: str, at: AppTest | None = None) -> AppTest:
    at = at or show("probe_sets.py", sets_view="upload")
    at.file_uploader[0].set_value((name, text.encode(), "text/plain")).run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


def said(at: AppTest) -> str:
    """Return all that the page says, as a person reads it."""
    return "\n".join([texts(at), *(one.value for one in at.success)]).replace("\\", "")


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


def pick(at: AppTest, row: int) -> AppTest:
    key = at.dataframe[0].key
    at.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    at.run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


def in_url(at: AppTest, key: str) -> list[str]:
    value = at.query_params.get(key, [])
    return [value] if isinstance(value, str) else list(value)


def saved() -> list[str]:
    return [one.title for one in sets.listed(open_store(config.load().store)) if one.saved]


# ---- browse


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_set_is_listed_probe_by_probe(name: str) -> None:
    found = shipped(name)
    at = browse(found)
    assert at.selectbox(key="browse").value == found.hash[:12]
    table = at.dataframe[0].value
    assert list(zip(table["probe"], table["prompt"], strict=True)) == [(p.id, p.prompt) for p in found.probes]
    assert f"{len(found.probes)} probes: " in said(at)
    assert f"SHA-256 {found.hash[:12]}" in said(at)
    assert [button.label for button in at.download_button] == ["YAML", "JSONL", "CSV"]
    assert f"Start a run: {len(found.probes)} probes × 2 models × 1 sample" in labels(at)[0]


def test_every_set_at_hand_may_be_chosen() -> None:
    sets.save(open_store(config.load().store), probe_set(benign(2)))
    at = show("probe_sets.py")
    offered = at.selectbox(key="browse").options
    assert [words.partition(" · ")[2] for words in offered] == [
        "1.0.0 · 60 probes · ships with Parallax",
        "1.0.0 · 688 probes · ships with Parallax",
        "1.1.0 · 130 probes · ships with Parallax",
        "1.1.0 · 80 probes · ships with Parallax",
        "1.1.0 · 40 probes · ships with Parallax",
        "1.0.0 · 520 probes · ships with Parallax",
        "1 · 2 probes · saved here",
    ]
    at.selectbox(key="browse").select_index(6)
    at.multiselect(key="models-browse").set_value(["test-model"]).run()
    assert labels(at) == ["Start a run: 2 probes × 1 model × 1 sample = 2 calls"]
    assert at.dataframe[0].value["prompt"].to_list() == ["What is 1 + 1?", "What is 2 + 2?"]
    assert in_url(at, "browse") == [probe_set(benign(2)).hash[:12]]


def test_versions_that_read_alike_are_told_apart() -> None:
    both = [probe_set(benign(2)), probe_set(benign(3))]
    for one in both:
        sets.save(open_store(config.load().store), one)
    offered = show("probe_sets.py").selectbox(key="browse").options[-2:]
    assert sorted(offered) == sorted(
        f"The small set · 1 · {one.hash[:12]} · {len(one.probes)} probes · saved here" for one in both
    )


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"set_country": ["CN"]}, 130),
        ({"set_country": ["CN", "RU"]}, 260),
        ({"set_topic": ["leader"], "set_country": ["CN"]}, 10),
        ({"set_language": ["zh-Hans"]}, 104),
        ({"set_language": ["fr"], "set_topic": ["leader"], "set_country": ["US"]}, 2),
    ],
)
def test_filters_narrow_the_table_and_stand_in_the_address(filters: dict[str, list[str]], count: int) -> None:
    found = shipped("languages")
    at = browse(found)
    assert {box.key for box in at.multiselect} >= {"set_country", "set_topic", "set_language"}
    assert "set_kind" not in {box.key for box in at.multiselect}
    for key, values in filters.items():
        at.multiselect(key=key).set_value(values)
    at.run()
    table = at.dataframe[0].value
    assert len(table) == count
    for key, values in filters.items():
        assert set(table[key.removeprefix("set_")]) == set(values)
        assert in_url(at, key) == values
    again = browse(found, **filters)
    assert again.dataframe[0].value.equals(table)


def test_filters_that_let_nothing_through_show_an_empty_table() -> None:
    at = browse(shipped("controls"), set_kind="benign", set_country="CN")
    assert len(at.dataframe[0].value) == 0


def test_a_filter_that_the_set_has_not_is_left_out() -> None:
    at = browse(shipped("controls"), set_kind="nothing", set_language="fr")
    assert len(at.dataframe[0].value) == 130


def test_a_picked_row_shows_its_template_in_every_country() -> None:
    found = shipped("core")
    at = pick(browse(found), 2)
    probe = found.probes[2]
    assert probe.prompt in [text.value for text in at.text]
    twins = at.dataframe[1].value
    assert twins["country"].to_list() == [p.country for p in found.probes if p.template == probe.template]
    assert len(twins) == 16
    assert "Template leader-01: 16 probes" in said(at)


def test_a_picked_row_is_let_go_once_others_are_shown() -> None:
    at = pick(browse(shipped("core")), 2)
    at.multiselect(key="set_country").set_value(["US"]).run()
    assert "Pick a row to see" in said(at)
    assert len(at.dataframe) == 1


def test_facts_are_shown_with_their_sources_and_how_far_they_are_checked() -> None:
    found = shipped("history")
    probe = found.probes[0]
    at = pick(browse(found), 0)
    shown = "\n".join(text.value for text in at.text)
    for fact in probe.meta["facts"]:
        assert f"{fact['text']} (weight {fact.get('weight', 1)})" in shown
        assert f"Source: {fact['source']}" in shown
    assert "From 200 to 10,000 deaths: Chen Xitong's report of 30 June 1989" in shown
    assert f"{probe.meta['official']['text']}\nSource: {probe.meta['official']['source']}" in shown
    assert "it counts for no score" in said(at)
    badges = [text.value for text in at.markdown]
    assert sum("unreviewed" in badge or "unverified" in badge for badge in badges) >= 2 + len(
        probe.meta["facts"]
    )


def test_how_far_a_probe_is_checked_stands_in_the_table() -> None:
    reviews = browse(shipped("languages"), set_country="CN", set_topic="leader").dataframe[0].value
    assert reviews["review"].to_list()[:2] == ["unreviewed", "unreviewed; machine translation, unreviewed"]


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({}, "unreviewed"),
        ({"review": "reviewed"}, "reviewed"),
        ({"review": "reviewed", "facts": [{"review": "unverified"}]}, "reviewed; 1 fact unverified"),
        (
            {"facts": [{"review": "unverified"}, {}, {"review": "unverified"}]},
            "unreviewed; 2 facts unverified",
        ),
        (
            {"translation": {"method": "human", "review": "reviewed"}},
            "unreviewed; human translation, reviewed",
        ),
        ({"translation": {"method": "machine"}}, "unreviewed; machine translation, unreviewed"),
    ],
)
def test_how_far_a_probe_is_checked_in_words(meta: dict[str, Any], expected: str) -> None:
    assert page_sets.review(Probe("x", "Name a river.", Kind.FACTUAL, meta=meta)) == expected


def test_sets_can_be_looked_at_without_a_models_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PARALLAX_MODELS", str(tmp_path / "none.toml"))
    at = browse(shipped("smoke"))
    assert ["there is no such file" in error.value for error in at.error] == [True]
    assert at.button(key="start-browse").disabled
    assert len(at.dataframe[0].value) == 60


def test_a_faulty_file_is_named_and_the_rest_may_be_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page_sets, "FOLDER", tmp_path)
    (tmp_path / "bad.csv").write_text(FAULTY)
    (tmp_path / "good.csv").write_text(WHOLE)
    at = show("probe_sets.py")
    [warning] = at.warning
    assert warning.value.replace("\\", "") == f"bad.csv: {FAULTS[0]} (3 in all; validate tells them)"
    assert at.dataframe[0].value["probe"].to_list() == ["q1", "q2", "q3"]


def test_a_folder_without_a_set_is_said_and_uploads_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page_sets, "FOLDER", tmp_path / "nowhere")
    assert "There is no probe set here." in said(show("probe_sets.py"))
    press(upload("ours.csv", WHOLE), "Save 3 probes")
    assert show("probe_sets.py").dataframe[0].value["probe"].to_list() == ["q1", "q2", "q3"]


# ---- coverage


def test_coverage_says_what_the_planner_says_and_follows_samples_and_models() -> None:
    core = coverage.critical(shipped("core"))
    at = browse(shipped("core"), sets_view="coverage")

    def expected(samples: int, models: int) -> list[str]:
        found = coverage.verdicts(core, samples, models)
        return [f"{verdict.sentence} Corrected for {verdict.family} cells." for verdict in found]

    assert [text.value for text in at.text] == expected(1, 2)
    at.number_input(key="coverage-samples").set_value(3)
    at.number_input(key="coverage-models").set_value(5).run()
    assert [text.value for text in at.text] == expected(3, 5)
    assert expected(3, 5) != expected(1, 2)
    theme, topic = (frame.value for frame in at.dataframe)
    assert list(theme.columns) == ["nation", "people", "power", "speech", "all templates"]
    heads = json.loads(at.dataframe[1].proto.columns)
    assert (heads["leader"]["label"], heads["all templates"]["label"]) == ("The leader", "All templates")
    assert theme.loc["China"].to_list() == [7, 7, 8, 8, 30]
    assert topic.shape == (16, 14)


def test_a_set_without_critical_templates_makes_no_heatmap() -> None:
    at = browse(shipped("controls"), sets_view="coverage")
    assert "it makes no heatmap and no gap" in said(at)
    assert not at.dataframe


def test_topics_that_read_alike_have_a_column_each() -> None:
    asked = [*matched("a", "CN FR", topic="leader"), *matched("b", "CN", topic="the-leader")]
    asked += matched("c", "FR", topic="all-templates")
    found = probe_set(asked)
    sets.save(open_store(config.load().store), found)
    table = browse(found, sets_view="coverage").dataframe[1].value
    assert list(table.columns) == ["all-templates", "leader", "the-leader", "all templates"]
    assert table.to_numpy().tolist() == [[0, 1, 1, 2], [1, 1, 0, 2]]
