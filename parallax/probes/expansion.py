"""From a valid file to the probes that are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parallax import countries
from parallax.probes.schema import META_FIELDS, SetFile, Single, Template
from parallax.records import Probe, ProbeSet

_LONGEST_NAME = 80


def expand(file: SetFile) -> ProbeSet:
    """Return the set of a file, its templates expanded over their countries."""
    probes: list[Probe] = []
    for template in file.templates:
        for code in file.countries:
            if code not in template.not_for:
                probes += _versions(template, file, template.id, code)
    for single in file.probes:
        probes += _versions(single, file, single.template, single.country)
    return ProbeSet(file.id, file.title, file.version, file.license, file.author, tuple(probes))


def grows_to(file: SetFile) -> int:
    """Return how many characters the probes of a file have at most, their metadata included."""
    words = [len(word) for forms in file.forms.values() for by in forms.values() for word in by.values()]
    longest = max([_LONGEST_NAME, *words])
    total = 0
    for entry in (*file.templates, *file.probes):
        is_template = isinstance(entry, Template)
        copies = len(set(file.countries) - set(entry.not_for)) if isinstance(entry, Template) else 1
        prompts = [entry.prompt, *entry.translations.values()]
        meta = len(entry.model_dump_json(include={*META_FIELDS, "meta"}, exclude_defaults=True))
        grown = sum(prompt.count("{") for prompt in prompts) * longest if is_template else 0
        total += copies * (sum(map(len, prompts)) + grown + meta * len(prompts))
    return total


def _versions(entry: Template | Single, file: SetFile, template: str, country: str) -> Iterator[Probe]:
    """Yield a probe for each language of an entry; only a template's prompts have slots."""
    is_template = isinstance(entry, Template)
    base = f"{entry.id}.{country.lower()}" if is_template else entry.id
    shared = entry.model_dump(include={"kind", "topic", "stance", "act"})
    for language, prompt in {entry.language: entry.prompt, **entry.translations}.items():
        is_original = language == entry.language
        meta = _meta(entry, file, is_original)
        text = prompt
        if is_template:
            own = _own_words(file, country, language)
            text = countries.fill(prompt, {**countries.slots(country, language), **own})
            used = {slot: own[slot] for slot in countries.used_slots(prompt) if slot in own}
            meta |= {"slots": used} if used else {}
            if "leader" in used:
                meta["leader"] = file.leaders[country].model_dump()
        name = base if is_original else f"{base}.{language}"
        yield Probe(name, text, template=template, country=country, language=language, meta=meta, **shared)


def _meta(entry: Template | Single, file: SetFile, is_original: bool) -> dict[str, Any]:
    """Return what travels with a probe: the set's provenance, then the entry's own.

    How a translation was made travels with translations: with the prompt itself only where that is the
    translation, in an entry without any.
    """
    known = set(META_FIELDS)
    meta = file.model_dump(include=known - {"license"}, exclude_defaults=True)
    own = entry.model_dump(include=known, exclude_defaults=True)
    if is_original:
        meta.pop("translation", None)
        if entry.translations or isinstance(entry, Template):
            own.pop("translation", None)
    return {**entry.meta, **meta, **own}


def _own_words(file: SetFile, country: str, language: str) -> Mapping[str, str]:
    """Return the words for a country that the set brings along for a language."""
    words = {slot: by_country.get(country, "") for slot, by_country in file.forms.get(language, {}).items()}
    if country in file.leaders:
        words["leader"] = file.leaders[country].name
    return words
