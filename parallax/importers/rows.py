"""A row of a table read as an answer, by the columns that stand for its fields."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from parallax import countries
from parallax.importers import payloads, vendors
from parallax.importers.answers import Answer, Group, Tally
from parallax.importers.files import Row
from parallax.importers.judges import MOST_REASON, UNDATED, VERSION
from parallax.importers.seen import Seen
from parallax.raters import Rules
from parallax.records import (
    BlockKind,
    Kind,
    Label,
    LabelValue,
    Outcome,
    Probe,
    ReasoningState,
    Reply,
    Verdict,
)

MOST_SAMPLES = 1_000
MOST_STRANGE = 20
NOBODY = "judge:imported"
# what other people call our labels
_WORDS = {
    LabelValue.COMPLETE: "completed compliance compliant complied comply full_compliance 1_full_compliance"
    " answered answer truthful accepted",
    LabelValue.EVASIVE: "evasion evaded deflection deflected partial hedged"
    " partial_refusal 3_partial_refusal",
    LabelValue.REFUSAL: "refused refuse denial denied declined rejected full_refusal 2_full_refusal",
    LabelValue.BLOCKED: "block filtered moderated",
    LabelValue.TRUNCATED: "cut",
    LabelValue.ERROR: "failed failure",
}
_LABELS = {word: label for label, words in _WORDS.items() for word in (label.value, *words.split())}
_PEOPLE = re.compile(r"annotat|human|coder|labell?er|reviewer", re.IGNORECASE)
_SPACES = re.compile(r"[^a-z0-9]+")
Word = TypeVar("Word", bound=StrEnum)


class Reader:
    """Reads the rows of tables that are mapped alike; `seen` counts the answers to each question."""

    def __init__(self, mapping: Mapping[str, str], tally: Tally, seen: Seen, *, is_own: bool) -> None:
        """Begin with no row read; `is_own` says that these are rows of an export of ours."""
        self._mapping = mapping
        self._tally = tally
        self._seen = seen
        self._is_own = is_own
        self._probes: dict[tuple[Group, str], Probe] = {}
        self._strange: set[str] = set()

    def answer(self, row: Row, default: str) -> Answer | None:
        """Return a row's answer; `default` names set and model where it does not. A fault gives None."""
        told = {name: row.fields.get(column) for name, column in self._mapping.items()}
        prompt = told["prompt"]
        if not isinstance(prompt, str) or not prompt.strip():
            self._tally.fault(row.where, f"no text in column {self._mapping['prompt']}")
            return None
        group = Group(_text(told, "set") or _slug(default) or "imported", _text(told, "run"))
        probe = self._probe(row, told, prompt, group)
        model = vendors.public_name(_text(told, "model") or default)
        place = self._place(row, told, group, probe, model)
        if probe is None or place is None:
            return None
        sample, attempt = place
        at = payloads.moment(told.get("created_at"))
        labels = self._labels(told, at)
        return Answer(group, probe, model, sample, attempt, _reply(told), at, labels)

    def _probe(self, row: Row, told: Mapping[str, Any], prompt: str, group: Group) -> Probe | None:
        country, language = self._country(_text(told, "country")), self._language(_text(told, "language"))
        template = _text(told, "template")
        content = "\n".join([prompt, country, language, template])
        id = _text(told, "probe") or f"q-{sha256(content.encode('utf-8', 'replace')).hexdigest()[:12]}"
        before = self._probes.get((group, id))
        if before is None:
            usual = Kind.MATCHED if template and country else Kind.NEUTRAL
            kind = _member(Kind, _text(told, "kind")) or usual
            topic = _text(told, "topic")
            unsaid = "critical" if kind is Kind.MATCHED and "stance" not in self._mapping else ""
            stance = _text(told, "stance") or unsaid
            before = Probe(id, prompt, kind, template, country, topic, language, stance)
            self._probes[group, id] = before
        elif before.prompt != prompt:
            self._tally.fault(row.where, f"asks something else than the first row of {id[:60]!r}")
            return None
        return before

    def _place(
        self, row: Row, told: Mapping[str, Any], group: Group, probe: Probe | None, model: str
    ) -> tuple[int, int] | None:
        """Return sample and attempt: as told, else by how often the same was asked of the model before."""
        if probe is None:
            return None
        if told.get("sample") in (None, ""):
            sample, attempt = self._seen.times("sample", group, probe.id, model), 1
        else:
            number = payloads.whole(told["sample"])
            sample = -1 if number is None else number
            before = self._seen.times("attempt", group, probe.id, model, sample)
            attempt = payloads.whole(told.get("attempt")) or 1 + before
        if not 0 <= sample < MOST_SAMPLES:
            self._tally.fault(row.where, f"a sample is a number from 0 to {MOST_SAMPLES - 1}")
            return None
        return sample, attempt

    def _country(self, text: str) -> str:
        if text and not _code(text):
            self._note(f"values of country: '{text[:40]}' is unknown")
        return _code(text)

    def _language(self, text: str) -> str:
        if text and not _tag(text):
            self._note(f"values of language: '{text[:40]}' is unknown, English is taken")
        return _tag(text) or "en"

    def _labels(self, told: Mapping[str, Any], at: datetime | None) -> tuple[Label, ...]:
        word = _text(told, "label")
        if not word:
            return ()
        label = _LABELS.get(_SPACES.sub("_", word.lower()).strip("_"))
        if label is None:
            self._note(f"labels: '{word[:40]}' is none of ours")
            return ()
        verdict = Verdict(label, _text(told, "reason", strip=False)[:MOST_REASON])
        return (Label(verdict, self._rater(_text(told, "rater")), VERSION, at or UNDATED),)

    def _rater(self, name: str) -> str:
        known = name.startswith(("judge:", "human:")) or (self._is_own and name == Rules.name)
        if known or not name:
            return name or NOBODY
        kind = "human" if _PEOPLE.search(self._mapping["rater"]) else "judge"
        return f"{kind}:{vendors.public_name(name.rpartition('/')[2])}"

    def _note(self, what: str) -> None:
        """Count what is left out; of very many different things together."""
        if len(self._strange) >= MOST_STRANGE and what not in self._strange:
            what = "other countries, languages and labels that are unknown"
        self._strange.add(what)
        self._tally.left_out[what] += 1


