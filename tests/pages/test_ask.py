"""The page Ask: one question about several countries, its answers in a grid, kept as a set."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config, countries, jobs, library
from parallax.records import ProbeSet
from parallax.spool import RunFolder
from parallax.store import ingest, open_store, sets
from tests import asking, recordings
from tests.conftest import MODELS
from tests.pages.test_pages import show, texts
from tests.provider import REFUSAL, Provider
from tests.recordings import Table, matched, response

QUESTION = matched("question", "CN FR", topic="")
TABLE: Table = {
    ("question.cn", "beta"): "R",
    ("question.fr", "beta"): "C",
    ("question.cn", "alpha"): "E",
    ("question.fr", "alpha"): "B",
}
HOSTILE = "![seen](http://127.0.0.1:9/p.png) **bold** [link](http://127.0.0.1:9) <b>x</b> $x$ :red[y]"


def feed() -> None:
    settings = config.load()
    store = open_store(settings.store)
    ingest(store, settings.spool)
    store.bump()


def record(run: str, table: Table, samples: int = 1) -> ProbeSet:
    """Leave the run of a question in the store; returns its set."""
    spool = config.load().spool
    made = recordings.record(spool, run, QUESTION, table, samples=samples, id=f"{library.ASKED}they")
    feed()
    return made.probe_set


def said(at: AppTest) -> str:
    return "\n".join([texts(at), *(one.value for one in at.success)]).replace("\\", "")


def buttons(at: AppTest) -> dict[str, bool]:
    """Return the page's buttons, and which of them may be pressed."""
    return {button.label: not button.disabled for button in at.button}


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


def ask(prompt: str, codes: list[str]) -> AppTest:
    """Fill in the form and press its button."""
    at = show("ask.py")
    at.text_area[0].set_value(prompt)
    at.multiselect[0].set_value(codes).run()
    calls = len(codes) * 2
    return press(at, f"Ask: {calls} calls")


# ---- the form


def test_the_form_counts_the_calls() -> None:
    at = show("ask.py")
    assert buttons(at) == {"Ask: 10 calls": True}
    assert at.text_area[0].value.count("{government}") == 1
    at.multiselect[0].set_value(["CN"])
    at.multiselect(key="models-ask").set_value(["other-model"]).run()
    assert buttons(at) == {"Ask: 1 call": True}
    at.number_input(key="samples-ask").set_value(4).run()
    assert buttons(at) == {"Ask: 4 calls": True}


@pytest.mark.parametrize("nothing", ["countries", "models"])
def test_nobody_is_asked_about_nothing(nothing: str) -> None:
    at = show("ask.py")
    box = at.multiselect[0] if nothing == "countries" else at.multiselect(key="models-ask")
    box.set_value([]).run()
    assert buttons(at) == {"Ask: 0 calls": False}


