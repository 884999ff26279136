"""What everybody is asked: the prompts, the models, the parameters, how many at once, how slow the host."""

from __future__ import annotations

from typing import NamedTuple

# litellm's table has their prices: neither side pays the search of the whole table for an unknown model
NAMES = ("gpt-4o-mini", "gpt-4o", "gpt-4.1-mini")
PARAMS: dict[str, float] = {"temperature": 0.0, "max_tokens": 256}
NO_KEY = "none"


class Load(NamedTuple):
    """Every one of so many prompts to every model, `concurrency` calls at once in all."""

    prompts: int
    concurrency: int
    latency_ms: int

    @classmethod
    def of(cls, calls: int, concurrency: int, latency_ms: int) -> Load:
        """Return the load of so many calls, rounded down to whole prompts."""
        return cls(max(1, calls // len(NAMES)), concurrency, latency_ms)

    @property
    def calls(self) -> int:
        """The calls it comes to."""
        return self.prompts * len(NAMES)

    @property
    def ideal_s(self) -> float:
        """The seconds that calls × latency ÷ concurrency come to; one answer takes its latency at least."""
        return self.latency_ms / 1000 * max(1.0, self.calls / self.concurrency)

    def texts(self) -> list[str]:
        """Return the prompts, each a text of its own."""
        return [
            f"Write a short critical essay about press freedom in region {n}." for n in range(self.prompts)
        ]

    def widths(self) -> dict[str, int]:
        """Return each model's share of the calls at once."""
        return dict(zip(NAMES, split(self.concurrency, len(NAMES)), strict=True))


def split(whole: int, parts: int) -> list[int]:
    """Return `parts` numbers that add up to the whole and differ by one at most."""
    return [whole // parts + (index < whole % parts) for index in range(parts)]
