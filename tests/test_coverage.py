"""What a set can show: templates in each cell, and the planner's verdict in words."""

from __future__ import annotations

import dataclasses

import pytest

from parallax import config, coverage, probes
from parallax.records import Kind, Probe
from parallax.stats.planner import detectable_gap
from tests.recordings import benign, matched, probe_set

SIXTEEN = "CN RU US IN IR SA TR IL DE FR GB HU VN KP PK TH"
SMALL = (
    *matched("head", "CN FR", topic="leader"),
    *matched("vote", "CN FR", topic="elections"),
    *matched("press", "CN", topic="press-freedom"),
    *matched("own", "FR", topic="street-lamps"),
)


def templates(count: int, countries: str, topic: str = "leader") -> tuple[Probe, ...]:
    return tuple(probe for n in range(count) for probe in matched(f"{topic}-{n}", countries, topic=topic))


def sentences(found: tuple[coverage.Verdict, ...]) -> list[str]:
    return [verdict.sentence for verdict in found]


# ---- what counts


def test_gaps_are_made_of_critical_matched_probes_with_a_country() -> None:
    asked = (
        *matched("head", "CN FR"),
        *matched("head", "CN", language="fr"),
        *matched("praise", "CN", stance="positive"),
        *matched("nowhere", ""),
        Probe("stray", "Criticise the United Nations.", Kind.MATCHED, "stray", stance="critical"),
        Probe("pair", "Argue against it.", Kind.PAIR, country="CN", stance="critical"),
        *benign(2),
    )
    found = coverage.critical(probe_set(asked))
    assert [probe.id for probe in found] == ["head.cn", "head.fr", "head.cn.fr"]


@pytest.mark.parametrize(
    ("level", "columns", "rows"),
    [
        ("theme", ["power", "speech"], {"CN": [2, 1, 3], "FR": [2, 0, 3]}),
        (
            "topic",
            ["elections", "leader", "press-freedom", "street-lamps"],
            {"CN": [1, 1, 1, 0, 3], "FR": [1, 1, 0, 1, 3]},
        ),
    ],
)
def test_the_table_counts_templates_and_all_of_a_country(
    level: str, columns: list[str], rows: dict[str, list[int]]
) -> None:
    found = coverage.table(SMALL, level)
    assert list(found.columns) == [*columns, coverage.TOTAL]
    assert {country: list(row) for country, *row in found.itertuples()} == rows


@pytest.mark.parametrize("level", ["theme", "topic"])
def test_languages_of_one_template_are_counted_once(level: str) -> None:
    translated = tuple(dataclasses.replace(p, id=f"{p.id}.fr", language="fr") for p in SMALL)
    assert coverage.table(SMALL + translated, level).equals(coverage.table(SMALL, level))
    assert coverage.verdicts(SMALL + translated, 3, 2) == coverage.verdicts(SMALL, 3, 2)


def test_probes_without_a_template_stand_for_themselves() -> None:
    alone = [Probe(f"q{n}", f"Criticise France, {n}.", country="FR", topic="leader") for n in range(3)]
    assert coverage.table(alone, "theme").to_numpy().tolist() == [[3, 3]]


def test_a_topic_may_be_called_all() -> None:
    found = coverage.table(matched("a", "CN", topic="all") + matched("b", "CN"), "topic")
    assert found.to_dict("records") == [{"all": 1, "leader": 1, "all templates": 2}]


# ---- verdicts


def test_verdicts_of_a_small_set() -> None:
    found = coverage.verdicts(SMALL, 3, 2)
    assert [v[:5] for v in found] == [
        ("country", 3, 3, 3, 4),
        ("theme", 1, 2, 3, 6),
        ("topic", 1, 1, 3, 12),
    ]
    assert sentences(found) == [
        "3 templates × 3 samples at country level: no gap can be confirmed, however large.",
        "1 to 2 templates × 3 samples in a cell by theme: no gap can be confirmed, however large.",
        "1 template × 3 samples in a cell by topic: no gap can be confirmed, however large.",
    ]


@pytest.mark.parametrize(
    ("count", "samples", "models", "expected"),
    [
        (4, 3, 1, "4 templates × 3 samples at country level: a gap under 51 points cannot be confirmed."),
        (4, 1, 1, "4 templates × 1 sample at country level: a gap under 80 points cannot be confirmed."),
        (4, 3, 2, "4 templates × 3 samples at country level: a gap under 53 points cannot be confirmed."),
        (30, 3, 1, "30 templates × 3 samples at country level: a gap under 12 points cannot be confirmed."),
        (2, 10, 1, "2 templates × 10 samples at country level: no gap can be confirmed, however large."),
    ],
)
def test_samples_templates_and_models_make_the_gap(
    count: int, samples: int, models: int, expected: str
) -> None:
    assert sentences(coverage.verdicts(templates(count, SIXTEEN), samples, models))[0] == expected


def test_a_family_is_every_cell_of_the_level_for_every_model() -> None:
    asked = templates(4, SIXTEEN) + templates(5, SIXTEEN, "protest")
    by_country, by_theme, _ = coverage.verdicts(asked, 3, 3)
    assert by_country == ("country", 9, 9, 3, 48, detectable_gap(9, 3, 16, family=48))
    assert by_theme == ("theme", 4, 5, 3, 96, detectable_gap(5, 3, 16, family=96))
    assert by_theme.gap != by_country.gap
    assert sentences((by_theme,))[0].startswith(
        "4 to 5 templates × 3 samples in a cell by theme: a gap under "
    )


def test_one_country_has_nothing_to_be_compared_with() -> None:
    assert sentences(coverage.verdicts(templates(30, "CN"), 3, 1)) == [
        "30 templates × 3 samples at country level: no gap can be confirmed, however large.",
        "30 templates × 3 samples in a cell by theme: no gap can be confirmed, however large.",
        "30 templates × 3 samples in a cell by topic: no gap can be confirmed, however large.",
    ]


def test_levels_that_a_set_has_no_cell_of_have_no_verdict() -> None:
    found = coverage.verdicts(matched("a", "CN FR", topic="street-lamps"), 1, 1)
    assert [verdict.level for verdict in found] == ["country", "topic"]
    assert coverage.verdicts((), 1, 1) == ()


def test_core_has_the_cells_it_promises() -> None:
    core = coverage.critical(probes.load(config.ROOT / "probes" / "core.yaml"))
    found = coverage.table(core, "theme")
    assert {tuple(row) for row in found.itertuples(index=False)} == {(7, 7, 8, 8, 30)}
    assert list(found.columns) == ["nation", "people", "power", "speech", coverage.TOTAL]
    assert len(found) == 16
