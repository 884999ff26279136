"""What the schema cannot see: what one entry of a probe file must have to do with the others.

The data may break the schema anywhere, so that all faults of a file are told at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from parallax import countries
from parallax.probes.entries import Entry, entries
from parallax.probes.faults import Document, Where, formula_fault
from parallax.probes.matching import check_matched
from parallax.probes.rows import MAX_PROBES
from parallax.probes.schema import MAX_PROMPT

LEADER_KNOWN_FOR = timedelta(days=365)
MAX_ID = 128
MAX_FILLED = 10 * MAX_PROMPT
MAX_GROWN = 100_000_000
GROWN = "makes more than 100 million characters of probes; name fewer countries, or shorten the texts"
_SIDES = ["against", "for"]
_BUILT_IN = frozenset({*countries.slot_names("en"), "leader"})


def check(document: Document, today: date) -> None:
    """Report the faults of a file's entries to its document, after those of its schema."""
    data = document.data
    if not isinstance(data, dict):
        return
    found = entries(data)
    codes = _codes(data.get("countries"))
    _check_head(document, data, codes)
    _check_leaders(document, _mapping(data.get("leaders")), today)
    if _is_too_large(document, found, codes):
        return
    for entry in found:
        if document.is_full:
            return
        left = _left(entry, codes)
        if entry.expands and codes and not left:
            document.fault((*entry.where, "not_for"), "leaves no country; drop the template or name fewer")
        _check_prompts(document, entry, left, data)
        _check_facts(document, entry)
    _check_ids(document, found, codes)
    _check_pairs(document, found)
    check_matched(document, found)


def _left(entry: Entry, codes: list[str]) -> list[str]:
    """Return the countries that an entry is not left out for."""
    left_out = _codes(entry.fields.get("not_for"))
    return [code for code in codes if code not in left_out]


def _is_too_large(document: Document, found: list[Entry], codes: list[str]) -> bool:
    """Tell whether the entries make more than can be kept, and say so."""
    total = grown = 0
    for entry in found:
        prompts = entry.prompts()
        copies = len(_left(entry, codes)) if entry.expands else 1
        total += copies * len(prompts)
        grown += copies * sum(len(prompt) for _, _, prompt in prompts)
    if total > MAX_PROBES:
        document.fault((), f"makes {total:,} probes; at most {MAX_PROBES:,} are allowed")
    elif grown > MAX_GROWN:
        document.fault((), GROWN)
    return total > MAX_PROBES or grown > MAX_GROWN


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _codes(listed: object) -> list[str]:
    found = [code for code in _list(listed) if isinstance(code, str)]
    return [code for code in dict.fromkeys(found) if countries.is_country(code)]


def _check_head(document: Document, data: Mapping[str, Any], codes: list[str]) -> None:
    for code in codes:
        if data["countries"].count(code) > 1:
            document.fault(("countries",), f'"{code}" is there more than once; keep one')
    if data.get("templates") and not data.get("countries"):
        document.fault(("countries",), "is missing; templates expand over the countries listed there")
    if not data.get("templates") and not data.get("probes") and document.is_whole:
        document.fault((), document.no_probe)
    for tag, forms in _mapping(data.get("forms")).items():
        for slot in _BUILT_IN & {*_mapping(forms)}:
            document.fault(("forms", tag, slot), f"{{{slot}}} is filled already; choose another name")


def _check_leaders(document: Document, leaders: Mapping[str, Any], today: date) -> None:
    for code, leader in leaders.items():
        try:
            known = date.fromisoformat(str(_mapping(leader).get("as_of")))
        except ValueError:
            continue
        place = ("leaders", code, "as_of")
        if known > today:
            document.fault(place, f'"{known}" is not yet; write the day for which the name was checked')
        elif today - known > LEADER_KNOWN_FOR:
            text = f'"{known}" is more than a year ago; check who leads the country now, and date it anew'
            document.fault(place, text)


def _check_ids(document: Document, found: list[Entry], codes: list[str]) -> None:
    first: dict[str, Where] = {}
    for entry in found:
        name = entry.text("id")
        if name and first.setdefault(name, entry.where) != entry.where:
            place = f"{document.unit} {document.number((*first[name], 'id'))}"
            text = f'"{name:.80}" is the id of another entry ({place}); rename one'
            document.fault((*entry.where, "id"), text)
    made: dict[str, Entry] = {}
    for entry in found:
        for name in _made_ids(entry, codes):
            made.setdefault(name, entry)
    for entry in found:
        source = made.get(entry.text("id"))
        if source and source is not entry:
            text = f'"{entry.text("id"):.80}" is what "{source.text("id"):.80}" is called for a country or'
            document.fault((*entry.where, "id"), f"{text} in a language; rename one")
        elif source or len(entry.text("id")) > MAX_ID:
            continue
        elif max(map(len, _made_ids(entry, codes)), default=0) > MAX_ID:
            document.fault((*entry.where, "id"), "is too long to have a language added; shorten it")


