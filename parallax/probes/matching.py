"""Matched rows: those of one template and language must differ in their country, and in nothing else."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from itertools import product

from parallax import countries
from parallax.probes.entries import Entry
from parallax.probes.faults import Document
from parallax.probes.schema import MAX_NAME

_MOST_PLACES = 4
_MOST_WORDS = 32
_SHARED = ("kind", "topic", "stance", "act")


def check_matched(document: Document, found: list[Entry]) -> None:
    """Report rows of one template that differ in more than their country."""
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in found:
        if not entry.expands and entry.text("template") and entry.text("prompt"):
            if not entry.text("country"):
                text = "is missing; an entry with a template is about one country"
                document.fault((*entry.where, "country"), text)
            elif countries.is_country(entry.text("country")) and countries.language_tag(entry.language):
                groups[entry.text("template"), entry.language].append(entry)
    for (template, _), members in groups.items():
        if document.is_full:
            return
        _check_countries(document, template, members)
        _check_shared(document, template, members)
        _check_prompts(document, template, members)


def _check_countries(document: Document, template: str, members: list[Entry]) -> None:
    first: dict[str, Entry] = {}
    for entry in members:
        code = entry.text("country")
        if (other := first.setdefault(code, entry)) is not entry:
            place = f"{document.unit} {document.number(other.where)}"
            text = f'"{code}" is in template "{template:.64}" already ({place}); keep one'
            document.fault((*entry.where, "country"), text)


def _check_shared(document: Document, template: str, members: list[Entry]) -> None:
    for field in _SHARED:
        usual = Counter(entry.text(field) for entry in members).most_common(1)[0][0]
        for entry in members:
            if (own := entry.text(field)) != usual and not document.is_faulty((*entry.where, field)):
                is_what = f'is "{own:.40}"' if own else "is missing"
                rest = (
                    f'"{usual:.40}" in the rest of template "{template:.64}"'
                    if usual
                    else "empty in the rest"
                )
                document.fault((*entry.where, field), f"{is_what}, and {rest}; write the same")


def _check_prompts(document: Document, template: str, members: list[Entry]) -> None:
    """Report the prompts that are not the commonest one with another country in it."""
    readings = [_readings(entry) for entry in members]
    commonest, count = Counter(reading for found in readings for reading in found).most_common(1)[0]
    for entry, found in zip(members, readings, strict=True):
        if commonest in found:
            continue
        text = f'differs from the rest of template "{template:.64}" in more than the country'
        right = "write the same sentence, or give it a template of its own"
        if len(found) == 1 and count > 1 and any(len(other) > 1 for other in readings):
            name = countries.name(entry.text("country"))
            text = f"does not name {name}, the country of its row"
            right = "check the prompt and the country"
        document.fault((*entry.where, "prompt"), f"{text}; {right}")


def _readings(entry: Entry) -> set[int]:
    """Return what a prompt may be without its country, as hashes.

    A mention is a name, or chance ("Oman" in "woman"); of very many, those after the first few are names.
    """
    pieces = _mention(entry).split(entry.text("prompt"))
    mentions = min(len(pieces) // 2, _MOST_PLACES)
    tail = "\0".join(pieces[2 * mentions :: 2])
    found = set()
    for is_name in product((True, False), repeat=mentions):
        text = "".join(
            piece + ("\0" if named else mention)
            for piece, mention, named in zip(pieces[0::2], pieces[1::2], is_name, strict=False)
        )
        found.add(hash(text + tail))
    return found


def _mention(entry: Entry) -> re.Pattern[str]:
    """Return what finds the names of an entry's country, and the words of its own slots."""
    slots, leader = entry.fields.get("slots"), entry.fields.get("leader")
    own = [*slots.values()] if isinstance(slots, dict) else []
    own += [leader.get("name")] if isinstance(leader, dict) else []
    words = [word for word in own[:_MOST_WORDS] if isinstance(word, str) and 0 < len(word) <= MAX_NAME]
    return _pattern(entry.text("country"), entry.language, tuple(words))


@lru_cache(maxsize=1_000)
def _pattern(code: str, language: str, own: tuple[str, ...]) -> re.Pattern[str]:
    words = {*countries.aliases(code, language), *own} - {""}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})")
