"""The tests' provider with more faults, as a process of its own: `python -m tests.fault_server`.

| marker | comes back |
| --- | --- |
| `garbage-once` | as `garbage`, the first time |
| `429-after-once:S` | a 429 with `Retry-After: S`, the first time |
| `finish:REASON` | an empty text with that finish reason |
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from parallax import config
from tests import provider
from tests.provider import MARKERS, HttpReply, Request


def _garbage_once(asked: Request, argument: str) -> HttpReply | None:
    return None if asked.earlier else MARKERS["garbage"](asked, argument)


def _later_once(asked: Request, seconds: str) -> HttpReply | None:
    limited = None if asked.earlier else MARKERS["429"](asked, "")
    return limited and limited._replace(headers={"Retry-After": seconds})


def _finish(asked: Request, reason: str) -> HttpReply | None:
    reply = MARKERS["block-finish"](asked, "")
    assert reply is not None
    assert reply.body is not None
    body = json.loads(reply.body)
    body["choices"][0]["finish_reason"] = reason
    return reply._replace(body=json.dumps(body).encode())


class FaultServer:
    """A running server; `base` is the address that a client is given."""

    def __init__(self, base: str) -> None:
        self.base = base

    def asked(self) -> Counter[tuple[str, str]]:
        """How often each (model's name, prompt) came in."""
        with httpx.Client(trust_env=False, timeout=60.0) as client:
            seen = client.get(f"{self.base.removesuffix('/v1')}/seen").json()["requests"]
        return Counter((one["model"], one["prompt"]) for one in seen if one["method"] == "POST")


@contextmanager
def serving(latency_s: float) -> Iterator[FaultServer]:
    """Run the server in a process of its own for the length of the block."""
    command = [sys.executable, "-m", "tests.fault_server", "--latency", str(latency_s)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=config.ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            yield FaultServer(process.stdout.readline().strip())
        finally:
            process.communicate("")


if __name__ == "__main__":
    more = {"garbage-once": _garbage_once, "429-after-once": _later_once, "finish": _finish}
    MARKERS.update(more)  # type: ignore[attr-defined]
    provider.main()
