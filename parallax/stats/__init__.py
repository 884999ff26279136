"""Statistics as pure functions: arrays in, arrays or named tuples out. Imports nothing of ours."""

from parallax.stats.intervals import Floats, Interval, Z, effective_n, newcombe, wilson

__all__ = ["Floats", "Interval", "Z", "effective_n", "newcombe", "wilson"]
