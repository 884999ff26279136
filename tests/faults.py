"""What the tests' provider (`tests.provider`) replies: answers, blocks and faults, chosen by markers.

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
| `canned` | a host's fixed text in place of an answer, `finish_reason` stop |
| `refusal` | no content, and a `refusal` field |
| `finish:NAME` | an empty text with that `finish_reason` |
| `block-deepseek` | 400 with that host's body for a blocked prompt |
| `503`, `529` | that status, overloaded |
| `429-after:S`, `429-date:S`, `429-ms:N` | a 429 that says when to come back: seconds, a date, milliseconds |
| `reset` | the connection is reset without a reply |
| `cut-off` | the head of an answer and half of its body, then the connection closes |
| `html` | 200 with a page |
| `plain` | an answer, said to be text/plain |
| `long:N` | an answer of N characters |
| `drip:S` | an answer, a byte every S seconds |
| `301:PORT`, `307:PORT` | a redirect to the same path at that port of 127.0.0.1 |
| `some:P:MARKS` | one of MARKS, parted by commas, for P % of prompts, by the text of model and prompt alone |
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, NamedTuple

REFUSAL = "I'm sorry, but I can't help with that."
REASONING = "The user wants a short text. I name the main point first and then give reasons for it."
CANNED = "Sorry, that's beyond my current scope. Let's talk about something else."
_BODY = (
    "The record is plain. Officials took these decisions without asking the people who live with them, "
    "prices rose faster than wages, and the promised review was never published. Reporters who asked "
    "were sent away. A better policy would open the files and let independent judges read them."
)


class HttpReply(NamedTuple):
    """A status, a body and headers; the body None closes the connection without a word.

    `announced` is the length that the head promises, where it is not the body's; `pace_s` the seconds
    between two bytes of the body. `abrupt` resets the connection rather than closing it.
    """

    status: int
    body: bytes | None
    headers: Mapping[str, str] = {}
    announced: int | None = None
    pace_s: float = 0.0
    abrupt: bool = False


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


def as_json(status: int, value: object) -> HttpReply:
    """Return a reply whose body is a value as JSON."""
    return HttpReply(status, json.dumps(value).encode())


def fault(status: int, code: str, message: str, /, **more: Any) -> HttpReply:
    """Return an error in OpenAI's form; `more` adds to it."""
    kind = more.pop("type", "invalid_request_error")
    return as_json(status, {"error": {"message": message, "type": kind, "param": None, "code": code, **more}})


def _completion(asked: Request, text: str | None, finish: str = "stop", **fields: str) -> HttpReply:
    message = {"role": "assistant", "content": text, **fields}
    asks, says = len(asked.prompt.split()), len(" ".join([*fields.values(), text or ""]).split())
    body = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "system_fingerprint": "fp_tests",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": asks, "completion_tokens": says, "total_tokens": asks + says},
    }
    return as_json(200, body)


def answer_text(prompt: str, words: int | None = None) -> str:
    """Return an answer that takes up the first 12 words of a prompt, of about 60 or exactly `words`."""
    topic = " ".join(_PROMPT_MARK.sub("", prompt).split()[:12])
    text = f"Here is what you asked for ({topic}). {_BODY}"
    return text if words is None else " ".join(itertools.islice(itertools.cycle(text.split()), words))


def _say(text: str | None = None, finish: str = "stop", before: str = "", **fields: str) -> Behaviour:
    return lambda asked, argument: _completion(
        asked, before + (answer_text(asked.prompt) if text is None else text), finish, **fields
    )


def _always(reply: HttpReply) -> Behaviour:
    return lambda asked, argument: reply


def _once(behaviour: Behaviour) -> Behaviour:
    return lambda asked, argument: None if asked.earlier else behaviour(asked, argument)


def _slow(_: Request, seconds: str) -> None:
    time.sleep(float(seconds))


def _later(headers: Callable[[float], Mapping[str, str]]) -> Behaviour:
    return lambda asked, argument: _LIMITED._replace(headers=headers(float(argument)))


