"""What a run will cost before it is asked: calls, tokens, US dollars, and the least time it takes.

Prices are the entry's own, else those of litellm's table, read from its JSON file: the import would cost
seconds. What is not known is None, and the sentence says so.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from parallax.records import ModelSpec, Price, ProbeSet

TABLE = "model_prices_and_context_window_backup.json"
TEMPLATE_TOKENS = 8
_LATIN_CHARS, _OTHER_CHARS = 4, 2
_WIDE = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00010000-\U0010ffff]")
_NOT_LATIN = re.compile(r"[^\x00-\u036f\u2000-\u206f]")
_FAMILIES = ("bedrock", "fireworks_ai", "vertex_ai")  # in the table as bedrock_converse and the like
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class ModelEstimate:
    """What one model's part of a run comes to, each cell asked once, without retries.

    `prompt_tokens` is an estimate. `completion_tokens` is the most that `max_tokens` allows, None where it
    is not set. `cost_usd` is the most for these tokens, None where the price (`price`) or the length is
    unknown. `seconds` is a lower bound from requests and tokens a minute, None where neither is limited;
    `rounds` is how many answers come one after another at the model's concurrency.
    """

    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int | None
    price: Price | None
    cost_usd: float | None
    seconds: float | None
    rounds: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The rows of all models and their totals; a sum is None where a part is.

    Models are asked side by side: `seconds` and `rounds` are those of the model that takes longest.
    """

    rows: tuple[ModelEstimate, ...]
    calls: int
    prompt_tokens: int
    completion_tokens: int | None
    cost_usd: float | None
    seconds: float | None
    rounds: int

    @property
    def sentence(self) -> str:
        """One plain line: calls; tokens; cost, and whose is unknown; the least time."""
        most = self.completion_tokens
        written = "no limit on tokens out" if most is None else f"at most {most:,} out"
        about = round(self.prompt_tokens, 2 - len(str(self.prompt_tokens)))
        head = f"{self.calls:,} call{'s' * (self.calls != 1)}, about {about:,} tokens in and {written}"
        return "; ".join([head, _cost_words(self.rows), _time_words(self.seconds, self.rounds)])


class _Entry(NamedTuple):
    host: str
    price: Price


def estimate(
    probe_set: ProbeSet,
    models: Sequence[ModelSpec],
    samples: int = 1,
    params: Mapping[str, Any] | None = None,
    *,
    concurrency: int | None = None,
) -> Estimate:
    """Return what asking each model every probe `samples` times comes to.

    `params` and `concurrency` override those of every model, as in a plan.
    """
    calls = len(probe_set.probes) * samples
    prompts = sum(count_tokens(probe.prompt) + TEMPLATE_TOKENS for probe in probe_set.probes) * samples
    asked = [replace(spec, params={**spec.params, **(params or {})}) for spec in models]
    rows = tuple(_row(spec, calls, prompts, concurrency) for spec in asked)
    return Estimate(
        rows,
        calls=sum(row.calls for row in rows),
        prompt_tokens=sum(row.prompt_tokens for row in rows),
        completion_tokens=_whole([row.completion_tokens for row in rows]),
        cost_usd=_whole([row.cost_usd for row in rows]),
        seconds=max((row.seconds for row in rows if row.seconds is not None), default=None),
        rounds=max((row.rounds for row in rows), default=0),
    )


def count_tokens(text: str) -> int:
    """Return about how many tokens a text has; models differ.

    A token is four characters of Latin script, two of another alphabet, one of an East Asian script.
    """
    if text.isascii():
        return math.ceil(len(text) / _LATIN_CHARS)
    wide = len(_WIDE.findall(text))
    other = len(_NOT_LATIN.findall(text)) - wide
    return math.ceil(wide + other / _OTHER_CHARS + (len(text) - wide - other) / _LATIN_CHARS)


def longest_reply(spec: ModelSpec) -> int | None:
    """Return the most tokens that an answer may have, None where its entry sets no limit."""
    longest = spec.params.get("max_tokens", spec.params.get("max_completion_tokens"))
    # -1 is some servers' word for no limit
    return longest if isinstance(longest, int) and longest > 0 else None


def price_of(spec: ModelSpec) -> Price | None:
    """Return a model's own price, else the one that litellm's table has for it at its host, or None.

    What the table names without a host may be another host's; that price is not this one's.
    """
    if spec.price is not None:
        return spec.price
    if found := _table().get(spec.litellm):
        return found.price
    host, _, name = spec.litellm.partition("/")
    tail = _table().get(name)
    same = tail and (tail.host == host or (host in _FAMILIES and tail.host.startswith(host)))
    return tail.price if tail and same else None


@lru_cache(maxsize=1)
def _table() -> dict[str, _Entry]:
    """Read the price table that the installed litellm ships; empty where there is none to read."""
    package = importlib.util.find_spec("litellm")
    try:
        raw = json.loads(Path((package and package.origin) or "").with_name(TABLE).read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: entry for name, fields in raw.items() if (entry := _entry(fields))}


def _entry(fields: Mapping[str, Any]) -> _Entry | None:
    # where the price goes by the prompt's length, ours are of the first tier
    first = (fields.get("tiered_pricing") or [fields])[0]
    read, written = first.get("input_cost_per_token"), first.get("output_cost_per_token")
    if read is None or written is None:
        return None
    dearest = max(written, first.get("output_cost_per_reasoning_token") or 0)
    return _Entry(str(fields.get("litellm_provider", "")), Price(read * 1e6, dearest * 1e6))


def _row(spec: ModelSpec, calls: int, prompts: int, width: int | None) -> ModelEstimate:
    longest = longest_reply(spec)
    sent = prompts + calls * count_tokens(spec.system)
    most = None if longest is None else longest * calls
    price = price_of(spec)
    cost = None
    if price and (most is not None or not price.output_per_million):
        cost = (sent * price.input_per_million + (most or 0) * price.output_per_million) / 1e6
    # any 60 seconds hold one allowance, and the first is there at once
    limits = spec.limits
    minutes = [float(math.ceil(calls / limits.rpm))] if limits.rpm else []
    minutes += [sent / limits.tpm] if limits.tpm else []
    least = 60 * max(0.0, max(minutes) - 1) if minutes else None
    rounds = math.ceil(calls / (width or limits.concurrency))
    return ModelEstimate(spec.id, calls, sent, most, price, cost, least, rounds)


def _whole(parts: Sequence[_Number | None]) -> _Number | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _cost_words(rows: Sequence[ModelEstimate]) -> str:
    paid = [row for row in rows if row.cost_usd]
    unpriced = [row.model for row in rows if row.price is None]
    endless = [row.model for row in rows if row.price and row.cost_usd is None]
    cents = math.ceil(round(100 * sum(row.cost_usd or 0.0 for row in paid), 6))
    words = [f"at most about ${cents / 100:,.2f} ({_names([row.model for row in paid])})"] if paid else []
    words += [f"price unknown for {_names(unpriced)}"] if unpriced else []
    words += [f"no limit on the cost of {_names(endless)}: max_tokens is not set"] if endless else []
    return ", ".join(words) or "no cost"


def _time_words(seconds: float | None, rounds: int) -> str:
    turns = f"as long as {rounds:,} answer{'s' * (rounds != 1)} one after another"
    for unit, length in (("h", 3600), ("min", 60), ("s", 1)):
        if seconds and seconds >= 2 * length:
            return f"at least {math.floor(seconds / length)} {unit} by the rate limits, and {turns}"
    return f"at least {turns}"


def _names(ids: Sequence[str], most: int = 3) -> str:
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return ", ".join(ids[:most]) + more
