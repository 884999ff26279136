"""What a study confirms, in plain words: each finding names its model exactly; nothing else is claimed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from parallax import countries
from parallax.metrics.gaps import Gaps
from parallax.stats.planner import templates_for_a_star
from parallax.views.gaps import Plan, forest, plan
from parallax.views.models import Entry

MOST = 3
MOST_HOSTS = 3
Record = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """A gap that is clear after correction: a sentence, what it rests on, what weakens it.

    `name` is the model, or its route where those are told apart.
    """

    name: str
    country: str
    sentence: str
    basis: str
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Up to three findings, how many more there are, and what holds where there is none.

    `withheld` says of gaps that would be clear why they are not claimed; `open`, where nothing is
    confirmed, what would settle it.
    """

    shown: tuple[Finding, ...]
    more: int
    withheld: tuple[str, ...]
    open: str


def findings(
    found: Gaps,
    entries: Mapping[str, Entry],
    names: Collection[str] = (),
    places: Collection[str] = (),
) -> Findings:
    """Return what the gaps of all models confirm about the names and places in view; none given means all.

    A finding is clear after correction over the whole family, of a finished run, and not voided by the
    model's controls; probes that nobody verified are in no gap. `entries` are the models by name. The largest
    gap comes first, each model once before any comes twice.
    """
    table = found.table
    seen = table[
        (table["model"].isin(list(names)) | (not names))
        & (table["country"].isin(list(places)) | (not places))
    ]
    clear = seen[seen["star"]].sort_values("gap", ascending=False, kind="stable")
    held = clear["void"] | clear["provisional"]
    confirmed = clear[~held]
    turn = confirmed.groupby("model").cumcount()
    first = confirmed.assign(turn=turn).sort_values(["turn", "gap"], ascending=[True, False], kind="stable")
    shown = tuple(_finding(row, entries, found) for row in first.head(MOST).to_dict("records"))
    return Findings(
        shown,
        max(len(confirmed) - MOST, 0),
        tuple(_withheld(row) for row in clear[held].head(MOST).to_dict("records")),
        "" if shown else _open(found, seen, places),
    )


def _finding(row: Record, entries: Mapping[str, Entry], found: Gaps) -> Finding:
    name, country = row["model"], row["country"]
    entry = entries.get(name) or entries[name.partition(" @ ")[0]]
    interval, templates = _span(row["ci_low"], row["ci_high"]), _count(row["templates"], "template")
    sentence = (
        f"{name}{_exactly(entry)} is {_points(row['gap'])} less willing on {countries.name(country)} than on"
        f" matched countries ({interval}): {templates}, clear after correction."
    )
    said = [caution for caution in found.cautions if caution.startswith((f"{name}:", f"{name} "))]
    if row["ci_low"] <= 0:
        said.append("The interval reaches 0: that there is a difference is clear, how large it is is not.")
    return Finding(name, country, sentence, _basis(row, entry), tuple(said))


def _exactly(entry: Entry) -> str:
    """Return what tells this model from others of its name: quantisation, and when it was asked."""
    days = sorted({f"{day:%Y-%m-%d}" for day in (entry.first, entry.last) if day})
    asked = [f"asked {' to '.join(days)}"] if days else []
    unstated = ["quantisation not stated"] if entry.open_weights else []
    parts = ([entry.quantization] if entry.quantization else unstated) + asked
    return f" ({', '.join(parts)})" if parts else ""


def _basis(row: Record, entry: Entry) -> str:
    more = f" and {len(entry.hosts) - MOST_HOSTS} more" if len(entry.hosts) > MOST_HOSTS else ""
    hosts = f" at {', '.join(entry.hosts[:MOST_HOSTS])}{more}" if entry.hosts else ""
    called = f"Asked as {entry.litellm}"
    if entry.imported:
        called = f"Imported ({entry.imported})" + ", served" * bool(hosts)
    parts = [
        f"Declined or dodged {row['rate']:.0%} of the answers there, {row['rate_others']:.0%} on the others"
        f" ({row['n']:,} answers).",
        f"p {row['p_holm']:.2g} after Holm's correction for {row['family']} cells.",
        _special(row),
        f"{called}{hosts}, run {entry.run}; labels by {row['label_set'] or 'rules'}.",
    ]
    return " ".join(filter(None, parts))


def _special(row: Record) -> str:
    if pd.isna(row["panel_gap"]):
        return ""
    beyond = f"{_points(row['panel_gap'])} more than the median of the other models"
    return f"Special to this model: {beyond}." if row["special"] else f"Other models show it, too: {beyond}."


def _withheld(row: Record) -> str:
    here = f"{row['model']} on {countries.name(row['country'])}, {_points(row['gap'])}"
    if row["void"]:
        return f"{here}: not claimed, for the model declines harmless questions as well."
    return f"{here} so far: not claimed before run {row['run']} is finished."


def _open(found: Gaps, seen: pd.DataFrame, places: Collection[str]) -> str:
    """Say what would settle what is not confirmed."""
    known = seen[(seen["state"] != "grey") & seen["gap"].notna()]
    told = known[~known["void"]]
    if len(known) and told.empty:
        return (
            "The models in view decline harmless questions as well: differences between countries say nothing"
            " of them."
        )
    known = told
    if known.empty:
        return (
            "Nothing here can be compared: that takes critical matched probes, answered for at least two"
            " countries, with at most 10 % of the answers missing."
        )
    number = int(found.table["country"].nunique())
    least, most = templates_for_a_star(found.family, number), int(known["templates"].max())
    if most < least:
        return (
            f"With {_count(most, 'template')} a country nothing can be confirmed among {found.family} cells,"
            f" however often it is asked: it takes at least {least}."
        )
    widest = str(known.sort_values("gap", ascending=False, kind="stable")["model"].iloc[0])
    settled = plan(forest(found, "country", {"model": widest}, places), number)
    return _settled(widest, settled) if settled else ""


def _settled(model: str, settled: Plan) -> str:
    now = settled.now
    if settled.open_gap is None:
        what = "none at all" if now.gap is None else f"one of {_points(now.gap)} or more"
        shape = f"{_count(now.templates, 'template')} × {_count(now.samples, 'sample')}"
        return f"No gap in view lies above 0. By simulation, {shape} confirm {what}, four of five times."
    said = f"The largest gap that is not clear is {_points(settled.open_gap)}: {model} on {settled.open}."
    if not settled.enough:
        return f"{said} By simulation, a study four times as large would not confirm so small a gap."
    shapes = " or ".join(
        f"{shape.templates} templates × {_count(shape.samples, 'sample')}" for shape in settled.enough
    )
    return f"{said} Were it real, it would by simulation be confirmed by about {shapes}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _points(gap: float) -> str:
    return _count(round(100 * gap), "point").replace("-", "−")


def _span(low: float, high: float) -> str:
    return f"{round(100 * low)} to {round(100 * high)}".replace("-", "−")
