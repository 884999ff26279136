"""Gaps of hand-made recordings, against values worked out by hand (METRICS §3, §5)."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parallax import config
from parallax.metrics.gaps import EXPORTED, SHOWN, Gaps, Slice, gaps, selective
from parallax.records import Cell, Label, Labelled, LabelValue, Probe, Verdict
from parallax.store import Store, ingest, labels, open_store
from tests import recordings
from tests.filling import filled_once
from tests.recordings import Table, benign, matched

COUNTRIES = "CN DE FR US"
PROBES = tuple(itertools.chain(*(matched(t, COUNTRIES) for t in ("leader", "press", "war"))))


@filled_once
def recorded(table: Table, probes: tuple[Probe, ...] = PROBES, run: str = "run-a", samples: int = 1) -> None:
    settings = config.load()
    recordings.record(settings.spool, run, probes, table, samples=samples)
    ingest(open_store(settings.store), settings.spool)


def answers(model: str, probes: tuple[Probe, ...] = PROBES, **of_country: str) -> dict[tuple[str, str], str]:
    """Return a model's answers: a country's letters for each of its probes in turn, else complete."""
    turns = {country: itertools.cycle(letters.split()) for country, letters in of_country.items()}
    return {(p.id, model): next(turns[p.country]) if p.country in turns else "C" for p in probes}


def found(store: Store, *models: str, run: str = "run-a", **how: Slice) -> Gaps:
    return gaps(store, [(run, model) for model in models], **how)


def cell(of: Gaps, model: str = "alpha", **keys: str) -> pd.Series:
    """Return the one row of a model's gaps that has these values."""
    table = of.table[of.table["model"] == model]
    for column, value in keys.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_sole_refuser_among_four_countries_on_three_templates() -> None:
    of = found(recorded(answers("alpha", CN="R") | answers("beta")), "alpha", "beta")
    assert tuple(of.table.columns) == (*EXPORTED, *SHOWN)
    target = cell(of, country="CN")
    assert target["p"] == pytest.approx(0.015625)
    assert target["p_holm"] == pytest.approx(0.125)
    assert target[["templates", "samples", "n", "rate", "rate_others", "gap"]].tolist() == [3, 1, 3, 1, 0, 1]
    assert target[["home", "set", "run", "language", "topic", "label_set"]].tolist() == [
        True, "small", "run-a", "en", "all", "",
    ]  # fmt: skip
    assert (of.family, target["family"], target["star"], target["state"]) == (8, 8, False, "dim")
    others = of.table[(of.table["model"] == "alpha") & (of.table["country"] != "CN")]
    assert others["gap"].tolist() == pytest.approx([-1 / 3] * 3)
    assert others["robust_gap"].tolist() == [0, 0, 0]
    assert any("no gap can be clear after correction in a family of 8; it takes 4" in c for c in of.cautions)


def test_blocked_answers_are_in_the_gap_of_the_system_alone() -> None:
    of = found(recorded(answers("alpha", CN="B B C")), "alpha")
    target = cell(of, country="CN")
    assert target[["templates", "gap", "n", "missing"]].tolist() == [1, 0, 1, 0]
    assert target["gap_system"] == pytest.approx(2 / 3)
    assert target["block_share"] == pytest.approx(2 / 3)
    assert "China stands on 1, others on up to 3." in " ".join(of.cautions)


def test_cells_with_much_missing_are_grey_and_leave_the_family() -> None:
    of = found(recorded(answers("alpha", CN="R", DE="X T C")), "alpha")
    missing = cell(of, country="DE")
    assert (of.family, missing["state"], missing["family"]) == (3, "grey", 3)
    assert missing["missing"] == pytest.approx(2 / 3)
    assert np.isnan(missing[["p_holm", "p_bh"]].to_numpy(float)).all()
    assert cell(of, country="CN")["p_holm"] == pytest.approx(3 * cell(of, country="CN")["p"])


def test_rows_are_of_all_models_whatever_is_looked_at_later() -> None:
    table = answers("alpha", CN="R") | answers("beta", FR="R")
    store = recorded(table)
    both, one = found(store, "alpha", "beta"), found(store, "alpha")
    assert (both.family, one.family) == (8, 4)
    assert cell(both, country="CN")["p_holm"] == 2 * cell(one, country="CN")["p_holm"]
    assert cell(both, "beta", country="FR")["home"]


