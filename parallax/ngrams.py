"""Words and characters of an answer as n-grams, without the words of its prompt and names of countries.

What stays is how something is said, not what about: a model of n-grams that knew the topic or the country
would find the gaps it was taught.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parallax.reading import lowered, tokens, unified

PROMPT_CHARS = 2000
STEM_CHARS = 5
HEAD_WORDS = 40
HIDDEN = "_"
NAME = "§"  # put in place of a name before a text without spaces is taken apart

Keys = NDArray[np.uint64]
_SECOND = np.uint64(1 << 20)  # more than there are words
_HEAD = np.uint64(1 << 63)

OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u9fff]")

# What a prompt shares with every answer; hiding these would hide who declines what.
_CLOSED_TEXT = (
    "i i'm i'd i'll i've me my we our us you your it it's its this that these those they them their he "
    "she his her a an the and or but not no nor if so as at by for from in into of on to with without "
    "about is are was were be been being am do does did don't doesn't can can't cannot could couldn't "
    "will won't would wouldn't should shouldn't must may might have has had how what when where which "
    "who whom why there here than then some any all more most such only also just like too very out up "
    "over ai assistant language model sorry unable help assist provide please however request question "
    "answer content information sure certainly instead en ei on ja se että voi voin olen minä ole mutta "
    "tai kun jos mitä miten miksi"
)
_CLOSED = frozenset(_CLOSED_TEXT.split()) | frozenset(
    "我你您他她它们的是不了在有和就都而及与或着也个这那为以于对能会可要请吗什么怎如何谁哪无法抱歉很作人工智语言模型"
    "提供问题回答"
)


class Asked(NamedTuple):
    """What a prompt asks with: its words, the beginnings of those that name its matter, its script."""

    words: frozenset[str]
    stems: frozenset[str]
    latin: bool


def asked(prompt: str, names: frozenset[str], written: re.Pattern[str]) -> Asked:
    """Return the words of a prompt's last 2,000 characters, without those that any text is made of.

    Names are no matter: how often an answer repeats them depends on the language's grammar.
    """
    plain = lowered(unified(prompt[-PROMPT_CHARS:]))
    words = frozenset(word for word in tokens(plain) if word[0].isalpha()) - _CLOSED
    unnamed = words if plain.isascii() else words & frozenset(tokens(written.sub(NAME, plain)))
    long = (word for word in unnamed - names if len(word) > 3 or word > "\u3040")
    stems = frozenset(word[:STEM_CHARS] for word in long)
    return Asked(words, stems, OTHER_SCRIPT.search(prompt) is None)


def masked(words: Iterable[str], asked: Set[str], names: Set[str]) -> list[str]:
    """Return words with those of the prompt and names replaced by one sign."""
    return [HIDDEN if word in asked or word in names else word for word in words]


class Vocabulary:
    """Known words by number; n-grams as keys of 64 bits."""

    def __init__(self, words: Iterable[str]) -> None:
        self._number = {word: number for number, word in enumerate(words, start=1)}

    def numbers(self, parts: list[list[str]]) -> list[Keys]:
        """Return the numbers of the words of an answer's passages, with a sign for its start and its end.

        An unknown word has the number 0.
        """
        marked = [["^", *parts[0]], *parts[1:]]
        marked[-1] = [*marked[-1], "$"]
        number = self._number.get
        return [np.array([number(word, 0) for word in part], np.uint64) for part in marked]

    def keys(self, numbers: list[Keys]) -> Keys:
        """Return the keys of the n-grams of an answer's passages, given as the numbers of their words.

        Single words and pairs of all passages; of the first forty words also triples, and all of these
        once more as n-grams of the opening. One that occurs twice comes twice.
        """
        found: list[Keys] = []
        for part in numbers:
            found += (part, part[:-1] * _SECOND + part[1:])
        head = numbers[0][:HEAD_WORDS]
        pairs = found[1][: HEAD_WORDS - 1]
        triples = pairs[:-1] * _SECOND + head[2:]
        opening = np.concatenate([head, pairs, triples]) ^ _HEAD
        return np.concatenate([*found, opening])
