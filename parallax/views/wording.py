"""Which words differ between two texts."""

from __future__ import annotations

import re
from typing import NamedTuple

from rapidfuzz.distance import Indel

# the memory grows with the product of both lengths: 8 MB at this one
MOST_WORDS = 8_000
# a refusal beside an essay: marking all of both tells nothing
LEAST_ALIKE = 0.3
# a character of a script without spaces is a word: kana, Han, Thai, Lao, Burmese, Khmer
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003134f]"
    r"|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+|\s+|."
)


class Piece(NamedTuple):
    """A stretch of a text, and whether the other text lacks it."""

    text: str
    differs: bool


class Wording(NamedTuple):
    """Two texts in pieces; the pieces of a text, put together, are the text."""

    first: tuple[Piece, ...]
    second: tuple[Piece, ...]


def compared(first: str, second: str) -> Wording | None:
    """Return both texts with the words that the other lacks told apart.

    What they share is the longest common sequence of words, signs and blanks; blanks alone between two
    differing stretches count as differing, so that phrases stay whole. None where a text is over 8,000 words
    and signs long, or where they share under 30 % of them.
    """
    old, new = _WORD.findall(first), _WORD.findall(second)
    if max(len(old), len(new)) > MOST_WORDS:
        return None
    if Indel.normalized_similarity(_said(old), _said(new)) < LEAST_ALIKE:
        return None
    in_old, in_new = [True] * len(old), [True] * len(new)
    for step in Indel.opcodes(old, new):
        alike = old[step.src_start : step.src_end]
        if step.tag == "equal" and ("".join(alike).strip() or len(alike) == len(old)):
            in_old[step.src_start : step.src_end] = [False] * len(alike)
            in_new[step.dest_start : step.dest_end] = [False] * len(alike)
    return Wording(_pieces(old, in_old), _pieces(new, in_new))


def _said(words: list[str]) -> list[str]:
    return [word for word in words if word.strip()]


def _pieces(words: list[str], differs: list[bool]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for word, differing in zip(words, differs, strict=True):
        if found and found[-1].differs == differing:
            found[-1] = Piece(found[-1].text + word, differing)
        else:
            found.append(Piece(word, differing))
    return tuple(found)