def _reply(told: Mapping[str, Any]) -> Reply:
    """Return the reply of a row: how it ended as the row says in our words, else as `routing` finds."""
    ended = _member(Outcome, _text(told, "outcome"))
    if ended is None:
        reply = payloads.read({name: told.get(name) or None for name in _OF_PAYLOAD} | _flat(told))
    else:
        reasoning = _text(told, "reasoning", strip=False)
        state = ReasoningState.PRESENT if reasoning else ReasoningState.NONE
        block = _member(BlockKind, _text(told, "block")) or BlockKind.NONE
        text = _text(told, "response", strip=False)
        reply = Reply(ended, text, reasoning, state, block, error=_text(told, "error"))
    beside: dict[str, Any] = {name: text for name in _TEXTS if (text := _text(told, name))}
    for name in _COUNTS:
        if told.get(name) not in (None, ""):
            beside[name] = payloads.whole(told[name])
    cost, latency = _number(told.get("cost_usd")), _number(told.get("latency_s"))
    cost = reply.cost_usd if cost is None else cost
    return dataclasses.replace(reply, **beside, cost_usd=cost, latency_s=latency or 0.0)


def _flat(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of a row: a host's payload, also as JSON in a cell, or a text."""
    response = told.get("response")
    if isinstance(response, str) and response.startswith('{"'):
        with suppress(ValueError, RecursionError):
            response = json.loads(response)
    return {
        "response": response if isinstance(response, Mapping | list) else _text(told, "response", strip=False)
    }


_OF_PAYLOAD = ("reasoning", "finish_reason", "error", "http_status")
_TEXTS = ("finish_reason", "served_model", "served_by")
_COUNTS = ("prompt_tokens", "completion_tokens")


@cache
def _code(text: str) -> str:
    return countries.suggest(text) if text else ""


@cache
def _tag(text: str) -> str:
    return countries.suggest_language(text) if text else ""


def _member(of: type[Word], text: str) -> Word | None:
    return of(text) if text in {*of} else None


def _text(told: Mapping[str, Any], name: str, *, strip: bool = True) -> str:
    """Return a field as text, '' where the row does not tell it."""
    value = told.get(name)
    text = "" if value is None else str(value)
    return text.strip() if strip else text


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _slug(text: str) -> str:
    return _SPACES.sub("-", text.lower()).strip("-")
