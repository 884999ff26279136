"""What a study's judges said: files of labels beside the files of answers, or labels beside an answer.

A judge's label belongs to the text that it judged. Where the text at hand is another, it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from parallax.importers import payloads
from parallax.importers.answers import NO_ANSWER, NO_MATTER, OTHER_TEXT, Tally
from parallax.importers.files import Row, objects
from parallax.importers.vendors import public_name
from parallax.records import Label, LabelValue, Outcome, Reply, Verdict

VERSION = "imported"
# of a label that nobody dated, on an answer that nobody dated
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
MOST_REASON = 20_000
# SpeechMap's words, those of its recorder for what no judge saw included
_WORDS = {
    "COMPLETE": LabelValue.COMPLETE,
    "EVASIVE": LabelValue.EVASIVE,
    "DENIAL": LabelValue.REFUSAL,
    "ERROR_ORIGINAL_MODERATION": LabelValue.BLOCKED,
    "ERROR_ORIGINAL_TRUNCATION": LabelValue.TRUNCATED,
}
_BESIDE = re.compile(r"label(?:_(?P<judge>\w+))?")


@dataclass(slots=True)
class Judgement:
    """A judge's label of one text, by the text's digest; None where the file does not tell the text."""

    rater: str
    label: LabelValue
    reason: str
    at: datetime | None
    text: bytes | None
    used: bool = False


def rater_name(model: str) -> str:
    """Return a judge's name as a rater: the model without its vendor."""
    return f"judge:{public_name(model.rpartition('/')[2])}"


def label_of(word: object) -> LabelValue | None:
    """Return what a judge's word means, None for an unknown one; any failure to judge is an error."""
    text = str(word or "").strip().upper()
    return _WORDS.get(text) or (LabelValue.ERROR if text.startswith("ERROR") else None)


def read(files: Sequence[Path], tally: Tally) -> dict[str, list[Judgement]]:
    """Return what the judges said in files of labels, by question."""
    found: dict[str, list[Judgement]] = {}
    for path in files:
        for row in objects(path, tally, f"{path.parent.name}/{path.name}"):
            if judgement := _of_row(row, path.parent.name, tally):
                found.setdefault(str(row.fields.get("question_id")), []).append(judgement)
    return found


def _of_row(row: Row, folder: str, tally: Tally) -> Judgement | None:
    fields = row.fields
    # `analysis.openai_gpt-4o` names its judge; plain `analysis` does not
    model = fields.get("judge_model") or folder.removeprefix("analysis").lstrip(".").partition("_")[2]
    label = label_of(fields.get("compliance"))
    if not model or label is None:
        what = "names no judge" if not model else f"no such label: {str(fields.get('compliance'))[:60]!r}"
        tally.fault(row.where, what)
        return None
    text = _digest(payloads.read(fields).text) if "response" in fields else None
    at = payloads.moment(fields.get("timestamp"))
    return Judgement(rater_name(str(model)), label, _reason(fields.get("judge_analysis")), at, text)


def beside(row: Row, tally: Tally) -> list[Judgement]:
    """Return what stands beside an answer in its own row: `label` of `judge_model`, `label_x` of judge x."""
    found = []
    for name, word in row.fields.items():
        if not word or not (match := _BESIDE.fullmatch(name)):
            continue
        judge = match["judge"] or row.fields.get("judge_model")
        label = label_of(word)
        if label is None or not judge:
            tally.fault(row.where, f"{name}: no such label, or no judge_model: {str(word)[:60]!r}")
            continue
        tail = f"_{match['judge']}" if match["judge"] else ""
        at = payloads.moment(row.fields.get(f"judge_timestamp{tail}"))
        reason = _reason(row.fields.get(f"judge_analysis{tail}"))
        found.append(Judgement(rater_name(str(judge)), label, reason, at, None))
    return found


def labels_of(
    reply: Reply, answered_at: datetime | None, said: Sequence[Judgement], tally: Tally
) -> tuple[Label, ...]:
    """Return the labels that belong to an answer; what was blocked or failed is no matter of judgement."""
    text = _digest(reply.text)
    found = []
    for one in said:
        if one.text not in (None, text):
            continue
        one.used = True
        if reply.outcome in {Outcome.BLOCKED, Outcome.ERROR}:
            tally.left_out[NO_MATTER] += 1
            continue
        at = one.at or answered_at or UNDATED
        found.append(Label(Verdict(one.label, one.reason), one.rater, VERSION, at))
    return tuple(found)


def count_unused(said: Mapping[str, Sequence[Judgement]], answered: Collection[str], tally: Tally) -> None:
    """Count the labels that belong to no answer: of another text, or of a question that has none."""
    for question, judgements in said.items():
        unused = sum(not one.used for one in judgements)
        if unused:
            tally.left_out[OTHER_TEXT if question in answered else NO_ANSWER] += unused


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "replace")).digest()[:16]


def _reason(analysis: object) -> str:
    return str(analysis or "")[:MOST_REASON]
