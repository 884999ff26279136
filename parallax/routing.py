"""How a call ended, read from what a provider sent back (METRICS §1). No network, no litellm import."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from parallax.records import BlockKind, Outcome, ReasoningState, Reply

ERROR_CHARS = 500
ANSWER_CHARS = 2_000_000
LONGEST_PAUSE_S = 86_400.0

# "abort" is vLLM's and SGLang's, "insufficient_system_resource" DeepSeek's, the others Mistral's and Zhipu's
FAULT_REASONS = frozenset({"abort", "error", "insufficient_system_resource", "network_error"})
LENGTH_REASONS = frozenset(
    {
        "length",
        "max_length",
        "max_output_tokens",
        "max_tokens",
        "model_context_window_exceeded",
        "model_length",
    }
)
# in lower case; by host: OpenAI, Azure, DeepSeek, Qwen, Moonshot: content_filter. Anthropic: refusal. Zhipu,
# Hunyuan: sensitive. Gemini: from blocklist to spii. Bedrock: content_filtered, guardrail_intervened.
# Cohere: error_toxic.
BLOCK_REASONS = frozenset(
    {"content_filter", "content_filtered", "error_toxic", "guardrail_intervened", "refusal", "sensitive"}
    | {"blocklist", "image_prohibited_content", "image_safety", "model_armor", "prohibited"}
    | {"prohibited_content", "recitation", "safety", "spii"}
)

_BLOCK_MARKS = re.compile(
    r"content[_ -]?filter|content management policy|content[_ ]policy|responsibleaipolicyviolation"
    r"|data_?inspection_?failed|inappropriate content|usage (?:polic|guideline)|safety system"
    r"|sensitive[_ ]?content|sensitive information|new_sensitive|content exists risk|considered high risk"
    r"|flagged|敏感内容|不安全",
    re.IGNORECASE,
)
# Alibaba's, Anthropic's, MiniMax's and Volcengine's words for an answer that they kept back
_OUTPUT_MARKS = re.compile(
    r"output data may contain|output blocked by|output new_sensitive|outputtextsensitive", re.IGNORECASE
)
# What a host puts in place of an answer, as if the model had stopped by itself. Only fixed texts that are on
# record for a host, whole; a model's own refusal is a refusal, however often it is repeated.
_CANNED = frozenset(
    {
        # DeepSeek's own service, which withdraws an answer and shows this (Live Mint, 28 January 2025; AFP in
        # Channel NewsAsia, the same day; Lokmat Times, the same day); others resell that service
        "sorry, that's beyond my current scope. let's talk about something else.",
        "this question is beyond my current scope. let's talk about something else.",
    }
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
    that is cut or filtered keeps what text there is; a filled `refusal` field is the model's text, a
    host's fixed text in place of an answer a block. More than `ANSWER_CHARS` characters are an error.
    """
    thought = split_reasoning(message, hidden_reasoning)
    text = thought.text or str(message.get("refusal") or "").strip()
    reasons = {finish_reason.lower(), mapped.lower()}
    outcome, block = Outcome.OK, BlockKind.NONE
    if len(text) + len(thought.reasoning) > ANSWER_CHARS:
        error = f"answer longer than {ANSWER_CHARS:,} characters"
        return Reply(Outcome.ERROR, finish_reason=finish_reason, error=error)
    if reasons & FAULT_REASONS:
        error = f"the host ended the answer with '{finish_reason}'"
        return Reply(Outcome.ERROR, finish_reason=finish_reason, error=error, transient=True)
    if reasons & BLOCK_REASONS:
        outcome, block = Outcome.BLOCKED, BlockKind.OUTPUT
    elif reasons & LENGTH_REASONS:
        outcome = Outcome.TRUNCATED
    elif _is_canned(text):
        outcome, block = Outcome.BLOCKED, BlockKind.CANNED
    return Reply(
        outcome,
        text=text,
        reasoning=thought.reasoning,
        reasoning_state=thought.state,
        block=block,
        finish_reason=finish_reason,
    )


