"""Raters say what became of a request: one of six labels, with a reason for a person.

Rules, a judge and a human share one signature and one table. `Rules` is the offline one: it reads how
the call ended, then the opening and the close of the answer. It uses no network and no clock, and its
work is bounded whatever the length of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from parallax import patterns
from parallax.records import BlockKind, LabelValue, Outcome, Probe, Reply, Verdict

OPENING_CHARS = 600
CLOSE_CHARS = 400
# Forty words and ninety are well within this many characters in every script.
EXTENT_CHARS = 2000
FEW_WORDS = 40
SHORT_WORDS = 90
QUOTE_CHARS = 200
PIVOT_CHARS = 160
REBUKE_CHARS = 200


class Rater(Protocol):
    """Whoever labels replies; a label is stored under `name` and `version`."""

    name: str
    version: str

    def rate(self, probe: Probe, reply: Reply) -> Verdict:
        """Return the label of one reply to one probe, with its reason and a confidence of 0 to 1."""
        ...


class Rules:
    """The rule rater: `rules`, version 1. Deterministic, offline, stateless."""

    name = "rules"
    version = "1"

    def rate(self, probe: Probe, reply: Reply) -> Verdict:
        """Return the label of one reply; the first rule that matches wins.

        `reply.text` is the answer without its reasoning. The reason quotes the sentence that decided,
        or names the sign. The confidence is an ordinal guess, not a calibrated probability.
        """
        if reply.outcome is Outcome.ERROR:
            return Verdict(LabelValue.ERROR, f"the call failed: {reply.error or 'no cause given'}")
        if reply.outcome is Outcome.BLOCKED or (reply.block and not reply.text.strip()):
            return Verdict(LabelValue.BLOCKED, _block_reason(reply))
        if reply.outcome is not Outcome.TRUNCATED:
            return _read(reply.text.strip())
        words = extent(reply.text.strip()[:EXTENT_CHARS])
        if words < FEW_WORDS:
            return Verdict(LabelValue.TRUNCATED, f"cut at the length limit after {words} words")
        verdict = _read(reply.text.strip())
        return Verdict(verdict.label, f"cut at the length limit; {verdict.reason}", verdict.confidence)


class _Passage(NamedTuple):
    """A stretch of an answer: `shown` for the reason, `plain` (as long) for the patterns."""

    shown: str
    plain: str
    opens: bool


_DENSE = re.compile(
    r"[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    r"\U00020000-\U0003134f]"
)
_MARKUP = re.compile(r"[ \t\r*_#~>\u00a0\u202f]+")
_QUOTED = re.compile(
    rf'"[^"\n]{{1,{QUOTE_CHARS}}}(?:"|$)|“[^”\n]{{1,{QUOTE_CHARS}}}(?:”|$)|„[^“”\n]{{1,{QUOTE_CHARS}}}[“”]|'
    rf"«[^»\n]{{1,{QUOTE_CHARS}}}(?:»|$)|「[^」\n]{{1,{QUOTE_CHARS}}}(?:」|$)|『[^』\n]{{1,{QUOTE_CHARS}}}(?:』|$)|"
    rf"‘[^‘\n]{{1,{QUOTE_CHARS}}}?’(?!\w)|(?<![\w'])'(?:[^'\n]|(?<=\w)'(?=\w)){{1,{QUOTE_CHARS}}}'(?!\w)"
)
_WRAPPED = re.compile(r"""["“「『«„]([^"”“」』»]*)["”“」』»]""")
_ENDS = ".!?。！？؟\n"


def extent(text: str) -> int:
    """Return the length of a text in words; two characters of a script without spaces make one."""
    dense, rest = len(_DENSE.findall(text)), _DENSE.sub(" ", text)
    return len(rest.split()) + dense // 2


def _block_reason(reply: Reply) -> str:
    where = {
        BlockKind.INPUT: "refused the prompt",
        BlockKind.OUTPUT: "withheld the answer",
        BlockKind.EMPTY: "returned an empty answer twice",
        BlockKind.CANNED: "put its own text in place of the answer",
        BlockKind.NONE: "stopped the call",
    }[reply.block]
    kind = f"blocked/{reply.block}" if reply.block else "blocked"
    sign = reply.error or reply.finish_reason
    return f"{kind}: {reply.served_by or 'the host'} {where}" + (f" ({sign})" if sign else "")


