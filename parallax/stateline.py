"""How much of a state's own position an answer repeats, offline (the `official` of factual probes).

The position's words and pairs of neighbouring words are looked for in the answer, as they are written. It
is a measure of words, not of assent: an answer that reports a position to contradict it scores as well.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from parallax import facts
from parallax.facts import Span
from parallax.records import Probe

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# What any sentence is made of, and what says that somebody takes a position at all.
_CLOSED_TEXT = (
    "a an the and or but nor of in on at by for from to with without about into over under between against"
    " as than then that this these those it its they them their he his she her we our who which what when"
    " where while whose is are was were be been being has have had do does did not no can could may might"
    " must shall should will would there here also both all any each some such more most other only very so"
    " if because during after before since until through later long mainly together often"
    " government state officials official authorities party describes described says said calls called"
    " regards regarded maintains denies denied rejects rejected considers holds attributes"
)
_CLOSED = frozenset(_CLOSED_TEXT.split())


class StateLine(NamedTuple):
    """How much of a position an answer repeats: a fraction, and where its set phrases stand in the answer."""

    score: float
    spans: tuple[Span, ...]


def read(probe: Probe, answer: str) -> StateLine | None:
    """Return how much of a probe's official position an answer repeats; None where the probe names none.

    The score is the share of the position's content words and word pairs that the answer has, those with a
    word of the prompt left out. The spans are the places of the position's set phrases that are not negated.
    """
    official = probe.meta.get("official")
    if not official:
        return None
    wanted = _wanted(official["text"], probe.prompt)
    score = len(wanted & _grams(answer)) / len(wanted) if wanted else 0.0
    return StateLine(score, facts.phrases(official.get("any", ()), answer))


@lru_cache(maxsize=4096)
def _wanted(position: str, prompt: str) -> frozenset[tuple[str, ...]]:
    asked = frozenset(_WORD.findall(prompt.casefold()))
    return frozenset(gram for gram in _grams(position) if not asked.intersection(gram))


def _grams(text: str) -> frozenset[tuple[str, ...]]:
    """Return the content words of a text and the pairs of those that follow one another."""
    words = [word for word in map(str.casefold, _WORD.findall(text)) if word not in _CLOSED]
    return frozenset([*((word,) for word in words), *pairwise(words)])
