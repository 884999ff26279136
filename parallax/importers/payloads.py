"""What a host sent back, as recordings keep it, turned into the reply that our own worker would have stored.

Known are chat completions as OpenAI and routers write them, the native answers of Anthropic, Google,
Cohere, Ollama and OpenAI's Responses, errors, and plain texts. How a call ended is decided by `routing`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from parallax import classify
from parallax.records import BlockKind, Outcome, ReasoningState, Reply
from parallax.routing import is_empty_stop, told_status, with_native_block

UNCONFIRMED = "an empty answer that nobody asked for again"
MOST_TOKENS = 2**31 - 1
Json = Mapping[str, Any]


def read(row: Json) -> Reply:
    """Return the reply of a recorded row: `response` holds a host's answer or a text, or `error` a failure.

    An empty answer that ended by itself is an error: only a second try tells a block from an accident.
    """
    body = _body(row)
    flat = _flat(body) if body else {**row, "response": _text(row.get("response"))}
    if not body:
        flat["error"] = row.get("error") or row.get("api_error")
    reply = classify.reply(flat)
    if body and reply.outcome is Outcome.BLOCKED:
        reply = with_native_block(reply, body)
    reply = _as_annotated(reply, row.get("response_status"))
    if is_empty_stop(reply):
        reply = dataclasses.replace(reply, outcome=Outcome.ERROR, error=UNCONFIRMED)
    if reply.reasoning_state is ReasoningState.NONE and _hidden_reasoning(body.get("usage")):
        reply = dataclasses.replace(reply, reasoning_state=ReasoningState.HIDDEN)
    return dataclasses.replace(reply, **_served(body, row))


def moment(value: object) -> datetime | None:
    """Return a time as UTC, from ISO 8601 or seconds since 1970; one without a zone is taken as UTC."""
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()):
            found = datetime.fromtimestamp(float(value), UTC)
        else:
            found = datetime.fromisoformat(str(value))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def whole(value: object) -> int | None:
    """Return a count of tokens, None for what is none."""
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 0 <= number <= MOST_TOKENS else None


def _body(row: Json) -> Json:
    """Return what the host sent, an empty mapping where the row has a text instead."""
    sent = row.get("response")
    if isinstance(sent, Mapping):
        return sent
    raw = row.get("raw_response")
    return raw if not isinstance(sent, str) and isinstance(raw, Mapping) else {}


def _flat(body: Json) -> dict[str, Any]:
    """Return the fields that `classify.reply` reads, whatever shape the body has."""
    choice = _mapping(_item(body.get("choices")))
    if error := body.get("error") or choice.get("error") or _own_error(body):
        return {"error": error, "http_status": told_status(body)}
    if choice:
        message = _mapping(choice.get("message"))
        return {
            "response": _text(message.get("content")) or choice.get("text"),
            "refusal": message.get("refusal"),
            "reasoning": _reasoning(message),
            "finish_reason": choice.get("finish_reason"),
            "native_finish_reason": choice.get("native_finish_reason"),
        }
    for shape in (_google, _responses, _message):
        if flat := shape(body):
            return flat
    standard = _mapping(_mapping(body.get("_llm_client")).get("standardized_response"))
    return {**standard, "response": standard.get("content")}


def _own_error(body: Json) -> object:
    """Return the body itself where it is nothing but a failure; MiniMax tells one in `base_resp`."""
    return body if "choices" not in body and told_status(body) else None


def _google(body: Json) -> dict[str, Any]:
    candidate = _mapping(_item(body.get("candidates")))
    blocked = _mapping(body.get("promptFeedback")).get("blockReason")
    if not candidate and not blocked:
        return {}
    parts = [_mapping(part) for part in _list(_mapping(candidate.get("content")).get("parts"))]
    return {
        "response": _joined(part.get("text") for part in parts if not part.get("thought")),
        "reasoning": _joined(part.get("text") for part in parts if part.get("thought")) or None,
        "finish_reason": "content_filter" if blocked else candidate.get("finishReason"),
    }


def _responses(body: Json) -> dict[str, Any]:
    """Read OpenAI's Responses: a list of items, of which one is the message."""
    if not (items := [_mapping(item) for item in _list(body.get("output"))]):
        return {}
    parts = [_mapping(p) for item in items if item.get("type") == "message" for p in _content(item)]
    thoughts = [_mapping(p) for item in items if item.get("type") == "reasoning" for p in _thoughts(item)]
    cut = _mapping(body.get("incomplete_details")).get("reason")
    return {
        "response": _joined(part.get("text") for part in parts),
        "refusal": _joined(part.get("refusal") for part in parts) or None,
        "reasoning": _joined(part.get("text") for part in thoughts) or None,
        "finish_reason": cut or ("stop" if body.get("status") == "completed" else body.get("status")),
    }


