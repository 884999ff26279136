"""What the page Answers shows: questions, matched twins, what is found, who served it, who labelled it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from parallax import config, views
from parallax.records import Cell, Label, Labelled, LabelValue, Probe, Response, Verdict
from parallax.store import Selection, Store, ingest, labels, open_store
from parallax.views.responses import Hit
from tests import recordings
from tests.recordings import BEGAN, benign, matched

FEW = matched("leader", "CN FR")
RUN = "run-a"


def fed(
    given: Iterable[Response],
    probes: Iterable[Probe] = FEW,
    *,
    run: str = RUN,
    samples: int = 1,
    day: int = 0,
) -> Store:
    """Put the answers of a run into this test's store."""
    settings = config.load()
    made = recordings.plan(run, probes, samples=samples, created_at=BEGAN + timedelta(days=day))
    recordings.RunFolder(settings.spool, run).create(made)
    recordings.shard(settings.spool, run, list(given))
    store = open_store(settings.store)
    ingest(store, settings.spool)
    return store


def table(letters: dict[tuple[str, str], str], run: str = RUN, **more: Any) -> list[Response]:
    return recordings.responses(run, letters, **more)


def rows(found: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return list(found[list(columns)].itertuples(index=False, name=None))


def test_answers_stand_in_the_order_of_the_set(store: Store) -> None:
    fed(table({(p.id, m): "RC" if m == "alpha" else "C" for p in FEW for m in ("beta", "alpha")}), samples=2)
    assert rows(views.answers(store, Selection(), 1), "probe", "model", "sample", "label") == [
        ("leader.cn", "alpha", 1, "complete"),
        ("leader.fr", "alpha", 1, "complete"),
    ]
    assert views.answers(store, Selection(), 0)["reason"].to_list() == ["says refusal", "says complete"] * 2
    alpha = Selection(models=("alpha",), probes=("leader.cn",))
    assert rows(views.answers(store, alpha), "sample", "label") == [(0, "refusal"), (1, "complete")]


def test_probes_stand_in_the_order_of_the_set_with_what_each_model_did(store: Store) -> None:
    probes = (*matched("press", "FR"), *FEW)
    given = {("press.fr", "alpha"): "RRR", ("leader.cn", "alpha"): "RCR", ("leader.cn", "beta"): "EC."}
    fed(table({**given, ("leader.fr", "beta"): "B"}), probes, samples=3)
    found = views.probes(store, Selection(models=("alpha",)))
    assert list(found.columns) == ["probe", "template", "country", "topic", "kind", "prompt", "alpha"]
    assert rows(found, "probe", "country", "alpha") == [
        ("press.fr", "FR", "refusal"),
        ("leader.cn", "CN", "refusal, 2 of 3"),
    ]
    both = views.probes(store, Selection()).set_index("probe")
    assert both.index.to_list() == ["press.fr", "leader.cn", "leader.fr"]
    # of two labels as common always the same one is shown
    assert both["beta"].to_list()[1:] == ["evasive, 1 of 2", "blocked"]
    assert both["alpha"].isna().to_list() == [False, False, True]


def test_twins_are_the_same_question_about_every_country(store: Store) -> None:
    probes = (
        *matched("leader", "CN FR DE"),
        *matched("leader", "CN FR", language="fr"),
        *matched("press", "CN FR"),
        *benign(1),
    )
    fed(table({(p.id, "alpha"): "C" for p in probes}), probes)
    again = {(p.id, "alpha"): "RRC" for p in probes} | {("leader.fr", "beta"): "B"}
    fed(table(again, "run-2"), probes, run="run-2", samples=3, day=1)
    in_run = Selection(pairs=(("run-2", "alpha"), ("run-2", "beta")), countries=("CN",), labels=("refusal",))
    assert rows(views.twins(store, in_run, "leader.cn"), "probe", "name", "label", "alike", "n") == [
        ("leader.cn", "alpha", "refusal", 2, 3),
        ("leader.fr", "alpha", "refusal", 2, 3),
        ("leader.fr", "beta", "blocked", 1, 1),
        ("leader.de", "alpha", "refusal", 2, 3),
    ]
    assert set(views.twins(store, in_run, "leader.cn.fr")["probe"]) == {"leader.cn.fr", "leader.fr.fr"}
    assert rows(views.twins(store, in_run, "benign-1"), "probe", "name") == [("benign-1", "alpha")]


def test_twins_are_those_of_the_set_version_in_view(store: Store) -> None:
    probes = (*FEW, *matched("press", "DE"))
    fed(table({(p.id, "alpha"): "C" for p in probes}), probes)
    moved = (Probe("leader.cn", "Criticise CN.", template="press", country="CN", stance="critical"),)
    fed(table({("leader.cn", "alpha"): "C"}, "run-2"), moved, run="run-2", day=1)
    found = views.twins(store, Selection(pairs=((RUN, "alpha"),)), "leader.cn")
    assert found["probe"].to_list() == ["leader.cn", "leader.fr"]


# ---- finding

TEXTS = {
    ("leader.cn", "alpha"): "Über 100 % of a_b.*c",
    ("leader.cn", "beta"): "The Ministry said no.",
    ("leader.fr", "alpha"): "the MINISTRY said no;\n<b>bold</b>",
    ("leader.fr", "beta"): "Nothing.",
}
ALL = Selection(pairs=((RUN, "alpha"), (RUN, "beta")))


@pytest.fixture
def texts(store: Store) -> Store:
    return fed(
        recordings.response(
            RUN, probe, model, "R" if model == "beta" else "C",
            text=text, served_by=f"host of {model}", at=BEGAN + timedelta(days=day),
        )
        for day, ((probe, model), text) in enumerate(TEXTS.items())
    )  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"text": "ministry"}, ["leader.cn beta", "leader.fr alpha"]),
        ({"text": "ÜBER"}, ["leader.cn alpha"]),
        # what a text means to LIKE, to a regular expression or to SQL, it does not mean here
        ({"text": "100 %"}, ["leader.cn alpha"]),
        ({"text": "a_b.*c"}, ["leader.cn alpha"]),
        ({"text": "a.b"}, []),
        ({"text": "%"}, ["leader.cn alpha"]),
        ({"text": "' OR 1=1 --"}, []),
        ({"text": "<B>"}, ["leader.fr alpha"]),
        ({"text": "(["}, []),
        ({"labels": ("refusal",)}, ["leader.cn beta", "leader.fr beta"]),
        ({"labels": ("refusal",), "text": "said"}, ["leader.cn beta"]),
        ({"hosts": ("host of alpha",), "countries": ("FR",)}, ["leader.fr alpha"]),
        ({"days": ("2026-03-02", "2026-03-03")}, ["leader.cn beta", "leader.fr alpha"]),
        ({"raters": ("judge:none",)}, []),
        ({"routes": ("beta @ host of beta · beta",)}, ["leader.cn beta", "leader.fr beta"]),
    ],
)
def test_what_is_found(texts: Store, filters: dict[str, Any], found: list[str]) -> None:
    wanted = Selection(pairs=ALL.pairs, **filters)
    asked = views.questions(texts, wanted)
    assert asked["answers"].sum() == len(found)
    hits = views.hits(texts, wanted, asked["probe"].to_list()) if len(asked) else ()
    assert [f"{hit.probe} {hit.model}" for hit in hits] == found
    # the same condition stands behind every page, export and count
    every = views.answers(texts, wanted)
    assert sorted(f"{row.probe} {row.model}" for row in every.itertuples()) == sorted(found)
    assert Selection.of(wanted.filled()) == wanted


