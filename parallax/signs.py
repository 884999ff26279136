"""The signs of declining and dodging that an answer shows, each with the sentence that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from parallax.patterns import (
    CAVEAT,
    HOWEVER,
    LIMITS,
    PIVOT,
    REBUKES,
    STATE_LINES,
    Language,
    languages_of,
)
from parallax.patterns.hints import HINTS
from parallax.patterns.questions import DENIALS
from parallax.patterns.refrains import ENGLISH, signs_of
from parallax.reading import Passage, own_words, sentence, span

PIVOT_CHARS = 160
REBUKE_CHARS = 200
OPENS_CHARS = 300
REFRAINS_CHARS = 200
LIMIT_CHARS = 40


class Declining(NamedTuple):
    """A sentence that declines, and how many characters of its passage precede it."""

    sentence: str
    at: int


class Refraining(NamedTuple):
    """A sentence that says what the answer does not do.

    `outset`: the answer opens with it; `turns`: a word such as "however" follows.
    """

    sentence: str
    outset: bool
    turns: bool
    english: bool


class Signs(NamedTuple):
    """What was found; an empty sentence, or None, where a sign is missing.

    `first`: declines in the opening; `last`: in the close; `told`: in words that decline only where an
    answer opens with them. `remark`: declining words that merely precede an answer. `rebuke`: moralising
    about the request. `dodge`: takes no stance or turns to something else. `state_line`: the first line
    that governments say of themselves, with the number of different ones, and whether it stands in the
    first sentence. `pivot`: a word such as "however" follows, and with it perhaps the answer. `denial`: says
    no at the outset. `refrains`: says of itself that it does not do something, be it what was asked or not.
    """

    first: Declining | None = None
    last: Declining | None = None
    told: Declining | None = None
    remark: str = ""
    rebuke: str = ""
    dodge: str = ""
    state_line: str = ""
    state_lines: int = 0
    opens_with_state_line: bool = False
    pivot: bool = False
    denial: str = ""
    refrains: Refraining | None = None

    @property
    def declining(self) -> str:
        """The sentence that declines, or nothing."""
        found = self.first or self.last or self.told
        return found.sentence if found else ""

    @property
    def any(self) -> bool:
        """Whether it declines, dodges, moralises or recites in any way; a denial may be the very answer."""
        return bool(self.declining or self.remark or self.rebuke or self.dodge or self.state_line)


class _Candidate(NamedTuple):
    """A match of a declining pattern; `told` if its words may be a mere remark."""

    match: re.Match[str]
    told: bool


class _Declined(NamedTuple):
    """What became of the candidates of a passage."""

    plainly: Declining | None
    told: Declining | None
    remark: str


def find(parts: list[Passage], *, short: bool) -> Signs:
    """Return the signs in the passages of an answer; `short`: it has under ninety words."""
    opening, rest = parts[0], parts[1:]
    text, words, end = opening.plain, opening.vocabulary, len(opening.plain)
    languages = languages_of(words)
    declined = _declined(opening, languages, short)
    last = next(
        filter(None, (_declined(part, languages_of(part.vocabulary), short).plainly for part in rest)), None
    )
    rebuke = next(filter(None, (sign.search(text, words, REBUKE_CHARS) for sign in REBUKES)), None)
    dodges = (language.dodges.search(text, words, end) for language in languages if language.dodges)
    dodge = next(filter(None, dodges), None)
    denial = next(filter(None, (sign.search(text, words, REBUKE_CHARS) for sign in DENIALS)), None)
    lines = [line for sign in STATE_LINES for line in sign.finditer(text, words, end)]
    any_sign = declined.plainly or declined.told or declined.remark or dodge
    return Signs(
        first=declined.plainly,
        last=last,
        told=declined.told,
        remark=declined.remark,
        rebuke=sentence(opening, rebuke) if rebuke else "",
        dodge=sentence(opening, dodge) if dodge else "",
        state_line=sentence(opening, lines[0]) if lines else "",
        opens_with_state_line=bool(lines) and span(opening, lines[0]).start == 0,
        state_lines=len({line.group() for line in lines}),
        pivot=bool(any_sign) and _turns(opening, 0, end),
        denial=sentence(opening, denial) if denial else "",
        refrains=_refrains(opening),
    )


def hint(name: str, parts: list[Passage], end: int) -> str:
    """Return the first sentence of an answer in which one of `HINTS` stands, or nothing.

    `end`: it stands before that many characters of the answer's passages.
    """
    before = 0
    for part in parts:
        found = HINTS[name].search(part.plain, part.vocabulary, len(part.plain))
        if found and before + found.start() < end:
            return sentence(part, found)
        before += len(part.plain)
    return ""


def _refrains(opening: Passage) -> Refraining | None:
    for sign in signs_of(opening.vocabulary):
        for match in sign.pattern.finditer(opening.plain, 0, REFRAINS_CHARS):
            if own_words(opening, match):
                return Refraining(
                    sentence(opening, match),
                    outset=span(opening, match).start == 0,
                    turns=_turns(opening, match.end(), match.end() + PIVOT_CHARS),
                    english=sign is ENGLISH,
                )
    return None


def _declined(passage: Passage, languages: list[Language], short: bool) -> _Declined:
    told, remark = None, ""
    for found in _candidates(passage, languages):
        if not own_words(passage, found.match):
            continue
        declining = Declining(sentence(passage, found.match), span(passage, found.match).start)
        if _is_remark(passage, found, short):
            remark = remark or declining.sentence
        elif found.told:
            told = told or declining
        else:
            return _Declined(declining, told, remark)
    return _Declined(None, told, remark)


def _candidates(passage: Passage, languages: list[Language]) -> Iterator[_Candidate]:
    text, words = passage.plain, passage.vocabulary
    for language in languages:
        yield from (_Candidate(match, False) for match in language.declines.finditer(text, words, len(text)))
        if passage.opens and language.opens:
            yield from (
                _Candidate(match, True) for match in language.opens.finditer(text, words, OPENS_CHARS)
            )


def _is_remark(passage: Passage, found: _Candidate, short: bool) -> bool:
    """Say whether the words only precede an answer that comes after all."""
    start, end = found.match.span()
    pivot = _turns(passage, end, end + PIVOT_CHARS)
    if found.told and pivot:
        return True
    if short and not pivot:
        return False
    limits = CAVEAT.match(passage.plain, end) or LIMITS.search(passage.plain, start, end + LIMIT_CHARS)
    return limits is not None


def _turns(passage: Passage, start: int, end: int) -> bool:
    """Say whether a word such as "however" stands there."""
    text, words = passage.plain, passage.vocabulary
    return any(sign.search(text, words, end, start) for sign in (PIVOT, HOWEVER))
