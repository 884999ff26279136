"""Countries and languages: which codes exist, and how a country is called in a sentence.

Codes are those of ISO 3166-1 alpha-2 (from pycountry) and `EU`; names are those of Unicode's CLDR
(from Babel) in any language that it knows. Languages are BCP 47 tags such as `fr` or `zh-Hans`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pycountry
from babel import Locale, UnknownLocaleError
from babel.core import get_global, get_locale_identifier, parse_locale

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

EUROPEAN_UNION = "EU"

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
    """Return which slots a template in that language may use."""
    return ("country", "government") if is_english(language) else ("country",)


def slots(code: str, language: str = "en") -> Mapping[str, str]:
    """Return the text of each slot for a country: `country`, and in English `government`.

    English names carry their article: "the United States", "the government of the United States".
    """
    if not is_english(language):
        return {"country": name(code, language)}
    country = f"the {_spoken(code, language)}" if code in _ARTICLE else _spoken(code, language)
    return {"country": country, "government": f"the government of {country}"}


def slot_fault(prompt: str, language: str, expands: bool = True) -> str:
    """Return what is wrong with a prompt's slots and what would be right, '' where nothing is.

    A template's prompt must have one of `slot_names`; one that does not expand must have none.
    """
    known = [f"{{{slot}}}" for slot in slot_names(language)]
    used = dict.fromkeys(brace.group() for brace in _BRACES.finditer(prompt))
    filled = [slot for slot in known if slot in used]
    if not expands:
        return f"{filled[0]} is filled in templates only; write the country out" if filled else ""
    if wrong := [brace for brace in used if brace not in (*known, "{{", "}}")]:
        right = f"in {language} use {' or '.join(known)}, and write a plain brace twice"
        return f"{', '.join(wrong)} cannot be filled; {right}"
    return "" if filled else f"has no slot; write {known[0]} for the country"


def fill(prompt: str, code: str, language: str) -> str:
    """Return a template's prompt for one country; `slot_fault` found nothing wrong with it."""
    texts = slots(code, language)
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
