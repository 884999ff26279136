"""One call to one model, through litellm. The only module that imports it."""

from __future__ import annotations

import dataclasses
import logging
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from parallax import config
from parallax.records import ModelSpec, Reply
from parallax.routing import read_failure, read_message

config.tame_litellm()

# ruff: noqa: E402 - the setting above must stand before these imports
import httpx
import litellm
from litellm.exceptions import ContentPolicyViolationError, Timeout
from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

NO_KEY = "none"
KEY_GONE = "[key]"
_MESSAGE_FIELDS = ("content", "refusal", "reasoning_content", "reasoning")
_UNPRICED: set[str] = set()


def prepare(specs: Iterable[ModelSpec]) -> None:
    """Make litellm quiet, and tell it the models that its price table lacks.

    An unknown model costs litellm a search of its whole table at each call; our own cost stays
    unknown for it (`Reply.cost_usd` None), whatever is registered here.
    """
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    # its own housekeeping, left behind when a call is cancelled
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)
    unknown = {s.litellm: s for s in specs if not _has_price(s)}
    if unknown:
        free = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0, "mode": "chat"}
        litellm.register_model({n: {**free, "litellm_provider": n.partition("/")[0]} for n in unknown})
        _UNPRICED.update(unknown)


def _has_price(spec: ModelSpec) -> bool:
    names = {spec.litellm, spec.litellm.partition("/")[2]}
    return spec.litellm not in _UNPRICED and any(name in litellm.model_cost for name in names)


async def ask(
    spec: ModelSpec, prompt: str, *, params: Mapping[str, Any] | None = None, timeout_s: float = 300.0
) -> Reply:
    """Ask a model one prompt and return what came back, whatever it is.

    `params` win over those of the entry. Exactly one request is sent: litellm's and its client's own
    retries are off. A failure of this one call is a `Reply` with outcome `error` or `blocked`; this is
    the containment point of a worker, so nothing of one call is raised but cancellation.
    """
    started = time.perf_counter()
    try:
        response = await litellm.acompletion(
            model=spec.litellm,
            messages=_messages(spec, prompt),
            num_retries=0,
            max_retries=0,
            timeout=timeout_s,
            **_endpoint(spec),
            **{**spec.params, **(params or {})},
        )
        reply = _read(spec, response)
    except Exception as error:  # noqa: BLE001 - containment: one call's failure is a stored row
        reply = _read_error(spec, error)
    latency_s = time.perf_counter() - started
    # an address may carry a user's name and password
    host = urlsplit(spec.api_base).netloc.rpartition("@")[2] or spec.litellm.partition("/")[0]
    timed = dataclasses.replace(reply, latency_s=latency_s, served_by=reply.served_by or host)
    return _without_keys(timed, config.secrets(spec.api_key_env))


def _without_keys(reply: Reply, keys: Iterable[str]) -> Reply:
    """Return a reply in which no host repeats a key of ours."""
    given = {field.name: getattr(reply, field.name) for field in dataclasses.fields(reply)}
    for key in keys:
        # a plain text, unlike an enum, is what a host sent
        given |= {name: text.replace(key, KEY_GONE) for name, text in given.items() if type(text) is str}
    return Reply(**given)


async def close() -> None:
    """Close litellm's pooled connections, so that the process ends without a complaint."""
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


def _read(spec: ModelSpec, response: Any) -> Reply:
    choice = response.choices[0]
    usage = getattr(response, "usage", None)
    details = getattr(usage, "completion_tokens_details", None)
    reply = read_message(
        _fields(choice.message),
        _native_reason(choice),
        mapped=str(choice.finish_reason or ""),
        hidden_reasoning=bool(getattr(details, "reasoning_tokens", 0)),
    )
    counted = dataclasses.replace(
        reply,
        served_model=str(getattr(response, "model", "") or ""),
        served_by=str(getattr(response, "provider", "") or ""),
        fingerprint=str(getattr(response, "system_fingerprint", "") or ""),
        http_status=200,
        prompt_tokens=getattr(usage, "prompt_tokens", None),
        completion_tokens=getattr(usage, "completion_tokens", None),
    )
    return dataclasses.replace(counted, cost_usd=_cost(spec, counted, response))


def _fields(message: Any) -> dict[str, Any]:
    extra = getattr(message, "provider_specific_fields", None) or {}
    own = {name: getattr(message, name, None) for name in _MESSAGE_FIELDS}
    return {name: extra.get(name) if value is None else value for name, value in own.items()}


def _native_reason(choice: Any) -> str:
    extra = getattr(choice, "provider_specific_fields", None) or {}
    return str(extra.get("native_finish_reason") or choice.finish_reason or "")


def _cost(spec: ModelSpec, reply: Reply, response: Any) -> float | None:
    if spec.price and reply.prompt_tokens is not None and reply.completion_tokens is not None:
        price = spec.price
        return (
            reply.prompt_tokens * price.input_per_million + reply.completion_tokens * price.output_per_million
        ) / 1e6
    if spec.price or spec.litellm in _UNPRICED:
        return None
    cost = getattr(response, "_hidden_params", {}).get("response_cost")
    return float(cost) if cost is not None else None


def _read_error(spec: ModelSpec, error: Exception) -> Reply:
    broken = next(
        (cause for cause in _causes(error) if isinstance(cause, OSError | httpx.TransportError)), None
    )
    body = getattr(error, "body", None)
    text = f"{error}" if body is None or str(body) in str(error) else f"{error} {body}"
    if broken is not None and not isinstance(error, Timeout):
        text = f"no connection to {spec.api_base or spec.litellm}: {broken}"
    for key in config.secrets(spec.api_key_env):
        text = text.replace(key, KEY_GONE)
    return read_failure(
        text or type(error).__name__,
        status=None if broken is not None else getattr(error, "status_code", None),
        policy=isinstance(error, ContentPolicyViolationError),
        timed_out=isinstance(error, Timeout),
        retry_after=_retry_after(error),
    )


def _retry_after(error: Exception) -> str | None:
    headers = (getattr(getattr(cause, "response", None), "headers", None) or {} for cause in _causes(error))
    return next((found["retry-after"] for found in headers if "retry-after" in found), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was raised from: litellm's own words hide that nobody listened."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
