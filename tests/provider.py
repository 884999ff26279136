"""The tests' own model provider: a small HTTP server that speaks the OpenAI chat protocol.

    with Provider() as provider:            # in a thread of the test process
        provider.base                       # "http://127.0.0.1:PORT/v1"
        provider.count("Tiananmen")         # how often a prompt with this text came in

    python -m tests.provider --port 8123 --latency 0.1      # as a process of its own

The process prints its base URL and ends when its stdin closes or its parent ends; whoever starts it
keeps a pipe to it open. `GET /seen` tells as JSON what came in.

What comes back is written in the request. A prompt carries markers in double brackets,
`Write about tea. [[500-once]] [[refuse]]`, and a model's name carries them after a plus sign,
`tea-model+refuse`; with `@TEXT` the model's marker holds only for prompts that contain TEXT
(`tea-model+refuse@China`). Markers are tried from left to right, the prompt's before the model's, and
the first that has an answer gives it. Without one comes an answer of about 60 words on the prompt. An
unknown marker is a 400, so a misspelt test fails; the model `missing-model` is a 404. "Once" means the
first time that this model is asked this prompt.

| marker | comes back |
| --- | --- |
| `refuse` | "I'm sorry, but I can't help with that." |
| `block-finish` | an empty text, `finish_reason` content_filter |
| `block-azure`, `block-alibaba`, `block-openai` | 400 with that host's body for a blocked prompt |
| `empty`, `empty-once` | an empty text with `finish_reason` stop |
| `cut:N` | N words, `finish_reason` length |
| `reasoning` | an answer, and a `reasoning_content` beside it |
| `think` | `<think>…</think>` before the answer, in one text |
| `think-only` | an unclosed `<think>`, `finish_reason` length |
| `401`, `429`, `429-once`, `500`, `500-once` | that status; a 429 has `Retry-After: 0` |
| `drop`, `drop-once` | the connection closes without a reply |
| `garbage` | 200 with a body that is no valid JSON |
| `slow:S` | waits S seconds, then what the other markers say |
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import select
import socket
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

MODELS = ("test-model", "other-model")
MAX_BODY = 5_000_000
REFUSAL = "I'm sorry, but I can't help with that."
REASONING = "The user wants a short text. I name the main point first and then give reasons for it."
_BODY = (
    "The record is plain. Officials took these decisions without asking the people who live with them, "
    "prices rose faster than wages, and the promised review was never published. Reporters who asked "
    "were sent away. A better policy would open the files and let independent judges read them."
)


class HttpReply(NamedTuple):
    """A status, a body and headers; the body None closes the connection without a word."""

    status: int
    body: bytes | None
    headers: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in, at `time` (seconds since 1970).

    `prompt` is the last user message; `model`, `prompt` and `body` are empty where it is no chat
    request. `earlier` counts how often this model was asked this prompt before, `company` who is in flight.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    model: str = ""
    prompt: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    earlier: int = 0
    company: int = 1
    time: float = field(default_factory=time.time)


Behaviour = Callable[[Request, str], HttpReply | None]


def _json(status: int, value: object) -> HttpReply:
    return HttpReply(status, json.dumps(value).encode())


def _fault(status: int, code: str, message: str, /, **more: Any) -> HttpReply:
    kind = more.pop("type", "invalid_request_error")
    return _json(status, {"error": {"message": message, "type": kind, "param": None, "code": code, **more}})


def _completion(asked: Request, text: str, finish: str = "stop", reasoning: str = "") -> HttpReply:
    message = {"role": "assistant", "content": text}
    message |= {"reasoning_content": reasoning} if reasoning else {}
    asks, says = len(asked.prompt.split()), len(f"{reasoning} {text}".split())
    body = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "system_fingerprint": "fp_tests",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": asks, "completion_tokens": says, "total_tokens": asks + says},
    }
    return _json(200, body)


def answer_text(prompt: str, words: int | None = None) -> str:
    """Return an answer that takes up the first 12 words of a prompt, of about 60 or exactly `words`."""
    topic = " ".join(_PROMPT_MARK.sub("", prompt).split()[:12])
    text = f"Here is what you asked for ({topic}). {_BODY}"
    return text if words is None else " ".join(itertools.islice(itertools.cycle(text.split()), words))


def _say(text: str | None = None, finish: str = "stop", reasoning: str = "", before: str = "") -> Behaviour:
    return lambda asked, argument: _completion(
        asked, before + (answer_text(asked.prompt) if text is None else text), finish, reasoning
    )


def _always(reply: HttpReply) -> Behaviour:
    return lambda asked, argument: reply


def _once(behaviour: Behaviour) -> Behaviour:
    return lambda asked, argument: None if asked.earlier else behaviour(asked, argument)


def _slow(_: Request, seconds: str) -> None:
    time.sleep(float(seconds))


_FILTERED = {"hate": {"filtered": True, "severity": "medium"}}
_AZURE = _fault(
    400,
    "content_filter",
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
    "Please modify your prompt and retry.",
    status=400,
    innererror={"code": "ResponsibleAIPolicyViolation", "content_filter_result": _FILTERED},
)
_ALIBABA = _fault(400, "data_inspection_failed", "Input data may contain inappropriate content.")
_OPENAI = _fault(400, "content_policy_violation", "Your request was rejected by our safety system.")
_LIMITED = _fault(429, "rate_limit_exceeded", "Rate limit reached for requests.", type="requests")
_TOO_MANY = _LIMITED._replace(headers={"Retry-After": "0"})
_BROKEN = _fault(500, "internal_error", "The server had an error.", type="server_error")
_DROPPED = HttpReply(0, None)

MARKERS: Mapping[str, Behaviour] = {
    "refuse": _say(REFUSAL),
    "block-finish": _say("", finish="content_filter"),
    "block-azure": _always(_AZURE),
    "block-alibaba": _always(_ALIBABA),
    "block-openai": _always(_OPENAI),
    "empty": _say(""),
    "empty-once": _once(_say("")),
    "cut": lambda asked, words: _completion(asked, answer_text(asked.prompt, int(words)), "length"),
    "reasoning": _say(reasoning=REASONING),
    "think": _say(before=f"<think>{REASONING}</think>"),
    "think-only": _say(f"<think>{REASONING}", finish="length"),
    "401": _always(_fault(401, "invalid_api_key", "Incorrect API key provided.")),
    "429": _always(_TOO_MANY),
    "429-once": _once(_always(_TOO_MANY)),
    "500": _always(_BROKEN),
    "500-once": _once(_always(_BROKEN)),
    "drop": _always(_DROPPED),
    "drop-once": _once(_always(_DROPPED)),
    "garbage": _always(HttpReply(200, b'{"id": "chatcmpl-1", "choices": [{"message": ')),
    "slow": _slow,
}
_PROMPT_MARK = re.compile(r"\[\[([^\]]+)\]\]")
_MODEL_MARK = re.compile(r"\+([^+@]+)(?:@([^+]+))?")


def _marks(model: str, prompt: str) -> list[str]:
    of_model = [mark for mark, condition in _MODEL_MARK.findall(model) if condition in prompt]
    return [*_PROMPT_MARK.findall(prompt), *of_model]


def _chat(asked: Request) -> HttpReply:
    if not asked.prompt or asked.body.get("stream"):
        return _fault(400, "bad_request", "This is no chat request, or one for a stream.")
    if asked.model == "missing-model":
        return _fault(404, "model_not_found", f"The model `{asked.model}` does not exist.")
    for mark in _marks(asked.model, asked.prompt):
        name, _, argument = mark.partition(":")
        try:
            reply = MARKERS[name](asked, argument)
        except (KeyError, ValueError):
            return _fault(400, "bad_marker", f"There is no marker '{mark}'.")
        if reply is not None:
            return reply
    return _completion(asked, answer_text(asked.prompt))


def _models(_: Request) -> HttpReply:
    models = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in MODELS]
    return _json(200, {"object": "list", "data": models})


ROUTES: Mapping[str, Callable[[Request], HttpReply]] = {
    "POST /v1/chat/completions": _chat,
    "POST /chat/completions": _chat,
    "GET /v1/models": _models,
    "GET /models": _models,
}


def _with_question(request: Request, raw: bytes) -> Request:
    try:
        body = json.loads(raw)
        content = [message["content"] for message in body["messages"] if message["role"] == "user"][-1]
        prompt = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
        return replace(request, model=str(body["model"]), prompt=prompt, body=body)
    except (ValueError, LookupError, TypeError, AttributeError):
        return request


class _Log:
    """What came in, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._in_flight = 0
        self.requests: list[Request] = []
        self.max_in_flight = 0

    @contextlib.contextmanager
    def flight(self, request: Request) -> Iterator[Request]:
        """Keep a request, give it its count, and count it as in flight until the end of the block."""
        with self._lock:
            self._in_flight += 1
            before = self._asked[request.model, request.prompt]
            self._asked[request.model, request.prompt] = before + 1
            request = replace(request, earlier=before, company=self._in_flight)
            self.requests.append(request)
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
        try:
            yield request
        finally:
            with self._lock:
                self._in_flight -= 1

    def as_json(self) -> dict[str, Any]:
        return {"max_in_flight": self.max_in_flight, "requests": [asdict(one) for one in [*self.requests]]}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, port: int, latency: float) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.latency = latency
        self.log = _Log()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        # A kept-alive connection would go on being served.
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that was killed in mid-request is what some tests are about.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one packet: two would wait for a delayed ACK
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._send(_json(200, self.server.log.as_json()) if self.path == "/seen" else self._reply(b""))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if 0 <= length <= MAX_BODY:
            self._send(self._reply(self.rfile.read(length)))
        else:
            self.close_connection = True
            self._send(_fault(413, "too_large", f"A body has at most {MAX_BODY} bytes."))

    def _reply(self, raw: bytes) -> HttpReply:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = _with_question(Request(self.command, self.path, headers), raw)
        route = ROUTES.get(f"{self.command} {self.path}")
        # Out of flight before the reply leaves: its receiver may ask again at once.
        with self.server.log.flight(request) as asked:
            time.sleep(self.server.latency)
            return route(asked) if route else _fault(404, "not_found", f"There is nothing at {self.path}.")

    def _send(self, reply: HttpReply) -> None:
        if reply.body is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: `requests` is the log."""


class Provider:
    """The server in a thread of this process, from `with` to its end.

    `latency` is in seconds and added to every reply; `port` 0 takes a free one, and any other makes
    it possible to come back at the same address.
    """

    def __init__(self, port: int = 0, latency: float = 0.0) -> None:
        self._server = _Server(port, latency)
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Provider:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base(self) -> str:
        """The address that a client is given, with `/v1`."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, in the order of arrival."""
        return tuple(self._server.log.requests)

    @property
    def max_in_flight(self) -> int:
        """The most requests that were being answered at one time."""
        return self._server.log.max_in_flight

    def count(self, text: str = "") -> int:
        """Return how many chat requests had `text` in their prompt."""
        return sum(one.method == "POST" and text in one.prompt for one in self.requests)


def _wait_for_the_end(parent: int) -> None:
    while os.getppid() == parent:
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], 0.5)
        if ready and not os.read(sys.stdin.fileno(), 4096):
            return


def main() -> None:
    """Serve until stdin closes or the parent ends."""
    parent = os.getppid()
    parser = argparse.ArgumentParser(prog="python -m tests.provider", description="A provider for tests.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every reply")
    arguments = parser.parse_args()
    with Provider(arguments.port, arguments.latency) as provider, contextlib.suppress(KeyboardInterrupt):
        print(provider.base, flush=True)
        _wait_for_the_end(parent)


if __name__ == "__main__":
    main()
