"""Countries and languages: which codes exist, and how a country is called in a sentence.

Codes are those of ISO 3166-1 alpha-2 (from pycountry) and `EU`; names are those of Unicode's CLDR
(from Babel) in any language that it knows. Languages are BCP 47 tags such as `fr` or `zh-Hans`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType

import pycountry
from babel import Locale, UnknownLocaleError
from babel.core import get_global, get_locale_identifier, parse_locale
from babel.languages import get_official_languages
from countryinfo import CountryInfo

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

EUROPEAN_UNION = "EU"
_ENGLISH_SLOTS = ("government", "demonym", "capital")

# English grammar, not names: these read "the Netherlands" within a sentence.
_ARTICLE = frozenset(
    [
        "AE",
        "AX",
        "BQ",
        "BS",
        "CC",
        "CD",
        "CF",
        "CG",
        "CK",
        "DO",
        "EU",
        "FK",
        "FO",
        "GB",
        "GM",
        "IM",
        "IO",
        "KM",
        "KY",
        "MH",
        "MP",
        "MV",
        "NL",
        "PH",
        "PN",
        "PS",
        "SB",
        "SC",
        "TC",
        "TF",
        "UM",
        "US",
        "VG",
        "VI",
    ]
)


@cache
def codes() -> tuple[str, ...]:
    """Return every code there is, in the order of the English names."""
    known = [record.alpha_2 for record in pycountry.countries]
    return tuple(sorted([*known, EUROPEAN_UNION], key=name))


def is_country(code: str) -> bool:
    """Tell whether `code` is an ISO 3166-1 alpha-2 code in capitals, or `EU`."""
    record = pycountry.countries.get(alpha_2=code)
    return code == EUROPEAN_UNION or (record is not None and record.alpha_2 == code)


def suggest(text: str) -> str:
    """Return the code that is meant by `CN`, `cn`, `UK`, `USA` or `Russia`; '' where none is."""
    wanted = text.strip().casefold()
    if is_country(wanted.upper()):
        return wanted.upper()
    replaced = [code for code in get_global("territory_aliases").get(wanted.upper(), []) if is_country(code)]
    if len(replaced) == 1:
        return str(replaced[0])
    for code, local_name in Locale("en").territories.items():
        if local_name.casefold() == wanted and is_country(code):
            return str(code)
    try:
        return str(pycountry.countries.lookup(wanted).alpha_2)
    except LookupError:
        return ""


def language_tag(text: str) -> str:
    """Return the canonical form of a BCP 47 tag (`zh-hans` gives `zh-Hans`), '' for an unknown language."""
    try:
        parts = parse_locale(text, sep="-")
        Locale.parse(text, sep="-")
    except (ValueError, UnknownLocaleError):
        return ""
    return str(get_locale_identifier(parts[:3], sep="-"))


def suggest_language(text: str) -> str:
    """Return the tag that is meant by `fr`, `FR`, `zh_cn`, `French` or `cn`; '' where none is."""
    wanted = text.strip()
    if tag := language_tag(wanted.replace("_", "-")):
        return tag
    for code, local_name in Locale("en").languages.items():
        if local_name.casefold() == wanted.casefold() and language_tag(code):
            return str(code)
    spoken = get_official_languages(wanted.upper(), de_facto=True) if len(wanted) == 2 else ()
    return language_tag(spoken[0].replace("_", "-")) if spoken else ""


def is_english(language: str) -> bool:
    """Tell whether a BCP 47 tag is one of English."""
    return language.partition("-")[0].lower() == "en"


@cache
def lacks_name(code: str, language: str) -> bool:
    """Tell whether a known language has no name for a country; never for unknown ones."""
    if not is_country(code) or not language_tag(language):
        return False
    return not Locale.parse(language, sep="-").territories.get(code)


@cache
def name(code: str, language: str = "en") -> str:
    """Return a country's name for lists and charts, in English where the language has none.

    `code` satisfies `is_country` and `language` is a known tag.
    """
    return str(Locale.parse(language, sep="-").territories.get(code) or Locale("en").territories[code])


def slot_names(language: str) -> tuple[str, ...]:
    """Return which slots every template in that language may use."""
    return ("country", *_ENGLISH_SLOTS) if is_english(language) else ("country",)


@cache
def slots(code: str, language: str = "en") -> Mapping[str, str]:
    """Return the text of each of `slot_names` that is known for a country.

    English names carry their article: "the United States", "the government of the United States".
    """
    if not is_english(language):
        return MappingProxyType({"country": name(code, language)})
    country = f"the {_spoken(code, language)}" if code in _ARTICLE else _spoken(code, language)
    texts = {"country": country, "government": f"the government of {country}", **_described(code)}
    return MappingProxyType(texts)


def _described(code: str) -> dict[str, str]:
    """Return what neither ISO 3166 nor CLDR has: English demonym and capital, where they are known."""
    try:
        info = CountryInfo(code)
        found = {"demonym": info.demonym(), "capital": info.capital()}
    except LookupError:
        return {}
    return {slot: text for slot, text in found.items() if text}


@cache
def aliases(code: str, language: str) -> frozenset[str]:
    """Return the names under which a prompt may mean a country: CLDR's, those of ISO 3166, its slots.

    In English also with the article that they carry in a sentence, as in "the US" or "the UK".
    """
    record = pycountry.countries.get(alpha_2=code)
    fields = ("name", "common_name", "official_name", "alpha_3")
    known = {str(getattr(record, field)) for field in fields if hasattr(record, field)}
    short = {old for old, new in get_global("territory_aliases").items() if new == [code] and old.isalpha()}
    own = {*slots(code, language).values(), *slots(code).values()}
    names = {*known, *short, *own, code, name(code, language), name(code), _spoken(code, "en")}
    with_article = {f"the {listed}" for listed in names} if code in _ARTICLE else set()
    return frozenset(names | with_article)


def used_slots(prompt: str) -> tuple[str, ...]:
    """Return the names in braces of a template's prompt, each once."""
    return tuple(dict.fromkeys(brace[1] for brace in _BRACES.finditer(prompt) if brace[1]))


