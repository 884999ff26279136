"""Which language an answer is in, and how much of it is in another one (METRICS §2).

The languages are told by py3langid, over its model's languages with a two-letter code. Chinese is one
language here, however it is written: neither the script nor Cantonese is told apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# What is read of an answer: bounded, whatever its length.
HEAD_CHARS, TAIL_CHARS = 800, 400
PIECE_CHARS = 120
OPENINGS = 1024  # that are kept: models open many an answer in the same words
# Under so many letters, or of a lower confidence, nothing is said.
LEAST_LETTERS = 12
SURE, SURE_OF_PIECE = 0.5, 0.9
MIXED = 0.2
# Languages that read like a large one and are hardly ever asked for: a short answer would be taken for them.
_LEFT_OUT = frozenset({"an", "eo", "fo", "la", "lb", "oc", "se", "vo", "wa"})
_NO_LANGUAGE = "zxx"
_SAME = {"nn": "no", "nb": "no", "bs": "hr", "sr": "hr"}
_BREAK = re.compile(r"(?<=[.!?。！？؟।])\s*|\n+")
_DENSE = re.compile(r"[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class ReplyLanguage(NamedTuple):
    """The language of an answer as a two-letter code, '' where it cannot be told.

    `other` is the share of its letters, a fraction, in pieces that surely read as another language.
    """

    code: str
    other: float


def read(answer: str) -> ReplyLanguage:
    """Return the language of an answer by its first 800 and last 400 characters.

    It is the one that most letters are in, of the pieces that surely read as some language; where there is no
    such piece, the one that the whole reads as.
    """
    text = answer if len(answer) <= HEAD_CHARS + TAIL_CHARS else answer[:HEAD_CHARS] + answer[-TAIL_CHARS:]
    found: Counter[str] = Counter()
    for piece in _pieces(text):
        found[_told(piece, SURE_OF_PIECE)] += _letters(piece)
    letters = found.total()
    del found[""]
    if not found:
        return ReplyLanguage(_told(text, SURE), 0.0)
    (code, most), *_ = found.most_common()
    return ReplyLanguage(code, (found.total() - most) / letters)


def told(text: str) -> str:
    """Return the language that a text begins in, by its first 120 characters; '' where it cannot be told."""
    return _told_once(text[:PIECE_CHARS])


@lru_cache(OPENINGS)
def _told_once(opening: str) -> str:
    return _told(opening, SURE)


def base(tag: str) -> str:
    """Return what a language tag is compared by: `zh` for `zh-Hans`; Serbian, Croatian, Bosnian are one."""
    code = tag.partition("-")[0].lower()
    return _SAME.get(code, code)


def _told(text: str, sure: float) -> str:
    """Return the language of a text, '' where it has too few letters or none is so probable."""
    if _letters(text) < LEAST_LETTERS:
        return ""
    name, probable = _identifier().classify(text)
    return "" if name == _NO_LANGUAGE or probable < sure else base(name)


def _letters(text: str) -> int:
    """Return how many letters a text has; one of a script without spaces counts as four."""
    return sum(map(str.isalpha, text)) + 3 * len(_DENSE.findall(text))


def _pieces(text: str) -> Iterator[str]:
    """Yield the sentences of a text, joined up to the length of a piece while their script stays alike."""
    held, dense = "", False
    for sentence in _BREAK.split(text):
        now = len(_DENSE.findall(sentence)) * 2 > len(sentence)
        if held and (now != dense or len(held) >= PIECE_CHARS // (3 if dense else 1)):
            yield held
            held = ""
        held, dense = f"{held} {sentence}" if held else sentence, now
    if held:
        yield held


@cache
def _identifier() -> LanguageIdentifier:
    # imported here because its model takes most of a second to unpack
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = [name for name in found.labels if len(name) == 2 and name not in _LEFT_OUT]
    found.set_languages([*known, _NO_LANGUAGE])
    return found
