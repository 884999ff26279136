"""The gaps that a heatmap can show, and of which axes."""

from __future__ import annotations

from enum import StrEnum

from parallax.metrics.gaps import Slice

_WITHIN = {"topic": Slice.TOPIC, "language": Slice.LANGUAGE}
_NAMES = ("model", "route")
_GAP_AXES = (*_NAMES, "country", *_WITHIN)


class GapValue(StrEnum):
    """The gaps of METRICS §3; all but the home gap by the column of `metrics.gaps` that holds them."""

    GAP = "gap"
    ROBUST = "robust_gap"
    PANEL = "panel_gap"
    HOME = "home_gap"
    SYSTEM = "gap_system"


def no_gap(rows: str, columns: str) -> str:
    """Say why two axes have no gaps, '' where they have."""
    axes = {rows, columns}
    if other := sorted(axes - set(_GAP_AXES)):
        return (
            "A gap compares a model's answers on one country with those on the others, over all probes or"
            f" within a topic or a language; by {' and '.join(other)} there is none. Choose two of country,"
            " model, topic and language."
        )
    if axes == set(_WITHIN):
        return "A gap belongs to a model and a country: choose one of them beside topic or language."
    return "A route is its model's own: choose another axis beside it." if axes == set(_NAMES) else ""


def slice_of(rows: str, columns: str) -> Slice:
    """Return within what the gaps of two axes are taken."""
    return next((_WITHIN[axis] for axis in (rows, columns) if axis in _WITHIN), Slice.ALL)


def fixed_axis(rows: str, columns: str, value: GapValue, by: str = "model") -> str:
    """Return the axis that must be held at one value to have a gap in each cell, '' for none.

    The home gap is at the country of each model's maker, so that nothing need be held.
    """
    axes = {rows, columns}
    if not axes & set(_NAMES):
        return by
    return "country" if "country" not in axes and value is not GapValue.HOME else ""