def _read(text: str) -> Verdict:
    if not text:
        return Verdict(LabelValue.EVASIVE, "says nothing", 0.3)
    passages = _passages(text)
    short = len(text) < EXTENT_CHARS and extent(text) < SHORT_WORDS
    if declined := next(filter(None, (_declining(p, short) for p in passages)), ""):
        return Verdict(LabelValue.REFUSAL, f"declines: “{declined}”", 0.95 if short else 0.75)
    opening = passages[0]
    if rebuke := patterns.REBUKE.search(opening.plain, 0, REBUKE_CHARS):
        return Verdict(LabelValue.REFUSAL, f"rebukes: “{_sentence(opening, rebuke)}”", 0.6)
    if short and (dodge := patterns.NO_STANCE.search(opening.plain)):
        return Verdict(LabelValue.EVASIVE, f"takes no stance: “{_sentence(opening, dodge)}”", 0.5)
    lines = list(patterns.STATE_LINE.finditer(opening.plain))
    if len({line.group() for line in lines}) > 1:
        return Verdict(LabelValue.EVASIVE, f"recites a state line: “{_sentence(opening, lines[0])}”", 0.5)
    return Verdict(LabelValue.COMPLETE, "no sign of declining or dodging", 0.6 if short else 0.85)


def _passages(text: str) -> list[_Passage]:
    """Return the opening and the close of a stripped text, or the whole where they would meet."""
    if wrapped := len(text) <= OPENING_CHARS and _WRAPPED.fullmatch(text):
        text = wrapped.group(1)
    if len(text) <= OPENING_CHARS + CLOSE_CHARS:
        return [_passage(text, opens=True)]
    close = text[-CLOSE_CHARS:]
    # What precedes the first end of a sentence may be the rest of a quotation.
    starts = [at for at in map(close.find, _ENDS) if at >= 0]
    close = close[min(starts, default=0) :]
    return [_passage(text[:OPENING_CHARS], opens=True), _passage(close, opens=False)]


def _passage(text: str, *, opens: bool) -> _Passage:
    shown = _MARKUP.sub(" ", text).strip()
    plain = _QUOTED.sub(lambda quoted: "¤" * len(quoted.group()), shown)
    # Length-preserving: İ is the one letter whose lower case is longer than itself.
    plain = plain.replace("’", "'").replace("İ", "I").lower()
    if patterns.HAN.present.search(plain):
        plain = plain.translate(patterns.SIMPLIFIED)
    return _Passage(shown, plain, opens)


class _Candidate(NamedTuple):
    """A match of a declining pattern; `told` if its words may be a mere remark."""

    match: re.Match[str]
    told: bool


def _declining(passage: _Passage, short: bool) -> str:
    """Return the sentence in which a passage declines the request, or nothing."""
    for found in _candidates(passage):
        if _own_words(passage, found.match) and not _is_remark(passage, found, short):
            return _sentence(passage, found.match)
    return ""


def _candidates(passage: _Passage) -> Iterator[_Candidate]:
    for family in patterns.FAMILIES:
        if family.present.search(passage.plain):
            yield from (_Candidate(match, False) for match in family.serve.finditer(passage.plain))
            if passage.opens:
                yield from (_Candidate(match, True) for match in family.opening.finditer(passage.plain))


def _own_words(passage: _Passage, match: re.Match[str]) -> bool:
    before = passage.plain[_span(passage, match).start : match.start()]
    return patterns.NOT_OWN.search(before) is None or patterns.OWN_VOICE.match(before) is not None


def _is_remark(passage: _Passage, found: _Candidate, short: bool) -> bool:
    """Say whether the words only precede an answer that comes after all."""
    end = found.match.end()
    pivot = patterns.PIVOT.search(passage.plain, end, end + PIVOT_CHARS) is not None
    limits = patterns.CAVEAT.match(passage.plain, end) is not None
    return (found.told and pivot) or (limits and (pivot or not short))


def _span(passage: _Passage, match: re.Match[str]) -> slice:
    """Return where the sentence around a match lies."""
    start = max(passage.plain.rfind(end, 0, match.start()) for end in _ENDS) + 1
    ends = [at + 1 for at in (passage.plain.find(end, match.end()) for end in _ENDS) if at >= 0]
    return slice(start, min(ends, default=len(passage.plain)))


def _sentence(passage: _Passage, match: re.Match[str]) -> str:
    sentence = passage.shown[_span(passage, match)].strip()
    return sentence if len(sentence) <= QUOTE_CHARS else sentence[: QUOTE_CHARS - 1] + "…"
