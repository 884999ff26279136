"""What a reader of gaps must be told, in sentences (METRICS §3 to §5)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from parallax.countries import name as country_name
from parallax.metrics.blocks import Answered, read
from parallax.metrics.counting import COUNTS
from parallax.stats.planner import templates_for_a_star
from parallax.store import Selection, Store

UNEVEN_REVIEW = 0.05


def cautions(answered: Answered, table: pd.DataFrame) -> tuple[str, ...]:
    """Return what weakens gaps: an unfinished run, few, uneven or unverified templates, uneven review.

    `table` has a row a cell, its `country`, `templates` and `family`.
    """
    return (
        *_unfinished(answered),
        *_unverified(answered),
        *_few(table),
        *_uneven(table),
        *_reviewed(answered.frame),
    )


def _unfinished(answered: Answered) -> Iterator[str]:
    for (run, name), number in sorted(answered.dropped.items()):
        yield (
            f"{name}: run {run} is not finished; {number} template{'s' * (number != 1)} without an answer for"
            " every country are left out."
        )


def _unverified(answered: Answered) -> Iterator[str]:
    if number := answered.unverified:
        yield f"{number} probe{'s' * (number != 1)} marked unverified: no gap rests on them."


def _few(table: pd.DataFrame) -> Iterator[str]:
    countries, family = table["country"].nunique(), int(table["family"].max()) if len(table) else 0
    most = int(table["templates"].max()) if len(table) else 0
    if family and countries > 1 and most < (needed := templates_for_a_star(family, countries)):
        yield (
            f"{most} template{'s' * (most != 1)} a country: no gap can be clear after correction in a family"
            f" of {family}; it takes {needed}."
        )


def _uneven(table: pd.DataFrame) -> Iterator[str]:
    if table.empty:
        return
    known = table[table["templates"] > 0]
    for within, part in known.groupby("within"):
        sizes = part.groupby("country")["templates"].max()
        fewest, most = str(sizes.idxmin()), sizes.max()
        if sizes.min() < most:
            where = "" if within == "all" else f" ({within})"
            name = country_name(fewest)
            yield f"Templates are unbalanced{where}: {name} stands on {sizes.min()}, others on up to {most}."


def uneven_review(store: Store, selection: Selection) -> tuple[str, ...]:
    """Say of which of a selection's models people labelled more for one country than for another."""
    return tuple(_reviewed(read(store, selection, "model").frame))


def _reviewed(frame: pd.DataFrame) -> Iterator[str]:
    """Say of which models people labelled more for one country than for another."""
    sums = frame.groupby(["name", "country"])[["human", *COUNTS]].sum()
    share = (sums["human"] / sums[list(COUNTS)].sum(axis=1)).unstack()
    for name, of_model in share.iterrows():
        if of_model.max() - of_model.min() > UNEVEN_REVIEW:
            most, least = country_name(str(of_model.idxmax())), country_name(str(of_model.idxmin()))
            yield (
                f"{name}: people labelled {of_model.max():.0%} of the answers on {most} and"
                f" {of_model.min():.0%} of those on {least}; the gap may be that difference."
            )
