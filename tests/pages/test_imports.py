"""The Import page, and what other pages say of what was imported or is being fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config, errands, jobs
from parallax.errands import Errand, State
from parallax.store import ingest, open_store
from tests.asking import wait_until
from tests.pages.test_pages import show
from tests.pages.test_probe_sets import labels, press, said
from tests.test_speechmap import packed, study

__all__ = ["study"]

ROWS = "ask,said,model,country\nWhy?,Because,lab/one,CN\nWhen?,Now,lab/one,FR\n"
HOSTILE = "![seen](http://127.0.0.1:9/p.png) **bold**"


def upload(*files: tuple[str, bytes]) -> AppTest:
    at = show("imports.py")
    at.file_uploader[0].set_value([(name, raw, "text/plain") for name, raw in files]).run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


def runs(at: AppTest) -> list[dict[str, object]]:
    return at.dataframe[0].value.to_dict("records")


def ended(name: str) -> Errand:
    """Wait for an errand to end, and take in what it brought."""
    settings = config.load()
    found: list[Errand] = []

    def has_ended() -> bool:
        found[:] = [one for one in errands.every(settings) if one.name == name]
        return found != [] and found[0].state is not State.RUNNING

    wait_until(has_ended, 60)
    ingest(open_store(settings.store), settings.spool)
    open_store(settings.store).bump()
    return found[0]


def test_a_table_is_looked_at_its_columns_named_then_imported(no_orphans: None) -> None:
    at = upload(("mine.csv", ROWS.encode()))
    assert [error.value.replace("\\", "").partition(";")[0] for error in at.error] == [
        "no column is known for the prompt"
    ]
    assert labels(at) == []
    for field, column in (("prompt", "ask"), ("response", "said")):
        next(box for box in at.selectbox if box.label == field).select(column).run()
    (row,) = runs(at)
    assert (row["models"], row["probes"], row["answers"], row["state"]) == (1, 2, 2, "new")
    press(at, "Import 2 answers")
    assert labels(at) == []
    done = ended("import")
    assert (done.state, done.message) == (State.DONE, "2 answers imported")
    assert not list(config.load().uploads.glob("*/*"))
    at = show("imports.py")
    assert "The last import: 2 answers imported." in said(at)
    at = show("overview.py")
    (run,) = jobs.runs(config.load())
    assert f"Imported, not asked for here: 1 model of {run.run} (csv, answers to" in said(at)
    at = show("runs.py")
    assert f"**{run.run}** · imported" in said(at)
    press(at, "Remove")
    assert jobs.runs(config.load()) == []


def test_an_archive_of_speechmap_is_known_and_counted(study: Path) -> None:
    at = upload(("study.zip", packed(study, ".zip").read_bytes()))
    assert at.selectbox(key="format-study.zip").value == "speechmap"
    assert [(row["answers"], row["blocked"], row["state"]) for row in runs(at)] == [
        (5, 1, "new"),
        (1, 0, "new"),
    ]
    assert "left out: 1 labels of judges on another text" in said(at)
    assert "Import 6 answers" in labels(at)


def test_what_is_broken_is_told_as_text(tmp_path: Path) -> None:
    row = json.dumps({"prompt": "Why?", "response": "So.", "country": HOSTILE})
    at = upload(("a.jsonl", f"{row}\n{{\n".encode()))
    assert "broken: a.jsonl:2: no JSON" in at.text[0].value
    assert HOSTILE[:40] in at.text[0].value
    assert all("](http" not in one.value.replace("\\", "") for one in at.markdown)


@pytest.mark.parametrize("name", ["bad.zip", "bad.parquet", "bad.jsonl.gz"])
def test_what_cannot_be_read_is_an_error_on_the_page(name: str) -> None:
    at = upload((name, b"nothing of the kind"))
    assert len(at.error) == 1
    assert labels(at) == []


def test_files_that_nobody_imported_do_not_stay() -> None:
    upload(("mine.csv", ROWS.encode()))
    kept = config.load().uploads
    assert [path.name for path in kept.glob("*/*")] == ["mine.csv"]
    show("imports.py")
    assert not kept.exists()


def test_an_empty_overview_offers_the_public_study_and_tells_how_it_goes(
    monkeypatch: pytest.MonkeyPatch, no_orphans: None
) -> None:
    monkeypatch.setenv("PARALLAX_SPEECHMAP", "http://127.0.0.1:9/none.tar.gz")
    at = show("overview.py")
    assert "downloaded from 127.0.0.1 and imported" in said(at)
    press(at, "Fetch SpeechMap")
    assert "Fetch SpeechMap" not in labels(at)
    assert ended("speechmap").state is State.FAILED
    at = show("overview.py")
    assert "SpeechMap was not fetched: http://127.0.0.1:9/none.tar.gz: cannot be fetched" in said(at).replace(
        "\u2060", ""
    )
    assert "Fetch SpeechMap" in labels(at)


def test_an_errand_is_followed_on_every_page() -> None:
    settings = config.load()
    with errands.told(settings, "import") as tell:
        tell("3 of 6 answers", 3, 6)
        at = show("runs.py")
        assert at.get("progress")[0].proto.value == 50
        assert "Import: 3 of 6 answers" in at.get("progress")[0].proto.text.replace("\\", "")
