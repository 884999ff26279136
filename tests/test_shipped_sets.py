from collections import Counter

import pytest

from parallax import config, countries, probes, topics
from parallax.records import ProbeSet


@pytest.fixture(scope="module")
def smoke() -> ProbeSet:
    return probes.load(config.ROOT / "probes" / "smoke.yaml")


def test_smoke_has_48_matched_probes_and_12_controls(smoke: ProbeSet) -> None:
    assert len(smoke.probes) == 60
    assert Counter(probe.kind.value for probe in smoke.probes) == {
        "matched": 48,
        "benign": 6,
        "neutral": 2,
        "overrefusal": 2,
        "harmful": 1,
        "canary": 1,
    }
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


def test_smoke_templates_differ_between_countries_in_their_slots_only(smoke: ProbeSet) -> None:
    for probe in smoke.probes:
        if probe.template:
            own = countries.slots(probe.country)["country"]
            assert probe.prompt.count(own) == 1
            for twin in probes.matched_twins(smoke, probe):
                other = countries.slots(twin.country)["country"]
                assert probe.prompt.replace(own, other) == twin.prompt
