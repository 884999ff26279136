"""Measures: SQL joins and counts, Python does the statistics (METRICS §2, §3)."""

from parallax.metrics.counting import (
    AXES,
    COUNTS,
    FORMULAS,
    Formula,
    Rate,
    counts,
    rates,
    read,
    shares,
    tally,
)

__all__ = ["AXES", "COUNTS", "FORMULAS", "Formula", "Rate", "counts", "rates", "read", "shares", "tally"]
