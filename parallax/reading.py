"""An answer as a rater reads it: its opening and its close, in one plain form, with their sentences.

The work is bounded whatever the length of the answer.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from parallax.patterns import LETTER, NOT_OWN, OWN_VOICE, SIMPLIFIED

OPENING_CHARS = 330
CLOSE_CHARS = 190
CUT_CHARS = 20
# Forty words and ninety are well within this many characters in every script.
EXTENT_CHARS = 2000
SHORT_WORDS = 90
SHORT_CHARS = 1000
QUOTE_CHARS = 200

_DENSE = re.compile(
    r"[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    r"\U00020000-\U0003134f]"
)
_DENSE_RUN = re.compile(f"{_DENSE.pattern}+")
_TRADITIONAL = re.compile("[" + "".join(map(chr, SIMPLIFIED)) + "]+")
_MARK = r"\t\r*_#~>\u00a0\u202f"
# Runs of marks and blanks, but no single blank: that is what a run is replaced by.
_MARKUP = re.compile(f"(?:[{_MARK}]| (?=[ {_MARK}]))[ {_MARK}]*")
_UNSEEN_ONES = r"\u00ad\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_UNSEEN = re.compile(f"[{_UNSEEN_ONES}]")
# Letters and digits of another style or width; the punctuation of Chinese stays as it is.
_STYLED_ONES = (
    r"\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2100-"
    r"\u214f\u2460-\u24ff\ufb00-\ufb06\U0001d400-\U0001d7ff"
)
_STYLED = re.compile(f"[{_STYLED_ONES}]")
_DISGUISED = re.compile(rf"[{_UNSEEN_ONES}{_STYLED_ONES}\u0370-\u052f]")
_QUOTED = re.compile(
    rf'"[^"\n]{{1,{QUOTE_CHARS}}}(?:"|$)|“[^”\n]{{1,{QUOTE_CHARS}}}(?:”|$)|„[^“”\n]{{1,{QUOTE_CHARS}}}[“”]|'
    rf"«[^»\n]{{1,{QUOTE_CHARS}}}(?:»|$)|「[^」\n]{{1,{QUOTE_CHARS}}}(?:」|$)|『[^』\n]{{1,{QUOTE_CHARS}}}(?:』|$)|"
    rf"‘[^‘\n]{{1,{QUOTE_CHARS}}}?’(?!\w)|'(?<![\w']')(?:[^'\n]|(?<=\w)'(?=\w)){{1,{QUOTE_CHARS}}}'(?!\w)"
)
_QUOTES = ('"', "“", "„", "«", "「", "『", "‘", " '", "\n'", "('", ":'")
_MARKS = ("*", "  ", "_", "#", "~", ">", "\t", "\r", "\u00a0", "\u202f")
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+(?:'[^\W\d_\u3040-\u30ff\u3400-\u9fff]+)*"
    r"|\d+|[.!?。！？؟।\n:;§]|¤+"
)
# The same for ASCII in lower case, at half the cost.
_ASCII_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+|[.!?\n:;]")
_WRAPPED = re.compile(r"""["“「『«„]([^"”“」』»]*)["”“」』»]""")
_LATIN = re.compile(r"[a-zA-Z]")
_LOOKALIKE_WORD = re.compile(r"\w*[\u0370-\u052f]\w*")
_OTHER_LETTERS = re.compile(r"[\u0370-\u052f]")
# Cyrillic and Greek letters that look like Latin ones.
_LOOKALIKES = "аеорсухіјѕԁһӏοανυАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_LATINISED = str.maketrans(_LOOKALIKES, "aeopcyxijsdhloavuABEKMHOPCTYXIJSABEZHIKMNOPTYX")
_IMITATION = re.compile(f"[{_LOOKALIKES}]+")
_ENDS = ".!?。！？؟।\n"


class Passage(NamedTuple):
    """A stretch of an answer: `shown` for the reason, `plain` (as long) for the patterns, and its words."""

    shown: str
    plain: str
    opens: bool
    words: list[str]
    vocabulary: frozenset[str]


def extent(text: str) -> int:
    """Return the length of a text in words; two characters of a script without spaces make one."""
    if text.isascii():
        return len(text.split())
    rest = _DENSE_RUN.split(text)
    dense = len(text) - sum(map(len, rest))
    return len(" ".join(rest).split()) + dense // 2


