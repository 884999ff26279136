"""One call through litellm to a real server: what comes back, how often it is asked, and who gets the key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from parallax.records import BlockKind, ModelSpec, Outcome, Price, ReasoningState, Reply
from tests.asking import Host, closed_port, model, serving
from tests.faults import answer_text
from tests.provider import Provider
from tests.wire import PROMPT, Ask, asking

ANSWER = answer_text(PROMPT)
ENVIRONMENT_KEYS = {
    "OPENAI_API_KEY": "sk-environment-openai",
    "DEEPSEEK_API_KEY": "sk-environment-deepseek",
    "OPENROUTER_API_KEY": "sk-environment-openrouter",
    "ANTHROPIC_API_KEY": "sk-environment-anthropic",
    "GEMINI_API_KEY": "sk-environment-gemini",
    "AZURE_API_KEY": "sk-environment-azure",
    "AZURE_AD_TOKEN": "sk-environment-azure-token",
    "DASHSCOPE_API_KEY": "sk-environment-dashscope",
    "MISTRAL_API_KEY": "sk-environment-mistral",
    "TEA_KEY": "sk-environment-tea",
}


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


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT_KEYS.items():
        monkeypatch.setenv(name, value)


def test_a_plain_answer_with_all_that_is_known_of_it(server: Provider, ask: Ask) -> None:
    reply = ask(model(server.base))
    assert 0.0 < reply.latency_s < 20.0
    assert reply == Reply(
        Outcome.OK,
        text=ANSWER,
        finish_reason="stop",
        served_model="test-model",
        served_by=f"127.0.0.1:{server.port}",
        fingerprint="fp_tests",
        http_status=200,
        latency_s=reply.latency_s,
        prompt_tokens=9,
        completion_tokens=len(ANSWER.split()),
    )


def test_a_missing_model_is_unusable(server: Provider, ask: Ask) -> None:
    reply = ask(model(server.base, name="missing-model"))
    assert (reply.outcome, reply.http_status) == (Outcome.ERROR, 404)
    assert (reply.transient, reply.unusable) == (False, True)
    assert "missing-model" in reply.error


def test_where_nobody_listens(ask: Ask) -> None:
    address = f"127.0.0.1:{closed_port()}"
    reply = ask(model(f"http://{address}/v1"))
    assert (reply.outcome, reply.http_status) == (Outcome.ERROR, None)
    assert (reply.transient, reply.unusable) == (True, True)
    assert reply.served_by == address
    assert "connect" in reply.error.lower()


def test_an_answer_that_takes_too_long(server: Provider, ask: Ask) -> None:
    before = server.count()
    reply = ask(model(server.base), f"{PROMPT} [[slow:3]]", timeout_s=0.3)
    assert (reply.outcome, reply.transient, reply.unusable) == (Outcome.ERROR, True, False)
    assert reply.http_status is None
    assert 0.3 <= reply.latency_s < 3.0
    assert server.count() == before + 1


def test_latency_is_the_wait_for_the_host(server: Provider, ask: Ask) -> None:
    ask(model(server.base))
    assert 0.4 <= ask(model(server.base), f"{PROMPT} [[slow:0.4]]").latency_s < 2.0


# ---- replies that only some hosts give


@pytest.mark.parametrize("finish", ["sensitive", "prohibited", "refusal", "SAFETY", "PROHIBITED_CONTENT"])
def test_a_block_under_the_hosts_own_name(host: Host, ask: Ask, finish: str) -> None:
    host.completes({"content": ""}, finish)
    reply = ask(model(host.base))
    assert (reply.outcome, reply.block) == (Outcome.BLOCKED, BlockKind.OUTPUT)
    assert reply.finish_reason == finish


@pytest.mark.parametrize(
    "finish", ["content_filtered", "RECITATION", "BLOCKLIST", "SPII", "ERROR_TOXIC", "guardrail_intervened"]
)
def test_a_block_that_litellm_knows_is_one(host: Host, ask: Ask, finish: str) -> None:
    host.completes({"content": "Half an"}, finish)
    reply = ask(model(host.base))
    assert (reply.outcome, reply.block, reply.text) == (Outcome.BLOCKED, BlockKind.OUTPUT, "Half an")


def test_a_routers_native_finish_reason_counts(host: Host, ask: Ask) -> None:
    host.completes({"content": ""}, "stop", choice={"native_finish_reason": "SAFETY"}, provider="Some Host")
    reply = ask(model(host.base))
    assert (reply.outcome, reply.finish_reason, reply.served_by) == (Outcome.BLOCKED, "SAFETY", "Some Host")


@pytest.mark.parametrize(
    ("message", "details", "text", "reasoning", "state"),
    [
        ({"content": None, "refusal": "I cannot help."}, {}, "I cannot help.", "", ReasoningState.NONE),
        ({"content": "A.", "reasoning": "Hm."}, {}, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "A.", "reasoning_content": ""}, {}, "A.", "", ReasoningState.EMPTY),
        ({"content": "<think>\n</think>\nA."}, {}, "A.", "", ReasoningState.EMPTY),
        ({"content": "Hm.</think>A."}, {}, "A.", "Hm.", ReasoningState.PRESENT),
        ({"content": "A."}, {"reasoning_tokens": 4}, "A.", "", ReasoningState.HIDDEN),
        ({"content": "A."}, {"reasoning_tokens": 0}, "A.", "", ReasoningState.NONE),
        ({"content": None}, {}, "", "", ReasoningState.NONE),
    ],
)
def test_message_fields_arrive_through_litellm(
    host: Host,
    ask: Ask,
    message: dict[str, Any],
    details: dict[str, int],
    text: str,
    reasoning: str,
    state: ReasoningState,
) -> None:
    host.completes(message, usage={"completion_tokens_details": details} if details else {})
    reply = ask(model(host.base))
    assert reply.outcome is Outcome.OK
    assert (reply.text, reply.reasoning, reply.reasoning_state) == (text, reasoning, state)


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        (b'{"id": "x", "choices": []}', ""),
        (b'{"error": {"message": "upstream died", "code": 502}}', "upstream died"),
        (b"[]", ""),
        (b"", ""),
        (b"<html>hello</html>", ""),
    ],
)
def test_a_reply_that_is_no_completion_is_an_error(host: Host, ask: Ask, body: bytes, sign: str) -> None:
    host.body = body
    reply = ask(model(host.base))
    assert (reply.outcome, reply.transient) == (Outcome.ERROR, True)
    assert reply.error
    assert sign in reply.error
    assert "Traceback" not in reply.error
    assert len(host.seen) == 1


def test_a_gateways_page_is_an_error(host: Host, ask: Ask) -> None:
    host.status, host.body, host.headers = 502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}
    reply = ask(model(host.base))
    assert (reply.outcome, reply.http_status, reply.transient) == (Outcome.ERROR, 502, True)


@pytest.mark.parametrize("status", [429, 503])
def test_the_hosts_wish_when_to_come_back(host: Host, ask: Ask, status: int) -> None:
    host.fails(status, "Slow down.", Retry_After="7")
    assert ask(model(host.base)).retry_after_s == 7.0


# ---- what is sent


def test_system_prompt_and_parameters_are_sent(server: Provider, ask: Ask) -> None:
    spec = model(server.base, system="Be brief.", params={"temperature": 0.5, "max_tokens": 9, "seed": 3})
    ask(spec, params={"temperature": 0.0})
    sent = server.requests[-1].body
    assert sent["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": PROMPT},
    ]
    assert {name: sent[name] for name in ("model", "temperature", "max_tokens", "seed")} == {
        "model": "test-model",
        "temperature": 0.0,
        "max_tokens": 9,
        "seed": 3,
    }


# ---- keys


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    "family",
    [
        "openai",
        "deepseek",
        "openrouter",
        "anthropic",
        "gemini",
        "azure",
        "dashscope",
        "mistral",
        "hosted_vllm",
    ],
)
def test_an_own_address_gets_no_key_of_the_environment(server: Provider, ask: Ask, family: str) -> None:
    before = len(server.requests)
    ask(ModelSpec("tea", f"{family}/test-model", api_base=server.base))
    came = server.requests[before:]
    assert len(came) == 1
    assert "sk-environment" not in json.dumps([came[0].path, came[0].headers, came[0].body])


@pytest.mark.usefixtures("keys")
def test_the_named_key_is_sent_to_its_endpoint_alone(server: Provider, ask: Ask) -> None:
    ask(model(server.base, api_key_env="TEA_KEY"))
    sent = server.requests[-1].headers
    assert sent["authorization"] == "Bearer sk-environment-tea"
    assert json.dumps(sent).count("sk-environment") == 1


@pytest.mark.usefixtures("keys")
def test_a_redirect_to_another_host_does_not_take_the_key_along(ask: Ask) -> None:
    with serving() as host, serving() as elsewhere:
        elsewhere.completes({"content": "A."})
        host.status, host.headers = 307, {"Location": f"{elsewhere.base}/chat/completions"}
        ask(model(host.base, api_key_env="TEA_KEY"))
        assert "sk-environment-tea" in str(host.seen)
        assert "sk-environment" not in str(elsewhere.seen)


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_an_error_that_repeats_the_named_key_is_stored_without_it(host: Host, ask: Ask, status: int) -> None:
    host.fails(status, "Incorrect API key provided: sk-environment-tea. " + "Find yours online. " * 40)
    reply = ask(model(host.base, api_key_env="TEA_KEY"))
    assert "sk-environment-tea" in str(host.seen)
    assert reply.error
    assert "sk-environment" not in str(reply)


@pytest.mark.usefixtures("keys")
def test_an_error_that_repeats_a_key_litellm_found_itself(
    host: Host, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", host.base)
    monkeypatch.setenv("OPENAI_BASE_URL", host.base)
    host.fails(401, "Incorrect API key provided: sk-environment-openai.")
    reply = ask(model(""))
    assert "sk-environment-openai" in str(host.seen)
    assert reply.error
    assert "sk-environment" not in str(reply)


@pytest.mark.usefixtures("keys")
def test_an_answer_that_repeats_a_key_is_stored_without_it(
    host: Host, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_PASSPHRASE", "open-sesame-please")
    leak = "Your keys: sk-environment-tea, open-sesame-please."
    host.completes({"content": leak, "reasoning_content": leak})
    reply = ask(model(host.base, api_key_env="MY_PASSPHRASE"))
    assert (reply.text, reply.reasoning) == ("Your keys: [key], [key].",) * 2


def test_the_name_and_password_of_an_address_are_not_stored(server: Provider, ask: Ask) -> None:
    reply = ask(model(server.base.replace("://", "://somebody:secret@")))
    assert reply.served_by == server.base.split("/")[2]


# ---- cost


def test_cost_is_by_the_entrys_own_price(server: Provider, ask: Ask) -> None:
    reply = ask(model(server.base, price=Price(1000.0, 2000.0)))
    assert reply.cost_usd == pytest.approx((9 * 1000 + len(ANSWER.split()) * 2000) / 1e6)


def test_the_entrys_price_wins_over_the_known_one(server: Provider, ask: Ask) -> None:
    assert ask(model(server.base, name="gpt-4o", price=Price(0.0, 0.0))).cost_usd == 0.0


def test_a_known_model_costs_what_litellm_knows(server: Provider, ask: Ask) -> None:
    cost = ask(model(server.base, name="gpt-4o")).cost_usd
    assert cost is not None
    assert 0.0 < cost < 0.1


@pytest.mark.parametrize(
    "litellm", ["openai/tea-of-nobody", "huggingface/tea", "fireworks_ai/tea", "hosted_vllm/gpt-4o"]
)
def test_an_unknown_price_is_no_price(server: Provider, ask: Ask, litellm: str) -> None:
    reply = ask(ModelSpec("tea", litellm, api_base=server.base))
    assert (reply.outcome, reply.cost_usd) == (Outcome.OK, None)


@pytest.mark.parametrize("mark", ["500", "block-azure", "drop"])
def test_a_failed_call_has_no_cost(server: Provider, ask: Ask, mark: str) -> None:
    assert ask(model(server.base, price=Price(1.0, 1.0)), f"{PROMPT} [[{mark}]]").cost_usd is None
