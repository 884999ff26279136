"""Corrections for testing many cells at once (METRICS §3)."""

from __future__ import annotations

import numpy as np

from parallax.stats.intervals import Floats


def preload() -> None:
    """Import what the corrections need: a second or two that the first click then does not pay."""
    import statsmodels.stats.multitest  # noqa: F401


def holm(p: Floats) -> Floats:
    """Return p values (one dimension) adjusted by Holm's method, over those that are not NaN.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    return _adjusted(p, "holm")


def benjamini_hochberg(p: Floats) -> Floats:
    """Return p values (one dimension) adjusted for the false discovery rate, over those that are not NaN.

    Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995).
    """
    return _adjusted(p, "fdr_bh")


def _adjusted(p: Floats, method: str) -> Floats:
    result = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        # imported here because no click should wait for it
        from statsmodels.stats.multitest import multipletests

        result[tested] = multipletests(p[tested], method=method)[1]
    return result
