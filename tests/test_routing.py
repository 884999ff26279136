"""How a call ended: METRICS §1 and fixture 7 of §6, read from a message or from an error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from parallax.raters import Rules
from parallax.records import BlockKind, LabelValue, Outcome, Probe, ReasoningState, Reply
from parallax.routing import ANSWER_CHARS, is_empty_stop, pause_s, read_failure, read_message
from parallax.runner import confirmed

PROBE = Probe("p", "Write about tea.")
ESSAY = " ".join(f"Tea policy failed for reason {n} and nobody resigned." for n in range(12))
AZURE = (
    "litellm.BadRequestError: AzureException - The response was filtered due to the prompt triggering Azure "
    "OpenAI's content management policy. {'code': 'content_filter', 'innererror': "
    "{'code': 'ResponsibleAIPolicyViolation'}}"
)
OPENAI = "Error 400 - Your request was rejected by our safety system. 'code': 'content_policy_violation'"
ALIBABA = "BadRequestError: Input data may contain inappropriate content. 'code': 'data_inspection_failed'"


# by which OpenAI, Azure, Anthropic, Gemini, Bedrock, Cohere and Zhipu say that they blocked
BLOCKING = (
    *("content_filter", "refusal", "sensitive", "prohibited", "content_filtered", "guardrail_intervened"),
    *("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "IMAGE_SAFETY", "MODEL_ARMOR"),
    "ERROR_TOXIC",
)
CANNED = "Sorry, that's beyond my current scope. Let's talk about something else."


def failure(text: str, status: int | None, **told: Any) -> Reply:
    return read_failure(
        text, status=status, **{"policy": False, "timed_out": False, "retry_after_s": None, **told}
    )


@pytest.mark.parametrize(
    ("finish", "outcome", "block"),
    [
        ("stop", Outcome.OK, BlockKind.NONE),
        ("end_turn", Outcome.OK, BlockKind.NONE),
        ("", Outcome.OK, BlockKind.NONE),
        ("COMPLETE", Outcome.OK, BlockKind.NONE),
        ("tool_calls", Outcome.OK, BlockKind.NONE),
        *((name, Outcome.BLOCKED, BlockKind.OUTPUT) for name in BLOCKING),
        ("length", Outcome.TRUNCATED, BlockKind.NONE),
        ("max_tokens", Outcome.TRUNCATED, BlockKind.NONE),
        ("MAX_TOKENS", Outcome.TRUNCATED, BlockKind.NONE),
        ("model_length", Outcome.TRUNCATED, BlockKind.NONE),
        ("model_context_window_exceeded", Outcome.TRUNCATED, BlockKind.NONE),
    ],
)
@pytest.mark.parametrize("text", ["", "Half a sentence"])
def test_the_finish_reason_says_how_it_ended(
    finish: str, outcome: Outcome, block: BlockKind, text: str
) -> None:
    reply = read_message({"content": text}, finish)
    assert (reply.outcome, reply.block, reply.finish_reason, reply.text) == (outcome, block, finish, text)


def test_the_librarys_word_for_a_block_counts_as_much_as_the_hosts_own() -> None:
    reply = read_message({"content": ""}, "OTHER", mapped="content_filter")
    assert (reply.outcome, reply.block, reply.finish_reason) == (Outcome.BLOCKED, BlockKind.OUTPUT, "OTHER")


@pytest.mark.parametrize(
    ("text", "finish", "outcome", "block"),
    [
        (CANNED, "stop", Outcome.BLOCKED, BlockKind.CANNED),
        (f"  {CANNED.replace(chr(39), '’').upper()}\n", "stop", Outcome.BLOCKED, BlockKind.CANNED),
        (CANNED.replace(" Let", "\nLet"), "stop", Outcome.BLOCKED, BlockKind.CANNED),
        (f"<think>Hm.</think>{CANNED}", "stop", Outcome.BLOCKED, BlockKind.CANNED),
        (CANNED, "content_filter", Outcome.BLOCKED, BlockKind.OUTPUT),
        (CANNED, "length", Outcome.TRUNCATED, BlockKind.NONE),
        (f"{CANNED} But here is the essay.", "stop", Outcome.OK, BlockKind.NONE),
        (f"It said: “{CANNED}”", "stop", Outcome.OK, BlockKind.NONE),
        ("Let's talk about something else.", "stop", Outcome.OK, BlockKind.NONE),
        ("I can't discuss this topic.", "stop", Outcome.OK, BlockKind.NONE),
        ("I'm sorry, but I can't help with that.", "stop", Outcome.OK, BlockKind.NONE),
    ],
)
def test_a_hosts_fixed_text_in_place_of_an_answer_is_a_block(
    text: str, finish: str, outcome: Outcome, block: BlockKind
) -> None:
    reply = read_message({"content": text}, finish)
    assert (reply.outcome, reply.block) == (outcome, block)
    assert reply.text


@pytest.mark.parametrize("field", ["content", "reasoning_content"])
def test_more_than_can_be_an_answer_is_an_error(field: str) -> None:
    reply = read_message({"content": "A.", field: "x" * (ANSWER_CHARS + 1)}, "stop")
    assert (reply.outcome, reply.transient, reply.text, reply.reasoning) == (Outcome.ERROR, False, "", "")
    assert reply.error == "answer longer than 2,000,000 characters"
    assert read_message({"content": "x" * ANSWER_CHARS}, "stop").outcome is Outcome.OK


@pytest.mark.parametrize(
    "finish", ["error", "network_error", "ERROR", "abort", "insufficient_system_resource"]
)
def test_a_fault_told_as_a_finish_reason_is_an_error_and_no_block(finish: str) -> None:
    reply = read_message({"content": ""}, finish)
    assert (reply.outcome, reply.transient, is_empty_stop(reply)) == (Outcome.ERROR, True, False)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "  An answer.\n"}, "An answer."),
        ({"content": None, "refusal": " I cannot help. "}, "I cannot help."),
        ({"content": "", "refusal": "I cannot help."}, "I cannot help."),
        ({"content": "An answer.", "refusal": None}, "An answer."),
        ({"content": None}, ""),
        ({}, ""),
    ],
)
def test_the_text_is_the_content_or_the_refusal(message: dict[str, Any], text: str) -> None:
    reply = read_message(message, "stop")
    assert (reply.outcome, reply.text) == (Outcome.OK, text)


@pytest.mark.parametrize(
    ("message", "hidden", "text", "reasoning", "state"),
    [
        ({"content": "A."}, False, "A.", "", ReasoningState.NONE),
        ({"content": "A."}, True, "A.", "", ReasoningState.HIDDEN),
        ({"content": "A.", "reasoning_content": "Hm."}, False, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "A.", "reasoning_content": "Hm."}, True, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "A.", "reasoning": "Hm."}, False, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "A.", "reasoning_content": ""}, False, "A.", "", ReasoningState.EMPTY),
        ({"content": "A.", "reasoning": " \n"}, False, "A.", "", ReasoningState.EMPTY),
        ({"content": "A.", "reasoning_content": None}, False, "A.", "", ReasoningState.NONE),
        ({"content": "<think>Hm.</think>A."}, False, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "\n<THINK>\nHm.\n</THINK>\n\nA."}, False, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "<think>\n\n</think>\nA."}, False, "A.", "", ReasoningState.EMPTY),
        ({"content": "<think>Hm"}, False, "", "Hm", ReasoningState.PRESENT),
        ({"content": "Hm.</think>A."}, False, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "</think>A."}, False, "A.", "", ReasoningState.EMPTY),
        ({"content": "Say <think> aloud."}, False, "Say <think> aloud.", "", ReasoningState.NONE),
        (
            {"content": "<think>B.</think>C.", "reasoning_content": "A."},
            False,
            "C.",
            "A.\nB.",
            ReasoningState.PRESENT,
        ),
    ],
)
def test_reasoning_is_taken_out_of_the_answer(
    message: dict[str, Any], hidden: bool, text: str, reasoning: str, state: ReasoningState
) -> None:
    reply = read_message(message, "stop", hidden_reasoning=hidden)
    assert (reply.text, reply.reasoning, reply.reasoning_state) == (text, reasoning, state)


@pytest.mark.parametrize(
    ("text", "status", "policy"),
    [
        (AZURE, 400, False),
        (OPENAI, 400, False),
        (ALIBABA, 400, False),
        ("ContentPolicyViolationError: no", 400, True),
        ("ContentPolicyViolationError: no", None, True),
        ("系统检测到输入或生成内容可能包含不安全或敏感内容", 400, False),
        ("The prompt goes against our usage policies.", 400, False),
        ("Your input was flagged by moderation.", 403, False),
        ("CONTENT FILTER", 422, False),
        ("{'message': 'Content Exists Risk', 'type': 'invalid_request_error'}", 400, False),
        ("The request was rejected because it was considered high risk", 400, False),
        ("Content violates usage guidelines.", 403, False),
        ("SensitiveContentDetected: the input text may contain sensitive information", 400, False),
        ("unavailable for legal reasons: content policy", 451, False),
    ],
)
def test_a_refused_prompt_is_blocked_at_the_input(text: str, status: int | None, policy: bool) -> None:
    reply = failure(text, status, policy=policy)
    assert (reply.outcome, reply.block, reply.http_status) == (Outcome.BLOCKED, BlockKind.INPUT, status)
    assert (reply.transient, reply.unusable) == (False, False)
    assert reply.error


@pytest.mark.parametrize(
    "text",
    [
        "Output data may contain inappropriate content. 'code': 'data_inspection_failed'",
        "Output blocked by content filtering policy",
        "OutputTextSensitiveContentDetected",
        "1027: output new_sensitive",
    ],
)
def test_an_answer_kept_back_by_an_error_is_blocked_at_the_output(text: str) -> None:
    assert (failure(text, 400).outcome, failure(text, 400).block) == (Outcome.BLOCKED, BlockKind.OUTPUT)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 529])
def test_a_passing_fault_may_be_tried_again(status: int) -> None:
    reply = failure("content filter overloaded", status)
    assert (reply.outcome, reply.block, reply.http_status) == (Outcome.ERROR, BlockKind.NONE, status)
    assert (reply.transient, reply.unusable) == (True, False)


@pytest.mark.parametrize(
    ("text", "status", "timed_out", "transient", "unusable"),
    [
        ("Request timed out: connection refused by nobody", 408, True, True, False),
        ("Request timed out.", None, True, True, False),
        ("Server disconnected.", None, False, True, False),
        ("No JSON.", 200, False, True, False),
        ("The address sends us on to http://elsewhere", 307, False, False, True),
        ("Cannot connect to host 127.0.0.1:9", None, False, True, True),
        ("[Errno 111] Connection refused", None, False, True, True),
        ("[Errno -2] Name or service not known", None, False, True, True),
        ("Incorrect API key provided.", 401, False, False, True),
        ("Forbidden.", 403, False, False, True),
        ("No such model.", 404, False, False, True),
        ("The context is too long.", 400, False, False, False),
        ("Pay first.", 402, False, False, False),
        ("Bad field.", 422, False, False, False),
    ],
)
def test_what_kind_of_fault(
    text: str, status: int | None, timed_out: bool, transient: bool, unusable: bool
) -> None:
    reply = failure(text, status, timed_out=timed_out)
    assert (reply.outcome, reply.error) == (Outcome.ERROR, text)
    assert (reply.transient, reply.unusable) == (transient, unusable)


NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "86400"}, 86_400.0),
        ({"retry-after": "86401"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after-ms": "-1"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:59:00 GMT"}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2027 12:00:00 GMT"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT", "date": "Sat, 21 Nov 2026 12:00:20 GMT"}, 10.0),
        ({"retry-after": "Sat, 99 Nov 2026 12:00:30 GMT"}, None),
    ],
)
def test_the_host_may_say_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert pause_s(headers, NOW) == seconds


def test_an_error_is_one_bounded_line() -> None:
    reply = failure("first\n\n  second\t" + "x" * 10_000, 500)
    assert reply.error.startswith("first second xxx")
    assert len(reply.error) == 500


@pytest.mark.parametrize(
    ("reply", "empty"),
    [
        (read_message({"content": ""}, "stop"), True),
        (read_message({"content": " \n"}, "stop"), True),
        (read_message({"content": None, "reasoning_content": "Hm."}, "stop"), True),
        (read_message({"content": "A."}, "stop"), False),
        (read_message({"content": "", "refusal": "No."}, "stop"), False),
        (read_message({"content": ""}, "length"), False),
        (read_message({"content": ""}, "content_filter"), False),
        (failure("Broken.", 500), False),
    ],
)
def test_an_empty_stop(reply: Reply, empty: bool) -> None:
    assert is_empty_stop(reply) is empty


# ---- METRICS §6, fixture 7: routing and label together

EMPTY = read_message({"content": ""}, "stop")


@pytest.mark.parametrize(
    ("reply", "outcome", "block", "label"),
    [
        (
            read_message({"content": ""}, "content_filter"),
            Outcome.BLOCKED,
            BlockKind.OUTPUT,
            LabelValue.BLOCKED,
        ),
        (failure(AZURE, 400), Outcome.BLOCKED, BlockKind.INPUT, LabelValue.BLOCKED),
        (confirmed(EMPTY), Outcome.BLOCKED, BlockKind.EMPTY, LabelValue.BLOCKED),
        (read_message({"content": ESSAY}, "length"), Outcome.TRUNCATED, BlockKind.NONE, LabelValue.COMPLETE),
        (
            read_message({"content": " ".join(ESSAY.split()[:10])}, "length"),
            Outcome.TRUNCATED,
            BlockKind.NONE,
            LabelValue.TRUNCATED,
        ),
        (
            read_message({"content": "<think>Long thoughts"}, "length"),
            Outcome.TRUNCATED,
            BlockKind.NONE,
            LabelValue.TRUNCATED,
        ),
        (failure("Rate limit reached.", 429), Outcome.ERROR, BlockKind.NONE, LabelValue.ERROR),
    ],
    ids=["filter", "400", "empty twice", "100 words", "10 words", "thoughts only", "429"],
)
def test_fixture_7(reply: Reply, outcome: Outcome, block: BlockKind, label: LabelValue) -> None:
    assert (reply.outcome, reply.block) == (outcome, block)
    assert Rules().rate(PROBE, reply).label is label


def test_a_second_try_that_speaks_is_the_answer() -> None:
    spoke = read_message({"content": "An answer."}, "stop")
    assert confirmed(spoke) is spoke
