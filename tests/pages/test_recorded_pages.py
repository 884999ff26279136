"""The recorded study on the pages: offered on an empty store, labelled in view, taken away."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config, jobs, samples
from parallax.store import ingest, open_store
from tests import recordings, shipping
from tests.pages.test_pages import PAGES, show, texts
from tests.shipping import CONTROLS, CORE, MATCHED

LABEL = (
    "Recorded study: alpha and beta answered on 2026-03-01, temperature 0, at most 160 tokens, 1 sample;"
    " nothing is asked anew."
)
OFFER = (
    "The recorded study: alpha and beta answered on 2026-03-01, temperature 0, at most 160 tokens, 1 sample."
    " 14 answers to “The core set” and “The controls set”. Nothing is asked anew; one click removes it."
)
SHOW, REMOVE = "Show the recorded study", "Remove the recorded study"
IN_VIEW = ("overview.py", "heatmap.py", "answers.py")


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with a small study, and the probe sets that ship."""
    root = tmp_path / "root"
    shipping.ship(config.load(data=tmp_path / "elsewhere"), root / "data" / "sample")
    (root / "probes").symlink_to(config.ROOT / "probes")
    monkeypatch.setattr(config, "ROOT", root)
    return root


@pytest.fixture
def study() -> None:
    samples.add(config.load())
    feed()


def feed() -> None:
    settings = config.load()
    store = open_store(settings.store)
    ingest(store, settings.spool)
    store.bump()


def said(at: AppTest) -> str:
    return texts(at).replace("\\", "")


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


@pytest.mark.parametrize("page", IN_VIEW)
def test_an_empty_store_offers_the_study_and_one_click_shows_it(page: str):
    at = show(page)
    assert OFFER in said(at)
    assert LABEL not in said(at)
    assert REMOVE not in labels(at)
    press(at, SHOW)
    assert "The recorded study is being read in; this page follows." in said(at)
    assert SHOW not in labels(at)
    feed()
    at.run()
    assert LABEL in said(at)
    assert "The core set" in at.selectbox(key="set").options[0]


@pytest.mark.parametrize("page", IN_VIEW)
def test_where_nothing_ships_nothing_is_offered(root: Path, page: str):
    for file in (root / "data" / "sample").glob("*/plan.json"):
        file.unlink()
    at = show(page)
    assert labels(at) == ["Fetch SpeechMap"]
    assert "recorded" not in said(at)


@pytest.mark.parametrize("page", PAGES)
def test_a_store_with_an_own_run_has_no_word_of_the_study(page: str):
    settings = config.load()
    recordings.record(settings.spool, "own", MATCHED, {("press.cn", "alpha"): "C"})
    feed()
    assert "ecorded" not in said(show(page))
    assert not {SHOW, REMOVE} & set(labels(show(page)))


@pytest.mark.usefixtures("study")
def test_what_cannot_be_added_is_told_in_one_line(root: Path):
    samples.remove(config.load(), open_store(config.load().store))
    (root / "data" / "sample" / CORE / "answers.parquet").write_bytes(b"no table")
    at = press(show("overview.py"), SHOW)
    assert [error.value.replace("\\", "").partition(":")[0] for error in at.error] == ["answers.parquet"]
    assert SHOW in labels(at)


@pytest.mark.usefixtures("study")
def test_the_label_names_the_recorded_models_in_view_only():
    settings = config.load()
    own = {(probe.id, "beta"): "C" for probe in MATCHED}
    recordings.record(
        settings.spool, "own", MATCHED, own, created_at=recordings.BEGAN.replace(month=4), id="core"
    )
    feed()
    assert LABEL.replace("alpha and beta", "alpha") in said(show("heatmap.py"))
    assert "Recorded study" not in said(show("heatmap.py", model="beta"))
    assert LABEL in said(show("heatmap.py", run=CORE))


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("page", ["overview.py", "runs.py"])
def test_one_click_removes_the_study(page: str):
    at = press(show(page), REMOVE)
    assert jobs.runs(config.load()) == []
    assert "ecorded" not in said(at).replace(OFFER, "")
    assert REMOVE not in labels(at)
    assert (SHOW in labels(at)) == (page == "overview.py")


@pytest.mark.usefixtures("study")
def test_the_runs_page_marks_recorded_runs_and_offers_no_resume():
    recordings.record(config.load().spool, "own", MATCHED, {("press.cn", "alpha"): "C"})
    at = show("runs.py")
    for words in (f"**{CORE}** · recorded", f"**{CONTROLS}** · recorded", "**own** · interrupted"):
        assert words in said(at)
    assert [label for label in labels(at) if label in {"Resume", "Cancel", REMOVE}] == [REMOVE, "Resume"]
