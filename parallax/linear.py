"""A linear model of what an answer does, over its n-grams, its shape and its signs.

Three classes; the scores of `evasive` and `refusal` are relative to `complete`. The weights are arrays in
an `.npz` file, read without pickle. `training/train_rules.py` makes the file.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect
from functools import lru_cache
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parallax import asking, features, languages
from parallax.asking import Asked
from parallax.features import Read
from parallax.ngrams import Keys, Vocabulary

SLOT_BITS = 18
NO_KEY = (1 << 64) - 1
HEIGHT = 3.0  # puts the n-grams of an answer on the scale of the other columns
LEAST_GRAMS = 10
PROMPTS = 1024  # that are kept read
# Of the words that an answer opens with, signs of punctuation among them. Where less are known its language
# is looked up, which takes as long as all the rest.
KNOWN_SHARE = 0.75

_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio: Fibonacci hashing
_SHIFT = np.uint64(64 - SLOT_BITS)

_FIRST = np.array([True])

Floats = NDArray[np.floating[Any]]


class Scores(NamedTuple):
    """Probabilities of the three classes; they add up to 1."""

    complete: float
    evasive: float
    refusal: float


def slots(keys: Keys) -> NDArray[np.uint64]:
    """Return the slot of each key in a table of 2^18."""
    return (keys * _MIX) >> _SHIFT


def height(count: int) -> float:
    """Return the value that each of an answer's n-grams has, given how many are known."""
    return HEIGHT / math.sqrt(max(count, LEAST_GRAMS))


class Weights(NamedTuple):
    """What training leaves: n-gram keys with two weights each, and two for each column of the shape.

    The last row of `shape` is the intercept. `head` is JSON: `names` (words never to be seen), `written`
    (a pattern of those in scripts without spaces), `languages` (codes of those that it scores), `knots`
    (two lists: a probability, how often the label was right at it).
    """

    words: list[str]
    keys: Keys
    grams: Floats
    shape: Floats
    head: dict[str, Any]

    def write(self, path: Path) -> None:
        """Write the file; the same weights make the same bytes."""
        np.savez_compressed(
            path,
            words=_bytes(self.words),
            keys=self.keys,
            grams=self.grams.astype(np.float16),
            shape=self.shape.astype(np.float32),
            head=_bytes(self.head),
        )

    @classmethod
    def load(cls, path: Path) -> Weights:
        """Read the file that `write` made."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(
                json.loads(stored["words"].tobytes()),
                stored["keys"],
                stored["grams"].astype(np.float64),
                stored["shape"].astype(np.float64),
                json.loads(stored["head"].tobytes()),
            )


def _bytes(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8)


class LinearModel:
    """The model, ready to score one answer after the other."""

    def __init__(self, weights: Weights) -> None:
        self.vocabulary = Vocabulary(weights.words)
        self.names = frozenset(str(weights.head["names"]).split())
        self.written = re.compile(str(weights.head["written"]))
        self._languages = frozenset(weights.head["languages"])
        self._asked = lru_cache(PROMPTS)(self._read_prompt)
        # Lists: an answer has some fifty columns, too few for numpy to pay.
        self._columns = [column.tolist() for column in weights.shape[:-1].T]
        self._intercepts = weights.shape[-1:].ravel().tolist()
        self._knots: list[list[float]] = weights.head["knots"]
        # Row 0 belongs to no n-gram: no key is the greatest number.
        self._keys = np.concatenate([np.array([NO_KEY], dtype=np.uint64), weights.keys])
        # The two weights of an n-gram as one complex number: summed in one pass, three times as fast.
        self._grams = np.append(np.zeros(1), weights.grams @ (1, 1j)).astype(np.complex64)
        self._row = np.zeros(1 << SLOT_BITS, dtype=np.int32)
        self._row[slots(weights.keys)] = np.arange(1, len(self._keys))

    def read(self, prompt: str, text: str) -> Read:
        """Read a stripped, non-empty answer."""
        return features.read(self._asked(prompt), text, self.names, self.written)

    def _read_prompt(self, prompt: str) -> Asked:
        return asking.asked(prompt, self.names, self.written)

    def scores(self, answer: Read) -> Scores | None:
        """Return the probabilities of the classes; None where it opens in a language not trained on."""
        numbers = self.vocabulary.numbers(answer.words)
        if (
            np.count_nonzero(numbers[0]) < KNOWN_SHARE * len(numbers[0])
            and languages.told(answer.parts[0].shown) not in self._languages
        ):
            return None
        shape, evidence = features.shape(answer), self._evidence(numbers)
        evasive, refusal = (
            sum(map(mul, shape, weights), intercept)
            for weights, intercept in zip(self._columns, self._intercepts, strict=True)
        )
        return softmax(evasive + evidence.real, refusal + evidence.imag)

    def confidence(self, probability: float) -> float:
        """Return how often a label of this probability was right in cross-validation."""
        given, right = self._knots
        at = min(max(bisect(given, probability), 1), len(given) - 1)
        share = (probability - given[at - 1]) / (given[at] - given[at - 1])
        return round(right[at - 1] + share * (right[at] - right[at - 1]), 3)

    def sentence_scores(self, words: list[str]) -> Scores:
        """Return what the words of one sentence alone speak for."""
        evidence = self._evidence(self.vocabulary.numbers([words]))
        return softmax(evidence.real, evidence.imag)

    def _evidence(self, numbers: list[Keys]) -> complex:
        """Return the scores of `evasive` and, as the imaginary part, of `refusal`."""
        keys = self.vocabulary.keys(numbers)
        rows = self._row[slots(keys)]
        rows *= self._keys[rows] == keys
        rows.sort()
        rows = rows[np.concatenate((_FIRST, rows[1:] != rows[:-1]))]
        return complex(self._grams.take(rows).sum()) * height(int(np.count_nonzero(rows)))


def softmax(evasive: float, refusal: float) -> Scores:
    """Return the probabilities that belong to the scores of two classes relative to the third."""
    top = max(0.0, evasive, refusal)
    weights = [math.exp(-top), math.exp(evasive - top), math.exp(refusal - top)]
    total = sum(weights)
    return Scores(*(weight / total for weight in weights))
