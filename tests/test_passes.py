"""A judge's pass as a process: estimated, started once, told of, stopped; what went wrong is said."""

from __future__ import annotations

from collections import Counter

import pytest

from parallax import passes
from parallax.config import Settings
from parallax.errors import RunError, UnknownModelError
from parallax.judging import Standing
from parallax.passes import PassFolder
from parallax.records import RunState
from parallax.spool import RunFolder
from parallax.store import ingest, open_store, shut
from tests import recordings
from tests.asking import wait_until
from tests.recordings import matched
from tests.test_judging import says, serving

RUN = "run-a"


@pytest.fixture
def run(settings: Settings) -> RunFolder:
    """Two answers that a judge can label, in spool and store."""
    table = {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "C"}
    recordings.record(settings.spool, RUN, matched("leader", "CN FR"), table)
    ingest(open_store(settings.store), settings.spool)
    return RunFolder(settings.spool, RUN)


def status(settings: Settings) -> passes.Pass:
    (found,) = passes.passes(settings, [RUN])
    return found


def test_a_pass_tells_how_far_it_is_and_is_stopped(settings: Settings, run: RunFolder) -> None:
    assert passes.passes(settings, [RUN]) == ()
    with PassFolder(run, "tea").working() as watch:
        watch.begin(2)
        assert status(settings).state is RunState.RUNNING
        with (
            pytest.raises(RunError, match="tea is judging run run-a already"),
            PassFolder(run, "tea").working(),
        ):
            pass
        with PassFolder(run, "coffee").working():
            assert len(passes.passes(settings, [RUN])) == 2
        PassFolder(run, "coffee").file("json").unlink()
        assert not watch.tell(Standing(Counter(complete=1), 0.25))
        passes.stop(settings, RUN, "tea")
        assert watch.tell(Standing(Counter(complete=1), 0.25))
    now = status(settings)
    assert (now.state, now.asked, now.done, now.cost_usd, now.message) == (RunState.PAUSED, 2, 1, 0.25, "")
    with pytest.raises(RunError, match="tea is not judging run run-a"):
        passes.stop(settings, RUN, "tea")
    with PassFolder(run, "tea").working() as watch:
        watch.begin(2)
        watch.tell(Standing(Counter(complete=1, error=1), 0.5))
    assert status(settings).state is RunState.FINISHED


def test_a_pass_that_broke_off_says_why(settings: Settings, run: RunFolder) -> None:
    with pytest.raises(RunError, match="no"), PassFolder(run, "tea").working():
        raise RunError("no")
    PassFolder(run, "tea").file("log").write_text("2 calls\nno connection to the host\n")
    now = status(settings)
    assert (now.state, now.message) == (RunState.INTERRUPTED, "no connection to the host")
    assert not now.is_active


def test_mistakes_are_told_before_anything_is_started(settings: Settings, run: RunFolder) -> None:
    with pytest.raises(RunError, match="there is no run"):
        passes.start(settings, "run-b", "test-model")
    with pytest.raises(UnknownModelError, match="has no model 'coffee'"):
        passes.start(settings, RUN, "coffee")
    assert passes.passes(settings, [RUN]) == ()


def test_what_a_pass_would_cost(settings: Settings, run: RunFolder) -> None:
    store = open_store(settings.store)
    assert passes.estimate(store, settings.models_file, RUN, "test-model").startswith("2 calls, about ")
    with pytest.raises(RunError, match="there is nothing to judge"):
        passes.estimate(store, settings.models_file, "run-b", "test-model")


@pytest.mark.slow
def test_a_detached_judge_labels_a_run(settings: Settings, run: RunFolder, no_orphans: None) -> None:
    shut(settings.store)
    with serving(lambda answer, earlier: says("refusal", "An answer to")) as server:
        settings.models_file.write_text(
            f'[[model]]\nid = "tea"\nlitellm = "openai/tea"\napi_base = "http://127.0.0.1:{server.port}/v1"\n'
        )
        passes.start(settings, RUN, "tea")
        assert status(settings).is_active
        with pytest.raises(RunError, match="tea is judging run run-a already"):
            passes.start(settings, RUN, "tea")
        wait_until(lambda: not status(settings).is_active, 60)
    assert (status(settings).state, status(settings).done) == (RunState.FINISHED, 2)
    store = open_store(settings.store)
    assert store.rows("SELECT DISTINCT label FROM newest_labels WHERE rater = 'judge:tea'") == [("refusal",)]
