"""What a prompt asks: for what, and with which words."""

from __future__ import annotations

import re
from typing import NamedTuple

from parallax.patterns.questions import ASKS
from parallax.reading import lowered, tokens, unified

PROMPT_CHARS = 2000
QUESTION_CHARS = 200  # at the end, where the question is
STEM_CHARS = 5
NAME = "§"  # put in place of a name before a text without spaces is taken apart

OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u9fff\uac00-\ud7af]")
_ENDING = re.compile(r"(?<=\w{4})(?:ing|ed|es|s)$", re.ASCII)
# Where the last turn of a conversation begins that a prompt tells.
_TURN = re.compile(r"(?:^|\n)[ \t]*(?:user|human)[ \t]*:")

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

# What a prompt says of the answer rather than of its matter: an answer to another question has them as well.
_OF_ANSWERS_TEXT = (
    "write give tell make list create describe explain suggest share summarize summarise name show discuss "
    "compose draft generate idea ideas tip tips way ways thing things concept example examples short simple "
    "good best great fun easy common popular unique classic main important main different difference between "
    "function process detail details topic topics help need want know think people person use used using get "
    "take work time day year first one two three new old long"
)
_OF_ANSWERS = frozenset(_OF_ANSWERS_TEXT.split())


class Asked(NamedTuple):
    """What a prompt asks: its words, the beginnings of those that name its matter, its script.

    `numbers`: those in it, as written; `forms`: which of `ASKS` its end asks for.
    """

    words: frozenset[str]
    stems: frozenset[str]
    latin: bool
    numbers: frozenset[str]
    forms: frozenset[str]


def asked(prompt: str, names: frozenset[str], written: re.Pattern[str]) -> Asked:
    """Return what the last 2,000 characters of a prompt ask, without words that any text is made of.

    Names are no matter: how often an answer repeats them depends on the language's grammar.
    """
    plain = lowered(unified(prompt[-PROMPT_CHARS:])).strip()
    *_, turn = _TURN.split(plain)
    plain = turn.strip() or plain
    found = tokens(plain)
    words = frozenset(word for word in found if word[0].isalpha()) - _CLOSED
    unnamed = words if plain.isascii() else words & frozenset(tokens(written.sub(NAME, plain)))
    long = (word for word in unnamed - names - _OF_ANSWERS if len(word) > 2 or word > "\u3040")
    return Asked(
        words,
        frozenset(_ENDING.sub("", word)[:STEM_CHARS] for word in long),
        OTHER_SCRIPT.search(prompt) is None,
        frozenset(filter(str.isdecimal, found)),
        frozenset(form for form, pattern in ASKS.items() if pattern.search(plain[-QUESTION_CHARS:])),
    )
