"""The loopback endpoint, a process of its own: it answers after a fixed latency and counts what it was asked.

`python -m bench.calls.endpoint` prints its port, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from aiohttp import ClientSession, TCPConnector, web

from bench.calls.load import NAMES, PARAMS
from parallax import loopback

ROOT = Path(__file__).resolve().parents[2]
READY_S = 30.0
AT_ONCE = 100

# about as long as a model's answer at 128 tokens
TEXT = " ".join(
    [
        "Reporters in the country work under rules that leave much to the judgement of officials.",
        "A licence can be withdrawn without a hearing, and an appeal takes longer than most papers can wait.",
        "Advertisers notice which titles fall out of favour, so the pressure is rarely written down.",
        "Some editors have left for online outlets, where the costs are lower and the audience is younger.",
        "Courts have now and then ruled for the press, which shows that the law itself is not the obstacle.",
        "What is missing is a body that is independent of the government and has the means to act.",
    ]
)
ANSWER = {
    "id": "chatcmpl-bench",
    "object": "chat.completion",
    "created": 1_750_000_000,
    "model": "bench",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"},
    ],
    "usage": {"prompt_tokens": 24, "completion_tokens": 112, "total_tokens": 136},
}


class Seen(NamedTuple):
    """What the endpoint saw since it was last asked: `seconds` from the first request to the last answer."""

    requests: int
    most_in_flight: int
    seconds: float


class _Counter:
    """Answers chat completions under `/LATENCY_MS/`, and what was seen under `/seen`."""

    def __init__(self) -> None:
        self._body = json.dumps(ANSWER).encode()
        self._forget()

    def _forget(self) -> None:
        self._requests = self._in_flight = self._most = 0
        self._began = self._ended = 0.0

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer one request."""
        await request.read()
        first, _, _ = request.path[1:].partition("/")
        if first == "seen":
            seen = Seen(self._requests, self._most, self._ended - self._began)
            self._forget()
            return web.json_response(seen._asdict())
        self._began = self._began or time.perf_counter()
        self._requests += 1
        self._in_flight += 1
        self._most = max(self._most, self._in_flight)
        await asyncio.sleep(int(first) / 1000)
        self._in_flight -= 1
        self._ended = time.perf_counter()
        return web.Response(body=self._body, content_type="application/json")


async def serve() -> None:
    """Answer until the standard input ends."""
    runner = web.ServerRunner(web.Server(_Counter().answer, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, loopback.HOST, 0, backlog=1024)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


class Endpoint:
    """The endpoint as a process, for the length of a `with` block."""

    def __enter__(self) -> Endpoint:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.calls.endpoint"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._root = f"http://{loopback.HOST}:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=READY_S)

    def base(self, latency_ms: int) -> str:
        """Return the API's base that answers after so many milliseconds."""
        return f"{self._root}/{latency_ms}/v1"

    def seen(self) -> Seen:
        """Return what came since the last time, and begin to count anew."""
        with loopback.get(f"{self._root}/seen", READY_S) as answer:
            return Seen(**json.load(answer))

    async def capacity(self, calls: int) -> float:
        """Return the requests a second that a bare HTTP client gets answered, without latency."""
        todo = iter(range(calls))
        url = f"{self.base(0)}/chat/completions"
        sent = {"model": NAMES[0], "messages": [{"role": "user", "content": "Why?"}], **PARAMS}

        async def ask(session: ClientSession) -> None:
            for _ in todo:
                async with session.post(url, json=sent) as answer:
                    await answer.read()

        async with ClientSession(connector=TCPConnector(limit=AT_ONCE)) as session:
            began = time.perf_counter()
            await asyncio.gather(*(ask(session) for _ in range(AT_ONCE)))
            return calls / (time.perf_counter() - began)


if __name__ == "__main__":
    asyncio.run(serve())
