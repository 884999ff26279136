"""The tests' provider server does what its docstring says."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests import faults, provider
from tests.faults import CANNED, MARKERS, REASONING, REFUSAL, answer_text
from tests.provider import MAX_BODY, Provider

ROOT = Path(__file__).resolve().parent.parent
PROMPT = "Write a short essay about the price of tea."
ANSWER = answer_text(PROMPT)


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with Provider() as running:
        yield running


@pytest.fixture
def client(server: Provider) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base, trust_env=False, headers={"Authorization": "Bearer k"}) as one:
        yield one


def ask(client: httpx.Client, prompt: str, model: str = "test-model") -> httpx.Response:
    body = {
        "model": model,
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": prompt}],
    }
    return client.post("/chat/completions", json=body)


def choice(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200
    first: dict[str, Any] = response.json()["choices"][0]
    return first


class Said(NamedTuple):
    text: str | None
    finish: str = "stop"
    reasoning: str | None = None
    refusal: str | None = None


ANSWERS = {
    "refuse": Said(REFUSAL),
    "block-finish": Said("", "content_filter"),
    "empty": Said(""),
    "cut:5": Said("Here is what you asked", "length"),
    "reasoning": Said(ANSWER, reasoning=REASONING),
    "think": Said(f"<think>{REASONING}</think>{ANSWER}"),
    "think-only": Said(f"<think>{REASONING}", "length"),
    "slow:0": Said(ANSWER),
    "drip:0": Said(ANSWER),
    "plain": Said(ANSWER),
    "canned": Said(CANNED),
    "refusal": Said(None, refusal=REFUSAL),
    "finish:SAFETY": Said("", "SAFETY"),
    "long:7": Said("xxxxxxx"),
    "some:100:refuse": Said(REFUSAL),
    "some:100:cut:5,cut:5": Said("Here is what you asked", "length"),
}
FAULTS = {
    "block-azure": (400, "content_filter"),
    "block-alibaba": (400, "data_inspection_failed"),
    "block-openai": (400, "content_policy_violation"),
    "401": (401, "invalid_api_key"),
    "429": (429, "rate_limit_exceeded"),
    "500": (500, "internal_error"),
    "503": (503, "overloaded"),
    "529": (529, "overloaded_error"),
    "block-deepseek": (400, "invalid_request_error"),
}
BROKEN = {
    "drop": httpx.RemoteProtocolError,
    "reset": httpx.ReadError,
    "cut-off": httpx.RemoteProtocolError,
    "garbage": ValueError,
    "html": ValueError,
}
HEADS = {
    "429-after:7": (429, "retry-after", r"7"),
    "429-date:60": (429, "retry-after", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"),
    "429-ms:250": (429, "retry-after-ms", r"250"),
    "301:9": (301, "location", r"http://127\.0\.0\.1:9/v1/chat/completions"),
    "307:9": (307, "location", r"http://127\.0\.0\.1:9/v1/chat/completions"),
    "html": (200, "content-type", r"text/html"),
    "plain": (200, "content-type", r"text/plain"),
}
ONCE = ("empty-once", "429-once", "500-once", "drop-once")


def test_every_marker_is_tested_and_documented() -> None:
    tested = {mark.partition(":")[0] for mark in (*ANSWERS, *FAULTS, *BROKEN, *HEADS, *ONCE)}
    assert tested == set(MARKERS)
    rows = [line for line in (faults.__doc__ or "").splitlines() if line.startswith("| `")]
    documented = {name.strip(" `").partition(":")[0] for row in rows for name in row.split("|")[1].split(",")}
    assert documented == set(MARKERS)


@pytest.mark.parametrize(("mark", "said"), ANSWERS.items(), ids=list(ANSWERS))
@pytest.mark.parametrize("place", ["prompt", "model"])
def test_an_answer(client: httpx.Client, mark: str, said: Said, place: str) -> None:
    by_prompt = place == "prompt"
    response = ask(
        client, f"{PROMPT} [[{mark}]]" if by_prompt else PROMPT, "test-model" if by_prompt else f"m+{mark}"
    )
    message = choice(response)["message"]
    finish = choice(response)["finish_reason"]
    fields = (message.get("reasoning_content"), message.get("refusal"))
    assert Said(message["content"], finish, *fields) == said


@pytest.mark.parametrize(("mark", "status", "code"), [(mark, *fault) for mark, fault in FAULTS.items()])
def test_a_fault(client: httpx.Client, mark: str, status: int, code: str) -> None:
    for _ in range(2):
        response = ask(client, f"{PROMPT} [[{mark}]]")
        assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.headers.get("Retry-After") == ("0" if status == 429 else None)


def test_azure_names_the_violated_policy(client: httpx.Client) -> None:
    error = ask(client, f"{PROMPT} [[block-azure]]").json()["error"]
    assert "content management policy" in error["message"]
    assert error["innererror"]["code"] == "ResponsibleAIPolicyViolation"


@pytest.mark.parametrize(("mark", "raised"), BROKEN.items(), ids=list(BROKEN))
def test_a_broken_reply(client: httpx.Client, mark: str, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        ask(client, f"{PROMPT} [[{mark}]]").json()


@pytest.mark.parametrize(("mark", "status", "name", "form"), [(mark, *head) for mark, head in HEADS.items()])
def test_what_a_reply_says_in_its_head(
    client: httpx.Client, mark: str, status: int, name: str, form: str
) -> None:
    response = ask(client, f"{PROMPT} [[{mark}]]")
    assert response.status_code == status
    assert re.fullmatch(form, response.headers[name])


def test_some_prompts_meet_a_fault_and_always_the_same_ones(client: httpx.Client) -> None:
    prompts = [f"Write about tea number {number}. [[some:30:refuse,cut:5]]" for number in range(100)]
    first, second = ([choice(ask(client, prompt))["message"]["content"] for prompt in prompts] for _ in "ab")
    assert first == second
    refused, cut = first.count(REFUSAL), sum(len(text.split()) == 5 for text in first)
    assert refused > 0
    assert cut > 0
    assert 15 <= refused + cut <= 45


@pytest.mark.parametrize("mark", ONCE)
def test_once_holds_for_the_first_request_of_each_model(client: httpx.Client, mark: str) -> None:
    prompt = f"{PROMPT} [[{mark}]] [[refuse]]"
    for model in ("first", "second"):
        try:
            first = ask(client, prompt, model)
        except httpx.RemoteProtocolError:
            assert mark == "drop-once"
        else:
            assert first.status_code != 200 or choice(first)["message"]["content"] == ""
        assert choice(ask(client, prompt, model))["message"]["content"] == REFUSAL


def test_a_plain_answer_is_complete(client: httpx.Client) -> None:
    response = ask(client, PROMPT, "some-model")
    body = response.json()
    assert choice(response)["message"]["content"] == ANSWER
    assert "the price of tea" in ANSWER
    assert 50 <= len(ANSWER.split()) <= 70
    assert body["model"] == "some-model"
    assert body["id"]
    assert body["system_fingerprint"]
    assert abs(body["created"] - time.time()) < 60
    assert body["usage"] == {
        "prompt_tokens": 9,
        "completion_tokens": len(ANSWER.split()),
        "total_tokens": 9 + len(ANSWER.split()),
    }


def test_a_model_marker_can_hold_for_some_prompts_only(client: httpx.Client) -> None:
    replies = [ask(client, f"Criticise {country}.", "m+refuse@China") for country in ("China", "France")]
    assert [choice(reply)["message"]["content"] == REFUSAL for reply in replies] == [True, False]


@pytest.mark.parametrize("mark", ["refuze", "cut", "cut:many", "slow:soon", "307:there", "some:99.9:nothing"])
def test_a_misspelt_marker_is_a_bad_request(client: httpx.Client, mark: str) -> None:
    response = ask(client, f"{PROMPT} [[{mark}]]")
    assert response.status_code == 400
    assert f"'{mark}'" in response.json()["error"]["message"]


def test_the_missing_model_is_not_found(client: httpx.Client) -> None:
    response = ask(client, PROMPT, "missing-model")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")


def test_the_models_are_listed(client: httpx.Client) -> None:
    assert [model["id"] for model in client.get("/models").json()["data"]] == list(provider.MODELS)


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"model": "m"}', b'{"model": "m", "messages": [1]}'])
def test_what_is_no_chat_request_is_refused(client: httpx.Client, raw: bytes) -> None:
    assert client.post("/chat/completions", content=raw).status_code == 400


def test_an_oversized_body_is_refused_unread(server: Provider) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_what_came_in_is_recorded() -> None:
    with Provider() as server, httpx.Client(base_url=server.base, trust_env=False) as client:
        client.headers["Authorization"] = "Bearer secret"
        ask(client, "One question")
        ask(client, "Another question [[500]]", "other-model")
        client.get("/models")
        first, second, third = server.requests
    assert (first.path, first.model, first.prompt) == ("/v1/chat/completions", "test-model", "One question")
    assert first.headers["authorization"] == "Bearer secret"
    assert first.body["messages"][0] == {"role": "system", "content": "s"}
    assert first.time <= second.time <= third.time <= time.time()
    assert [server.count(text) for text in ("question", "Another", "nothing", "")] == [2, 1, 0, 2]


def test_latency_and_the_most_requests_in_flight() -> None:
    with Provider(latency=0.3) as server, httpx.Client(base_url=server.base, trust_env=False) as client:
        started = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(lambda number: ask(client, f"{PROMPT} {number}"), range(8)))
        elapsed = time.monotonic() - started
    assert [reply.status_code for reply in replies] == [200] * 8
    assert elapsed >= 0.6
    assert server.max_in_flight == 4


def test_slow_waits(client: httpx.Client) -> None:
    started = time.monotonic()
    assert choice(ask(client, f"{PROMPT} [[slow:0.3]] [[refuse]]"))["message"]["content"] == REFUSAL
    assert time.monotonic() - started >= 0.3


def test_an_ended_server_answers_no_kept_alive_connection() -> None:
    with httpx.Client(trust_env=False) as client:
        with Provider() as server:
            client.base_url = server.base
            assert client.get("/models").status_code == 200
        with pytest.raises(httpx.TransportError):
            client.get("/models")


def test_as_a_process_it_serves_until_stdin_closes() -> None:
    command = [sys.executable, "-m", "tests.provider", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            base = process.stdout.readline().strip()
            with httpx.Client(base_url=base, trust_env=False) as client:
                assert choice(ask(client, PROMPT))["message"]["content"] == ANSWER
                seen = client.get(base.removesuffix("/v1") + "/seen").json()
            assert [one["prompt"] for one in seen["requests"]] == [PROMPT]
            process.stdin.close()
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_as_a_process_it_ends_with_its_parent() -> None:
    start = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'tests.provider'])"
    command = [sys.executable, "-c", start]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        base = parent.stdout.readline().strip()
        assert httpx.get(f"{base}/models", trust_env=False).status_code == 200
        parent.kill()
        # The server holds the other end of this pipe: the read returns when it is gone.
        assert parent.stdout.read() == ""
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{base}/models", trust_env=False)
