"""One call to one model, through litellm. The only module that imports it.

`prepare` works out once what is the same for every call of a model, `ask` sends one request. The
connection is ours to watch (`calls`): no redirect is followed, nothing is repeated behind our back, no
reply is read without end.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import importlib
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any, NoReturn

from parallax import charges, config, turns
from parallax.calls import CALL, Call, Line, TooLongError, watch_reply, watch_request
from parallax.charges import Rates
from parallax.records import BlockKind, ModelSpec, Outcome, Reply
from parallax.routing import pause_s, read_failure, read_message, told_status, with_native_block

config.tame_litellm()
# two thousand modules leave no garbage: looking for it took a fifth of the import
gc.disable()

# ruff: noqa: E402 - the settings above must stand before these imports
import httpx
import litellm
from litellm.exceptions import BadRequestError, ContentPolicyViolationError, Timeout, UnsupportedParamsError
from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients
from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
from litellm.types.utils import ModelResponse, Usage, all_litellm_params

gc.enable()
# a private name: without it a call costs a seventh more, and nothing else changes
_INTERNAL: ContextVar[bool] = getattr(
    sys.modules.get("litellm._internal_context"), "is_internal_call", ContextVar("is_internal_call")
)
NO_KEY = "none"
KEY_GONE = "[key]"
_TRACE = "Traceback (most recent call last)"
_MESSAGE_FIELDS = ("content", "refusal", "reasoning_content", "reasoning")
_UNPRICED: set[str] = set()
# litellm's light handler has no settings for these, sends them to another path, or a field too many
_NO_LIGHT_HANDLER = frozenset({"aiml", "docker_model_runner", "litellm_proxy", "xinference"})
# litellm asks these through OpenAI's package, which takes another kind of client
_OTHER_CLIENT = frozenset({"azure", "azure_text", "text-completion-inception", "text-completion-openai"})
# litellm's own words that say where a model is, or let a parameter pass: they need not reach the host
_ADDRESSING = ("allowed_openai_params", "api_version", "aws_", "azure_", "region_name", "vertex_")
_AT_FIRST_CALL = ("litellm.litellm_core_utils.default_encoding", "litellm.proxy._types")

_LINES: dict[str, Line] = {}


class _Client(AsyncHTTPHandler):
    """litellm's client as we want it: one request a call, to the address that was given."""

    def __init__(self) -> None:
        hooks: dict[str, list[Callable[..., object]]] = {
            "request": [watch_request],
            "response": [watch_reply],
        }
        super().__init__(event_hooks=hooks, follow_redirects=False)

    async def single_connection_post_request(self, *_: Any, **__: Any) -> NoReturn:
        """Raise again what litellm would answer with a second request."""
        error = sys.exc_info()[1]
        raise error if error is not None else RuntimeError("litellm repeats a request that did not fail")


@cache
def _client() -> _Client:
    return _Client()


def preload() -> None:
    """Import what litellm leaves for the first call, which holds up all that begin beside it."""
    for name in _AT_FIRST_CALL:
        with suppress(ImportError):
            importlib.import_module(name)


def prepare(specs: Iterable[ModelSpec]) -> None:
    """Make litellm quiet, and work out for each model what is the same for all its calls.

    An unknown model costs litellm a search of its whole price table at each call, so it is told of it;
    our own cost stays unknown for it (`Reply.cost_usd` None), whatever is registered here. Parameters
    that would not reach the host are found here, and told in the reply to each call (`ask`).
    """
    models = tuple(specs)
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    # a parameter that is left out in silence, or changed, makes another experiment
    litellm.drop_params = litellm.modify_params = False
    # for what it asks through OpenAI's package
    litellm.aclient_session = _client().client
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    # its own housekeeping, left behind when a call is cancelled
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)
    config.light_handler(on=not any(_family(s) in _NO_LIGHT_HANDLER for s in models))
    unknown = {s.litellm: s for s in models if not _has_price(s)}
    if unknown:
        # at a price of 0 it would search for the reason at each call
        some = {"input_cost_per_token": 1e-12, "output_cost_per_token": 1e-12, "mode": "chat"}
        litellm.register_model({n: {**some, "litellm_provider": n.partition("/")[0]} for n in unknown})
        _UNPRICED.update(unknown)
    for spec in models:
        _LINES[spec.id] = _line(spec)


def _family(spec: ModelSpec) -> str:
    return spec.litellm.partition("/")[0]


def _has_price(spec: ModelSpec) -> bool:
    """Tell whether litellm's table has this model at this host; what it has for another host is no price."""
    family, _, name = spec.litellm.partition("/")
    of_name = litellm.model_cost.get(name, {})
    known = spec.litellm in litellm.model_cost or of_name.get("litellm_provider") == family
    return known and spec.litellm not in _UNPRICED