def slot_fault(prompt: str, language: str, own: Collection[str] = (), expands: bool = True) -> str:
    """Return what is wrong with a prompt's slots and what would be right, '' where nothing is.

    A template's prompt must have one of `slot_names` or of the set's `own`; one that does not expand
    must have none.
    """
    known = [f"{{{slot}}}" for slot in (*slot_names(language), *own)]
    used = dict.fromkeys(brace.group() for brace in _BRACES.finditer(prompt))
    filled = [slot for slot in known if slot in used]
    if not expands:
        return f"{filled[0]} is filled in templates only; write the country out" if filled else ""
    if wrong := [brace for brace in used if brace not in (*known, "{{", "}}")]:
        listed = f"{', '.join(known[:-1])} or {known[-1]}" if known[1:] else known[0]
        right = f"in {language} use {listed}, and write a plain brace twice"
        more = f" and {len(wrong) - 3} more" if wrong[3:] else ""
        listed = ", ".join(brace if len(brace) <= 40 else f"{brace[:40]}…" for brace in wrong[:3])
        return f"{listed}{more} cannot be filled; {right}"
    return "" if filled else f"has no slot; write {known[0]} for the country"


def fill(prompt: str, texts: Mapping[str, str]) -> str:
    """Return a template's prompt with its slots filled; `slot_fault` found nothing wrong with it."""
    return _BRACES.sub(lambda brace: texts[brace[1]] if brace[1] else brace[0][0], prompt)


def _spoken(code: str, language: str) -> str:
    """Return an English name without what only a list needs, as in "Congo - Kinshasa"."""
    listed = name(code, language)
    if not any(mark in listed for mark in (" - ", "(", " SAR ")):
        return listed.replace(" & ", " and ")
    record = pycountry.countries.get(alpha_2=code)
    formal = getattr(record, "official_name", "") if " - " in listed else ""
    core, _, qualifier = (formal or str(getattr(record, "name", listed))).partition(", ")
    return f"{qualifier.removeprefix('The ')} {core}" if qualifier else core
