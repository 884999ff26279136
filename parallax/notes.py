"""What a run says of itself beside its counts: facts in its heartbeat, and the line made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NOTHING = {"over_budget": False}


def together(beats: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts of several heartbeats as one: the worst of each."""
    known = [*beats]
    return {name: max([none, *(beat.get(name, none) for beat in known)]) for name, none in NOTHING.items()}


def line(run: str, beat: Mapping[str, Any], max_cost_usd: float | None) -> str:
    """Return in one line what a person should know of a run that is no fault, or an empty text."""
    if beat.get("over_budget") and max_cost_usd is not None:
        return (
            f"stopped before {_usd(max_cost_usd)}: {_usd(beat.get('cost_usd', 0.0))} spent; raise it: "
            f"python -m parallax resume {run} --max-cost {2 * max_cost_usd:g}"
        )
    return ""


def _usd(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4f}"
