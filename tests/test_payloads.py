"""What a host sent back, in every shape that recordings keep, becomes the reply of a call of our own."""

from __future__ import annotations

from typing import Any

import pytest

from parallax.importers import payloads
from parallax.records import BlockKind, Outcome, ReasoningState

ESSAY = "The press is not free, and here is why."
THOUGHT = "They want an essay."
INSPECTED = {
    "message": "Provider returned error",
    "code": 400,
    "metadata": {"raw": '{"error":{"code":"data_inspection_failed"}}', "provider_name": "Alibaba"},
}
WITHHELD = {"message": "Upstream error from Alibaba: Output data may contain inappropriate content."} | {
    "code": 502,
    "metadata": {"raw": {"code": "data_inspection_failed"}},
}


def chat(content: str | None = ESSAY, finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    """Return a row with a chat completion, as OpenAI and routers write them."""
    said = {"role": "assistant", "content": content, "refusal": None, **message}
    choice = {"index": 0, "finish_reason": finish, "native_finish_reason": finish, "message": said}
    return {"response": {"provider": "Novita", "model": "lab/one", "choices": [choice]}}


def part(kind: str, text: str) -> dict[str, str]:
    return {"type": kind, "text": text}


MESSAGE = {"type": "message", "content": [part("output_text", ESSAY)]}
SHAPES = {
    "chat": chat(),
    "raw beside": {"response": None, "raw_response": chat()["response"]},
    "a text": {"response": ESSAY, "finish_reason": "stop"},
    "a text alone": {"response": ESSAY},
    "parts": chat([part("text", ESSAY)]),
    "anthropic": {"response": {"content": [part("text", ESSAY)], "stop_reason": "end_turn"}},
    "google": {
        "response": {"candidates": [{"content": {"parts": [{"text": ESSAY}]}, "finishReason": "STOP"}]}
    },
    "responses": {
        "response": {
            "status": "completed",
            "output": [{"type": "reasoning", "summary": []}, MESSAGE],
        }
    },
    "cohere": {"response": {"message": {"content": [part("text", ESSAY)]}, "finish_reason": "COMPLETE"}},
    "ollama": {"response": {"message": {"role": "assistant", "content": ESSAY}, "done_reason": "stop"}},
    "standardized": {
        "response": {"_llm_client": {"standardized_response": {"content": ESSAY, "finish_reason": "stop"}}}
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_text_is_found_in_every_shape(shape: str) -> None:
    reply = payloads.read(SHAPES[shape])
    assert (reply.outcome, reply.text, reply.reasoning) == (Outcome.OK, ESSAY, "")
    assert reply.reasoning_state is ReasoningState.NONE


GOOGLE_THOUGHT = [{"text": THOUGHT, "thought": True}, {"text": ESSAY}]
REASONED = {
    "reasoning": chat(reasoning=THOUGHT),
    "reasoning_content": chat(reasoning_content=THOUGHT, tool_calls=None),
    "details": chat(reasoning=None, reasoning_details=[part("reasoning.text", THOUGHT)]),
    "summary": chat(reasoning_details=[{"type": "reasoning.summary", "summary": THOUGHT}]),
    "think": chat(f"<think>\n{THOUGHT}\n</think>\n\n{ESSAY}"),
    "unopened": chat(f"{THOUGHT}\n</think>\n\n{ESSAY}", reasoning_content=None),
    "flat": {"response": ESSAY, "reasoning": THOUGHT, "finish_reason": "stop"},
    "anthropic": {
        "response": {"content": [{"type": "thinking", "thinking": THOUGHT}, part("text", ESSAY)]}
        | {"stop_reason": "end_turn"}
    },
    "google": {"response": {"candidates": [{"content": {"parts": GOOGLE_THOUGHT}, "finishReason": "STOP"}]}},
    "responses": {
        "response": {
            "status": "completed",
            "output": [{"type": "reasoning", "summary": [part("summary_text", THOUGHT)]}, MESSAGE],
        }
    },
}


@pytest.mark.parametrize("place", REASONED)
def test_reasoning_is_kept_apart_from_the_answer(place: str) -> None:
    reply = payloads.read(REASONED[place])
    assert (reply.text, reply.reasoning) == (ESSAY, THOUGHT)
    assert reply.reasoning_state is ReasoningState.PRESENT


def test_reasoning_that_was_billed_and_not_shown_is_hidden() -> None:
    row = chat()
    row["response"]["usage"] = {"completion_tokens_details": {"reasoning_tokens": 64}}
    assert payloads.read(row).reasoning_state is ReasoningState.HIDDEN


ENDED = [
    ({"response": {"error": INSPECTED}}, Outcome.BLOCKED, BlockKind.INPUT),
    ({"response": None, "api_error": INSPECTED}, Outcome.BLOCKED, BlockKind.INPUT),
    ({"response": {"choices": [{"error": WITHHELD, "message": {}}]}}, Outcome.BLOCKED, BlockKind.OUTPUT),
    (chat(finish="content_filter"), Outcome.BLOCKED, BlockKind.OUTPUT),
    (chat("", "content_filter"), Outcome.BLOCKED, BlockKind.OUTPUT),
    ({"response": {"content": [], "stop_reason": "refusal"}}, Outcome.BLOCKED, BlockKind.OUTPUT),
    ({"response": {"candidates": [{"finishReason": "SAFETY"}]}}, Outcome.BLOCKED, BlockKind.OUTPUT),
    ({"response": {"promptFeedback": {"blockReason": "OTHER"}}}, Outcome.BLOCKED, BlockKind.INPUT),
    ({"response": {"base_resp": {"status_code": 1026, "status_msg": "new_sensitive"}}}, "blocked", "input"),
    ({"response": None, "response_status": "moderation"}, Outcome.BLOCKED, BlockKind.INPUT),
    (
        {"response": {"output": [{"type": "message"}], "incomplete_details": {"reason": "content_filter"}}},
        Outcome.BLOCKED,
        BlockKind.OUTPUT,
    ),
    (chat(finish="length"), Outcome.TRUNCATED, BlockKind.NONE),
    ({"response": {"error": {"message": "Rate limit", "code": 429}}}, Outcome.ERROR, BlockKind.NONE),
    ({"response": {"error": {"message": "Bad gateway", "code": 502}}}, Outcome.ERROR, BlockKind.NONE),
    ({"response": None, "finish_reason": None}, Outcome.ERROR, BlockKind.NONE),
    ({"response": {}}, Outcome.ERROR, BlockKind.NONE),
    ({"response": {"choices": []}}, Outcome.ERROR, BlockKind.NONE),
    ({"response": {"choices": "?", "error": None, "content": 7}}, Outcome.ERROR, BlockKind.NONE),
    (chat("", "error"), Outcome.ERROR, BlockKind.NONE),
    (chat(""), Outcome.ERROR, BlockKind.NONE),
]


@pytest.mark.parametrize(("row", "outcome", "block"), ENDED)
def test_how_a_call_ended_is_read_from_the_payload(
    row: dict[str, Any], outcome: Outcome, block: BlockKind
) -> None:
    reply = payloads.read(row)
    assert (reply.outcome, reply.block) == (outcome, block)
    assert reply.error or reply.finish_reason or row.get("response_status")


def test_an_empty_answer_that_nobody_asked_for_again_is_missing_not_censored() -> None:
    assert payloads.read(chat("")).error == payloads.UNCONFIRMED


def test_who_served_and_what_it_took_are_kept() -> None:
    row = chat()
    row["response"] |= {"usage": {"prompt_tokens": 21, "completion_tokens": 858, "cost": 0.5}}
    reply = payloads.read(row)
    assert (reply.served_model, reply.served_by) == ("lab/one", "Novita")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cost_usd) == (21, 858, 0.5)
    flat = payloads.read({"response": ESSAY, "upstream_provider": "Azure", "api_model": "x", "usage": None})
    assert (flat.served_by, flat.served_model, flat.prompt_tokens) == ("Azure", "x", None)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2025-01-29T09:40:03.778562", "2025-01-29T09:40:03.778562+00:00"),
        ("2025-01-29T10:40:03+01:00", "2025-01-29T09:40:03+00:00"),
        (1738143603, "2025-01-29T09:40:03+00:00"),
        ("1738143603", "2025-01-29T09:40:03+00:00"),
        ("soon", None),
        (None, None),
        (1e20, None),
    ],
)
def test_times_are_read_as_utc(told: object, read: str | None) -> None:
    moment = payloads.moment(told)
    assert (moment.isoformat() if moment else None) == read