def _content(item: Json) -> list[Any]:
    return _list(item.get("content"))


def _thoughts(item: Json) -> list[Any]:
    return [*_list(item.get("summary")), *_content(item)]


def _message(body: Json) -> dict[str, Any]:
    """Read Anthropic's message, Cohere's and Ollama's: parts of it have a type."""
    message = _mapping(body.get("message")) or body
    finish = body.get("stop_reason") or body.get("finish_reason") or body.get("done_reason")
    if "content" not in message:
        return {}
    parts = [_mapping(part) for part in _list(message["content"])]
    thoughts = _joined(part.get("thinking") for part in parts) or message.get("thinking")
    return {
        "response": _text(message["content"]),
        "reasoning": thoughts or _reasoning(message),
        # COMPLETE and END_TURN: both say that it ended by itself
        "finish_reason": finish,
    }


def _text(content: object) -> str | None:
    """Return the text of a content, which may be a list of parts."""
    if isinstance(content, list):
        return _joined(_mapping(part).get("text") for part in content)
    return content if isinstance(content, str) else None


def _reasoning(message: Json) -> object:
    told = message.get("reasoning_content") or message.get("reasoning")
    if told or "reasoning_details" not in message:
        return told if told is not None else message.get("reasoning_content")
    parts = [_mapping(part) for part in _list(message["reasoning_details"])]
    return _joined(part.get("text") or part.get("summary") for part in parts) or None


def _as_annotated(reply: Reply, status: object) -> Reply:
    """Return the reply as its recorder noted it, where the host's words did not tell a block."""
    if status != "moderation" or reply.outcome is Outcome.BLOCKED:
        return reply
    where = BlockKind.OUTPUT if reply.text else BlockKind.INPUT
    return dataclasses.replace(reply, outcome=Outcome.BLOCKED, block=where)


def _hidden_reasoning(usage: object) -> bool:
    details = _mapping(_mapping(usage).get("completion_tokens_details"))
    return bool(whole(details.get("reasoning_tokens")))


def _served(body: Json, row: Json) -> dict[str, Any]:
    usage = _mapping(body.get("usage") or row.get("usage"))
    cost = usage.get("cost")
    google = _mapping(body.get("usageMetadata"))
    asked = usage.get("prompt_tokens", usage.get("input_tokens", google.get("promptTokenCount")))
    told = usage.get("completion_tokens", usage.get("output_tokens", google.get("candidatesTokenCount")))
    by = body.get("provider") or row.get("upstream_provider") or row.get("api_provider")
    return {
        "served_model": str(body.get("model") or body.get("modelVersion") or row.get("api_model") or ""),
        "served_by": str(by or ""),
        "fingerprint": str(body.get("system_fingerprint") or ""),
        "prompt_tokens": whole(asked),
        "completion_tokens": whole(told),
        "cost_usd": float(cost) if isinstance(cost, int | float) else None,
    }


def _joined(texts: Iterable[object]) -> str:
    return "".join(text for text in texts if isinstance(text, str))


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _item(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None
