"""The tests' own model provider: a small HTTP server that speaks the OpenAI chat protocol.

    with Provider() as provider:            # in a thread of the test process
        provider.base                       # "http://127.0.0.1:PORT/v1"
        provider.count("Tiananmen")         # how often a prompt with this text came in

    python -m tests.provider --port 8123 --latency 0.1      # as a process of its own

The process prints its base URL and ends when its stdin closes or its parent ends; whoever starts it
keeps a pipe to it open. `GET /seen` tells as JSON what came in.

What comes back is written in the request, by markers: see `tests.faults`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.faults import MARKERS, REFUSAL, HttpReply, Request, answer_text, as_json, chat, fault

__all__ = ["MARKERS", "REFUSAL", "HttpReply", "Provider", "Request", "answer_text"]

MODELS = ("test-model", "other-model")
MAX_BODY = 5_000_000


def _models(_: Request) -> HttpReply:
    models = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in MODELS]
    return as_json(200, {"object": "list", "data": models})


ROUTES: Mapping[str, Callable[[Request], HttpReply]] = {
    "POST /v1/chat/completions": chat,
    "POST /chat/completions": chat,
    "POST /v1/openai/deployments/test-model/chat/completions": chat,  # Azure's
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
        self._send(as_json(200, self.server.log.as_json()) if self.path == "/seen" else self._reply(b""))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if 0 <= length <= MAX_BODY:
            self._send(self._reply(self.rfile.read(length)))
        else:
            self.close_connection = True
            self._send(fault(413, "too_large", f"A body has at most {MAX_BODY} bytes."))

    def _reply(self, raw: bytes) -> HttpReply:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = _with_question(Request(self.command, self.path, headers), raw)
        route = ROUTES.get(f"{self.command} {self.path.partition('?')[0]}")
        # Out of flight before the reply leaves: its receiver may ask again at once.
        with self.server.log.flight(request) as asked:
            time.sleep(self.server.latency)
            return route(asked) if route else fault(404, "not_found", f"There is nothing at {self.path}.")

    def _send(self, reply: HttpReply) -> None:
        if reply.abrupt:
            # with no time to linger in, the system resets instead of closing
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        if reply.body is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        length = len(reply.body) if reply.announced is None else reply.announced
        self.close_connection |= length > len(reply.body)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if reply.pace_s:
            self._drip(reply.body, reply.pace_s)
        else:
            self.wfile.write(reply.body)

    def _drip(self, body: bytes, pace_s: float) -> None:
        for number in range(len(body)):
            self.wfile.write(body[number : number + 1])
            self.wfile.flush()
            time.sleep(pace_s)

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
