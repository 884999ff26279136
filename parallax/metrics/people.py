"""Where people looked: their share of the labels in force, which must not differ between countries."""

from __future__ import annotations

from parallax.countries import name
from parallax.metrics.trust import critical
from parallax.store import Selection, Store

UNEVEN = 0.05


def human_share_caution(store: Store, selection: Selection) -> str:
    """Return in a sentence that people labelled more of one country's answers than of another's, or ''.

    It is said from a difference of more than 5 points on, over the critical matched answers of the
    selection's models in its label set: people err in another way than a rater does, and a gap may then be
    theirs (METRICS §4).
    """
    rows = critical(selection).rows()
    found = store.rows(
        f"""
        SELECT country, avg((rater LIKE 'human:%')::DOUBLE) AS share FROM {rows.sql}
        AND label IS NOT NULL AND country <> '' GROUP BY country ORDER BY share, country
        """,
        rows.parameters,
    )
    if not found or found[-1][1] - found[0][1] <= UNEVEN:
        return ""
    (least, low), (most, high) = found[0], found[-1]
    return (
        f"People labelled {high:.0%} of the answers on {name(most)} and {low:.0%} of those on"
        f" {name(least)}: part of a gap may come from who labelled what. Review all countries alike."
    )
