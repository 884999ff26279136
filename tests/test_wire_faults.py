"""Every kind of reply over real sockets: what it is read as, after exactly one request, in bounded time."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from parallax import config
from parallax.calls import BODY_BYTES
from parallax.records import BlockKind, ModelSpec, Outcome, ReasoningState
from tests.asking import Host, model, serving
from tests.faults import CANNED, MARKERS, REASONING, REFUSAL, answer_text
from tests.provider import Provider
from tests.wire import PROMPT, Ask, asking

ANSWER = answer_text(PROMPT)
# litellm asks each in a way of its own, the last two through OpenAI's package
FAMILIES = ("openai", "deepseek", "openrouter", "xinference", "azure")
# what litellm puts in by itself
ADDED = {"openrouter": {"usage": {"include": True}}}


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with asking() as asked:
        yield asked


@pytest.fixture
def host() -> Iterator[Host]:
    with serving() as running:
        yield running


def of(family: str, base: str, **fields: Any) -> ModelSpec:
    return ModelSpec("tea", f"{family}/test-model", api_base=base, **fields)


OK = {"outcome": Outcome.OK, "finish_reason": "stop", "text": ANSWER, "http_status": 200}
BLOCKED_INPUT = {"outcome": Outcome.BLOCKED, "block": BlockKind.INPUT, "text": "", "http_status": 400}
TRANSIENT = {"outcome": Outcome.ERROR, "transient": True, "unusable": False, "text": ""}
LIMITED = TRANSIENT | {"http_status": 429, "retry_after_s": 0.0}
BROKEN = TRANSIENT | {"http_status": 500}
GONE = TRANSIENT | {"http_status": None}
EMPTY = OK | {"text": ""}
UNREADABLE = TRANSIENT | {"http_status": 200}
REDIRECTED = {"outcome": Outcome.ERROR, "transient": False, "unusable": True}
BLOCKED_OUTPUT = {"outcome": Outcome.BLOCKED, "block": BlockKind.OUTPUT, "text": "", "http_status": 200}
BLOCKING = ("content_filter", "refusal", "sensitive", "SAFETY", "PROHIBITED_CONTENT", "guardrail_intervened")
TOO_LONG = "answer longer than 2,000,000 characters"
THOUGHT = {"reasoning": REASONING, "reasoning_state": ReasoningState.PRESENT}

REPLIES: dict[str, dict[str, Any]] = {
    "refuse": OK | {"text": REFUSAL, "reasoning_state": ReasoningState.NONE},
    "block-finish": BLOCKED_OUTPUT | {"finish_reason": "content_filter"},
    "block-azure": BLOCKED_INPUT,
    "block-alibaba": BLOCKED_INPUT,
    "block-openai": BLOCKED_INPUT,
    "empty": EMPTY,
    "empty-once": EMPTY,
    "cut:5": {"outcome": Outcome.TRUNCATED, "finish_reason": "length", "text": "Here is what you asked"},
    "reasoning": OK | THOUGHT,
    "think": OK | THOUGHT,
    "think-only": {"outcome": Outcome.TRUNCATED, "finish_reason": "length", "text": "", **THOUGHT},
    "401": {"outcome": Outcome.ERROR, "transient": False, "unusable": True, "http_status": 401},
    "429": LIMITED,
    "429-once": LIMITED,
    "500": BROKEN,
    "500-once": BROKEN,
    "drop": GONE,
    "drop-once": GONE,
    "reset": GONE,
    "cut-off": GONE,
    "garbage": UNREADABLE,
    "html": UNREADABLE,
    "plain": OK,
    "slow:0.1": OK,
    "drip:0": OK,
    "canned": {"outcome": Outcome.BLOCKED, "block": BlockKind.CANNED, "text": CANNED, "http_status": 200},
    "refusal": OK | {"text": REFUSAL},
    **{f"finish:{name}": BLOCKED_OUTPUT | {"finish_reason": name} for name in BLOCKING},
    "finish:insufficient_system_resource": TRANSIENT | {"http_status": 200},
    "block-deepseek": BLOCKED_INPUT,
    "503": TRANSIENT | {"http_status": 503},
    "529": TRANSIENT | {"http_status": 529},
    "429-after:7": LIMITED | {"retry_after_s": 7.0},
    "429-ms:250": LIMITED | {"retry_after_s": 0.25},
    "429-date:-60": LIMITED,
    "301:9": REDIRECTED | {"http_status": 301},
    "307:9": REDIRECTED | {"http_status": 307},
    "long:2000001": {"outcome": Outcome.ERROR, "transient": False, "text": "", "error": TOO_LONG},
    "some:100:500": BROKEN,
}


def test_every_marker_is_asked() -> None:
    assert {mark.partition(":")[0] for mark in REPLIES} == set(MARKERS)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("mark", "wanted"), REPLIES.items(), ids=list(REPLIES))
def test_what_comes_back_of_one_request(
    server: Provider, ask: Ask, mark: str, wanted: dict[str, Any], family: str
) -> None:
    before = server.count()
    reply = ask(of(family, server.base), f"{PROMPT} For {family}. [[{mark}]]")
    assert server.count() == before + 1
    assert {name: getattr(reply, name) for name in wanted} == wanted | _about(wanted, family)
    assert bool(reply.error) == (reply.outcome is Outcome.ERROR or reply.block is BlockKind.INPUT)
    assert "Traceback" not in reply.error
    assert reply.served_by == f"127.0.0.1:{server.port}"


def _about(wanted: dict[str, Any], family: str) -> dict[str, str]:
    """The same answer takes up another prompt."""
    return {"text": answer_text(f"{PROMPT} For {family}.")} if wanted.get("text") == ANSWER else {}


def test_a_date_says_when_to_come_back(server: Provider, ask: Ask) -> None:
    waits = ask(model(server.base), f"{PROMPT} [[429-date:90]]").retry_after_s
    assert waits is not None
    assert 85.0 <= waits <= 91.0


# ---- what hosts say in forms of their own


def gemini(**fields: Any) -> dict[str, Any]:
    return {"usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3}, "modelVersion": "tea-2", **fields}


def anthropic(stop: str) -> dict[str, Any]:
    head = {"id": "m", "type": "message", "role": "assistant", "model": "tea-2"}
    usage = {"input_tokens": 3, "output_tokens": 5}
    return {**head, "content": [], "stop_reason": stop, "stop_sequence": None, "usage": usage}


@pytest.mark.parametrize(
    ("litellm", "body", "block", "reason"),
    [
        ("gemini/tea", gemini(promptFeedback={"blockReason": "SAFETY"}), BlockKind.INPUT, "SAFETY"),
        ("gemini/tea", gemini(promptFeedback={"blockReason": "OTHER"}), BlockKind.INPUT, "OTHER"),
        *(
            ("gemini/tea", gemini(candidates=[{"finishReason": name, "index": 0}]), BlockKind.OUTPUT, name)
            for name in ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII")
        ),
        ("anthropic/tea", anthropic("refusal"), BlockKind.OUTPUT, "refusal"),
        (
            "openai/tea",
            {"error": {"message": "It was flagged", "code": 403, "metadata": {"reasons": ["x"]}}},
            BlockKind.INPUT,
            "",
        ),
        (
            "openai/tea",
            {"choices": None, "base_resp": {"status_code": 1027, "status_msg": "output new_sensitive"}},
            BlockKind.OUTPUT,
            "",
        ),
    ],
)
def test_a_block_in_a_hosts_own_form(
    host: Host, ask: Ask, litellm: str, body: dict[str, Any], block: BlockKind, reason: str
) -> None:
    host.body = json.dumps(body).encode()
    reply = ask(ModelSpec("tea", litellm, api_base=host.base))
    assert (reply.outcome, reply.block, reply.finish_reason) == (Outcome.BLOCKED, block, reason)
    assert (reply.text, reply.transient, len(host.seen)) == ("", False, 1)


@pytest.mark.parametrize(("code", "transient"), [(429, True), (502, True), (402, False)])
def test_a_router_tells_of_a_fault_with_status_200(
    host: Host, ask: Ask, code: int, *, transient: bool
) -> None:
    host.body = json.dumps({"error": {"message": "upstream", "code": code}}).encode()
    reply = ask(of("openrouter", host.base))
    assert (reply.outcome, reply.http_status, reply.transient) == (Outcome.ERROR, code, transient)


# ---- bounds


@pytest.mark.parametrize("family", FAMILIES)
def test_a_slow_drip_ends_by_the_timeout(server: Provider, ask: Ask, family: str) -> None:
    reply = ask(of(family, server.base), f"{PROMPT} [[drip:1]]", timeout_s=0.5)
    assert (reply.outcome, reply.transient, reply.unusable) == (Outcome.ERROR, True, False)
    assert (reply.error, reply.http_status) == ("no answer within 0.5 s", None)
    assert 0.5 <= reply.latency_s < 3.0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_huge_body_is_not_read_to_its_end(ask: Ask, family: str) -> None:
    with _apart() as base:
        ask(of(family, base), PROMPT)
        tracemalloc.start()
        reply = ask(of(family, base), f"{PROMPT} [[long:50000000]]")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (reply.outcome, reply.error, reply.transient) == (Outcome.ERROR, TOO_LONG, False)
    assert reply.http_status == 200
    assert peak < 2 * BODY_BYTES
    assert reply.latency_s < 15.0


@contextmanager
def _apart() -> Iterator[str]:
    """The server as a process of its own, so that its memory is not ours."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.provider"]
    with subprocess.Popen(command, cwd=config.ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate("")


# ---- redirects


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_not_followed_and_takes_no_key_along(
    server: Provider, host: Host, ask: Ask, monkeypatch: pytest.MonkeyPatch, family: str, status: int
) -> None:
    monkeypatch.setenv("TEA_KEY", "sk-environment-tea")
    elsewhere = host.base.split(":")[2].removesuffix("/v1")
    spec = of(family, server.base, api_key_env="TEA_KEY")
    reply = ask(spec, f"{PROMPT} [[{status}:{elsewhere}]]")
    asked = server.requests[-1]
    assert "sk-environment-tea" in str(asked.headers)
    assert host.seen == []
    assert reply.error == (
        f"the address sends us on to http://127.0.0.1:{elsewhere}{asked.path}; correct api_base"
    )


# ---- parameters


def test_a_host_that_the_light_handler_cannot_reach_is_asked_the_other_way(
    server: Provider, ask: Ask
) -> None:
    before = server.count()
    reply = ask(of("xinference", server.base, params={"max_tokens": 9}))
    assert (reply.outcome, reply.text, server.count()) == (Outcome.OK, ANSWER, before + 1)
    assert reply.params == '{"max_tokens":9}'


@pytest.mark.parametrize("family", FAMILIES)
def test_the_parameters_that_a_request_carried_are_told(server: Provider, ask: Ask, family: str) -> None:
    spec = of(family, server.base, system="Be brief.", params={"temperature": 0.5, "max_tokens": 9})
    told = ask(spec).params
    assert json.loads(told) == {"max_tokens": 9, "temperature": 0.5} | ADDED.get(family, {})
    assert told == json.dumps(json.loads(told), sort_keys=True, separators=(",", ":"))
    assert ask(spec, f"{PROMPT} [[500]]").params == told
    assert ask(spec, params={"temperature": 0}).params == told.replace("0.5", "0")
    assert bool(ask(of(family, server.base)).params) == (family in ADDED)


@pytest.mark.parametrize(
    ("litellm", "params"),
    [
        ("openai/o3-mini", '{"max_completion_tokens":9}'),
        ("anthropic/test-model", '{"max_tokens":9}'),
        # the temperature is litellm's own doing
        ("gemini/test-model", '{"generationConfig":{"max_output_tokens":9,"temperature":1.0}}'),
    ],
)
def test_a_renamed_parameter_is_told_as_it_was_sent(
    server: Provider, ask: Ask, litellm: str, params: str
) -> None:
    assert ask(ModelSpec("tea", litellm, api_base=server.base, params={"max_tokens": 9})).params == params


def test_what_litellm_adds_is_told_too(server: Provider, ask: Ask) -> None:
    sent = json.loads(ask(of("anthropic", server.base)).params)
    assert sent["max_tokens"] > 0


@pytest.mark.parametrize(
    ("family", "name", "value"),
    [
        ("anthropic", "seed", 3),
        ("perplexity", "seed", 3),
        ("openai", "mock_response", "A."),
        ("openai", "drop_params", True),
        ("openai", "fallbacks", ["openai/other"]),
        ("openrouter", "metadata", {"a": "b"}),
    ],
)
def test_a_parameter_that_would_not_reach_the_host_is_an_error_before_anything_is_sent(
    server: Provider, ask: Ask, family: str, name: str, value: Any
) -> None:
    before = len(server.requests)
    reply = ask(of(family, server.base, params={"temperature": 0.5, name: value}))
    assert len(server.requests) == before
    assert (reply.outcome, reply.unusable, reply.transient) == (Outcome.ERROR, True, False)
    assert reply.error == f"model 'tea': its host takes no '{name}'; take it out of params in models.toml"


def test_a_parameter_that_litellm_wrongly_refuses_can_be_let_pass(server: Provider, ask: Ask) -> None:
    reply = ask(of("perplexity", server.base, params={"seed": 3, "allowed_openai_params": ["seed"]}))
    assert (reply.text, reply.params) == (ANSWER, '{"seed":3}')


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("within", ["extra_body", ""])
def test_routing_pins_arrive_unchanged(server: Provider, ask: Ask, family: str, within: str) -> None:
    pins = {"provider": {"order": ["DeepInfra", "Together"], "allow_fallbacks": False}}
    reply = ask(of(family, server.base, params={"extra_body": pins} if within else pins))
    assert server.requests[-1].body["provider"] == pins["provider"]
    assert "extra_body" not in server.requests[-1].body
    assert json.loads(reply.params) == pins | ADDED.get(family, {})


def test_the_host_behind_a_router_is_told(host: Host, ask: Ask) -> None:
    host.completes({"content": "A."}, provider="DeepInfra")
    assert ask(of("openrouter", host.base)).served_by == "DeepInfra"