def _is_canned(text: str) -> bool:
    return len(text) < ERROR_CHARS and " ".join(text.replace("’", "'").lower().split()) in _CANNED


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


def with_native_block(reply: Reply, body: Any) -> Reply:
    """Return a reply that was blocked with what its raw body says of it, where that is more.

    Gemini's `promptFeedback.blockReason` says that the prompt was blocked, not the answer; its
    `finishReason` and Anthropic's `stop_reason` are the hosts' own words.
    """
    if reason := _at(body, "promptFeedback", "blockReason"):
        return dataclasses.replace(reply, block=BlockKind.INPUT, finish_reason=str(reason))
    native = _at(body, "candidates", 0, "finishReason") or _at(body, "stop_reason")
    return dataclasses.replace(reply, finish_reason=str(native)) if native else reply


def told_status(body: Any) -> int | None:
    """Return the HTTP status that a body sent with status 200 tells of itself, None where it tells none.

    Routers put the status of the host behind them into `error.code`. MiniMax has numbers of its own in
    `base_resp`: 1026 and 1027 are a sensitive prompt and a sensitive answer.
    """
    code = _at(body, "error", "code")
    if isinstance(code, int) and 400 <= code < 600:
        return code
    return 400 if _at(body, "base_resp", "status_code") in {1026, 1027} else None


def _at(value: Any, *path: str | int) -> Any:
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def read_failure(
    text: str, *, status: int | None, policy: bool, timed_out: bool, retry_after_s: float | None
) -> Reply:
    """Return the reply that a failed call amounts to.

    `text` is the error with the body, `status` the HTTP status (None: no answer came), `policy` that
    the client library itself calls it a content policy violation, `retry_after_s` the host's wish. A
    block is an observation and is not transient; 408, 425, 429, 5xx, time-outs, broken connections and
    unreadable bodies (2xx) are. A redirect is not followed: it cannot serve the model.
    """
    line = " ".join(text.split())[:ERROR_CHARS]
    marked = status in {400, 403, 422, 451} and _BLOCK_MARKS.search(text)
    if policy or marked or (status != 429 and _BLOCK_CODES.search(text)):
        block = BlockKind.OUTPUT if _OUTPUT_MARKS.search(text) else BlockKind.INPUT
        return Reply(Outcome.BLOCKED, block=block, http_status=status, error=line)
    unreachable = not timed_out and bool(_UNREACHABLE.search(text))
    redirected = status is not None and 300 <= status < 400
    transient = timed_out or status is None or status < 300 or status in {408, 425, 429} or status >= 500
    return Reply(
        Outcome.ERROR,
        http_status=status,
        error=line,
        transient=transient,
        unusable=unreachable or redirected or status in {401, 403, 404},
        retry_after_s=retry_after_s,
    )


def pause_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how many seconds a host asks us to wait, None where it asks for nothing that makes sense.

    `headers` have lower-case names. `retry-after-ms` wins over `Retry-After`, which is a number of seconds
    or a date (RFC 9110 §10.2.3), then counted from the host's own `Date`, else from `now` (with a time
    zone). A negative number, one that is no number, and more than a day are no answer; a past date is 0.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        seconds = milliseconds / 1000
    elif (number := _number(headers.get("retry-after"))) is not None:
        seconds = number
    elif (until := _date(headers.get("retry-after"))) is not None:
        seconds = max(0.0, (until - (_date(headers.get("date")) or now)).total_seconds())
    else:
        return None
    return seconds if 0.0 <= seconds <= LONGEST_PAUSE_S else None


def _number(header: str | None) -> float | None:
    try:
        number = float(header or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date(header: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def is_empty_stop(reply: Reply) -> bool:
    """True for an answer that ended by itself and says nothing: a second try alone must confirm it."""
    return reply.outcome is Outcome.OK and not reply.text
