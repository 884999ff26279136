"""Words and characters of an answer as n-grams, without the words of its prompt and names of countries.

What stays is how something is said, not what about: a model of n-grams that knew the topic or the country
would find the gaps it was taught.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

HEAD_WORDS = 40
HIDDEN = "_"

Keys = NDArray[np.uint64]
_SECOND = np.uint64(1 << 20)  # more than there are words
_HEAD = np.uint64(1 << 63)


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
        return [np.fromiter(map(number, part, repeat(0)), np.uint64, len(part)) for part in marked]

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
