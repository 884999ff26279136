import pytest

from parallax import countries, topics


@pytest.mark.parametrize(
    ("code", "known"),
    [("CN", True), ("EU", True), ("cn", False), ("UK", False), ("ZZ", False), ("CHN", False), ("", False)],
)
def test_is_country(code: str, known: bool) -> None:
    assert countries.is_country(code) is known


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CN", "CN"),
        ("cn", "CN"),
        ("UK", "GB"),
        ("USA", "US"),
        ("Russia", "RU"),
        ("Netherlands", "NL"),
        ("eu", "EU"),
        ("SU", ""),
        ("Atlantis", ""),
    ],
)
def test_suggest(text: str, code: str) -> None:
    assert countries.suggest(text) == code


@pytest.mark.parametrize(
    ("code", "country"),
    [
        ("US", "the United States"),
        ("GB", "the United Kingdom"),
        ("EU", "the European Union"),
        ("NL", "the Netherlands"),
        ("CD", "the Democratic Republic of the Congo"),
        ("CN", "China"),
        ("IR", "Iran"),
        ("KP", "North Korea"),
        ("MM", "Myanmar"),
        ("HK", "Hong Kong"),
        ("BA", "Bosnia and Herzegovina"),
    ],
)
def test_english_slots_read_as_in_a_sentence(code: str, country: str) -> None:
    slots = countries.slots(code)
    assert (slots["country"], slots["government"]) == (country, f"the government of {country}")


@pytest.mark.parametrize(
    ("code", "demonym", "capital"),
    [
        ("CN", "Chinese", "Beijing"),
        ("GB", "British", "London"),
        ("NL", "Dutch", "Amsterdam"),
        ("EU", None, None),
    ],
)
def test_demonym_and_capital_where_they_are_known(
    code: str, demonym: str | None, capital: str | None
) -> None:
    slots = countries.slots(code)
    assert (slots.get("demonym"), slots.get("capital")) == (demonym, capital)


@pytest.mark.parametrize(
    ("language", "country"), [("fr", "États-Unis"), ("zh-Hans", "美国"), ("ru", "Соединенные Штаты")]
)
def test_other_languages_have_the_name_alone(language: str, country: str) -> None:
    assert countries.slots("US", language) == {"country": country}
    assert countries.name("US", language) == country


def test_every_country_has_a_plain_english_name() -> None:
    import pycountry

    codes = [record.alpha_2 for record in pycountry.countries] + ["EU"]
    spoken = [countries.slots(code)["country"] for code in codes]
    assert len(set(spoken)) == len(codes)
    assert not [name for name in spoken if " - " in name or "&" in name or "the the" in name.lower()]


@pytest.mark.parametrize(
    ("text", "tag"),
    [("fr", "fr"), ("zh-hans", "zh-Hans"), ("PT-br", "pt-BR"), ("english", ""), ("pt_BR", ""), ("", "")],
)
def test_language_tag(text: str, tag: str) -> None:
    assert countries.language_tag(text) == tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("fr", "fr"),
        ("FR", "fr"),
        ("zh_cn", "zh-CN"),
        ("English", "en"),
        ("cn", "zh"),
        ("jp", "ja"),
        ("klingonese", ""),
        ("", ""),
    ],
)
def test_suggest_language(text: str, tag: str) -> None:
    assert countries.suggest_language(text) == tag


def test_thirteen_topics_in_four_themes() -> None:
    assert len(topics.TOPICS) == 13
    assert {topics.theme_of(topic) for topic in topics.TOPICS} == set(topics.THEMES)
    assert topics.theme_of("war-conduct") == "nation"


@pytest.mark.parametrize("topic", ["", "my-own-topic"])
def test_other_topics_have_no_theme(topic: str) -> None:
    assert topics.theme_of(topic) == ""


@pytest.mark.parametrize(
    ("slug", "title"),
    [("lgbt", "LGBT people"), ("speech", "Speech"), ("my-own-topic", "My own topic"), ("", "")],
)
def test_titles(slug: str, title: str) -> None:
    assert topics.title(slug) == title
