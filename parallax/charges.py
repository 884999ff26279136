"""What a reply costs, where litellm's table has its model's price.

litellm takes a third of a call's time to work that out. It is asked once what a token of the model costs; a
reply that costs its tokens alone is then charged by that, and any other by litellm itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import BaseModel

from parallax.records import ModelSpec

# litellm takes a cost that stands in this header for that of the call. Not nought: of that it would search
# the reason
COST_HEADER, UNCHARGED_USD = "x-litellm-response-cost", 1e-12
# below this length none of the table's tiers begins
FIRST_TIER_TOKENS = 32_000
# who passes calls on to others, each at a price of its own, and says in US dollars what it charged
_STATES_COST = frozenset({"openrouter"})
# parameters that leave the price of a token as it is
_AT_ANY_PRICE = frozenset(
    {"frequency_penalty", "logit_bias", "max_completion_tokens", "max_tokens", "min_p", "presence_penalty"}
    | {"reasoning_effort", "seed", "stop", "temperature", "top_k", "top_p"}
)
_COUNTED = frozenset({"completion_tokens", "prompt_tokens", "text_tokens", "total_tokens"})
_SOME = 1000


class Rates(NamedTuple):
    """What a token costs in US dollars, of the prompt and of the answer."""

    asked: float
    said: float

    def cost(self, usage: Any) -> float:
        """Return in US dollars what the tokens of a reply cost."""
        return float(usage.prompt_tokens * self.asked + usage.completion_tokens * self.said)


def learned(cost: Callable[[int, int], float | None]) -> Rates | None:
    """Return the rates behind `cost` of tokens asked and said, None where it cannot tell."""
    # never without a token of either kind: a tier is looked for by its length
    less, more = cost(_SOME, _SOME), cost(2 * _SOME, _SOME)
    if less is None or more is None:
        return None
    asked = (more - less) / _SOME
    return Rates(asked, less / _SOME - asked)


def is_plain(spec: ModelSpec, response: Any) -> bool:
    """Tell whether a response costs its tokens alone: none of them cached or thought, no tool, no tier."""
    usage = getattr(response, "usage", None)
    return (
        usage is not None
        and usage.prompt_tokens + usage.completion_tokens < FIRST_TIER_TOKENS
        and getattr(response, "service_tier", None) in {None, "default"}
        and not getattr(response.choices[0].message, "annotations", None)
        and spec.params.keys() <= _AT_ANY_PRICE
        and not any(_counts(value) for name, value in usage if name not in _COUNTED)
    )


def stated(spec: ModelSpec, usage: Any) -> float | None:
    """Return in US dollars what a router says that it charged for a reply, None where it says nothing."""
    cost = getattr(usage, "cost", None) if spec.litellm.partition("/")[0] in _STATES_COST else None
    if not isinstance(cost, int | float) or isinstance(cost, bool):
        return None
    return float(cost) if 0.0 <= cost < math.inf else None


def _counts(detail: Any) -> bool:
    """Tell whether a detail of a usage says anything but nought."""
    if isinstance(detail, BaseModel):
        return any(_counts(value) for name, value in detail if name not in _COUNTED)
    return bool(detail)
