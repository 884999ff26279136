"""How a call ended, read from what a provider sent back (METRICS §1). No network, no litellm import."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from parallax.records import BlockKind, Outcome, ReasoningState, Reply

FAULT_REASONS = frozenset({"error", "network_error"})
BLOCK_REASONS = frozenset(
    {"content_filter", "refusal", "sensitive", "prohibited", "prohibited_content", "safety"}
)
LENGTH_REASONS = frozenset({"length", "max_tokens", "max_output_tokens"})
ERROR_CHARS = 500

_BLOCK_MARKS = re.compile(
    r"content[_ -]?filter|content management policy|content[_ ]policy|responsibleaipolicyviolation"
    r"|data_?inspection_?failed|inappropriate content|usage polic|safety system|sensitive content"
    r"|flagged|敏感内容|不安全",
    re.IGNORECASE,
)
# Codes that hosts give to a block alone; some wrap them in a 502 of their own.
_BLOCK_CODES = re.compile(
    r"data_?inspection_?failed|\bcontent_filter\b|responsibleaipolicyviolation", re.IGNORECASE
)
_UNREACHABLE = re.compile(
    r"cannot connect|connection refused|connect call failed|name or service not known"
    r"|nodename nor servname|temporary failure in name resolution|no address associated",
    re.IGNORECASE,
)
_OF_OUTPUT = re.compile(r"\boutput (?:data|text|content)\b", re.IGNORECASE)
_THINK = re.compile(r"\A\s*<think>(.*?)(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_UNOPENED = re.compile(r"\A((?:(?!<think>).)*?)</think>", re.DOTALL | re.IGNORECASE)


class Thought(NamedTuple):
    """An answer without its reasoning, the reasoning, and what is known of it."""

    text: str
    reasoning: str
    state: ReasoningState


def read_message(
    message: Mapping[str, Any],
    finish_reason: str,
    *,
    mapped: str = "",
    hidden_reasoning: bool = False,
) -> Reply:
    """Return the reply that a chat message and its finish reason amount to.

    `message` has the keys of an OpenAI message: `content`, `refusal`, `reasoning_content` or
    `reasoning`. `finish_reason` is the host's own, `mapped` what the client library makes of it: either
    may tell a block. `hidden_reasoning` says that the host billed reasoning it does not show. A message
    that is cut or filtered keeps what text there is; a filled `refusal` field is the model's text.
    """
    thought = split_reasoning(message, hidden_reasoning)
    text = thought.text or str(message.get("refusal") or "").strip()
    reasons = {finish_reason.lower(), mapped.lower()}
    outcome, block = Outcome.OK, BlockKind.NONE
    if reasons & FAULT_REASONS:
        error = f"the host ended the answer with '{finish_reason}'"
        return Reply(Outcome.ERROR, finish_reason=finish_reason, error=error, transient=True)
    if reasons & BLOCK_REASONS:
        outcome, block = Outcome.BLOCKED, BlockKind.OUTPUT
    elif reasons & LENGTH_REASONS:
        outcome = Outcome.TRUNCATED
    return Reply(
        outcome,
        text=text,
        reasoning=thought.reasoning,
        reasoning_state=thought.state,
        block=block,
        finish_reason=finish_reason,
    )


def split_reasoning(message: Mapping[str, Any], hidden: bool) -> Thought:
    """Take the reasoning out of a message: from its own field, or from `<think>` in the text."""
    text = str(message.get("content") or "")
    field = next((message[k] for k in ("reasoning_content", "reasoning") if message.get(k) is not None), None)
    found = _THINK.match(text) or _UNOPENED.match(text)
    if found:
        text = text[found.end() :]
    if field is None and found is None:
        return Thought(text.strip(), "", ReasoningState.HIDDEN if hidden else ReasoningState.NONE)
    parts = [str(field or "").strip(), found.group(1).strip() if found else ""]
    reasoning = "\n".join(part for part in parts if part)
    return Thought(text.strip(), reasoning, ReasoningState.PRESENT if reasoning else ReasoningState.EMPTY)


def read_failure(
    text: str, *, status: int | None, policy: bool, timed_out: bool, retry_after: str | None
) -> Reply:
    """Return the reply that a failed call amounts to.

    `text` is the error with the body, `status` the HTTP status (None: no answer came), `policy` that
    the client library itself calls it a content policy violation. A block is an observation and is
    not transient; 408, 425, 429, 5xx, time-outs and broken connections are.
    """
    line = " ".join(text.split())[:ERROR_CHARS]
    marked = status in {400, 403, 422, 451} and _BLOCK_MARKS.search(text)
    if policy or marked or (status != 429 and _BLOCK_CODES.search(text)):
        block = BlockKind.OUTPUT if _OF_OUTPUT.search(text) else BlockKind.INPUT
        return Reply(Outcome.BLOCKED, block=block, http_status=status, error=line)
    unreachable = not timed_out and bool(_UNREACHABLE.search(text))
    transient = timed_out or status is None or status in {408, 425, 429} or status >= 500
    return Reply(
        Outcome.ERROR,
        http_status=status,
        error=line,
        transient=transient,
        unusable=unreachable or status in {401, 403, 404},
        retry_after_s=_seconds(retry_after),
    )


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def is_empty_stop(reply: Reply) -> bool:
    """True for an answer that ended by itself and says nothing: a second try alone must confirm it."""
    return reply.outcome is Outcome.OK and not reply.text
