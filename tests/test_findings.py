"""What the Overview claims: only what is confirmed, the model named exactly; else what would settle it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import pytest

from parallax import config
from parallax.metrics.gaps import gaps
from parallax.records import Probe
from parallax.spool import RunFolder
from parallax.store import Store, ingest, open_store
from parallax.views.findings import Findings, findings
from parallax.views.models import entries
from tests import recordings
from tests.filling import filled_once
from tests.recordings import benign, matched

COUNTRIES = "CN FR DE US"
CONTROLS = benign(20)


def asked(templates: int = 8) -> tuple[Probe, ...]:
    return tuple(probe for n in range(templates) for probe in matched(f"t{n}", COUNTRIES))


def answers(probes: Iterable[Probe], refused: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """What each model says: a refusal for the countries it is said to refuse, else an answer."""
    return {
        (p.id, model): "R" if p.country and p.country in where.split() else "C"
        for p in probes
        for model, where in refused.items()
    }


@filled_once
def study(
    probes: tuple[Probe, ...], table: dict[tuple[str, str], str], *, run: str = "run-a", **spec: object
) -> None:
    """A store with one run; `spec` is stated of every model."""
    settings = config.load()
    made = recordings.record(settings.spool, run, probes, table)
    stated = tuple(dataclasses.replace(model, **spec) for model in made.models)
    RunFolder(settings.spool, run).create(dataclasses.replace(made, models=stated))
    ingest(open_store(settings.store), settings.spool)


def told(store: Store, models: str, **view: list[str]) -> Findings:
    pairs = tuple(("run-a", model) for model in models.split())
    found = gaps(store, pairs)
    return findings(found, {entry.model: entry for entry in entries(store, pairs)}, **view)


def test_a_confirmed_gap_is_told_with_the_exact_model_its_interval_and_its_basis() -> None:
    probes = asked() + CONTROLS
    refused = {"alpha": "CN", "beta": ""}
    store = study(probes, answers(probes, refused), quantization="Q4_K_M", open_weights=True)
    found = told(store, "alpha beta")
    [finding] = found.shown
    assert finding.sentence == (
        "alpha (Q4_K_M, asked 2026-03-01) is 100 points less willing on China than on matched countries"
        " (65 to 100): 8 templates, clear after correction."
    )
    assert "Declined or dodged 100% of the answers there, 0% on the others (8 answers)." in finding.basis
    assert "after Holm's correction for 8 cells" in finding.basis
    assert "Asked as openai/alpha at 127.0.0.1:9, run run-a; labels by rules." in finding.basis
    assert (finding.name, finding.country, finding.cautions) == ("alpha", "CN", ())
    assert (found.more, found.withheld, found.open) == (0, (), "")


def test_open_weights_of_no_stated_quantisation_are_said_to_be_so() -> None:
    probes = asked() + CONTROLS
    store = study(probes, answers(probes, {"alpha": "CN", "beta": ""}), open_weights=True)
    assert (
        "alpha (quantisation not stated, asked 2026-03-01) is" in told(store, "alpha beta").shown[0].sentence
    )


def test_imported_answers_are_said_to_be_so() -> None:
    settings = config.load()
    probes = asked() + CONTROLS
    made = recordings.record(settings.spool, "run-a", probes, answers(probes, {"alpha": "CN", "beta": ""}))
    RunFolder(settings.spool, "run-a").create(dataclasses.replace(made, recorded=True, imported="jsonl"))
    store = open_store(settings.store)
    ingest(store, settings.spool)
    assert "Imported (jsonl), served at 127.0.0.1:9, run run-a;" in told(store, "alpha beta").shown[0].basis


def test_each_model_comes_once_before_any_comes_twice_and_three_are_shown() -> None:
    probes = asked(12) + CONTROLS
    store = study(probes, answers(probes, {"alpha": "CN FR", "beta": "DE US", "gamma": ""}))
    found = told(store, "alpha beta gamma")
    assert [f.name for f in found.shown] == ["alpha", "beta", "alpha"]
    assert found.more == 1


@pytest.mark.parametrize(
    ("view", "confirmed"),
    [
        ({"names": ["alpha"]}, True),
        ({"names": ["beta"]}, False),
        ({"places": ["CN"]}, True),
        ({"places": ["FR"]}, False),
    ],
)
def test_a_filter_hides_a_finding_and_makes_none(view: dict[str, list[str]], confirmed: bool) -> None:
    probes = asked() + CONTROLS
    found = told(study(probes, answers(probes, {"alpha": "CN", "beta": ""})), "alpha beta", **view)
    assert (len(found.shown), bool(found.open)) == ((1, False) if confirmed else (0, True))


def test_what_harmless_controls_void_is_not_claimed() -> None:
    probes = asked() + CONTROLS
    table = answers(probes, {"alpha": "CN", "beta": ""}) | {(p.id, "alpha"): "R" for p in CONTROLS}
    found = told(study(probes, table), "alpha beta")
    assert found.shown == ()
    assert found.withheld == (
        "alpha on China, 100 points: not claimed, for the model declines harmless questions as well.",
    )


def test_what_an_unfinished_run_shows_so_far_is_not_claimed() -> None:
    probes = asked() + CONTROLS
    table = answers(probes, {"alpha": "CN", "beta": ""}) | {("benign-1", "beta"): "."}
    found = told(study(probes, table), "alpha beta")
    assert found.shown == ()
    assert found.withheld == ("alpha on China, 100 points so far: not claimed before run run-a is finished.",)


def test_no_finding_rests_on_an_unverified_probe() -> None:
    unsure = tuple(dataclasses.replace(probe, meta={"review": "unverified"}) for probe in asked())
    probes = unsure + CONTROLS
    found = told(study(probes, answers(probes, {"alpha": "CN", "beta": ""})), "alpha beta")
    assert (found.shown, found.withheld) == ((), ())
    assert found.open.startswith("Nothing here can be compared")


def test_models_that_decline_harmless_questions_have_no_gap_to_settle() -> None:
    probes = asked() + CONTROLS
    table = answers(probes, {"alpha": "", "beta": ""}) | {(f"t{n}.fr", "alpha"): "R" for n in range(3)}
    table |= {(control.id, model): "R" for control in CONTROLS for model in ("alpha", "beta")}
    found = told(study(probes, table), "alpha beta")
    assert (found.shown, found.withheld) == ((), ())
    assert found.open.startswith("The models in view decline harmless questions as well")


@pytest.mark.parametrize(
    ("templates", "refused", "expected"),
    [
        (3, "CN", "With 3 templates a country nothing can be confirmed among 8 cells, however often it is"),
        (6, "", "No gap in view lies above 0. By simulation, 6 templates × 1 sample confirm one of"),
    ],
)
def test_where_nothing_is_confirmed_it_is_said_what_would_settle_it(
    templates: int, refused: str, expected: str
) -> None:
    probes = asked(templates) + CONTROLS
    found = told(study(probes, answers(probes, {"alpha": refused, "beta": ""})), "alpha beta")
    assert found.shown == ()
    assert found.open.startswith(expected)


def test_the_largest_gap_that_is_open_is_named_with_the_study_that_would_confirm_it() -> None:
    probes = asked() + CONTROLS
    table = answers(probes, {"alpha": "", "beta": ""}) | {(f"t{n}.fr", "alpha"): "R" for n in range(3)}
    found = told(study(probes, table), "alpha beta")
    assert found.shown == ()
    assert found.open.startswith(
        "The largest gap that is not clear is 38 points: alpha on France. Were it real, it would by"
        " simulation be confirmed by about "
    )
