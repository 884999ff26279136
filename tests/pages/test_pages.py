"""Each page as a script: on an empty store, a small one, and with what goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config, jobs
from parallax.plan import Plan
from parallax.spool import RunFolder
from parallax.store import Store, ingest, open_store
from tests import recordings
from tests.filling import filled_once
from tests.recordings import benign, matched

SHELL = config.ROOT / "pages" / "_shell.py"
PAGES = ("overview.py", "heatmap.py", "answers.py", "runs.py")


def show(page: str, **url: str) -> AppTest:
    at = AppTest.from_file(SHELL, default_timeout=30)
    for key, value in url.items():
        at.query_params[key] = value
    if page != "overview.py":
        at.switch_page(page)
    at.run()
    assert not at.exception, [e.stack_trace for e in at.exception]
    return at


def texts(at: AppTest) -> str:
    shown = [
        at.title,
        at.subheader,
        at.markdown,
        at.text,
        at.caption,
        at.info,
        at.warning,
        at.error,
        at.metric,
    ]
    return "\n".join(str(element.value) for elements in shown for element in elements)


@pytest.fixture
@filled_once
def small_store() -> None:
    settings = config.load()
    probes = [*matched("press", "CN FR", topic="press-freedom"), *matched("vote", "CN FR", topic="elections")]
    table = {(p.id, m): "C" for p in [*probes, *benign(2)] for m in ("alpha", "beta")}
    table |= {("press.cn", "alpha"): "R", ("vote.cn", "alpha"): "E", ("vote.fr", "beta"): "B"}
    recordings.record(settings.spool, "run-a", [*probes, *benign(2)], table)
    ingest(open_store(settings.store), settings.spool)


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_store_says_what_to_do(page: str):
    at = show(page)
    said = texts(at)
    assert any(words in said for words in ("Nothing has been asked yet", "The store is empty", "No run yet"))


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("overview.py", "What do these models decline to say?"),
        ("heatmap.py", "controls too few to tell"),
        ("answers.py", "About other countries"),
        ("runs.py", "**run-a** · finished"),
    ],
)
def test_a_small_store_is_shown(small_store: Store, page: str, words: str):
    assert words in texts(show(page))


def test_the_overview_counts_what_is_in_view(small_store: Store):
    at = show("overview.py")
    assert [m.value for m in at.metric] == ["12", "2", "6"]


def test_a_filter_of_the_url_holds_on_every_page(small_store: Store):
    at = show("answers.py", country="FR")
    assert at.selectbox(key="probe").options == [
        "France: Criticise the government of FR (press).",
        "France: Criticise the government of FR (vote).",
    ]
    at.multiselect(key="country").set_value([]).run()
    assert len(at.selectbox(key="probe").options) == 6


def test_the_benign_row_opens_whatever_country_is_chosen(small_store: Store):
    at = show("answers.py", country="FR", cell_kind="benign", cell_model="alpha")
    assert at.selectbox(key="probe").options == ["benign: What is 1 + 1?", "benign: What is 2 + 2?"]


def test_an_unknown_value_in_the_url_is_left_out(small_store: Store):
    at = show("answers.py", country="ZZ", set="nothing", run="gone")
    assert at.multiselect(key="country").value == []
    assert len(at.selectbox(key="probe").options) == 6


def test_an_answer_shows_its_label_rater_and_reason(small_store: Store):
    at = show("answers.py", probe="press.cn")
    at.selectbox(key="probe").set_value("press.cn").run()
    said = texts(at)
    assert "Refused" in said
    assert "rules: says refusal" in said
    assert "An answer to press.cn by alpha, refusal." in said


@pytest.mark.parametrize("view", ["country-model", "topic-model", "topic-country"])
@pytest.mark.parametrize("rate", ["noncompliance", "refusal", "block"])
def test_every_heatmap_draws(small_store: Store, view: str, rate: str):
    at = show("heatmap.py", view=view, rate=rate)
    assert not at.exception


def test_an_unfinished_run_is_shown_as_such():
    settings = config.load()
    recordings.record(settings.spool, "half", matched("press", "CN FR"), {("press.cn", "alpha"): "C"})
    ingest(open_store(settings.store), settings.spool)
    assert "Run half is not finished: 1 of 2 cells are in" in texts(show("heatmap.py"))


def test_the_number_of_calls_is_said_before_the_start():
    at = show("runs.py")
    start = at.button(key="start-runs")
    assert start.label == "Start a run: 60 probes × 2 models × 1 sample = 120 calls"
    at.multiselect(key="models-runs").set_value(["test-model"])
    at.number_input(key="samples-runs").set_value(3).run()
    start = at.button(key="start-runs")
    assert start.label == "Start a run: 60 probes × 1 model × 3 samples = 180 calls"
    at.multiselect(key="models-runs").set_value([]).run()
    assert at.button(key="start-runs").disabled


def test_a_limit_on_the_cost_goes_into_the_plan_or_is_refused(monkeypatch: pytest.MonkeyPatch):
    planned: list[Plan] = []
    monkeypatch.setattr(jobs, "start", lambda settings, plan: planned.append(plan) or plan.run)
    at = show("runs.py")
    at.number_input(key="max-cost-runs").set_value(2.5).run()
    at.button(key="start-runs").click().run()
    assert "its price is unknown" in texts(at)
    assert planned == []
    file = config.load().models_file
    free = "price = {input_per_million = 0.0, output_per_million = 0.0}"
    file.write_text(file.read_text().replace('home = "CN"', f'home = "CN"\n{free}'))
    at.multiselect(key="models-runs").set_value(["test-model"]).run()
    at.button(key="start-runs").click().run()
    assert [made.max_cost_usd for made in planned] == [2.5]


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        (["other-model"], ["other-model"]),
        (["gone", "other-model"], ["other-model"]),
        (["gone"], ["test-model", "other-model"]),
    ],
)
def test_the_models_of_the_newest_run_are_chosen_beforehand(models: list[str], chosen: list[str]):
    recordings.record(config.load().spool, "run-a", benign(1), {("benign-1", m): "C" for m in models})
    assert show("runs.py").multiselect(key="models-runs").value == chosen


def test_a_missing_key_is_one_line_and_starts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    file = tmp_path / "keyed.toml"
    file.write_text(
        '[[model]]\nid = "far"\nlitellm = "openai/far"\napi_key_env = "PARALLAX_TEST_NO_SUCH_KEY"\n'
    )
    monkeypatch.setenv("PARALLAX_MODELS", str(file))
    at = show("runs.py")
    at.multiselect(key="models-runs").set_value(["far"]).run()
    at.button(key="start-runs").click().run()
    assert [e.value.replace("\\", "") for e in at.error] == [
        "model 'far' needs its key: set the environment variable PARALLAX_TEST_NO_SUCH_KEY"
    ]
    assert jobs.runs(config.load()) == []


def test_a_faulty_models_file_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PARALLAX_MODELS", str(tmp_path / "none.toml"))
    at = show("runs.py")
    assert len(at.error) == 1
    assert "there is no such file" in at.error[0].value
    assert at.button(key="start-runs").disabled
    assert "No run yet" in texts(at)


def test_a_dead_worker_leaves_its_last_words_and_can_be_resumed():
    settings = config.load()
    recordings.record(settings.spool, "dead", matched("press", "CN FR"), {("press.cn", "alpha"): "C"})
    RunFolder(settings.spool, "dead").log.write_text("the disk is full\n")
    at = show("runs.py")
    assert "the disk is full" in texts(at)
    assert [b.label for b in at.button if b.label in {"Resume", "Cancel"}] == ["Resume"]
