"""What a run says of itself beside its counts: facts in its heartbeat, and the line made of them.

| fact | what |
| --- | --- |
| `over_budget` | a call was not sent, because it could have passed the limit on the cost |
| `late_share` | the share of the time in which answers waited to be read (`lag`) |
| `late_s` | the most that one waited, in seconds |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

BOTTLENECK_SHARE = 0.05
_OF_ONE_PASS = {"over_budget": False}
_OF_ALL_PASSES = {"late_share": 0.0, "late_s": 0.0}


def together(beats: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts of several heartbeats as one: the worst of each."""
    none = {**_OF_ONE_PASS, **_OF_ALL_PASSES}
    known = [none, *beats]
    return {name: max(beat.get(name, none[name]) for beat in known) for name in none}


def lasting(beat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an earlier pass that still hold: its latencies stay as they are."""
    return {name: beat.get(name, none) for name, none in _OF_ALL_PASSES.items()}


def line(run: str, beat: Mapping[str, Any], max_cost_usd: float | None) -> str:
    """Return in one line what a person should know of a run that is no fault, or an empty text."""
    facts = together([beat])
    words = []
    if facts["over_budget"] and max_cost_usd is not None and beat.get("state") != "running":
        words.append(
            f"stopped before {_usd(max_cost_usd)}: {_usd(beat.get('cost_usd', 0.0))} spent; raise it: "
            f"python -m parallax resume {run} --max-cost {2 * max_cost_usd:g}"
        )
    if facts["late_share"] > BOTTLENECK_SHARE:
        words.append(
            f"this machine was the bottleneck: answers waited up to {facts['late_s']:.1f} s to be read, "
            "so latencies may be too high; use fewer calls at once"
        )
    return "; ".join(words)


def _usd(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4f}"
