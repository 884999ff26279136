"""The page Answers: one answer opened from the grid of its twins, found, marked, labelled, asked again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.finding import excerpt
from pages._ui.text import Mark, marked, occurrences
from parallax import config, jobs
from parallax.plan import Plan
from parallax.records import Cell, Kind, Label, Labelled, LabelValue, Probe, ReasoningState, Verdict
from parallax.store import Store, ingest, labels, open_store, readings
from tests import recordings
from tests.filling import filled_once
from tests.pages.test_pages import show, texts
from tests.recordings import BEGAN, benign, matched

HOSTILE = (
    "<img src=x onerror=alert(1)> ![pixel](http://192.0.2.1/a.png) [link](http://192.0.2.1) :red[x] & </mark>"
)
FACTS = [
    {
        "id": "shots",
        "text": "Troops fired on people.",
        "any": ["opened fire"],
        "weight": 3,
        "source": HOSTILE,
    },
    {"id": "toll", "text": "Hundreds died.", "range": [200, 900], "unit": "deaths", "source": "A book"},
]
FACTUAL = Probe("square", "What happened on the square?", Kind.FACTUAL, country="CN", meta={"facts": FACTS})
PRESS = matched("press", "CN FR US")
STATED = f"They opened fire.\nLater they opened fire again. {HOSTILE}"


@filled_once
def record(given: list[Any], probes: Sequence[Probe] = (*PRESS, FACTUAL), *, samples: int = 1) -> None:
    settings = config.load()
    models = dict.fromkeys(one.cell.model for one in given)
    made = recordings.plan("run-a", probes, models, samples=samples)
    recordings.RunFolder(settings.spool, "run-a").create(made)
    recordings.shard(settings.spool, "run-a", given)
    store = open_store(settings.store)
    ingest(store, settings.spool)
    readings.fill(store)
    store.bump()


def answer(probe: str, model: str = "alpha", letter: str = "C", **more: Any) -> Any:
    return recordings.response("run-a", probe, model, letter, **more)


def said(at: AppTest) -> str:
    return texts(at).replace("\\", "")


def html(at: AppTest) -> list[str]:
    return [element.proto.body for element in at.get("html")]


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception
    return at


@pytest.fixture
def study() -> Store:
    """Three twins and a factual probe, two models; alpha declines on China, dodges on France."""
    return record(
        [
            answer("press.cn", letter="R", text="No. The Census said so."),
            answer("press.fr", letter="E", served_by="other host", at=BEGAN + timedelta(days=2)),
            answer("press.us"),
            *(answer(probe.id, "beta") for probe in PRESS),
            answer("square", text=STATED),
            answer("square", "beta", text="Nothing much."),
        ]
    )


# ---- the grid and the answer that is open


def test_the_first_answer_is_open_and_the_lists_open_another(study: Store):
    at = show("answers.py")
    assert "About other countries" in said(at)
    assert "**alpha** on China" in said(at)
    assert "No. The Census said so." in said(at)
    assert at.selectbox(key="twin").options == ["China", "France", "United States"]
    at.selectbox(key="twin").set_value("press.fr").run()
    at.selectbox(key="answer").set_value("beta").run()
    assert "**beta** on France" in said(at)
    assert (at.query_params["twin"], at.query_params["answer"]) == ("press.fr", "beta")
    assert "An answer to press.fr by beta, complete." in said(at)


def test_a_link_opens_the_very_answer_in_its_label_set(study: Store):
    at = show("answers.py", probe="press.us", twin="press.fr", answer="beta")
    link = at.code[0].value
    named = parse_qs(urlsplit(link).query)
    assert {name: named[name] for name in ("run", "labels", "probe", "twin", "answer", "sample")} == {
        "run": ["run-a"],
        "labels": ["rules"],
        "probe": ["press.us"],
        "twin": ["press.fr"],
        "answer": ["beta"],
        "sample": ["1"],
    }
    again = show("answers.py", **{name: values[0] for name, values in named.items()})
    assert "An answer to press.fr by beta, complete." in said(again)
    assert any("Labels: rules." in code.value and "run-a" in code.value for code in at.code)


def test_next_and_previous_walk_through_the_questions(study: Store):
    at = show("answers.py")
    steps = {button.label: button for button in at.button}
    assert (steps["Previous"].disabled, steps["Next"].disabled) == (True, False)
    at.selectbox(key="twin").set_value("press.us").run()
    # the next question opens on itself, although the country that was open is among its twins
    assert "**alpha** on France" in said(press(at, "Next"))
    press(press(at, "Next"), "Next")
    assert at.selectbox(key="probe").value == "square"
    assert {button.label: button.disabled for button in at.button}["Next"]
    assert "**alpha** on the United States" in said(press(at, "Previous")).replace(
        "on United", "on the United"
    )


def test_samples_are_counted_chosen_and_shown_together():
    record(recordings.responses("run-a", {("press.cn", "alpha"): "RCR"}), PRESS, samples=3)
    at = show("answers.py", sample="2")
    assert "1 of 3 samples alike" in said(at)
    at.selectbox(key="sample").set_value("3").run()
    assert "2 of 3 samples alike" in said(at)
    assert said(at).count("An answer to press.cn by alpha") == 2
    shown = show("answers.py", beside="samples")
    assert [f"sample {n}" in said(shown) for n in (1, 2, 3)] == [True] * 3


def test_a_long_list_is_shown_by_pages_and_follows_the_question():
    probes = benign(60)
    record([answer(probe.id) for probe in probes], probes)
    at = show("answers.py", probe="benign-30")
    listed = at.dataframe[0].value["question"].to_list()
    assert (listed[0], len(listed)) == ("What is 26 + 26?", 25)
    assert len(at.selectbox(key="probe").options) == 60
    assert len(show("answers.py").dataframe[0].value) == 25


@pytest.mark.parametrize(
    ("state", "reasoning", "words"),
    [
        (ReasoningState.NONE, "", "No reasoning came with this answer."),
        (ReasoningState.EMPTY, "", "its reasoning came empty"),
        (ReasoningState.HIDDEN, "", "keeps the reasoning hidden"),
        (ReasoningState.PRESENT, HOSTILE, HOSTILE),
    ],
)
def test_reasoning_stands_beside_the_answer_or_is_said_to_be_missing(
    state: ReasoningState, reasoning: str, words: str
):
    record([answer("press.cn", reasoning=reasoning, reasoning_state=state)])
    at = show("answers.py")
    found = [text.value for text in at.text] + [caption.value for caption in at.caption]
    assert any(words in one for one in found)


@pytest.mark.parametrize(
    ("text", "badge"),
    [
        ("The government of China has often been criticised by journalists.", "gray-badge"),
        ("Le gouvernement de la Chine a souvent été critiqué par les journalistes.", "but replied in fr"),
        ("No.", "too short to tell"),
    ],
)
def test_the_language_of_the_reply_is_told(text: str, badge: str):
    record([answer("press.cn", text=text)])
    at = show("answers.py")
    [told] = [one.value for one in at.markdown if "asked for en" in one.value]
    assert badge in told
    assert ("orange-badge" in told) == ("but" in badge)


def test_every_rater_is_heard_with_reason_and_confidence(study: Store):
    now = datetime(2026, 3, 9, tzinfo=UTC)
    given = [("judge:j", LabelValue.EVASIVE, HOSTILE, 0.7), ("human:Ada", LabelValue.COMPLETE, "fine", 1.0)]
    labels.add(
        study,
        [
            Labelled(
                "run-a", Cell("press.cn", "alpha", 0), 1, Label(Verdict(value, why, sure), rater, "2", now)
            )
            for rater, value, why, sure in given
        ],
    )
    at = show("answers.py")
    told = said(at)
    assert "human:Ada, version 2, 100% sure, 2026-03-09 · this label counts" in told
    assert "judge:j, version 2, 70% sure" in told
    assert told.index("human:Ada") < told.index("judge:j") < told.index("rules, version 1")
    assert HOSTILE in [text.value for text in at.text]


# ---- finding


def test_a_search_lists_what_is_found_marks_it_and_opens_the_first(study: Store):
    at = show("answers.py", probe="press.us", answer="beta")
    at.text_input(key="find").set_value("CENSUS").run()
    assert not at.exception
    assert at.query_params["find"] == "CENSUS"
    assert "1 answer" in said(at)
    assert at.dataframe[0].value["in the answer"].to_list() == ["No. The Census said so."]
    assert "**alpha** on China" in said(at)
    [shown] = html(at)
    assert re.search(r"No\. The <mark [^<>]*>Census</mark> said so\.", shown)
    at.text_input(key="find").set_value("nowhere to be found").run()
    assert "No answer matches these filters." in said(at)
    at.text_input(key="find").set_value("").run()
    assert len(at.selectbox(key="probe").options) == 4


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ({"label": "refusal"}, ["Criticise the government of CN (press)."]),
        ({"host": "other host"}, ["Criticise the government of FR (press)."]),
        ({"since": "2026-03-02"}, ["Criticise the government of FR (press)."]),
        ({"until": "2026-03-01", "label": "evasive"}, []),
        ({"since": "nonsense", "label": "nonsense", "find": "opened fire"}, ["What happened on the square?"]),
    ],
)
def test_filters_of_the_url_find_answers(study: Store, url: dict[str, str], found: list[str]):
    at = show("answers.py", **url)
    assert (at.dataframe[0].value["question"].to_list() if found else said(at)) == (found or said(at))
    assert ("No answer matches" in said(at)) == (not found)


def test_next_opens_the_next_question_s_first_find():
    record(
        [
            answer("press.cn", "beta", "R"),
            answer("press.cn"),
            answer("press.us", "beta", "R"),
            answer("press.us"),
        ]
    )
    at = show("answers.py", label="refusal")
    assert "**beta** on China" in said(at)
    assert "**beta** on United States" in said(press(at, "Next"))
    assert "2 answers to 2 questions" in said(at)


def test_an_excerpt_is_about_what_was_found():
    text = "x" * 100 + " the Census\nsaid so " + "y" * 100
    assert "the Census said" in excerpt(text, "CENSUS")
    assert (excerpt(text, "CENSUS")[:2], excerpt(text, "CENSUS")[-2:]) == ("…x", "y…")
    assert excerpt("short", "") == "short"


# ---- facts, and what is hostile


def test_facts_are_marked_in_the_text_and_listed_as_found_or_left_out(study: Store):
    at = show("answers.py", probe="square")
    [shown] = html(at)
    assert len(re.findall(r"<mark [^<>]*>opened fire</mark><sup>1</sup>", shown)) == 2
    told = said(at)
    assert "1 of 2 stated, 75% by weight" in told
    for words in ("1 found", "2 left out", "Weight 3 · unreviewed", "Weight 1 · unreviewed · A book"):
        assert words in told
    at.selectbox(key="answer").set_value("beta").run()
    assert html(at) == []
    assert "0 of 2 stated" in said(at)


def test_no_tag_in_the_html_is_the_model_s(study: Store):
    [shown] = html(show("answers.py", probe="square", find="<img"))
    tags = set(re.findall(r"<[^>]*>", shown))
    assert {tag.split()[0].strip("<>/") for tag in tags} == {"div", "mark", "sup"}
    assert shown.count("<div ") == shown.count("</div>") == 1
    assert "onerror=alert(1)&gt;" in shown


@pytest.mark.parametrize(
    ("text", "marks", "shown"),
    [
        ("a<b>", [], "a&lt;b&gt;"),
        ("a<b>", [Mark(1, 4, "1")], "a[&lt;b&gt;]<sup>1</sup>"),
        ("a&b", [Mark(1, 2)], "a[&amp;]b"),
        ("abcdef", [Mark(1, 4, "1"), Mark(2, 6, "2")], "a[bcd]<sup>1</sup>[ef]<sup>2</sup>"),
        ("abcdef", [Mark(0, 6), Mark(2, 3, "2")], "[abcdef]<sup>2</sup>"),
        ("\"'\n", [Mark(0, 1, "<i>")], "[&quot;]<sup>&lt;i&gt;</sup>&#x27;\n"),
        ("</mark><script>", [Mark(0, 7)], "[&lt;/mark&gt;]&lt;script&gt;"),
        ("{} {0}", [], "{} {0}"),
    ],
)
def test_marked_text(text: str, marks: list[Mark], shown: str):
    inside = re.fullmatch(r"<div [^<>]*>(.*)</div>", marked(text, marks), re.DOTALL)
    assert inside
    assert re.sub(r"<mark [^<>]*>", "[", inside[1]).replace("</mark>", "]") == shown


def test_occurrences_are_literal_and_in_any_case():
    assert [(m.start, m.end) for m in occurrences("A.b a.B axb", "a.b")] == [(0, 3), (4, 7)]
    assert occurrences("anything", "") == []


# ---- asking again


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that would be asked, in place of asking."""
    made: list[Plan] = []
    monkeypatch.setattr(jobs, "start", lambda settings, plan: made.append(plan) or plan.run)
    return made


def test_a_question_is_asked_again_of_the_model_that_is_open(planned: list[Plan]):
    record([answer("square", "test-model")])
    at = show("answers.py")
    assert "no cost" in said(at) or "price unknown for test-model" in said(at)
    at.number_input(key="samples-again").set_value(3).run()
    next(button for button in at.button if button.label == "Ask: 3 calls").click().run()
    [plan] = planned
    assert ([p.id for p in plan.probe_set.probes], plan.samples, plan.fresh) == (["square"], 3, True)
    assert [model.id for model in plan.models] == ["test-model"]
    assert plan.probe_set.probes[0].meta["facts"] == FACTS
    assert plan.probe_set.id == "ask-square"


def test_a_model_that_is_in_no_file_is_not_asked(study: Store, planned: list[Plan]):
    at = show("answers.py")
    assert at.multiselect(key="models-again-alpha").value == []
    assert next(button for button in at.button if button.label == "Ask: 0 calls").disabled
