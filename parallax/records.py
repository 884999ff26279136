"""The frozen types that every part of Parallax speaks.

The words are those of the field: a *cell* is one (run, probe, model, sample), an *attempt* is one
request for a cell, a *response* is the attempt that counts for its cell, a *label* is what a rater
said of it. Nothing here reads a file, a clock or the environment.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Outcome(StrEnum):
    """How a call ended, whatever the text says."""

    OK = "ok"
    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    ERROR = "error"


class LabelValue(StrEnum):
    """What a rater says of a response; the order is the order of precedence."""

    ERROR = "error"
    BLOCKED = "blocked"
    TRUNCATED = "truncated"
    REFUSAL = "refusal"
    EVASIVE = "evasive"
    COMPLETE = "complete"


# what is said of a text, from the most willing to the least; the other labels say how a call ended
JUDGED = (LabelValue.COMPLETE, LabelValue.EVASIVE, LabelValue.REFUSAL)


class BlockKind(StrEnum):
    """Where the provider stopped a call: at the prompt, at the answer, or without a word."""

    NONE = ""
    INPUT = "input"
    OUTPUT = "output"
    EMPTY = "empty"
    CANNED = "canned"


class ReasoningState(StrEnum):
    """What is known of a model's reasoning trace."""

    NONE = "none"
    EMPTY = "empty"
    PRESENT = "present"
    HIDDEN = "hidden"


class Kind(StrEnum):
    """What a probe is for."""

    MATCHED = "matched"
    FACTUAL = "factual"
    NEUTRAL = "neutral"
    BENIGN = "benign"
    OVERREFUSAL = "overrefusal"
    HARMFUL = "harmful"
    PAIR = "pair"
    CANARY = "canary"


class RunState(StrEnum):
    """Where a run stands, as its spool folder tells it."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    FINISHED = "finished"


def content_hash(value: object) -> str:
    """Return the SHA-256 of a JSON-able value in canonical form, as 64 hex digits."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Probe:
    """One prompt and what is known of it.

    `template` is shared by matched probes that differ only in their country; a probe without one
    stands for itself. `country` is an ISO 3166-1 alpha-2 code or `EU`, `language` a BCP 47 tag.
    """

    id: str
    prompt: str
    kind: Kind = Kind.MATCHED
    template: str = ""
    country: str = ""
    topic: str = ""
    language: str = "en"
    stance: str = ""
    act: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    def canonical(self) -> dict[str, Any]:
        """Return the probe as a JSON-able mapping without its empty fields."""
        return {k: v for k, v in dataclasses.asdict(self).items() if v not in ("", {}, None)}


@dataclass(frozen=True, slots=True)
class ProbeSet:
    """A validated, content-hashed set of probes."""

    id: str
    title: str
    version: str
    license: str
    author: str
    probes: tuple[Probe, ...]

    @property
    def hash(self) -> str:
        """The SHA-256 of the canonical form: a changed file is another version."""
        head = [self.id, self.title, self.version, self.license, self.author]
        return content_hash([head, *(probe.canonical() for probe in self.probes)])


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider allows: calls at once, requests and tokens a minute (0: not limited)."""

    concurrency: int = 8
    rpm: int = 0
    tpm: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input_per_million: float
    output_per_million: float


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """An entry of `models.toml`; `api_key_env` names the variable, never the key."""

    id: str
    litellm: str
    developer: str = ""
    home: str = ""
    api_base: str = ""
    api_key_env: str = ""
    system: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    license: str = ""
    open_weights: bool = False
    released: date | None = None
    base: str = ""
    quantization: str = ""
    limits: Limits = Limits()
    price: Price | None = None

    @property
    def hash(self) -> str:
        """What makes it this model and no other: name, base, system prompt, parameters."""
        return content_hash([self.litellm, self.api_base, self.system, dict(self.params)])

    @property
    def provider(self) -> str:
        """Who it is asked through: host and port of `api_base`, else the first part of the litellm name."""
        # an address may carry a user's name and password
        host = urlsplit(self.api_base).netloc.rpartition("@")[2] or self.litellm.partition("/")[0]
        return host.lower()


class Cell(NamedTuple):
    """One question to one model, asked for the `sample`-th time (from 0)."""

    probe: str
    model: str
    sample: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of one request, read but not yet rated.

    `latency_s` is from request sent to answer received; `cost_usd` is None where no price is known.
    `cached` says that it was paid for in an earlier run: no request was sent.
    `params` are the parameters that the request carried, as litellm sent them: canonical JSON, '' for none.
    `transient` says that the same request may succeed later (`retry_after_s`: when the host said so),
    `unusable` that the endpoint cannot serve this model at all: no connection, no key, no such model.
    """

    outcome: Outcome
    text: str = ""
    reasoning: str = ""
    reasoning_state: ReasoningState = ReasoningState.NONE
    block: BlockKind = BlockKind.NONE
    finish_reason: str = ""
    served_model: str = ""
    served_by: str = ""
    fingerprint: str = ""
    http_status: int | None = None
    error: str = ""
    latency_s: float = 0.0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None
    cached: bool = False
    params: str = ""
    transient: bool = False
    unusable: bool = False
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rater says of one answer: a label, the reason for a person, a confidence of 0 to 1."""

    label: LabelValue
    reason: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """A verdict with its provenance; labels are appended, never overwritten."""

    verdict: Verdict
    rater: str
    version: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Response:
    """One attempt at a cell. The `final` one that is no error is the cell's answer."""

    run: str
    cell: Cell
    attempt: int
    final: bool
    reply: Reply
    created_at: datetime
    label: Label | None = None


class Labelled(NamedTuple):
    """A label of one attempt at a cell, given after the answer was stored."""

    run: str
    cell: Cell
    attempt: int
    label: Label
