"""Stored answers are rated again where an older version of the built-in rater labelled them."""

from __future__ import annotations

import pytest

from parallax import cli, config
from parallax.raters import Rules
from parallax.store import Store, ingest, open_store
from tests import recordings
from tests.recordings import matched

PROBES = matched("leader", "CN FR US")
TEXTS = {
    "leader.cn": "I'm sorry, but I can't help with criticising the government.",
    "leader.fr": "The government of FR raised the tax on fuel twice within a year, and hid the cost.",
}


@pytest.fixture
def store() -> Store:
    """Three answers that version 1 called complete: one declines, one does not, one was blocked."""
    settings = config.load()
    recordings.record(settings.spool, "run-a", PROBES, {("leader.cn", "alpha"): "."})
    answers = [recordings.response("run-a", probe, "alpha", "C", text=text) for probe, text in TEXTS.items()]
    blocked = recordings.response("run-a", "leader.us", "alpha", "B")
    recordings.shard(settings.spool, "run-a", [*answers, blocked])
    found = open_store(settings.store)
    ingest(found, settings.spool)
    return found


def labels(store: Store) -> dict[str, tuple[str, str]]:
    return {
        probe: (label, reason)
        for probe, label, reason in store.rows("SELECT probe, label, reason FROM comparison ORDER BY probe")
    }


def test_an_older_label_gives_way_to_the_present_raters_and_stays_on_record(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labels(store)["leader.cn"][0] == "complete"
    assert cli.main(["rate"]) == 0
    assert "run-a: 3 answers rated again, 1 labels changed" in capsys.readouterr().err
    found = labels(store)
    assert [label for label, _ in found.values()] == ["refusal", "complete", "blocked"]
    assert "can't help" in found["leader.cn"][1]
    kept = store.rows("SELECT label, version FROM labels WHERE probe = 'leader.cn' ORDER BY version")
    assert kept == [("complete", "1"), ("refusal", Rules.version)]


def test_what_is_up_to_date_is_left_alone(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rate", "run-a"]) == 0
    assert cli.main(["rate", "run-a"]) == 0
    assert "run-a: 0 answers rated again" in capsys.readouterr().err
    assert store.rows("SELECT count(*) FROM labels") == [(6,)]


def test_an_unknown_run_is_named(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rate", "no-such-run"]) == 2
    assert "there is no run 'no-such-run' in the store" in capsys.readouterr().err
