"""What a run may cost at most: no call is sent whose worst case would pass it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from parallax.costs import TEMPLATE_TOKENS, longest_reply, price_of
from parallax.errors import RunError
from parallax.records import ModelSpec, Reply

# sums of dollars in binary: a ten-thousandth of a cent is not worth a call
_TOLERANCE_USD = 1e-6


def worst_case_usd(spec: ModelSpec, prompt: str) -> float | None:
    """Return the most that one call can cost, None where its price or the length of its answer is unknown.

    A token is at least one byte of UTF-8, so a prompt has at most as many tokens as bytes.
    """
    price, longest = price_of(spec), longest_reply(spec)
    if price is None or (longest is None and price.output_per_million):
        return None
    sent = len((spec.system + prompt).encode(errors="replace")) + TEMPLATE_TOKENS
    return (sent * price.input_per_million + (longest or 0) * price.output_per_million) / 1e6


def require_bounded(models: Iterable[ModelSpec]) -> None:
    """Raise `RunError` for the first model of which no call's cost can be foreseen."""
    for spec in models:
        if price_of(spec) is None:
            raise RunError(f"model '{spec.id}': its price is unknown, max-cost cannot be kept; give it one")
        if worst_case_usd(spec, "") is None:
            raise RunError(f"model '{spec.id}': it has no max_tokens, max-cost cannot be kept; set one")


class Budget:
    """The US dollars that one process may spend; what calls under way can cost at most is held back.

    `over` says that a call was refused because it would have passed the limit. For one event loop.
    """

    def __init__(self, limit_usd: float | None, spent_usd: float = 0.0) -> None:
        """Begin with what was spent before; a limit of None lets everything pass."""
        self._limit, self._spent = limit_usd, spent_usd
        self._held = 0.0
        self._news = asyncio.Event()
        self.over = False

    async def hold(self, spec: ModelSpec, prompt: str) -> float | None:
        """Hold back the worst case of a call, and return it; None where the limit forbids the call.

        Waits while only what is held back for others is in the way: they may cost less in the end.
        """
        if self._limit is None:
            return 0.0
        most = worst_case_usd(spec, prompt)
        while most is not None and self._spent + most <= self._limit + _TOLERANCE_USD:
            if self._spent + self._held + most <= self._limit + _TOLERANCE_USD:
                self._held += most
                return most
            self._news.clear()
            await self._news.wait()
        self.over = True
        return None

    def settle(self, held: float, reply: Reply) -> None:
        """Replace what was held back by what the call cost: by all of it where nobody says.

        A call whose reply never came is not settled, and stays held.
        """
        turned_away = reply.unusable or (reply.http_status or 0) >= 400
        unsaid = 0.0 if turned_away else held
        self._held -= held
        self._spent += unsaid if reply.cost_usd is None else reply.cost_usd
        self._news.set()