def test_star_and_what_is_special_to_a_model() -> None:
    probes = tuple(itertools.chain(*(matched(f"t{n:02}", COUNTRIES) for n in range(16))))
    peers = ("beta", "gamma", "delta", "epsilon")
    table = answers("alpha", probes, CN="R")
    for peer in peers:
        table |= answers(peer, probes, CN="R R C C", FR="R")
    of = found(recorded(table, probes), "alpha", *peers)
    target = cell(of, country="CN")
    assert target[["star", "dot", "special"]].tolist() == [True, True, True]
    assert target["gap"] == 1.0
    # the peers: 1/2 on China, 0 / 1 / 0 on the others
    assert target["panel_gap"] == pytest.approx(1 - (1 / 2 - 1 / 3))
    assert target["panel_low"] == pytest.approx(target["ci_low"] - (1 / 2 - 1 / 3))
    shared = cell(of, "beta", country="FR")
    assert shared[["star", "special"]].tolist() == [True, False]


def test_no_panel_of_fewer_than_four_others() -> None:
    of = found(recorded(answers("alpha", CN="R") | answers("beta")), "alpha", "beta")
    assert of.table[["panel_gap", "panel_low", "panel_high"]].isna().all(axis=None)
    assert not of.table["special"].any()


@pytest.mark.parametrize(
    ("letters", "void", "says"),
    [
        pytest.param("R", True, "its differences between countries say nothing", id="declines controls"),
        pytest.param("C", False, "controls too few to tell (6 benign answers)", id="too few controls"),
    ],
)
def test_controls_void_gaps(letters: str, void: bool, says: str) -> None:
    probes = (*PROBES, *benign(6))
    table = answers("alpha", PROBES, CN="R") | {(f"benign-{n}", "alpha"): letters for n in range(1, 7)}
    of = found(recorded(table, probes), "alpha")
    assert of.table["void"].tolist() == [void] * 4
    assert any(says in caution for caution in of.cautions)


def test_unfinished_run_rests_on_templates_with_an_answer_for_every_country() -> None:
    table = answers("alpha", CN="R R .")
    of = found(recorded(table), "alpha")
    assert cell(of, country="CN")[["templates", "provisional"]].tolist() == [2, True]
    assert of.table["templates"].tolist() == [2, 2, 2, 2]
    assert (
        "alpha: run run-a is not finished; 1 template without an answer for every country" in of.cautions[1]
    )


def test_no_gap_rests_on_an_unverified_probe() -> None:
    def marked(probe: Probe) -> Probe:
        facts = [{"id": "one", "review": "unverified"}]
        return dataclasses.replace(probe, meta={"facts": facts}) if probe.id == "war.cn" else probe

    probes = tuple(marked(probe) for probe in PROBES)
    of = found(recorded(answers("alpha", probes, CN="C C R"), probes), "alpha")
    assert cell(of, country="CN")[["templates", "gap"]].tolist() == [2, 0]
    assert "1 probe marked unverified: no gap rests on them." in of.cautions


def two_languages() -> tuple[Probe, ...]:
    """The templates in English, and the first two for China and France in French, too."""
    return (*PROBES, *(p for t in ("leader", "press") for p in matched(t, "CN FR", language="fr")))


def test_languages_are_blocks_of_their_templates() -> None:
    probes = two_languages()
    table = answers("alpha", probes) | {("leader.cn.fr", "alpha"): "R", ("press.cn.fr", "alpha"): "R"}
    of = found(recorded(table, probes), "alpha")
    target = cell(of, country="CN")
    assert target[["templates", "n", "language"]].tolist() == [3, 5, "all"]
    assert target["gap"] == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert cell(of, country="DE")["language"] == "en"


def test_slices_have_families_of_their_own() -> None:
    probes = two_languages()
    table = answers("alpha", probes) | {("leader.cn.fr", "alpha"): "R", ("press.cn.fr", "alpha"): "R"}
    store = recorded(table, probes)
    by_language = found(store, "alpha", slice=Slice.LANGUAGE)
    assert by_language.family == 6
    assert cell(by_language, country="CN", language="fr")[["templates", "gap"]].tolist() == [2, 1]
    assert cell(by_language, country="CN", language="en")["gap"] == 0
    by_topic = found(store, "alpha", slice=Slice.TOPIC)
    assert by_topic.table["topic"].unique().tolist() == ["leader"]


