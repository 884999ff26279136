"""`drift RUN_A RUN_B`: its line for each model, its exit code, and its mistakes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from parallax import config
from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.store import ingest, labels, open_store
from tests import recordings
from tests.recordings import matched

Say = Callable[..., Any]
PROBES = matched("leader", "CN DE FR US") + matched("press", "CN DE FR US", topic="press")
CODES = [probe.id for probe in PROBES]


def record(run: str, **models: str) -> None:
    """Leave a run in the spool: a model's letters for the probes in turn, a word a probe."""
    table = {
        (p, m): word for m, words in models.items() for p, word in zip(CODES, words.split(), strict=True)
    }
    recordings.record(config.load().spool, run, PROBES, table)


def test_a_line_a_model_and_exit_code_1_past_the_threshold(say: Say) -> None:
    record("a", alpha="C C C C C C R C", beta="C C C C C C C C", gone="C C C C C C C C")
    record("b", alpha="R R R C R R R B", beta="C C C C C C C C")
    said = say("drift", "a", "b")
    lines = said.out.splitlines()
    assert said.code == 1
    assert lines[0].startswith(
        "alpha  7 paired  5 newly lost  0 newly gained  1 newly blocked  +71.4 points ("
    )
    assert lines[0].endswith("p 0.062 (McNemar, exact)  cannot be told")
    assert lines[1].startswith("beta  8 paired  0 newly lost  0 newly gained  +0.0 points (")
    assert len(lines) == 2
    assert say("drift", "a", "b", "--model", "beta").code == 0
    assert say("drift", "a", "b", "--threshold", "80").code == 0
    assert say("drift", "b", "a").code == 1


def test_filters_and_another_raters_labels(say: Say) -> None:
    record("a", alpha="C C C C C C C C")
    record("b", alpha="C C C C R R R R")
    assert say("drift", "a", "b", "--topic", "leader").code == 0
    assert "4 paired  4 newly lost" in say("drift", "a", "b", "--topic", "press").out
    assert "2 paired  1 newly lost" in say("drift", "a", "b", "--country", "US").out
    store = open_store(config.load().store)
    ingest(store, config.load().spool)
    verdict = Label(Verdict(LabelValue.COMPLETE, "fine"), "judge:x", "1", recordings.BEGAN)
    cells = [Labelled(run, Cell(probe, "alpha", 0), 1, verdict) for run in "ab" for probe in CODES]
    labels.add(store, cells)
    by_judge = say("drift", "a", "b", "--rater", "judge:x")
    assert (by_judge.code, "8 paired  0 newly lost" in by_judge.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["a", "nope"], "there is no run 'nope'", id="no such run"),
        pytest.param(["a", "other"], "no model in common", id="other models"),
        pytest.param(["a", "words"], "no probe in common", id="other prompts"),
        pytest.param(["a", "a", "--country", "BR"], "no model in common", id="nothing selected"),
    ],
)
def test_mistakes_are_told_in_one_line(say: Say, arguments: list[str], says: str) -> None:
    record("a", alpha="C C C C C C C C")
    record("other", beta="C C C C C C C C")
    reworded = matched("another", "CN")
    recordings.record(config.load().spool, "words", reworded, {("another.cn", "alpha"): "C"})
    said = say("drift", *arguments)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert len(said.err.splitlines()) == 1


def test_a_store_held_by_no_dashboard(
    say: Say, other_process: Callable[[], AbstractContextManager[None]]
) -> None:
    record("a", alpha="C C C C C C C C")
    with other_process():
        said = say("drift", "a", "a")
    assert (said.code, "it is no dashboard; stop it first" in said.err) == (2, True)
