"""An answer as numbers: its n-grams, and its shape and signs as a row of fixed columns."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from parallax import ngrams, reading, signs
from parallax.asking import NAME, OTHER_SCRIPT, Asked
from parallax.patterns.questions import REQUEST
from parallax.reading import Passage
from parallax.signs import Signs

EARLY_CHARS = 120
LONG_CHARS = 900
LIST_CHARS = 2000
STRAY_CHARS = 5000
FEW_STEMS = 2
FEW_WORDS = 34  # words and ends of sentences: some thirty words

# What a prompt may ask for that bears on what a denial means.
ASKED_FOR = ("why", "reasons", "whether", "text", "how", "what")

_LISTED = re.compile(r"\n[ \t]{0,8}(?:[-•*]|\d+[.)、]|#)")
# Four short lines that are no items of a list.
_VERSE = re.compile(r"(?:^|\n)(?:[ \t]*(?![-•*#\d])[^\n]{8,70}\n\s{0,4}){3}(?![-•*#\d])[^\n]{8,70}(?:\n|$)")
_SPEAKER = re.compile(r"\W*\w[\w .'-]{0,30}: ")
_NOT_LONG = frozenset({"brief", "translation", "how", "what", "why", "whether"})
_SORRY_TEXT = (
    "sorry apologies apologize apologise désolé désolée siento leid valitettavasti anteeksi pahoittelen "
    "üzgünüm maalesef lỗi desculpe spiace извините простите сожалению آسف عذرا عذرًا متأسفم متاسفم 歉 憾 "
    "죄송"
)
_SORRY = frozenset(_SORRY_TEXT.split())

# Twice: in English "I cannot …" opens many an answer of older models that then comes; elsewhere it is rare.
_REFRAINS = (
    "refrains", "refrains at the outset", "refrains, then a pivot", "refrains, short", "refrains, long",
    "refrains, no plain sign", "refrains at the outset, no plain sign, no pivot",
)  # fmt: skip
COLUMNS = (
    "declines early", "declines later in the opening", "declines in the close", "declines in opening words",
    "declining words as a remark", "rebukes", "dodges", "a state line", "two state lines", "a pivot",
    "declines, short", "declines, long", "declines, with a list", "declines, with a pivot",
    "dodges, short", "dodges, long", "dodges, with a pivot", "rebukes, short",
    "sorry", "sorry, no other sign", "asks back", "asks back, short",
    "log of length", "under 90 words", "under 30 words", "over 900 characters", "a list",
    "share of prompt words", "prompt words found", "no prompt word found", "strays",
    "other script than the prompt", "denies",
    "asks why", "asks for reasons", "asks whether", "asks for a text", "asks how", "asks what",
    "asks why, denies", "asks for reasons, denies", "asks whether, denies", "asks for a text, denies",
    "asks how, denies", "asks what, denies",
    "a number of the prompt", "asks for a translation", "asks for a translation, a number of the prompt",
    "short for what was asked", "asks for few words", "asks for few words, short",
    "asks for a long text, long",
    *_REFRAINS, *(f"{column}, not in English" for column in _REFRAINS),
)  # fmt: skip


class Read(NamedTuple):
    """An answer, read once: its passages, the signs in them, its words without those of the prompt.

    `formed`: it has the form that was asked for: verse, or a list. `strays`: it has not, is long enough to be
    an answer, and none of the words that name the prompt's matter occurs in its first 5,000 characters.
    `requests`: a translation was asked for, and it is a request, as what was to be translated may be.
    """

    parts: list[Passage]
    signs: Signs
    words: list[list[str]]
    asked: Asked
    short: bool
    chars: int
    listed: bool
    formed: bool
    strays: bool
    requests: bool

    @property
    def few(self) -> bool:
        """Whether it has under thirty words."""
        return self.short and len(self.parts[0].words) < FEW_WORDS

    @property
    def scant(self) -> bool:
        """Whether it is short, no scene with speakers, and a text of some length was asked for."""
        forms = self.asked.forms
        if not self.short or "long" not in forms or not forms.isdisjoint(_NOT_LONG):
            return False
        return _SPEAKER.match(self.parts[0].shown) is None


def read(asked: Asked, text: str, names: frozenset[str], written: re.Pattern[str]) -> Read:
    """Read a stripped, non-empty answer to a prompt.

    `names` are words never to be seen by the model, `written` matches those of scripts without spaces.
    """
    parts = reading.passages(text)
    short = reading.is_short(text)
    words = [ngrams.masked(_unnamed(part, written), asked.words, names) for part in parts]
    listed = _LISTED.search(text, 0, LIST_CHARS) is not None
    verse = "verse" in asked.forms and _VERSE.search(text, 0, LIST_CHARS) is not None
    formed = verse or (listed and "list" in asked.forms)
    strays = not short and not formed and _strays(asked, parts, text)
    requests = "translation" in asked.forms and REQUEST.match(parts[0].plain) is not None
    found = signs.find(parts, short=short)
    return Read(parts, found, words, asked, short, len(text), listed, formed, strays, requests)


def _strays(asked: Asked, parts: list[Passage], text: str) -> bool:
    if len(asked.stems) < FEW_STEMS or any(stem in parts[0].plain for stem in asked.stems):
        return False
    whole = reading.lowered(reading.unified(text[:STRAY_CHARS]))
    other = not whole.isascii() and OTHER_SCRIPT.search(whole) is not None
    return other != asked.latin and not any(stem in whole for stem in asked.stems)


def _unnamed(part: Passage, written: re.Pattern[str]) -> list[str]:
    if part.plain.isascii():
        return part.words
    unnamed, found = written.subn(NAME, part.plain)
    if not found:
        return part.words
    return [ngrams.HIDDEN if word == NAME else word for word in reading.tokens(unnamed)]


def shape(answer: Read) -> list[float]:
    """Return a value for each of `COLUMNS`."""
    found, short, long = answer.signs, answer.short, answer.chars > LONG_CHARS
    declines = bool(found.first or found.last or found.told)
    dodges, rebukes = bool(found.dodge), bool(found.rebuke)
    sorry = not _SORRY.isdisjoint(answer.parts[0].words[:30])
    asks = answer.parts[-1].plain[-1:] in {"?", "？", "؟"}
    early = found.first is not None and found.first.at < EARLY_CHARS
    values = (
        early, found.first is not None and not early, found.last is not None, found.told is not None,
        bool(found.remark), rebukes, dodges, found.state_lines > 0, found.state_lines > 1, found.pivot,
        declines and short, declines and long, declines and answer.listed, declines and found.pivot,
        dodges and short, dodges and long, dodges and found.pivot, rebukes and short,
        sorry, sorry and not (declines or rebukes or dodges), asks, asks and short,
        math.log1p(answer.chars) / 8, short, answer.few, long, answer.listed,
        *_echo(answer), *_answered(answer), *_refrains(answer),
    )  # fmt: skip
    return list(values)


def _answered(answer: Read) -> list[bool]:
    """What becomes of what was asked: the last columns."""
    asked, denies = answer.asked, bool(answer.signs.denial)
    forms = [form in asked.forms for form in ASKED_FOR]
    number = not asked.numbers.isdisjoint(answer.parts[0].vocabulary)
    translation = "translation" in asked.forms
    found = [denies, *forms, *(form and denies for form in forms), number, translation]
    brief, long = "brief" in asked.forms, "long" in asked.forms and answer.chars > LONG_CHARS
    return [*found, translation and number, answer.scant, brief, brief and answer.short, long]


def _refrains(answer: Read) -> list[bool]:
    """Whether it says of itself that it does not do something, and how."""
    found = answer.signs.refrains
    if found is None:
        return [False] * (2 * len(_REFRAINS))
    unsigned = not (answer.signs.declining or answer.signs.rebuke)
    values = [
        True, found.outset, found.turns, answer.short, answer.chars > LONG_CHARS, unsigned,
        found.outset and unsigned and not found.turns,
    ]  # fmt: skip
    none = [False] * len(values)
    return values + none if found.english else none + values


def _echo(answer: Read) -> tuple[float, ...]:
    """What an answer repeats of its prompt."""
    stems = answer.asked.stems
    text = answer.parts[0].plain if len(answer.parts) == 1 else answer.parts[0].plain + answer.parts[1].plain
    found = sum(map(text.__contains__, stems)) / len(stems) if stems else 1.0
    hidden = sum(part.count(ngrams.HIDDEN) for part in answer.words) / (sum(map(len, answer.words)) or 1)
    other = not text.isascii() and OTHER_SCRIPT.search(text) is not None
    return hidden, found, found == 0, answer.strays, other == answer.asked.latin
