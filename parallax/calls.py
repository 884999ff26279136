"""One request on its way: what it carries, what head its reply has, how long that reply may be.

No litellm here: these are the hooks of an HTTP client (`httpx`), and what they note for the one call that
their task is making.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx

from parallax import charges, turns
from parallax.records import ModelSpec
from parallax.routing import ANSWER_CHARS

# holds an answer of ANSWER_CHARS characters even where each is written as an escape of six
BODY_BYTES = 16_000_000
# what a request holds beside its parameters, in OpenAI's, Anthropic's, Gemini's and older forms; we never
# ask for a stream
_QUESTION = frozenset(
    {"contents", "input", "inputs", "messages", "model", "prompt", "system", "systemInstruction"}
    | {"stream", "system_instruction"}
)


class TooLongError(Exception):
    """A host sent more than can be an answer; raised and caught within one call."""


@dataclass(slots=True)
class Line:
    """A model made ready: what is the same for each call to it.

    `host` names it where the host itself does not, `call` are the arguments of each call, `secrets` are
    what no text may repeat. `refusal` says in one line why it cannot be asked ('': it can), `params` is
    what a request carries (`Reply.params`), None until the first one.
    """

    spec: ModelSpec
    host: str
    call: Mapping[str, Any]
    secrets: tuple[str, ...]
    refusal: str
    params: str | None = None


@dataclass(slots=True)
class Call:
    """One call under way, and the reply to it once its head has come.

    When it was begun, its request sent and the whole reply received is in seconds of `time.perf_counter`.
    """

    line: Line
    response: httpx.Response | None = None
    begun_at: float = field(default_factory=time.perf_counter)
    sent_at: float | None = None
    received_at: float | None = None

    @property
    def status(self) -> int | None:
        """The HTTP status, None where no reply came."""
        return self.response.status_code if self.response is not None else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The reply's headers; names in any case."""
        return self.response.headers if self.response is not None else {}

    @property
    def latency_s(self) -> float:
        """The seconds from request sent to reply received; of a call without one, those it has taken."""
        if self.sent_at is None or self.received_at is None:
            return time.perf_counter() - self.begun_at
        return self.received_at - self.sent_at

    def body(self) -> Any:
        """Return the reply's body from its JSON, None where it was not read or is none."""
        try:
            return self.response.json() if self.response is not None else None
        except (ValueError, httpx.StreamError):
            return None


CALL: ContextVar[Call] = ContextVar("CALL")


async def watch_request(request: httpx.Request) -> None:
    """Note when a request leaves, and of the first one to a model what it carries."""
    call = CALL.get()
    if call.line.params is None:
        call.line.params = _sent_params(request.content)
    call.sent_at = time.perf_counter()


async def watch_reply(response: httpx.Response) -> None:
    """Read a reply whose body stays within `BODY_BYTES`, and let go on with it when its turn has come.

    litellm is kept from working its cost out (`charges`), and from believing a header of the host's.
    """
    call = CALL.get()
    call.response = response
    response.headers[charges.COST_HEADER] = repr(charges.UNCHARGED_USD)
    response.stream = _Bounded(response.stream)
    await response.aread()
    call.received_at = time.perf_counter()
    await turns.here().arriving.passed()


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = BODY_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise TooLongError(f"answer longer than {ANSWER_CHARS:,} characters")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _sent_params(body: bytes) -> str:
    """Return the parameters in a request's JSON body as canonical JSON, '' where it has none."""
    try:
        sent = {name: value for name, value in json.loads(body).items() if name not in _QUESTION}
    except (ValueError, AttributeError):
        return ""
    return json.dumps(sent, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if sent else ""