@pytest.mark.parametrize(
    ("prompt", "fault"),
    [
        ("Say something.", "Prompt: has no slot; write {country} for the country"),
        ("", "Prompt: is empty; write it out"),
        ("What of {nation}?", "Prompt: {nation} cannot be filled; "),
        ("=SUM(1) in {country}", 'Prompt: begins with "=", which a spreadsheet runs as a formula; '),
        ("Of\u202e {country}", "Prompt: holds the invisible character U+202E (RIGHT-TO-LEFT OVERRIDE); "),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_asked(prompt: str, fault: str) -> None:
    at = ask(prompt, ["CN", "FR"])
    [error] = at.error
    assert error.value.replace("\\", "").startswith(fault)
    assert jobs.runs(config.load()) == []
    assert "asked" not in at.query_params


def test_a_missing_key_is_one_line_and_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "keyed.toml"
    file.write_text(
        '[[model]]\nid = "far"\nlitellm = "openai/far"\napi_key_env = "PARALLAX_TEST_NO_SUCH_KEY"\n'
    )
    monkeypatch.setenv("PARALLAX_MODELS", str(file))
    at = show("ask.py")
    assert buttons(at) == {"Ask: 0 calls": False}
    at.multiselect(key="models-ask").set_value(["far"]).run()
    press(at, "Ask: 5 calls")
    assert [error.value.replace("\\", "") for error in at.error] == [
        "model 'far' needs its key: set the environment variable PARALLAX_TEST_NO_SUCH_KEY"
    ]
    assert jobs.runs(config.load()) == []


def test_a_question_is_asked_of_every_country_and_model_and_answered_in_a_grid() -> None:
    settings = config.load()
    prompt = 'What do "people" in {country} say? 😀 {{plain}} #1: \\n'
    with Provider() as provider:
        models = MODELS.format(base=provider.base).replace("openai/other-model", "openai/other-model+refuse")
        settings.models_file.write_text(models)
        at = ask(prompt, ["CN", "FR"])
        [run] = jobs.runs(settings)
        assert at.query_params["asked"] in (run.run, [run.run])
        made = RunFolder(settings.spool, run.run).plan()
        asking.wait_until(lambda: not jobs.runs(settings)[0].is_active, 60)
        assert provider.count() == 4
    assert sorted(made.cells()) == [
        (f"question.{code}", model, 0) for code in ("cn", "fr") for model in ("other-model", "test-model")
    ]
    assert [(p.country, p.stance, p.prompt) for p in made.probe_set.probes] == [
        (code, "critical", prompt.format(country=countries.name(code))) for code in ("CN", "FR")
    ]
    assert made.probe_set.id == "ask-what-do-people-in-country-say-plain"
    assert made.name == made.probe_set.title == " ".join(prompt.split())
    feed()
    at.run()
    assert at.dataframe[0].value.to_dict("index") == {
        "other-model": {"China": "Refused", "France": "Refused"},
        "test-model": {"China": "Complete", "France": "Complete"},
    }
    assert [text.value for text in at.text].count(REFUSAL) == 2


# ---- the answers


def test_answers_stand_with_countries_across_and_models_down() -> None:
    record("run-a", TABLE)
    at = show("ask.py", asked="run-a")
    grid = at.dataframe[0].value
    assert list(grid.index) == ["alpha", "beta"]
    assert list(grid.columns) == ["China", "France"]
    assert grid.to_numpy().tolist() == [["Dodged", "Blocked by the host"], ["Refused", "Complete"]]
    cards = [text.value for text in at.text if text.value.startswith(("An answer", "(no text)"))]
    assert cards == [
        "An answer to question.cn by alpha, evasive.",
        "(no text)",
        "An answer to question.cn by beta, refusal.",
        "An answer to question.fr by beta, complete.",
    ]


def test_each_sample_may_be_looked_at() -> None:
    record("run-a", {(probe, model): f"{letters}C" for (probe, model), letters in TABLE.items()}, samples=2)
    at = show("ask.py", asked="run-a")
    assert at.dataframe[0].value.loc["beta", "China"] == "Refused"
    at.selectbox(key="sample").set_value("2").run()
    assert set(at.dataframe[0].value.to_numpy().ravel()) == {"Complete"}


def test_an_answer_is_shown_as_text() -> None:
    spool = config.load().spool
    made = recordings.plan("run-a", QUESTION, [f"m {HOSTILE}"], id="ask-they")
    folder = RunFolder(spool, "run-a")
    folder.create(made)
    given = [response("run-a", p.id, made.models[0].id, "C", text=f"{p.id} {HOSTILE}") for p in QUESTION]
    recordings.shard(spool, "run-a", given)
    folder.beat({"state": "finished", "total": 2, "done": 2, "errors": 0})
    feed()
    at = show("ask.py", asked="run-a")
    assert {f"question.cn {HOSTILE}", f"question.fr {HOSTILE}"} <= {text.value for text in at.text}
    read = [at.title, at.subheader, at.markdown, at.caption, at.info, at.warning, at.error, at.success]
    values = [str(element.value) for elements in read for element in elements]
    assert not [v for v in values if "![" in v or "**bold" in v or "](" in v or "<b>" in v]


def test_before_the_first_answer_there_is_a_word() -> None:
    settings = config.load()
    made = recordings.plan("run-a", QUESTION, id="ask-they")
    RunFolder(settings.spool, "run-a").create(made)
    at = show("ask.py", asked="run-a")
    assert "The first answers are on their way." in said(at)
    assert not at.dataframe
    assert "Save as a probe set" not in buttons(at)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("gone", "there is no run 'gone'"),
        ("../../etc", "'../../etc' is no run id"),
        ("![x](http://127.0.0.1:9)", "'![x](http:\u2060//127.0.0.1:9)' is no run id"),
        ("many", "Run many asks more than one question; the page Answers shows it."),
    ],
)
def test_a_link_to_no_question_is_one_line(run: str, words: str) -> None:
    settings = config.load()
    probes_ = [*QUESTION, *matched("other", "CN")]
    recordings.record(settings.spool, "many", probes_, {(p.id, "alpha"): "C" for p in probes_})
    feed()
    at = show("ask.py", asked=run)
    assert [error.value.replace("\\", "").startswith(words) for error in at.error] == [True]
    assert "![x](" not in at.error[0].value
    assert buttons(at) == {"Ask: 10 calls": True}


# ---- keeping it


def test_a_question_is_listed_among_the_sets_once_it_is_saved() -> None:
    settings = config.load()
    asked = record("run-a", TABLE)
    assert not [words for words in show("runs.py").selectbox(key="start").options if asked.title in words]
    at = show("ask.py", asked="run-a")
    assert "Saved as a probe set." not in said(at)
    press(at, "Save as a probe set")
    assert "Saved as a probe set." in said(at)
    assert "Save as a probe set" not in buttons(at)
    assert [(one.set_hash, one.saved) for one in sets.listed(open_store(settings.store))] == [
        (asked.hash, True)
    ]
    listed = show("runs.py").selectbox(key="start").options
    assert listed[-1] == f"{asked.title} · 1 · 2 probes · saved here"
