"""Bringing one's own probe set: what is wrong said beside its row, then saved, and run in one click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from parallax import config, jobs, probes
from parallax.spool import RunFolder
from parallax.store import ingest, open_store, sets
from tests import asking, recordings
from tests.conftest import Said
from tests.pages.test_pages import show
from tests.pages.test_probe_sets import (
    ESSAY,
    FAULTS,
    FAULTY,
    GOOD,
    HEADER,
    PROBES,
    WHOLE,
    browse,
    labels,
    pick,
    press,
    said,
    saved,
    shipped,
    upload,
)

FAULTY_YAML = """\
id: ours
title: Our questions
version: "1"
license: CC0-1.0
author: A newsroom
templates:
  - id: press
    stance: critical
    prompt: "Criticise {contry}."
probes:
  - id: river
    kind: benign
    prompt: "Name a river."
  - id: lake
    prompt: "Name a lake."
    kind: benignn
countries: [CN, UK]
"""
HOSTILE = "![seen](http://127.0.0.1:9/p.png) **bold** [link](http://127.0.0.1:9) <b>x</b> $x$ :red[y]"


def test_a_faulty_file_is_told_as_validate_tells_it(say: Callable[..., Said], tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text(FAULTY)
    told = say("validate", path)
    assert told.code == 1
    printed = [line.removeprefix(f"{path}: ") for line in told.out.splitlines()]
    assert tuple(printed) == FAULTS
    at = upload("ours.csv", FAULTY)
    assert "3 mistakes; nothing of the file is saved before all is mended." in said(at)
    assert printed == at.text[0].value.split("\n")
    assert labels(at) == []
    assert sets.listed(open_store(config.load().store)) == ()


def test_mistakes_stand_beside_their_rows_which_come_first() -> None:
    table = upload("ours.csv", FAULTY).dataframe[0].value
    assert table[["row", "mistake"]].to_numpy().tolist() == [
        [3, FAULTS[0].removeprefix("row 3, ")],
        [4, "; ".join(fault.removeprefix("row 4, ") for fault in FAULTS[1:])],
        [2, ""],
    ]
    assert table["prompt"].to_list()[-1] == f"{ESSAY} China."


def test_mistakes_of_a_yaml_file_stand_beside_their_entries() -> None:
    at = upload("ours.yaml", FAULTY_YAML)
    table = at.dataframe[0].value
    beside = {row.id: row.mistake for row in table.itertuples()}
    assert list(beside) == ["press", "lake", "river"]
    assert "{contry} cannot be filled" in beside["press"]
    assert '"benignn" is not a known kind' in beside["lake"]
    assert "UK" not in beside["lake"]
    assert beside["river"] == ""
    assert 'line 17, countries[1]: "UK" is not' in at.text[0].value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ours.csv", "prompt\nName a river.\n"),
        ("ours.csv", ""),
        ("ours.csv", "\x00\x00"),
        ("ours.yaml", "id: ["),
        ("ours.yaml", "templates: 5\nprobes: [1, [x]]\n"),
        ("ours.yaml", "- 1\n- 2\n"),
        ("ours.jsonl", '{"id": null, "prompt": {"a": 1}}\n'),
        ("ours.jsonl", "[1]\n"),
    ],
)
def test_files_that_are_no_set_at_all(name: str, text: str) -> None:
    at = upload(name, text)
    faults = probes.read(name, text.encode()).faults
    assert at.text[0].value == "\n".join(map(str, faults))
    assert said(at).count(f"{len(faults)} mistake{'s' * (len(faults) > 1)};") == 1
    assert labels(at) == []


def test_of_very_many_mistakes_the_first_are_told() -> None:
    rows = "".join(f"q{n},Criticise number {n}.,XX,,,\n" for n in range(60))
    at = upload("ours.csv", f"{HEADER}\n{rows}")
    told = at.text[0].value.split("\n")
    assert len(told) == 51
    assert told[0].startswith("row 2, country: ")
    assert told[-1] == "… and 10 more"


def test_a_good_file_is_previewed_saved_listed_and_may_be_started() -> None:
    at = upload("ours.csv", WHOLE)
    assert at.dataframe[0].value["id"].to_list() == ["q1", "q2", "q3"]
    assert "mistake" not in at.dataframe[0].value
    assert "3 entries parsed" in said(at)
    assert not at.error
    assert labels(at) == ["Save 3 probes"]
    assert saved() == []
    press(at, "Save 3 probes")
    assert saved() == ["Our questions"]
    assert "Our questions · 1.0.0 is saved." in said(at)
    assert labels(at) == ["Start a run: 3 probes × 2 models × 1 sample = 6 calls"]
    [entry] = [text for text in show("runs.py").selectbox(key="start").options if "Our questions" in text]
    assert entry == "Our questions · 1.0.0 · 3 probes · saved here"


def test_what_is_saved_is_the_file() -> None:
    press(upload("ours.csv", WHOLE), "Save 3 probes")
    read = probes.read("ours.csv", WHOLE.encode()).probe_set
    assert read is not None
    assert sets.fetch(open_store(config.load().store), read.hash) == read


def test_a_set_that_ships_needs_no_saving() -> None:
    at = upload("mine.csv", probes.dump(shipped("smoke"), "csv"))
    assert "is saved." in said(at)
    assert labels(at)[0].startswith("Start a run: 60 probes")
    assert saved() == []


def test_a_set_that_only_a_run_brought_may_be_saved() -> None:
    settings = config.load()
    found = probes.read("ours.csv", WHOLE.encode()).probe_set
    assert found is not None
    made = recordings.record(settings.spool, "run-a", found.probes, {("q1", "alpha"): "C"})
    ingest(open_store(settings.store), settings.spool)
    text = probes.dump(made.probe_set, "jsonl")
    at = upload("ours.jsonl", text)
    assert labels(at) == ["Save 3 probes"]
    assert saved() == []
    press(at, "Save 3 probes")
    assert saved() == ["The small set"]


def test_another_content_under_the_same_version_is_cautioned_against() -> None:
    press(upload("ours.csv", WHOLE), "Save 3 probes")
    at = upload("ours.csv", WHOLE.replace("river", "lake"))
    assert "Version 1.0.0 of ours is here already with other content. Both are kept" in said(at)
    press(at, "Save 3 probes")
    assert saved() == ["Our questions", "Our questions"]
    assert "other content" not in said(upload("ours.csv", WHOLE.replace("1.0.0", "1.1.0")))


def test_what_a_file_does_not_tell_of_the_set_is_asked_for() -> None:
    at = upload("my river-questions.csv", GOOD)
    boxes = {box.label: box for box in at.text_input}
    assert {label: box.value for label, box in boxes.items()} == {
        "Id": "my-river-questions",
        "Title": "my river questions",
        "Version": "1",
        "License": probes.UNSTATED,
        "Author": "unknown",
    }
    assert "does not tell the set's id, title, version, license, author" in said(at)
    boxes["Title"].set_value("Rivers")
    boxes["License"].set_value("MIT")
    boxes["Author"].set_value(" ")
    press(at.run(), "Save 3 probes")
    [found] = sets.listed(open_store(config.load().store))
    assert found[1:6] == ("my-river-questions", "Rivers", "1", "MIT", "unknown")


def test_a_wrong_word_for_the_head_is_told() -> None:
    at = upload("ours.csv", GOOD)
    next(box for box in at.text_input if box.label == "License").set_value("free for all").run()
    assert 'license: "free for all" is not an SPDX licence' in at.text[0].value
    assert labels(at) == []


def test_words_for_one_file_do_not_stick_to_the_next() -> None:
    at = upload("rivers.csv", GOOD)
    next(box for box in at.text_input if box.label == "Author").set_value("A newsroom").run()
    upload("lakes.csv", GOOD.replace("river", "lake"), at)
    assert {box.label: box.value for box in at.text_input}["Id"] == "lakes"
    assert {box.label: box.value for box in at.text_input}["Author"] == "unknown"


@pytest.mark.parametrize("format", probes.FORMATS)
def test_a_starter_file_may_be_uploaded_as_it_is(format: str) -> None:
    at = show("probe_sets.py", sets_view="upload")
    assert f"Starter file: {format.upper()}" in [button.label for button in at.download_button]
    upload(f"my-set.{format}", (PROBES / "starters" / f"starter.{format}").read_text(), at)
    assert not at.error
    assert not at.warning
    assert labels(at) == ["Save 7 probes"]


def test_warnings_keep_no_set_from_being_saved() -> None:
    at = upload("ours.csv", WHOLE + "q4,Name a rivers.,,,,benign\n")
    assert "Worth a second look; none of it keeps the set from being saved." in said(at)
    assert 'row 5, prompt: says nearly the same as "q3"; keep one of them' in at.text[0].value
    assert labels(at) == ["Save 4 probes"]


def test_text_of_a_file_is_shown_as_text() -> None:
    text = WHOLE.replace("Our questions", f"T {HOSTILE}").replace("Name a river.", f"Name {HOSTILE}")
    at = press(upload("ours.csv", text), "Save 3 probes")
    found = probes.read("ours.csv", text.encode()).probe_set
    assert found is not None
    pages = [at, pick(browse(found), 2), upload("ours.csv", text.replace(",GB,", f",{HOSTILE},"))]
    for shown in pages:
        read = [shown.title, shown.subheader, shown.markdown, shown.caption, shown.info]
        read += [shown.warning, shown.error, shown.success]
        values = [str(element.value) for elements in read for element in elements]
        assert not [v for v in values if "![" in v or "**bold" in v or "](" in v or "<b>" in v]
    assert f"Name {HOSTILE}" in [text.value for text in pages[1].text]


# ---- start


def test_a_run_is_started_in_one_click_and_shown_on_the_runs_page() -> None:
    settings = config.load()
    press(upload("ours.csv", WHOLE), "Save 3 probes")
    found = sets.listed(open_store(settings.store))[0]
    at = show("probe_sets.py", browse=found.set_hash[:12])
    press(at, "Start a run: 3 probes × 2 models × 1 sample = 6 calls")
    [run] = jobs.runs(settings)
    assert at.title[0].value == "Runs"
    assert f"**{run.run}**" in said(at)
    made = RunFolder(settings.spool, run.run).plan()
    assert made.probe_set.hash == found.set_hash
    assert [model.id for model in made.models] == ["test-model", "other-model"]
    assert (made.samples, made.size) == (1, 6)
    asking.wait_until(lambda: not jobs.runs(settings)[0].is_active, 60)
