"""The page Runs: how far each model is, what a run can be told, and what is wrong with its processes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from parallax import config, jobs
from parallax.plan import Plan
from parallax.records import RunState
from parallax.spool import RunFolder
from parallax.tally import ModelProgress, Progress
from tests import recordings
from tests.pages.test_pages import show, texts
from tests.recordings import benign

ACTIONS = {"Pause", "Cancel", "Resume", "Retry errors"}


@pytest.fixture
def folder() -> RunFolder:
    table = {(f"benign-{n}", m): "C" for n in (1, 2) for m in ("alpha", "beta")}
    recordings.record(config.load().spool, "run-a", benign(2), table)
    return RunFolder(config.load().spool, "run-a")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have been started as a worker."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "_spawn", lambda _, run, **more: calls.append((run, more)))
    return calls


def tell(folder: RunFolder, state: RunState, alpha: ModelProgress, beta: ModelProgress) -> None:
    folder.beat(Progress({"alpha": alpha, "beta": beta}).beat(state))


def actions(at: AppTest) -> list[str]:
    return [button.label for button in at.button if button.label in ACTIONS]


@pytest.mark.parametrize(
    ("state", "beta", "expected"),
    [
        (RunState.FINISHED, ModelProgress(2, 2), []),
        (RunState.FINISHED, ModelProgress(2, 2, errors=1), ["Retry errors"]),
        (RunState.PAUSED, ModelProgress(2, 1), ["Resume"]),
        (RunState.CANCELLED, ModelProgress(2, 1, errors=1), ["Resume", "Retry errors"]),
    ],
)
def test_a_run_at_rest_offers_what_would_change_something(
    folder: RunFolder, state: RunState, beta: ModelProgress, expected: list[str]
) -> None:
    tell(folder, state, ModelProgress(2, 2), beta)
    at = show("runs.py")
    assert actions(at) == expected
    assert f"**run-a** · {state}" in texts(at)


def test_an_active_run_shows_rate_time_left_and_cost_of_each_model(folder: RunFolder) -> None:
    alpha = ModelProgress(2, 1, pending=1, in_flight=1, cost_usd=1.5, calls_per_second=0.5)
    tell(folder, RunState.RUNNING, alpha, ModelProgress(2, 2, errors=1, cost_usd=0.25))
    with folder.lock():
        at = show("runs.py")
        assert actions(at) == ["Pause", "Cancel"]
        (table,) = at.table
        assert table.value.to_dict("records") == [
            {"model": "alpha", "answered": "1/2", "pace": "0.5/s, 2 s left", "cost": "\\$1\\.50"},
            {"model": "beta", "answered": "2/2, 1 error", "pace": "", "cost": "\\$0\\.25"},
        ]
        at.button(key="Pause-run-a").click().run()
        assert not at.exception
        assert folder.stop_mark() == "pause"
        assert actions(show("runs.py")) == [], "it is stopping"


def test_errors_alone_are_asked_again(folder: RunFolder, asked: list[tuple[Any, ...]]) -> None:
    tell(folder, RunState.PAUSED, ModelProgress(2, 2, errors=1), ModelProgress(2, 1))
    show("runs.py").button(key="Retry errors-run-a").click().run()
    assert asked == [("run-a", {"errors_only": True})]


def test_models_and_samples_are_added(folder: RunFolder, asked: list[tuple[Any, ...]]) -> None:
    at = show("runs.py")
    assert not [button for button in at.button if button.key == "add-start-run-a"]
    at.session_state["add-run-a"] = True
    at.run()
    assert at.button(key="add-start-run-a").disabled
    at.multiselect(key="add-models-run-a").set_value(["test-model"])
    at.number_input(key="samples-add-run-a").set_value(2).run()
    said = texts(at).replace("\\", "")
    assert "new models: 4 calls" in said
    assert "more samples: 4 calls" in said
    assert at.button(key="add-start-run-a").label == "Add and ask: 8 calls"
    at.button(key="add-start-run-a").click().run()
    assert not at.exception
    longer: Plan = folder.plan()
    assert ([m.id for m in longer.models], longer.samples) == (["alpha", "beta", "test-model"], 2)
    assert asked == [("run-a", {"errors_only": False})]


def test_a_silent_worker_is_named(folder: RunFolder) -> None:
    at = datetime.now(UTC) - timedelta(seconds=50)
    said = {
        "state": "running",
        "total": 4,
        "done": 1,
        "pid": 4711,
        "updated_at": at.isoformat(),
        "models": {},
    }
    (folder.path / "heartbeat.json").write_text(json.dumps(said))
    with folder.lock():
        shown = texts(show("runs.py")).replace("\\", "")
    assert "process 4711 has been silent for 5" in shown
