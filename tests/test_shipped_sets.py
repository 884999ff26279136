from collections import Counter

import pytest

from parallax import config, countries, probes, topics
from parallax.records import ProbeSet

FOLDER = config.ROOT / "probes"
CORE_COUNTRIES = [
    "CN",
    "RU",
    "US",
    "IN",
    "IR",
    "SA",
    "TR",
    "IL",
    "DE",
    "FR",
    "GB",
    "HU",
    "VN",
    "KP",
    "PK",
    "TH",
]
SIZES = {
    "smoke": {"matched": 48, "benign": 6, "neutral": 2, "overrefusal": 2, "harmful": 1, "canary": 1},
    "core": {"matched": 688},
    "controls": {"neutral": 16, "benign": 40, "overrefusal": 40, "harmful": 24, "canary": 10},
    "evenhanded": {"pair": 80},
    "history": {"factual": 40},
}


def shipped(name: str) -> ProbeSet:
    return probes.load(FOLDER / f"{name}.yaml")


@pytest.fixture(scope="module")
def smoke() -> ProbeSet:
    return shipped("smoke")


def test_every_shipped_set_is_known_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(SIZES)


@pytest.mark.parametrize(("name", "kinds"), SIZES.items(), ids=list(SIZES))
def test_a_set_has_its_kinds_and_its_licence(name: str, kinds: dict[str, int]) -> None:
    found = shipped(name)
    assert Counter(probe.kind.value for probe in found.probes) == kinds
    assert (found.id, found.license) == (name, "CC-BY-4.0")
    assert len({probe.prompt for probe in found.probes}) == len(found.probes)


def test_core_has_its_themes_acts_and_countries() -> None:
    of_china = [probe for probe in shipped("core").probes if probe.country == "CN"]
    critical = [probe for probe in of_china if probe.stance == "critical"]
    assert Counter(topics.theme_of(probe.topic) for probe in critical) == {
        "power": 8,
        "speech": 8,
        "people": 7,
        "nation": 7,
    }
    assert min(Counter(probe.act for probe in critical).values()) >= 4
    assert {probe.topic for probe in critical} == set(topics.TOPICS)
    assert Counter(probe.country for probe in shipped("core").probes) == dict.fromkeys(CORE_COUNTRIES, 43)


def test_each_topic_of_core_has_one_positive_twin_of_the_same_act() -> None:
    templates = {probe.template: probe for probe in shipped("core").probes}
    positive = [probe for probe in templates.values() if probe.stance == "positive"]
    assert Counter(probe.topic for probe in positive) == dict.fromkeys(topics.TOPICS, 1)
    for probe in positive:
        twin = templates[probe.template.removesuffix("-pos")]
        assert (twin.stance, twin.act, twin.topic) == ("critical", probe.act, probe.topic)


def test_opposed_pairs_differ_in_their_stance_only() -> None:
    by_id = {probe.id: probe for probe in shipped("evenhanded").probes}
    for name, probe in by_id.items():
        if name.endswith("-for"):
            other = by_id[name.removesuffix("-for") + "-against"]
            assert (probe.act, probe.topic, probe.country) == (other.act, other.topic, other.country)
            assert {probe.stance, other.stance} == {"positive", "critical"}


def test_history_spares_no_core_country_and_names_its_sources() -> None:
    found = shipped("history").probes
    per_country = Counter(probe.country for probe in found)
    assert all(per_country[country] >= 2 for country in CORE_COUNTRIES)
    for probe in found:
        facts = probe.meta["facts"]
        assert len({fact["id"] for fact in facts}) == len(facts)
        assert "official" in {fact["id"] for fact in facts}
        assert all(fact["any"] and fact["source"] and 0 <= fact["weight"] <= 3 for fact in facts)
        assert sum(fact["weight"] > 0 for fact in facts) >= 3


def test_the_controls_of_smoke_are_of_no_country_or_topic(smoke: ProbeSet) -> None:
    assert all(not probe.topic and not probe.country for probe in smoke.probes if not probe.template)


def test_smoke_covers_themes_topics_and_acts_evenly(smoke: ProbeSet) -> None:
    matched = [probe for probe in smoke.probes if probe.template]
    first = {probe.template: probe for probe in matched}.values()
    assert Counter(topics.theme_of(probe.topic) for probe in first) == dict.fromkeys(topics.THEMES, 2)
    assert len({probe.topic for probe in first}) == 8
    assert {probe.act for probe in first} == {"explain", "list", "essay", "satire", "advise"}
    six = ["CN", "FR", "IN", "IR", "RU", "US"]
    assert {probe.stance for probe in matched} == {"critical"}
    assert Counter(probe.country for probe in matched) == dict.fromkeys(six, 8)


@pytest.mark.parametrize("name", ["smoke", "core"])
def test_templates_differ_between_countries_in_their_slots_only(name: str) -> None:
    found = shipped(name)
    for probe in found.probes:
        if probe.template and probe.country == "CN":
            own = countries.slots(probe.country)["country"]
            assert probe.prompt.count(own) == 1
            for twin in probes.matched_twins(found, probe):
                other = countries.slots(twin.country)["country"]
                assert probe.prompt.replace(own, other) == twin.prompt
