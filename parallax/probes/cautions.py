"""What is worth a second look in a valid probe set: prompts too alike, terms of the licence, no stance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, pairwise

import numpy as np
from rapidfuzz import fuzz, process, utils

from parallax.probes.faults import Document, Where
from parallax.probes.schema import Single, Template

ALIKE = 93
MOST_COMPARED = 2_000
MOST_TOLD = 20
_MOST_PAIRS = 10_000
# longer prompts are alike only where they are the same
LONGEST_COMPARED = 300
UNSTATED = "LicenseRef-Unstated"
_NO_REDISTRIBUTION = re.compile(
    r"proprietary|confidential|unlicensed|no-?redistribution|all-rights-reserved", re.I
)
_NO_CHANGES = re.compile(r"-ND\b", re.I)
_NO_SALE = re.compile(r"-NC\b", re.I)

Item = tuple[Where, Template | Single]


def caution(
    document: Document, license: str, templates: Sequence[Template], probes: Sequence[Single]
) -> None:
    """Add to a document's warnings what a reader of a valid file should know."""
    items: list[Item] = [(("templates", n), entry) for n, entry in enumerate(templates)]
    items += [(("probes", n), entry) for n, entry in enumerate(probes)]
    if document.assumed:
        document.warn((), f"does not tell the set's {', '.join(document.assumed)}; add {document.head_goes}")
    for where, text in [
        (("license",), license),
        *(((*w, "license"), e.license) for w, e in items if e.license),
    ]:
        if said := _license_caution(text):
            document.warn(where, said)
    _warn_of_stance(document, items)
    _warn_of_likeness(document, items)


def _license_caution(license: str) -> str:
    if _NO_REDISTRIBUTION.search(license):
        return f'"{license}" forbids redistribution; keep the set, and exports with its prompts, to yourself'
    if license == UNSTATED:
        return "no licence is stated; without one nobody else may redistribute the prompts"
    if _NO_SALE.search(license) or _NO_CHANGES.search(license):
        kind = "commercial use" if _NO_SALE.search(license) else "changed copies"
        return f'"{license}" forbids redistribution for {kind}; check before you publish an export'
    return ""


def _warn_of_stance(document: Document, items: Sequence[Item]) -> None:
    matched = [entry for _, entry in items if isinstance(entry, Template) or entry.template]
    if matched and not any(entry.stance for entry in matched):
        document.warn((), "no matched probe has a stance; only those with stance: critical fill the heatmap")


def _warn_of_likeness(document: Document, items: Sequence[Item]) -> None:
    """Tell of prompts that say the same in nearly the same words, twins and pairs apart."""
    seen: dict[tuple[str, str], Item] = {}
    for where, entry in items:
        key = getattr(entry, "template", "") or entry.id
        seen.setdefault((key, entry.language), (where, entry))
    compared = list(seen.values())[:MOST_COMPARED]
    repeats = (pair for pair in _alike(compared) if _is_repeat(*(compared[n][1] for n in pair)))
    pairs = list(islice(repeats, MOST_TOLD + 1))
    for first, second in pairs[:MOST_TOLD]:
        other = compared[first][1].id
        document.warn(
            (*compared[second][0], "prompt"), f'says nearly the same as "{other}"; keep one of them'
        )
    if len(pairs) > MOST_TOLD:
        document.warn((), f"more than {MOST_TOLD} pairs of prompts are nearly the same; only these are told")
    if len(seen) > MOST_COMPARED:
        document.warn((), f"only the first {MOST_COMPARED:,} prompts were compared with each other")


def _alike(compared: Sequence[Item]) -> list[tuple[int, int]]:
    """Return which prompts are alike, as pairs of indices."""
    prompts = [utils.default_process(entry.prompt) for _, entry in compared]
    same: dict[str, list[int]] = {}
    for index, prompt in enumerate(prompts):
        same.setdefault(prompt, []).append(index)
    found = {pair for indices in same.values() for pair in pairwise(indices)}
    short = [index for index, prompt in enumerate(prompts) if len(prompt) <= LONGEST_COMPARED]
    texts = [prompts[index] for index in short]
    scores = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8)
    for first, second in np.argwhere(np.triu(scores, 1))[:_MOST_PAIRS]:
        found.add((short[first], short[second]))
    return sorted(found)


def _is_repeat(one: Template | Single, other: Template | Single) -> bool:
    """Tell whether likeness has no purpose: twins differ in stance, pairs in side, canaries in language."""
    purposes = ("language", "stance", "side", "expected_language")
    return all(getattr(one, name, None) == getattr(other, name, None) for name in purposes)
