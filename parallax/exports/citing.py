"""How a result is cited: which runs, which probe sets, whose labels, which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import parallax
from parallax.exports.provenance import Provenance
from parallax.store import DEFAULT_SET
from parallax.views import RunInView

MOST_MODELS = 12


class Cited(NamedTuple):
    """What a reference names: set versions as title and hash, runs with their days, models, whose labels."""

    sets: dict[str, str]
    runs: dict[str, str]
    models: tuple[str, ...]
    label_set: str


def in_view(title: str, set_hash: str, runs: Sequence[RunInView], label_set: str) -> Cited:
    """Return what to cite of a page: its set version, the runs in view, the label set ('' the default)."""
    days = {run.run: f"{run.created_at:%Y-%m-%d}" for run in runs}
    models = tuple(dict.fromkeys(run.model for run in runs))
    return Cited({title: set_hash}, days, models, label_set or DEFAULT_SET)


def of_export(found: Provenance) -> Cited:
    """Return what to cite of an export, by its provenance."""
    sets: dict[str, Any] = {f"{one['title']} · {one['version']}": one["set_hash"] for one in found.sets}
    models = dict.fromkeys(model for run in found.runs for model in run["models"])
    days = {run["run"]: run["created_at"][:10] for run in found.runs}
    return Cited(sets, days, tuple(models), found.label_set)


def cite(cited: Cited, link: str, on: date) -> str:
    """Return a reference in one paragraph; `link` is a permalink or '', `on` the day of reading."""
    sets = "; ".join(f"“{title}”, SHA-256 {set_hash}" for title, set_hash in cited.sets.items())
    runs = ", ".join(f"{run} ({day})" for run, day in cited.runs.items())
    hidden = len(cited.models) - MOST_MODELS
    more = f" and {hidden} more" if hidden > 0 else ""
    return (
        f"Parallax {parallax.__version__}. Probe set{'s' * (len(cited.sets) != 1)} {sets}."
        f" Run{'s' * (len(cited.runs) != 1)} {runs} of {', '.join(cited.models[:MOST_MODELS])}{more}."
        f" Labels: {cited.label_set}. Read on {on:%Y-%m-%d}{f': {link}' if link else '.'}"
    )