def _cut_off(asked: Request, _: str) -> HttpReply:
    body = _body(asked)
    return HttpReply(200, body[: len(body) // 2], announced=len(body))


def _redirect(status: int) -> Behaviour:
    return lambda asked, port: HttpReply(
        status, b"", {"Location": f"http://127.0.0.1:{int(port)}{asked.path}"}
    )


def _some(asked: Request, argument: str) -> HttpReply | None:
    share, _, names = argument.partition(":")
    digest = hashlib.sha256(f"{asked.model} {asked.prompt}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64 * 100 / float(share)
    marks = names.split(",")
    return _marked(asked, marks[int(place * len(marks))]) if place < 1 else None


def _body(asked: Request) -> bytes:
    return _completion(asked, answer_text(asked.prompt)).body or b""


_FILTERED = {"hate": {"filtered": True, "severity": "medium"}}
_AZURE = fault(
    400,
    "content_filter",
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
    "Please modify your prompt and retry.",
    status=400,
    innererror={"code": "ResponsibleAIPolicyViolation", "content_filter_result": _FILTERED},
)
_ALIBABA = fault(400, "data_inspection_failed", "Input data may contain inappropriate content.")
_OPENAI = fault(400, "content_policy_violation", "Your request was rejected by our safety system.")
_LIMITED = fault(429, "rate_limit_exceeded", "Rate limit reached for requests.", type="requests")
_TOO_MANY = _LIMITED._replace(headers={"Retry-After": "0"})
_BROKEN = fault(500, "internal_error", "The server had an error.", type="server_error")
_DROPPED = HttpReply(0, None)
_DEEPSEEK = fault(400, "invalid_request_error", "Content Exists Risk")
_OVERLOADED = "The engine is overloaded, please try again later."
_PAGE = HttpReply(200, b"<html><body>Welcome</body></html>", {"Content-Type": "text/html"})

MARKERS: Mapping[str, Behaviour] = {
    "refuse": _say(REFUSAL),
    "block-finish": _say("", finish="content_filter"),
    "block-azure": _always(_AZURE),
    "block-alibaba": _always(_ALIBABA),
    "block-openai": _always(_OPENAI),
    "empty": _say(""),
    "empty-once": _once(_say("")),
    "cut": lambda asked, words: _completion(asked, answer_text(asked.prompt, int(words)), "length"),
    "reasoning": _say(reasoning_content=REASONING),
    "think": _say(before=f"<think>{REASONING}</think>"),
    "think-only": _say(f"<think>{REASONING}", finish="length"),
    "401": _always(fault(401, "invalid_api_key", "Incorrect API key provided.")),
    "429": _always(_TOO_MANY),
    "429-once": _once(_always(_TOO_MANY)),
    "500": _always(_BROKEN),
    "500-once": _once(_always(_BROKEN)),
    "drop": _always(_DROPPED),
    "drop-once": _once(_always(_DROPPED)),
    "garbage": _always(HttpReply(200, b'{"id": "chatcmpl-1", "choices": [{"message": ')),
    "slow": _slow,
    "canned": _say(CANNED),
    "refusal": lambda asked, _: _completion(asked, None, refusal=REFUSAL),
    "finish": lambda asked, name: _completion(asked, "", name),
    "block-deepseek": _always(_DEEPSEEK),
    "503": _always(fault(503, "overloaded", _OVERLOADED, type="server_error")),
    "529": _always(fault(529, "overloaded_error", _OVERLOADED, type="overloaded_error")),
    "429-after": _later(lambda seconds: {"Retry-After": f"{seconds:g}"}),
    "429-date": _later(lambda seconds: {"Retry-After": formatdate(time.time() + seconds, usegmt=True)}),
    "429-ms": _later(lambda number: {"Retry-After-Ms": f"{number:g}"}),
    "reset": _always(HttpReply(0, None, abrupt=True)),
    "cut-off": _cut_off,
    "html": _always(_PAGE),
    "plain": lambda asked, _: HttpReply(200, _body(asked), {"Content-Type": "text/plain"}),
    "long": lambda asked, length: _completion(asked, "x" * int(length)),
    "drip": lambda asked, seconds: HttpReply(200, _body(asked), pace_s=float(seconds)),
    "301": _redirect(301),
    "307": _redirect(307),
    "some": _some,
}
_PROMPT_MARK = re.compile(r"\[\[([^\]]+)\]\]")
_MODEL_MARK = re.compile(r"\+([^+@]+)(?:@([^+]+))?")


def _marks(model: str, prompt: str) -> list[str]:
    of_model = [mark for mark, condition in _MODEL_MARK.findall(model) if condition in prompt]
    return [*_PROMPT_MARK.findall(prompt), *of_model]


def _marked(asked: Request, mark: str) -> HttpReply | None:
    name, _, argument = mark.partition(":")
    return MARKERS[name](asked, argument)


def chat(asked: Request) -> HttpReply:
    """Return what is to come back of a chat request."""
    if not asked.prompt or asked.body.get("stream"):
        return fault(400, "bad_request", "This is no chat request, or one for a stream.")
    if asked.model == "missing-model":
        return fault(404, "model_not_found", f"The model `{asked.model}` does not exist.")
    for mark in _marks(asked.model, asked.prompt):
        try:
            reply = _marked(asked, mark)
        except (KeyError, ValueError):
            return fault(400, "bad_marker", f"There is no marker '{mark}'.")
        if reply is not None:
            return reply
    return _completion(asked, answer_text(asked.prompt))