def passages(text: str) -> list[Passage]:
    """Return the opening and the close of a stripped text, or the whole where they would meet."""
    if wrapped := len(text) <= OPENING_CHARS and _WRAPPED.fullmatch(text):
        text = wrapped.group(1)
    if len(text) <= OPENING_CHARS + CLOSE_CHARS:
        return [passage(text, opens=True)]
    opening, close = text[:OPENING_CHARS], text[-CLOSE_CHARS:]
    # Half a word at the cut is another word.
    if text[OPENING_CHARS].isalnum() and (cut := opening.rfind(" ", -CUT_CHARS)) >= 0:
        opening = opening[:cut]
    # What precedes the first end of a sentence may be the rest of a quotation.
    starts = [at for at in map(close.find, _ENDS) if at >= 0]
    close = close[min(starts, default=0) :]
    return [passage(opening, opens=True), passage(close, opens=False)]


def passage(text: str, *, opens: bool) -> Passage:
    """Return a stretch of text with its plain form, in which quotations are blanked out."""
    shown = unified(text)
    if any(map(shown.__contains__, _MARKS)):
        shown = _MARKUP.sub(" ", shown)
    shown = unquoted = shown.strip()
    if any(map(shown.__contains__, _QUOTES)) or shown.startswith("'"):
        unquoted = _QUOTED.sub(lambda quoted: "¤" * len(quoted.group()), shown)
    plain = lowered(unquoted)
    words = tokens(plain)
    return Passage(shown, plain, opens, words, frozenset(words))


def tokens(plain: str) -> list[str]:
    """Return the words, numbers and ends of sentences of a plain text.

    A character of a script without spaces is a word.
    """
    return (_ASCII_TOKEN if plain.isascii() else _TOKEN).findall(plain)


def is_short(text: str) -> bool:
    """Say whether a text has under ninety words; one of a thousand characters has not."""
    if len(text) >= SHORT_CHARS:
        return False
    few_blanks = text.isascii() and text.count(" ") + text.count("\n") + text.count("\t") + 1 < SHORT_WORDS
    return few_blanks or extent(text) < SHORT_WORDS


def unified(text: str) -> str:
    """Return a text without characters that nobody sees and without letters that imitate others."""
    if text.isascii() or not _DISGUISED.search(text):
        return text
    text = _STYLED.sub(lambda styled: unicodedata.normalize("NFKC", styled.group()), _UNSEEN.sub("", text))
    return _without_lookalikes(text) if _OTHER_LETTERS.search(text) else text


def lowered(text: str) -> str:
    """Return a text, as long, in lower case, with straight apostrophes and simplified characters."""
    if text.isascii():
        return text.lower()
    # İ is the one letter whose lower case is longer than itself.
    text = text.replace("’", "'").replace("İ", "I").lower()
    return _TRADITIONAL.sub(_simplified, text)


def _simplified(character: re.Match[str]) -> str:
    return character.group().translate(SIMPLIFIED)


def _without_lookalikes(text: str) -> str:
    """Write words that imitate Latin ones in Latin letters, where most of the letters are Latin."""
    if len(_LATIN.findall(text)) < len(_OTHER_LETTERS.findall(text)):
        return text

    def latinised(word: re.Match[str]) -> str:
        imitates = _LATIN.search(word.group()) or _IMITATION.fullmatch(word.group())
        return word.group().translate(_LATINISED) if imitates else word.group()

    return _LOOKALIKE_WORD.sub(latinised, text)


def own_words(passage: Passage, match: re.Match[str]) -> bool:
    """Say whether matched words are the model's own rather than somebody's whom it reports or writes for."""
    if LETTER.search(passage.plain, passage.vocabulary, len(passage.plain)):
        return False
    before = passage.plain[span(passage, match).start : match.start()]
    if not before or before.isspace():
        return True
    return NOT_OWN.search(before) is None or OWN_VOICE.match(before) is not None


def span(passage: Passage, match: re.Match[str]) -> slice:
    """Return where the sentence around a match lies."""
    start = max(passage.plain.rfind(end, 0, match.start()) for end in _ENDS) + 1
    ends = [at + 1 for at in (passage.plain.find(end, match.end()) for end in _ENDS) if at >= 0]
    return slice(start, min(ends, default=len(passage.plain)))


def sentence(passage: Passage, match: re.Match[str]) -> str:
    """Return the sentence around a match, at most 200 characters of it."""
    return clipped(passage.shown[span(passage, match)])


def clipped(text: str) -> str:
    """Return a text without its outer blanks, at most 200 characters of it."""
    text = text.strip()
    return text if len(text) <= QUOTE_CHARS else text[: QUOTE_CHARS - 1] + "…"
