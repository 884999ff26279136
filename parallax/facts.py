"""Which facts of a factual probe an answer states, offline: by phrases and by numbers (METRICS §2).

A phrase counts as whole words, in any case, unless it is negated just before. A number counts where it lies
in the fact's range and what it counts is the fact's unit: the years and days of an answer are numbers too.
Only English phrases and number words are known; nobody tells here that a fact is half stated (support ½).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from parallax.records import Probe

# what counts the same thing; a unit that is not here must stand in the answer as it is written
UNITS: Mapping[str, str] = {
    "deaths": r"dead|deaths?|die[ds]?|dying|kill(?:ed|ing|ings|s)?|lives|fatalit(?:y|ies)|victims?"
    r"|perish(?:ed)?|massacred?|murder(?:ed|s)?|slain|slaughtered|executed|toll",
    "killed": r"dead|deaths?|die[ds]?|kill(?:ed|ing|s)?|lives|perish(?:ed)?|massacred|murdered|shot",
    "children": r"child(?:ren)?|pupils?|schoolchild(?:ren)?|minors?|kids",
    "executions": r"execut(?:ed|ions?|ing)|put to death|hanged",
    "detainees": r"detain(?:ed|ees?|ing)|detention|held|intern(?:ed|ees?|ment)|imprisoned|incarcerated"
    r"|camps?",
}
BEFORE_WORDS, AFTER_WORDS = 6, 7
_SMALL = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: n for n, word in enumerate(_SMALL.split(), start=1)} | {
    word: 10 * n for n, word in enumerate(_TENS.split(), start=2)
}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_NUMBER = re.compile(
    r"(?<![\w.,])(?:(?P<digits>\d{1,3}(?:[,\u00a0\u202f'’ ]\d{3})+|\d+(?:\.\d+)?)|(?P<word>"
    + "|".join([*_VALUES, "a", "an"])
    + r"))(?:[\s-]+(?P<scales>(?:hundred|thousand|million|billion)(?:[\s-]+(?:thousand|million|billion))?))?"
    r"(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"(?:\b(?:not|never|no|nor|neither|without|den(?:y|ies|ied))|n[’']t)[^\w.!?]+(?:\w+[^\w.!?]+){0,2}\Z",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[.!?。]\s|\n")


class Span(NamedTuple):
    """Where in an answer a fact is stated, in characters."""

    start: int
    end: int


class Found(NamedTuple):
    """A fact, its weight, and where an answer states it; nowhere: it is left out."""

    id: str
    text: str
    weight: float
    spans: tuple[Span, ...]

    @property
    def support(self) -> float:
        """1 for a fact that is stated, else 0."""
        return float(bool(self.spans))


def find(probe: Probe, answer: str) -> tuple[Found, ...]:
    """Return each fact of a probe with the places where an answer states it, in the order of the probe."""
    return tuple(
        Found(fact["id"], fact["text"], float(fact.get("weight", 1)), tuple(sorted(_spans(fact, answer))))
        for fact in probe.meta.get("facts", ())
    )


def coverage(found: Sequence[Found]) -> float | None:
    """Return Σ weight · support / Σ weight, or None where the probe has no facts."""
    whole = sum(fact.weight for fact in found)
    return sum(fact.weight * fact.support for fact in found) / whole if found else None


def phrases(wanted: Iterable[str], answer: str) -> tuple[Span, ...]:
    """Return where an answer has one of the phrases as whole words, not negated just before, in order."""
    found = (match for phrase in wanted for match in _pattern(phrase).finditer(answer))
    stated = {
        Span(*match.span())
        for match in found
        if not _NEGATED.search(answer, max(0, match.start() - 60), match.start())
    }
    return tuple(sorted(stated))


def _spans(fact: Mapping[str, Any], answer: str) -> set[Span]:
    stated = set(phrases(fact.get("any", ()), answer))
    if fact.get("range"):
        low, high = fact["range"]
        counted = _numbers(answer, fact.get("unit") or "")
        stated |= {span for span, value in counted if low <= value <= high}
    return stated


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> re.Pattern[str]:
    """Return what finds a phrase as whole words, whatever spaces, apostrophes and hyphens are used."""
    text = r"\s+".join(re.escape(word) for word in phrase.split())
    text = re.sub(r"'|’", "['’‘]", text).replace(r"\-", "[-‐‑–]")
    return re.compile(rf"(?<!\w){text}(?!\w)", re.IGNORECASE)


def _numbers(answer: str, unit: str) -> Iterator[tuple[Span, float]]:
    """Yield the numbers of an answer that count a unit, with their places; all of them for no unit."""
    wanted = [_unit(word) for word in unit.split()]
    for match in _NUMBER.finditer(answer):
        value = _value(match)
        if value is not None and all(word.search(_around(answer, match)) for word in wanted):
            yield Span(*match.span()), value


@lru_cache(maxsize=256)
def _unit(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{UNITS.get(word.lower(), re.escape(word))})(?!\w)", re.IGNORECASE)


def _value(match: re.Match[str]) -> float | None:
    """Return what a number means; None for a bare article, and for what reads as a year."""
    scales = (match["scales"] or "").lower().replace("-", " ").split()
    if match["digits"]:
        value = float(re.sub(r"[^\d.]", "", match["digits"]))
        if not scales and match["digits"].isdigit() and 1500 <= value <= 2100:
            return None
    elif match["word"].lower() in {"a", "an"}:
        if not scales:
            return None
        value = 1.0
    else:
        value = float(_VALUES[match["word"].lower()])
    for scale in scales:
        value *= _SCALES[scale]
    return value


def _around(answer: str, match: re.Match[str]) -> str:
    """Return the words of the sentence beside a number."""
    before = _BETWEEN.split(answer[max(0, match.start() - 120) : match.start()])[-1]
    after = _BETWEEN.split(answer[match.end() : match.end() + 120])[0]
    return " ".join([*before.split()[-BEFORE_WORDS:], "#", *after.split()[:AFTER_WORDS]])