def _line(spec: ModelSpec) -> Line:
    light = config.light_handler_is_on() and _family(spec) not in _OTHER_CLIENT
    call = {**_endpoint(spec), **({"client": _client()} if light else {}), **spec.params}
    refused = _refused_param(spec)
    why = f"model '{spec.id}': its host takes no '{refused}'; take it out of params in models.toml"
    return Line(spec, spec.provider, call, config.secrets(spec.api_key_env), why if refused else "")


def _refused_param(spec: ModelSpec) -> str:
    """Return the first parameter of an entry that would not reach its host, '' where all do."""
    try:
        return next(_refused_params(spec), "")
    except (BadRequestError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # no such host, or a value of a wrong type: the call itself will tell
        return ""


def _refused_params(spec: ModelSpec) -> Iterator[str]:
    """Yield the parameters of an entry that litellm refuses, keeps to itself, or leaves out in silence."""
    passing = {k: v for k, v in spec.params.items() if k == "allowed_openai_params"}
    without = _mapped(spec, passing)
    for name, value in spec.params.items():
        if name.startswith(_ADDRESSING) or value in (None, {}, []):
            continue
        try:
            if name in all_litellm_params or _mapped(spec, {**passing, name: value}) == without:
                yield name
        except UnsupportedParamsError:
            yield name


def _mapped(spec: ModelSpec, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what litellm makes of parameters for a model's host."""
    name, family, _, _ = litellm.get_llm_provider(spec.litellm, api_base=spec.api_base or None)
    mapped: dict[str, Any] = litellm.get_optional_params(model=name, custom_llm_provider=family, **params)
    return mapped


async def ask(
    spec: ModelSpec, prompt: str, *, params: Mapping[str, Any] | None = None, timeout_s: float = 300.0
) -> Reply:
    """Ask a model one prompt and return what came back, whatever it is.

    `params` win over those of the entry. Exactly one request is sent: litellm's and its client's own
    retries are off. None is sent where a parameter would not reach the host: that is an error of the
    model. A failure of this one call is a `Reply` with outcome `error` or `blocked`; this is the
    containment point of a worker, so nothing of one call is raised but cancellation.
    """
    line = _ready(dataclasses.replace(spec, params={**spec.params, **params}) if params else spec)
    if line.refusal:
        return Reply(Outcome.ERROR, error=line.refusal, served_by=line.host, unusable=True)
    await turns.here().leaving.passed()
    call = Call(line)
    CALL.set(call)
    # skips litellm's reports to logging services: nobody listens to them
    _INTERNAL.set(True)
    known: dict[str, Any] = {}
    try:
        # litellm's own limit begins anew with each byte that arrives
        async with asyncio.timeout(timeout_s):
            response = await litellm.acompletion(
                model=spec.litellm,
                messages=_messages(spec, prompt),
                num_retries=0,
                max_retries=0,
                timeout=timeout_s,
                **line.call,
            )
        reply = _read(call, response)
        known = _served(spec, response)
    except Exception as error:  # noqa: BLE001 - containment: one call's failure is a stored row
        reply = _read_error(call, error, timeout_s)
    # the context of a task outlives the call
    call.response = None
    known["served_by"] = known.get("served_by") or line.host
    timed = dataclasses.replace(reply, latency_s=call.latency_s, params=line.params or "", **known)
    return _without_keys(timed, line.secrets)


def _ready(spec: ModelSpec) -> Line:
    """Return the line of a model; one that `prepare` was not told of, or told otherwise, gets a new one."""
    line = _LINES.get(spec.id)
    if line is None or line.spec is not spec:
        line = _LINES[spec.id] = _line(spec)
    return line


def _without_keys(reply: Reply, keys: Iterable[str]) -> Reply:
    """Return a reply in which no host repeats a key of ours."""
    given = {field.name: getattr(reply, field.name) for field in dataclasses.fields(reply)}
    for key in keys:
        # a plain text, unlike an enum, is what a host sent
        given |= {name: text.replace(key, KEY_GONE) for name, text in given.items() if type(text) is str}
    return Reply(**given)


async def close() -> None:
    """Close the pooled connections, so that the process ends without a complaint."""
    await _client().client.aclose()
    await close_litellm_async_clients()


def _messages(spec: ModelSpec, prompt: str) -> list[dict[str, str]]:
    system = [{"role": "system", "content": spec.system}] if spec.system else []
    return [*system, {"role": "user", "content": prompt}]


def _endpoint(spec: ModelSpec) -> dict[str, str]:
    """The address and the key that belongs to it.

    An entry with an address of its own never lets litellm look for a key in the environment: it would
    send the key of another host there.
    """
    key = config.api_key(spec.api_key_env) if spec.api_key_env else None
    if spec.api_base:
        return {"api_base": spec.api_base, "api_key": key or NO_KEY}
    return {"api_key": key} if key else {}


def _read(call: Call, response: Any) -> Reply:
    choice = response.choices[0]
    details = getattr(getattr(response, "usage", None), "completion_tokens_details", None)
    reply = read_message(
        _fields(choice.message),
        _native_reason(choice),
        mapped=str(choice.finish_reason or ""),
        hidden_reasoning=bool(getattr(details, "reasoning_tokens", 0)),
    )
    return with_native_block(reply, call.body()) if reply.block is BlockKind.OUTPUT else reply


def _served(spec: ModelSpec, response: Any) -> dict[str, Any]:
    """What a host says of itself and of its work: the fields of a `Reply` beside the message."""
    usage = getattr(response, "usage", None)
    asked, said = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    return {
        "served_model": str(getattr(response, "model", "") or ""),
        "served_by": str(getattr(response, "provider", "") or ""),
        "fingerprint": str(getattr(response, "system_fingerprint", "") or ""),
        "http_status": 200,
        "prompt_tokens": asked,
        "completion_tokens": said,
        "cost_usd": _cost(spec, asked, said, response),
    }


def _fields(message: Any) -> dict[str, Any]:
    extra = getattr(message, "provider_specific_fields", None) or {}
    own = {name: getattr(message, name, None) for name in _MESSAGE_FIELDS}
    return {name: extra.get(name) if value is None else value for name, value in own.items()}


def _native_reason(choice: Any) -> str:
    extra = getattr(choice, "provider_specific_fields", None) or {}
    return str(extra.get("native_finish_reason") or choice.finish_reason or "")


def _cost(spec: ModelSpec, asked: int | None, said: int | None, response: Any) -> float | None:
    if (price := spec.price) and asked is not None and said is not None:
        return (asked * price.input_per_million + said * price.output_per_million) / 1e6
    if spec.price:
        return None
    if (stated := charges.stated(spec, getattr(response, "usage", None))) is not None:
        return stated
    if spec.litellm in _UNPRICED:
        return None
    cost = getattr(response, "_hidden_params", {}).get("response_cost")
    if cost != charges.UNCHARGED_USD:
        return float(cost) if cost is not None else None
    if charges.is_plain(spec, response) and (rates := _rates(spec.litellm, str(response.model or ""))):
        return rates.cost(response.usage)
    return _worked_out(spec.litellm, response, spec.params)


@lru_cache(maxsize=1000)
def _rates(name: str, served: str) -> Rates | None:
    """Return what litellm charges for a token of a model as it was served, None where it cannot tell."""

    def cost(asked: int, said: int) -> float | None:
        usage = Usage(prompt_tokens=asked, completion_tokens=said, total_tokens=asked + said)
        return _worked_out(name, ModelResponse(model=served, usage=usage), {})

    return charges.learned(cost)


def _worked_out(name: str, response: Any, params: Mapping[str, Any]) -> float | None:
    """Return in US dollars what litellm charges for a response, None where it cannot tell."""
    try:
        return float(
            litellm.completion_cost(
                response,
                model=name,
                call_type="acompletion",
                custom_llm_provider=litellm.get_llm_provider(name)[1],
                optional_params=dict(params),
            )
        )
    except (BadRequestError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None


def _read_error(call: Call, error: Exception, timeout_s: float) -> Reply:
    causes = tuple(_causes(error))
    broken = next((c for c in causes if isinstance(c, OSError | httpx.TransportError)), None)
    status = call.status or getattr(error, "status_code", None)
    timed_out = isinstance(error, Timeout | TimeoutError)
    text = _words(error)
    if status == HTTPStatus.OK and (told := told_status(body := call.body())):
        status, text = told, json.dumps(body, ensure_ascii=False)
    if too_long := next((c for c in causes if isinstance(c, TooLongError)), None):
        return Reply(Outcome.ERROR, http_status=status, error=f"{too_long}")
    if isinstance(error, TimeoutError):
        text = f"no answer within {timeout_s:g} s"
    elif broken is not None and not timed_out:
        text = f"no connection to {call.line.spec.api_base or call.line.spec.litellm}: {broken}"
    elif status is not None and 300 <= status < 400:
        text = f"the address sends us on to {call.headers.get('location', 'another')}; correct api_base"
    elif _TRACE in text:
        text = f"the reply is no completion: {causes[-1]}"
    for key in call.line.secrets:
        text = text.replace(key, KEY_GONE)
    now = datetime.now(UTC)
    pauses = (pause_s(headers, now) for headers in (call.headers, *_headers(causes)))
    return read_failure(
        text or type(error).__name__,
        status=None if broken is not None else status,
        policy=isinstance(error, ContentPolicyViolationError),
        timed_out=timed_out,
        retry_after_s=next((pause for pause in pauses if pause is not None), None),
    )


def _words(error: Exception) -> str:
    body = getattr(error, "body", None)
    return f"{error}" if body is None or str(body) in str(error) else f"{error} {body}"


def _headers(causes: Iterable[BaseException]) -> Iterator[Mapping[str, str]]:
    for cause in causes:
        yield getattr(getattr(cause, "response", None), "headers", None) or {}
        yield getattr(cause, "headers", None) or {}


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was raised from: litellm's own words hide that nobody listened."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