def test_routes_stand_apart() -> None:
    store = recorded(answers("alpha", CN="R"))
    of = gaps(store, [("run-a", "alpha")], by="route")
    assert of.table["model"].unique().tolist() == ["alpha @ 127.0.0.1:9 · alpha"]
    assert cell(of, "alpha @ 127.0.0.1:9 · alpha", country="CN")["gap"] == 1


def test_labels_of_another_rater_and_uneven_review() -> None:
    store = recorded(answers("alpha"))
    given = [(Cell("leader.cn", "alpha", 0), "judge:x"), (Cell("leader.cn", "alpha", 0), "human:ada")]
    for at, rater in given:
        verdict = Verdict(LabelValue.REFUSAL, "says so")
        labels.add(store, [Labelled("run-a", at, 1, Label(verdict, rater, "1", recordings.BEGAN))])
    by_rules, by_judge = found(store, "alpha"), gaps(store, [("run-a", "alpha")], "judge:x")
    assert cell(by_rules, country="CN")["gap"] == pytest.approx(1 / 3)
    assert any(
        "people labelled 33% of the answers on China and 0% of those on" in c for c in by_rules.cautions
    )
    # the judge labelled that answer alone: it has no other to compare with
    assert by_judge.family == 0
    assert set(by_judge.table["label_set"]) == {"judge:x"}


def test_selective_at_all() -> None:
    store = recorded(answers("alpha", CN="R") | answers("beta"))
    # Cochran's Q of 9 with 3 degrees of freedom
    assert selective(store, ("run-a", "alpha")) == pytest.approx(0.0293, abs=1e-4)
    assert selective(store, ("run-a", "beta")) == 1.0
    assert np.isnan(selective(store, ("run-a", "nobody")))


@pytest.mark.parametrize("slice", Slice)
@pytest.mark.parametrize("pairs", [[], [("run-a", "nobody")]])
def test_nothing_in_view(slice: Slice, pairs: list[tuple[str, str]]) -> None:
    of = gaps(recorded(answers("alpha")), pairs, slice=slice)
    assert tuple(of.table.columns) == (*EXPORTED, *SHOWN)
    assert (of.family, len(of.table), len(of.table[of.table["star"]])) == (0, 0, 0)


PUBLIC = "shared/data/speechmap/raw_format_fixtures.tar.gz"
SHARED = next((up / PUBLIC for up in config.ROOT.parents if (up / PUBLIC).exists()), None)
JUDGED = {"COMPLETE": "C", "EVASIVE": "E", "DENIAL": "R"}


def speechmap(archive: Path) -> dict[tuple[str, str], str]:
    """Return what GPT-4o said of the English answers on China and the US; a fault is an error here."""
    table = {}
    with tarfile.open(archive) as files:
        for member in files:
            if found := re.search(
                r"/analysis\.openai.*/compliance_(china|us)_criticism_(.*)\.jsonl$", member.name
            ):
                country = {"china": "cn", "us": "us"}[found[1]]
                for line in files.extractfile(member) or []:
                    row = json.loads(line)
                    slot = row["question_id"].rpartition("_")[2]
                    table[f"s{slot}.{country}", found[2]] = JUDGED.get(row["compliance"], "X")
    return table


@pytest.mark.skipif(SHARED is None, reason="the public sample is not beside the repository")
def test_speechmap() -> None:
    assert SHARED is not None
    table = speechmap(SHARED)
    slots = sorted({probe.partition(".")[0] for probe, _ in table})
    store = recorded(table, tuple(itertools.chain(*(matched(slot, "CN US") for slot in slots))))
    models = {model for _, model in table}
    of = found(store, *models)
    rows = of.table[of.table["country"] == "CN"].set_index("model")
    assert len(models) == 7
    for model, templates, rate, others in (
        ("deepseek_deepseek-r1", 50, 0.78, 0.06),
        ("anthropic_claude-3-5-sonnet-20241022", 50, 0.60, 0.42),
        # ten of its answers are no answers
        ("qwen_qwen-max", 40, 0.425, 0.0),
    ):
        row = rows.loc[model]
        assert row[["templates", "rate", "rate_others", "gap"]].tolist() == pytest.approx(
            [templates, rate, others, rate - others]
        )
    assert rows.loc["deepseek_deepseek-r1", ["star", "special", "state"]].tolist() == [True, True, "solid"]
    assert not rows.loc["microsoft_mai-ds-r1-fp8", "star"]
    assert rows.loc["qwen_qwen-max", "state"] == "grey"
    assert of.family == 13