def _made_ids(entry: Entry, codes: list[str]) -> list[str]:
    """Return the ids of an entry's probes beside its own."""
    tags = [tag for _, tag, _ in entry.prompts()[1:]]
    bases = [f"{entry.text('id')}.{code.lower()}" for code in codes] if entry.expands else [entry.text("id")]
    translated = [f"{base}.{tag}" for base in bases for tag in tags]
    return [*bases, *translated] if entry.expands else translated


def _check_facts(document: Document, entry: Entry) -> None:
    first: dict[str, int] = {}
    for index, fact in enumerate(_list(entry.fields.get("facts"))):
        name = _mapping(fact).get("id")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            place = (*entry.where, "facts", index, "id")
            document.fault(place, f'"{name:.80}" is the id of another fact of this probe; rename one')


def _check_prompts(document: Document, entry: Entry, codes: list[str], data: Mapping[str, Any]) -> None:
    for place, language, prompt in entry.prompts():
        if place[-2:] == ("translations", entry.language):
            document.fault(place, "is in the language of the prompt itself; drop it")
        elif not countries.language_tag(language) or document.is_faulty(place):
            continue
        elif not entry.expands:
            if text := countries.slot_fault(prompt, language, (), expands=False):
                document.fault(place, text)
        else:
            own = own_slots(data, language, codes)
            faults = [countries.slot_fault(prompt, language, tuple(own))]
            for text in filter(None, faults if faults[0] else _filled_faults(prompt, language, codes, own)):
                document.fault(place, text)


def own_slots(data: Mapping[str, Any], language: str, codes: list[str]) -> dict[str, Mapping[str, Any]]:
    """Return the words that a set brings along for a language: slot → country → word.

    Where something is wrong with the words themselves, that has been told, and they count as there.
    """
    own: dict[str, Mapping[str, Any]] = {}
    for tag, forms in _mapping(data.get("forms")).items():
        for name, words in _mapping(forms).items():
            slot = re.sub(r"[^a-z]+", "_", str(name).lower())
            if slot != name or not countries.language_tag(tag) or not isinstance(words, dict):
                own.setdefault(slot, dict.fromkeys(codes, "…"))
            elif tag == language and slot not in _BUILT_IN:
                own[slot] = words
    if leaders := _mapping(data.get("leaders")):
        own["leader"] = {code: _mapping(leader).get("name", "…") for code, leader in leaders.items()}
    return own


def _filled_faults(
    prompt: str, language: str, codes: list[str], own: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield what is wrong with a template's prompt once it has the words of its countries."""
    words_of = {code: {**countries.slots(code, language)} for code in codes}
    for slot, given in own.items():
        for code in codes:
            words_of[code][slot] = str(given.get(code) or "")
    used, count = countries.used_slots(prompt), prompt.count("{")
    for slot in used:
        lacking = [code for code in codes if not words_of[code].get(slot)]
        if slot == "country":
            lacking = [code for code in codes if countries.lacks_name(code, language)]
        if lacking:
            yield _lacking_sentence(slot, language, lacking, slot in own)
    for code in codes:
        longest = max([len(words_of[code].get(slot) or "") for slot in used], default=0)
        most = len(prompt) + count * longest
        if most > MAX_FILLED:
            yield f"is too long with its slots filled for {code}; write fewer slots, or shorter words"
        elif all(words_of[code].get(slot) for slot in used) and _may_change(prompt, most):
            yield _one_filled_fault(countries.fill(prompt, words_of[code]), code)


def _may_change(prompt: str, most: int) -> bool:
    """Tell whether filling may change what the schema has seen: how a prompt begins, and how long it is."""
    return most > MAX_PROMPT or prompt.lstrip().startswith("{")


def _one_filled_fault(filled: str, code: str) -> str:
    if len(filled) > MAX_PROMPT:
        most = f"at most {MAX_PROMPT:,} are allowed"
        return f"has {len(filled):,} characters with its slots filled for {code}; {most}"
    return formula_fault(filled)


def _lacking_sentence(slot: str, language: str, lacking: list[str], is_own: bool) -> str:
    them = "it" if len(lacking) == 1 else "them"
    codes = ", ".join(lacking)
    if slot == "country":
        return f"no name of {codes} is known in {language}; leave {them} out with not_for"
    table = "leaders" if slot == "leader" else f"forms.{language}.{slot}"
    right = f"add {them} to {table}, or leave {them} out with not_for" if is_own else ""
    return f"{{{slot}}} has no word for {codes}; {right or f'leave {them} out with not_for'}"


def _check_pairs(document: Document, found: list[Entry]) -> None:
    pairs: dict[str, list[Entry]] = defaultdict(list)
    for entry in found:
        is_told = any(document.is_faulty((*entry.where, name)) for name in ("pair", "side"))
        if is_told or not document.is_whole:
            # what is missing of a pair may be there, and unreadable
            return
        if not entry.expands and entry.text("pair"):
            pairs[entry.text("pair")].append(entry)
    for name, members in pairs.items():
        sides = sorted(entry.text("side") for entry in members)
        if sides != _SIDES:
            has = ", ".join(sides) if len(sides) < 5 else f"{len(sides):,} entries"
            text = f'"{name:.64}" needs one entry for and one against; it has {has}'
            document.fault((*members[-1].where, "pair"), text)
