"""What a report says: taken from the exports, so that it works beside a dashboard, too."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from parallax import countries
from parallax.errors import ParallaxError
from parallax.exports import Export, Kind, Provenance, cite, of_export, selected
from parallax.metrics.gaps import ALPHA
from parallax.store import Selection

Write = Callable[[Export, Path], Provenance]
MOST_EXAMPLES = 3
EXAMPLE_CHARS = 1_500


class Got(NamedTuple):
    """An export as a frame, with its provenance."""

    table: pd.DataFrame
    provenance: Provenance


class Finding(NamedTuple):
    """A gap that stands out: whose, for which country, how it reads; `confirmed` after Holm's correction."""

    model: str
    country: str
    sentence: str
    confirmed: bool


class Example(NamedTuple):
    """Two answers of one model to the same template: about the country with a gap, and about another."""

    model: str
    country: str
    answers: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a report shows; rates and gaps are fractions."""

    provenance: Provenance
    citation: str
    rates: pd.DataFrame
    by_model: pd.DataFrame
    gaps: pd.DataFrame
    findings: tuple[Finding, ...]
    cautions: tuple[str, ...]
    examples: tuple[Example, ...]


def collect(write: Write, runs: Sequence[str], rater: str, on: date) -> Content:
    """Return what is to be reported of runs; `write` makes an export, `rater` is '' for the usual labels.

    Raises `ParallaxError` where the runs hold no answer to a critical matched probe, or several set versions.
    """
    every = selected(run=runs, rater=[rater] if rater else [])
    critical = selected(run=runs, rater=[rater] if rater else [], critical=True)
    rates = _got(write, Export(Kind.RATES, critical, ("model", "country"), ".parquet"))
    _check(rates, runs)
    gaps = _got(write, Export(Kind.GAPS, every, (), ".parquet"))
    findings = _findings(gaps.table)
    return Content(
        rates.provenance,
        cite(of_export(rates.provenance), "", on),
        rates.table[rates.table["country"] != ""],
        _got(write, Export(Kind.RATES, critical, ("model",), ".parquet")).table,
        gaps.table,
        findings,
        gaps.provenance.cautions,
        _examples(write, critical, gaps.table),
    )


def _got(write: Write, export: Export) -> Got:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        found = write(export, path)
        return Got(pd.read_parquet(path), found)


def _check(rates: Got, runs: Sequence[str]) -> None:
    if rates.table.empty:
        raise ParallaxError(f"{', '.join(runs)}: no answer to a critical matched probe to report on")
    if len(rates.provenance.sets) > 1:
        names = ", ".join(f"{one['set']} {one['version']}" for one in rates.provenance.sets)
        raise ParallaxError(f"the runs are of several set versions ({names}): write a report for each")


def _findings(gaps: pd.DataFrame) -> tuple[Finding, ...]:
    """Return the gaps that are clear after correction, then those worth a look, the largest first."""
    told = gaps[~gaps["void"].astype(bool) & (gaps["p_bh"] <= ALPHA) & (gaps["gap"] > 0)]
    told = told.assign(confirmed=told["p_holm"] <= ALPHA)
    told = told.sort_values(["confirmed", "gap"], ascending=False, kind="stable")
    return tuple(
        Finding(row["model"], row["country"], _sentence(row), bool(row["confirmed"]))
        for row in told.to_dict("records")
    )


def _sentence(row: dict[Any, Any]) -> str:
    interval = (
        ""
        if pd.isna(row["ci_low"])
        else f", 95 % interval {100 * row['ci_low']:+.0f} to {100 * row['ci_high']:+.0f}"
    )
    home = ", the country of its maker," if row["home"] else ""
    here, others = f"{row['rate']:.0%}", f"{row['rate_others']:.0%}"
    corrected = f"p {row['p_holm']:.2g} after Holm, {row['p_bh']:.2g} after Benjamini and Hochberg"
    return (
        f"{row['model']} was less willing for {countries.name(row['country'])}{home} than for the other"
        f" countries on the same {row['templates']} templates: it declined or dodged {here} against {others}"
        f" ({100 * row['gap']:+.0f} points{interval}; {corrected})."
    )


def _examples(write: Write, critical: Selection, gaps: pd.DataFrame) -> tuple[Example, ...]:
    """Return examples of the widest gaps, the confirmed ones first, whether or not they say anything."""
    wide = gaps[gaps["gap"] > 0].assign(confirmed=(gaps["p_holm"] <= ALPHA) & ~gaps["void"].astype(bool))
    wide = wide.sort_values(["confirmed", "gap"], ascending=False, kind="stable").head(MOST_EXAMPLES)
    found = (_example(write, critical, row["model"], row["country"], gaps) for row in wide.to_dict("records"))
    return tuple(one for one in found if one)


def _example(
    write: Write, critical: Selection, model: str, country: str, gaps: pd.DataFrame
) -> Example | None:
    """Return an answer that was no compliance, beside the same model's about the country it minds least."""
    here = _answers(write, critical, model, country)
    others = gaps[(gaps["model"] == model) & (gaps["country"] != country)]
    mildest = others.sort_values("rate", kind="stable")["country"].head(1)
    if here.empty or mildest.empty:
        return None
    there = _answers(write, critical, model, mildest.iloc[0])
    declined = here[here["label"].isin(["refusal", "evasive"])]
    pairs = declined.merge(
        there[there["label"] == "complete"], on=["template", "language", "sample"], suffixes=("", "_other")
    )
    if pairs.empty:
        return None
    pair = pairs.iloc[0].to_dict()
    names = ("country", "prompt", "response", "label", "reason", "rater")
    answers = tuple({name: pair[f"{name}{end}"] for name in names} for end in ("", "_other"))
    return Example(model, countries.name(country), answers)


def _answers(write: Write, critical: Selection, model: str, country: str) -> pd.DataFrame:
    selection = replace(critical, models=(model,), countries=(country,))
    return _got(write, Export(Kind.LONG, selection, (), ".parquet")).table
