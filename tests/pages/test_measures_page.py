"""The page Measures: a table for what the set in view can tell, a word for what it cannot."""

from __future__ import annotations

from pathlib import Path

from parallax.records import ReasoningState
from parallax.store import Store, ingest, readings
from tests import recordings
from tests.pages.test_pages import show, texts
from tests.recordings import matched, response
from tests.test_measures import BOTH, ENGLISH, FRENCH, NONE_OF_THEM, RUN, factual, told


def test_every_measure_has_its_table(store: Store, spool: Path) -> None:
    twins = [
        *matched("t1", "CN", stance="critical"),
        *matched("t1-pos", "CN", stance="positive"),
        *matched("t1", "CN", language="fr", stance="critical"),
    ]
    given = [
        response(RUN, "t1.cn", "alpha", "R", text=ENGLISH, reasoning_state=ReasoningState.EMPTY),
        response(RUN, "t1.cn", "alpha", "C", text=ENGLISH, sample=1),
        response(RUN, "t1-pos.cn", "alpha", "C", text=ENGLISH),
        response(RUN, "t1.cn.fr", "alpha", "C", text=FRENCH),
        *[
            response(RUN, "q1", model, "C", text=NONE_OF_THEM if model == "alpha" else BOTH)
            for model in ("alpha", "beta", "gamma", "delta", "epsilon")
        ],
    ]
    told(store, spool, [*twins, factual("q1")], given, "alpha beta gamma delta epsilon")
    at = show("measures.py")
    assert [one.value for one in at.subheader] == [
        "Facts stated, facts left out",
        "One-sidedness",
        "Languages",
        "Samples that differ",
        "Empty thoughts",
    ]
    facts, by_country, twins_table, languages, gaps, samples, thoughts = (one.value for one in at.dataframe)
    first = facts.iloc[0]
    assert (first["model"], first["facts stated"], first["left out, beside others"]) == (
        "alpha",
        "0%",
        "100%",
    )
    assert first["beside what was to be expected"] == "0"
    assert by_country["country"][0] == "China"
    assert twins_table["difference, points"][0].startswith("+50")
    assert sorted(languages["language"]) == ["en", "en", "en", "en", "en", "fr"]
    assert gaps["difference, points"][0].startswith("+50")
    assert samples["not dealt with alike"][0].startswith("100%")
    assert thoughts["empty"][0].startswith("100%")


def test_what_a_set_cannot_tell_is_named(store: Store, spool: Path) -> None:
    recordings.record(spool, RUN, matched("leader", "CN"), {("leader.cn", "alpha"): "C"})
    ingest(store, spool)
    said = texts(show("measures.py"))
    assert "1 answers are still being read" in said
    assert "these filters: facts, one-sidedness, samples that differ, empty thoughts." in said
    readings.fill(store)
    store.bump()
    assert "still being read" not in texts(show("measures.py"))
