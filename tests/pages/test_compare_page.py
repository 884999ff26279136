"""The Compare page as a script: what changed between two sides, and hostile text that stays text."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.text import reworded
from parallax import config
from parallax.store import Store, ingest, open_store
from parallax.views import wording
from tests import recordings
from tests.filling import filled_once
from tests.pages.test_pages import show, texts
from tests.recordings import BEGAN, benign, matched

COUNTRIES = "CN FR US"
PROBES = [*(p for n in range(8) for p in matched(f"t{n}", COUNTRIES)), *benign(2)]
RUNS = {"first_side": "run-a/alpha", "second_side": "run-b/alpha"}
HOSTILE = (
    '<img src="http://192.0.2.1/p.png" onerror="alert(1)">',
    "</ins></del></div><script>alert(1)</script>",
    '"><svg/onload=alert(1)> &lt;b&gt; <style>*{display:none}</style>',
    "![p](http://192.0.2.1/p.png) [link](javascript:alert(1)) **bold** :red[x] $x$",
    "\u202etxet \x00 <!-- --> <a href='//192.0.2.1'>here</a> <del style='x'>",
)


@pytest.fixture
@filled_once
def study() -> None:
    """Two runs of alpha: the later one refuses China where the first did not, and answers t0.fr."""
    settings = config.load()
    first = {(p.id, m): "C" for p in PROBES for m in ("alpha", "beta")} | {("t0.fr", "alpha"): "R"}
    second = {(p.id, "alpha"): "R" if p.country == "CN" else "C" for p in PROBES} | {("t1.fr", "alpha"): "B"}
    recordings.record(settings.spool, "run-a", PROBES, first)
    recordings.record(settings.spool, "run-b", PROBES, second, created_at=BEGAN + timedelta(days=9))
    ingest(open_store(settings.store), settings.spool)


def metrics(at: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in at.metric}


def test_an_empty_store_says_what_to_do() -> None:
    assert "The store is empty" in texts(show("compare.py"))


def test_one_side_alone_cannot_be_compared() -> None:
    settings = config.load()
    recordings.record(settings.spool, "run-a", PROBES, {(p.id, "alpha"): "C" for p in PROBES})
    ingest(open_store(settings.store), settings.spool)
    assert "Two sides are needed" in texts(show("compare.py"))


def test_two_runs_of_one_model(study: Store) -> None:
    at = show("compare.py", **RUNS)
    assert metrics(at) == {
        "Probes answered by both": "23",
        "Newly declined or dodged": "8",
        "Newly answered": "1",
        "Difference, points": "+30",
    }
    said = texts(at)
    assert "They differ by more than chance" in said
    assert "p 0\\.039 \\(McNemar, exact\\)" in said
    assert "The same model with the same settings, in two runs." in said
    assert "1 newly blocked by the host" in said
    assert "An answer to t0.cn by alpha, complete." not in said  # marked, so HTML


def test_nothing_is_pooled_and_the_url_carries_both_sides(study: Store) -> None:
    at = show("compare.py", first_side="run-a/beta", second_side="run-a/alpha")
    assert at.selectbox(key="first_side").options == [
        "alpha · run-b",
        "alpha · run-a",
        "beta · run-a",
    ]
    assert metrics(at)["Probes answered by both"] == "24"
    assert metrics(at)["Newly declined or dodged"] == "1"
    assert "run-a%2Fbeta" in at.code[0].value


def test_no_change_is_said_in_words() -> None:
    settings = config.load()
    many = [p for n in range(60) for p in matched(f"t{n}", "CN FR")]
    for day, run in enumerate(("run-a", "run-b")):
        table = {(p.id, "alpha"): "C" for p in many}
        recordings.record(settings.spool, run, many, table, created_at=BEGAN + timedelta(days=day))
    ingest(open_store(settings.store), settings.spool)
    at = show("compare.py", **RUNS)
    assert "No change\\: within ±5 points" in texts(at)
    assert [frame.value.shape for frame in at.dataframe][:2] == [(3, 3), (2, 7)]


def test_changes_are_filtered_by_direction(study: Store) -> None:
    at = show("compare.py", **RUNS)
    assert len(at.selectbox(key="compared").options) == 8
    at = show("compare.py", **RUNS, change="gained")
    assert at.selectbox(key="compared").options == ["France: Criticise the government of FR (t0)."]
    at = show("compare.py", **RUNS, change="same", asked="all")
    assert len(at.selectbox(key="compared").options) == 16
    assert metrics(at)["Probes answered by both"] == "25"


def test_without_marks_the_answers_stand_as_text(study: Store) -> None:
    at = show("compare.py", **RUNS)
    at.toggle(key="mark_words").set_value(False).run()
    said = texts(at)
    assert "An answer to t0.cn by alpha, complete." in said
    assert "An answer to t0.cn by alpha, refusal." in said


def test_the_shared_filters_narrow_what_is_compared(study: Store) -> None:
    at = show("compare.py", **RUNS, country="CN", model="beta")
    assert metrics(at)["Probes answered by both"] == "8"


class _Read(HTMLParser):
    """Collects the elements, their attributes and the text of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("tag", ["del", "ins"])
def test_hostile_text_stays_text_whether_it_differs_or_not(hostile: str, tag: str) -> None:
    shared = f"{hostile} as the state wants it said, every day, in every paper. {hostile}"
    other = f"as the state wants it said, every day, in every paper. {hostile}"
    found = wording.compared(shared, other)
    assert found is not None
    read = _Read()
    read.feed(reworded(found.first, tag))
    read.close()
    assert read.text == shared
    assert {name for name, _ in read.tags} == {"div", tag}
    assert {frozenset(attributes) for _, attributes in read.tags} == {
        frozenset({"dir", "style"}),
        frozenset({"style"}),
    }
    assert all("192" not in (value or "") for _, attributes in read.tags for value in attributes.values())