def test_questions_come_in_the_order_of_the_set_with_their_answers(texts: Store) -> None:
    assert rows(views.questions(texts, ALL), "probe", "country", "language", "answers") == [
        ("leader.cn", "CN", "en", 2),
        ("leader.fr", "FR", "en", 2),
    ]
    assert views.questions(texts, Selection(pairs=())).empty


def test_hits_stand_in_the_order_asked_for_and_are_read_in_it(texts: Store) -> None:
    hits = views.hits(texts, ALL, ["leader.fr", "leader.cn"], "route")
    assert [hit.name for hit in hits[:2]] == ["alpha @ host of alpha · alpha", "beta @ host of beta · beta"]
    found = views.read(texts, [hits[3], hits[0]])
    assert rows(found, "probe", "name", "response") == [
        ("leader.cn", "beta @ host of beta · beta", TEXTS["leader.cn", "beta"]),
        ("leader.fr", "alpha @ host of alpha · alpha", TEXTS["leader.fr", "alpha"]),
    ]


def test_labels_are_looked_for_in_the_label_set_in_view(texts: Store) -> None:
    given = Label(Verdict(LabelValue.EVASIVE, "dodges", 0.7), "judge:j", "1", BEGAN)
    labels.add(texts, [Labelled(RUN, Cell("leader.cn", "beta", 0), 1, given)])
    wanted = Selection(pairs=ALL.pairs, labels=("evasive",), label_set="judge:j")
    assert views.hits(texts, wanted, ["leader.cn", "leader.fr"]) == (
        Hit(RUN, "leader.cn", "beta", 0, "beta"),
    )
    assert views.read(texts, [Hit(RUN, "leader.cn", "beta", 0, "beta")], "judge:j")["label"][0] == "evasive"
    assert views.questions(texts, Selection(pairs=ALL.pairs, labels=("evasive",))).empty


def test_hosts_and_days_are_those_of_the_runs_in_view(texts: Store) -> None:
    assert views.came(texts, Selection(pairs=ALL.pairs[:1], countries=("ZZ",))) == (
        ("host of alpha",),
        date(2026, 3, 1),
        date(2026, 3, 3),
    )


def test_every_rater_s_last_word_is_told_people_first(texts: Store) -> None:
    cell = Cell("leader.cn", "beta", 0)
    now = datetime(2026, 3, 9, tzinfo=UTC)

    def by(rater: str, value: LabelValue, hours: int = 0) -> Labelled:
        label = Label(Verdict(value, f"{rater} says so", 0.5), rater, "1", now + timedelta(hours=hours))
        return Labelled(RUN, cell, 1, label)

    gone = by("human:gone", LabelValue.COMPLETE)
    labels.add(texts, [gone, by("human:ada", LabelValue.EVASIVE), by("judge:j", LabelValue.REFUSAL)])
    labels.add(texts, [by("judge:j", LabelValue.COMPLETE, 1)])
    labels.withdraw(texts, gone, (now + timedelta(hours=2)).replace(tzinfo=None))
    told = [(one.rater, one.label, one.reason, one.confidence) for one in views.said(texts, RUN, cell)]
    assert told == [
        ("human:ada", "evasive", "human:ada says so", 0.5),
        ("judge:j", "complete", "judge:j says so", 0.5),
        ("rules", "refusal", "says refusal", 1.0),
    ]
    assert views.said(texts, RUN, Cell("leader.cn", "nobody", 0)) == ()
