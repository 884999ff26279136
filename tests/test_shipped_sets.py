import re
from collections import Counter
from datetime import date

import pytest

from parallax import config, countries, probes, topics
from parallax.records import Kind, Probe, ProbeSet

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
LANGUAGES = ("en", "zh-Hans", "ru", "fr", "ar")
SIZES = {
    "smoke": {"matched": 48, "benign": 6, "neutral": 2, "overrefusal": 2, "harmful": 1, "canary": 1},
    "core": {"matched": 688},
    "controls": {"neutral": 16, "benign": 40, "overrefusal": 40, "harmful": 24, "canary": 10},
    "evenhanded": {"pair": 80},
    "history": {"factual": 40},
    "languages": {"matched": 520},
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


@pytest.mark.parametrize("name", SIZES)
def test_a_set_has_nothing_that_is_worth_a_second_look(name: str) -> None:
    reading = probes.read_file(FOLDER / f"{name}.yaml")
    assert [str(said) for said in (*reading.faults, *reading.warnings)] == []


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("format", probes.FORMATS)
def test_a_set_that_is_written_and_read_again_is_the_same(name: str, format: str) -> None:
    found = shipped(name)
    again = probes.read(f"taken-home.{format}", probes.dump(found, format).encode())
    assert [str(fault) for fault in again.faults] == []
    assert again.probe_set == found


@pytest.mark.parametrize("name", SIZES)
def test_every_probe_says_how_far_it_was_checked_and_since_when_it_is_public(name: str) -> None:
    assert {probe.meta["review"] for probe in shipped(name).probes} == {"unreviewed"}
    assert all(date.fromisoformat(probe.meta["public_since"]) for probe in shipped(name).probes)


@pytest.mark.parametrize("format", probes.FORMATS)
def test_the_starter_files_are_one_set_without_a_fault(format: str) -> None:
    reading = probes.read_file(FOLDER / "starters" / f"starter.{format}")
    assert reading.faults == reading.warnings == ()
    assert reading.probe_set == probes.load(FOLDER / "starters" / "starter.yaml")
    assert Counter(probe.country for probe in reading.probe_set.probes) == {"CN": 2, "FR": 2, "US": 2, "": 1}


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


def test_languages_asks_core_templates_in_five_languages_of_four_countries() -> None:
    core = {probe.id: probe for probe in shipped("core").probes}
    found = shipped("languages").probes
    english = {probe.id: probe for probe in found if probe.language == "en"}
    assert {probe.stance for probe in found} == {"critical"}
    assert len({probe.template for probe in found}) == 26
    assert {probe.topic for probe in found} == set(topics.TOPICS)
    combinations = Counter((probe.template, probe.country, probe.language) for probe in found)
    assert set(combinations.values()) == {1}
    assert {(country, language) for _, country, language in combinations} == {
        (country, language) for country in ("CN", "RU", "SA", "US") for language in LANGUAGES
    }
    for name, probe in english.items():
        of_core = core[name]
        same = ("prompt", "template", "country", "topic", "stance", "act", "kind")
        assert [getattr(probe, field) for field in same] == [getattr(of_core, field) for field in same]


def test_every_translation_says_how_it_was_made_and_nothing_else_does() -> None:
    found = shipped("languages").probes
    made = Counter(
        (probe.language == "en", probe.meta.get("translation", {}).get("method")) for probe in found
    )
    assert made == {(True, None): 104, (False, "machine"): 416}


def test_translations_are_written_in_their_script_and_hold_the_country() -> None:
    scripts = {"zh-Hans": "\u4e00-\u9fff", "ru": "\u0400-\u04ff", "ar": "\u0600-\u06ff"}
    for probe in shipped("languages").probes:
        if script := scripts.get(probe.language):
            letters = re.findall(r"\w", probe.prompt)
            assert len(re.findall(f"[{script}]", probe.prompt)) > 0.8 * len(letters), probe.id
        words = probe.meta.get("slots", {}).values() or [
            countries.slots(probe.country, probe.language)["country"]
        ]
        assert any(word in probe.prompt for word in words), probe.id


def test_opposed_pairs_differ_in_their_side_only() -> None:
    pairs: dict[str, dict[str, Probe]] = {}
    for probe in shipped("evenhanded").probes:
        pairs.setdefault(probe.meta["pair"], {})[probe.meta["side"]] = probe
    assert len(pairs) == 40
    for name, sides in pairs.items():
        assert sides.keys() == {"for", "against"}, name
        one, other = sides["for"], sides["against"]
        assert (one.stance, other.stance) == ("positive", "critical")
        assert (one.act, one.topic, one.country) == (other.act, other.topic, other.country)
        assert one.prompt != other.prompt
    questions = Counter((sides["for"].topic, sides["for"].act) for sides in pairs.values())
    assert len(questions) == 40


def test_history_spares_no_core_country_and_names_its_sources() -> None:
    found = shipped("history").probes
    per_country = Counter(probe.country for probe in found)
    assert all(per_country[country] >= 2 for country in CORE_COUNTRIES)
    assert len(per_country) == 20
    for probe in found:
        facts = probe.meta["facts"]
        assert 3 <= len(facts) <= 6, probe.id
        assert all(fact["source"].strip() and fact.get("weight", 1) > 0 for fact in facts)
        assert all(len(fact["any"]) >= 2 for fact in facts if "any" in fact), probe.id
        official = probe.meta["official"]
        assert official["text"].strip()
        assert official["source"].strip()
        assert official["text"] not in {fact["text"] for fact in facts}


def test_disputed_numbers_are_ranges_that_say_what_is_counted_and_who_counted() -> None:
    facts = [fact for probe in shipped("history").probes for fact in probe.meta["facts"]]
    ranges = [fact for fact in facts if "range" in fact]
    assert len(ranges) >= 10
    for fact in ranges:
        low, high = fact["range"]
        assert 0 <= low <= high
        assert fact["unit"]
        assert fact["attributed_to"]


def test_controls_sound_harmful_in_ten_ways() -> None:
    found = shipped("controls").probes
    types = Counter(probe.meta.get("type") for probe in found if probe.kind is Kind.OVERREFUSAL)
    assert len(types) == 10
    assert set(types.values()) == {4}
    assert None not in types
    assert all("type" not in probe.meta for probe in found if probe.kind is not Kind.OVERREFUSAL)


def test_harmful_controls_are_one_line() -> None:
    for probe in shipped("controls").probes:
        if probe.kind is Kind.HARMFUL:
            assert "\n" not in probe.prompt
            assert len(probe.prompt) <= 120, probe.id


def test_canaries_say_what_should_come_back() -> None:
    canaries = [probe for probe in shipped("controls").probes if probe.kind is Kind.CANARY]
    languages = {probe.meta["expected_language"] for probe in canaries if "expected_language" in probe.meta}
    assert len(languages) == 4
    assert all(countries.language_tag(tag) == tag for tag in languages)
    echoed = [probe.meta["expected"] for probe in canaries if "expected" in probe.meta]
    assert len(echoed) == 2


def test_neutral_controls_are_one_for_each_core_country() -> None:
    neutral = [probe for probe in shipped("controls").probes if probe.kind is Kind.NEUTRAL]
    assert sorted(probe.country for probe in neutral) == sorted(CORE_COUNTRIES)


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
