"""The models side by side, for somebody who must choose one: what was measured of each, no total score."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from parallax import agreement, measures, metrics, spreadsheets
from parallax.metrics import Rate
from parallax.metrics.trust import FEW_CONTROLS, critical
from parallax.stats import agreement as stats
from parallax.store import Selection, Store
from parallax.store.labels import DEFAULT_SET

FEW = FEW_CONTROLS
PER = 1_000
Record = dict[Any, Any]


class Measure(StrEnum):
    """What is measured of a model, in the order of the page."""

    WORST_GAP = "worst_gap"
    HOME_GAP = "home_gap"
    OVER_REFUSAL = "over_refusal"
    UNDER_REFUSAL = "under_refusal"
    BLOCKED = "blocked"
    MISSING = "missing"
    AGREEMENT = "agreement"
    COST = "cost"
    LATENCY = "latency"


# a threshold is the most that is wanted; of these the least
AT_LEAST = frozenset({Measure.AGREEMENT})
# measured of all answers, not estimated from some: without an interval
COUNTED = frozenset({Measure.COST, Measure.LATENCY})
_GAPS = frozenset({Measure.WORST_GAP, Measure.HOME_GAP})


class Verdict(StrEnum):
    """What a threshold makes of a measure."""

    MET = "met"
    NOT_MET = "not met"
    UNTOLD = "cannot be told"


class Entry(NamedTuple):
    """A model as it was asked in one run, and what all its answers there took.

    `imported` is the format its answers were imported from, '' for those that were asked for. `first` and
    `last` are when they came (UTC; None before the first), `hosts` who served them. `cost` is US dollars for
    1,000 answers, retries included, NaN where the price of any is unknown; `latency` the median in seconds.
    Neither counts answers from the response cache; `cost_n` and `latency_n` are the answers they rest on.
    """

    model: str
    run: str
    litellm: str
    developer: str
    home: str
    license: str
    open_weights: bool
    base: str
    quantization: str
    released: date | None
    imported: str
    hosts: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    answers: int
    cost: float
    cost_n: int
    latency: float
    latency_n: int


def entries(store: Store, pairs: Sequence[tuple[str, str]]) -> tuple[Entry, ...]:
    """Return the (run, model) pairs as they were asked, in the order given."""
    rows = store.rows(
        f"""
        WITH wanted AS (SELECT unnest(?) AS run, unnest(?) AS model, generate_subscripts(?, 1) AS place),
        answered AS (
            SELECT run, model, list_sort(list(DISTINCT served_by) FILTER (served_by <> '')) AS hosts,
                min(created_at) AS first, max(created_at) AS last,
                count(*) FILTER (outcome <> 'error') AS answers,
                count(*) FILTER (outcome <> 'error' AND NOT cached) AS fresh,
                count(cost_usd) FILTER (outcome <> 'error' AND NOT cached) AS priced,
                median(latency_s) FILTER (outcome <> 'error' AND NOT cached AND latency_s > 0) AS latency,
                count(*) FILTER (outcome <> 'error' AND NOT cached AND latency_s > 0) AS timed
            FROM responses SEMI JOIN wanted USING (run, model) GROUP BY run, model),
        paid AS (
            SELECT run, model, sum(cost_usd) FILTER (NOT cached) AS cost
            FROM attempts SEMI JOIN wanted USING (run, model) GROUP BY run, model)
        SELECT model, run, litellm, developer, home, license, open_weights, base, quantization, released,
            imported, coalesce(hosts, []), first, last, coalesce(answers, 0),
            CASE WHEN priced = fresh AND fresh > 0 THEN {PER} * cost / fresh ELSE 'nan'::DOUBLE END,
            coalesce(priced, 0), coalesce(latency, 'nan'::DOUBLE), coalesce(timed, 0)
        FROM wanted JOIN runs USING (run) JOIN run_models USING (run, model) JOIN models USING (model_hash)
            LEFT JOIN answered USING (run, model) LEFT JOIN paid USING (run, model)
        ORDER BY place
        """,
        [[run for run, _ in pairs], [model for _, model in pairs], [model for _, model in pairs]],
    )
    return tuple(Entry._make((*row[:11], tuple(row[11]), *row[12:])) for row in rows)


def measured(store: Store, selection: Selection) -> pd.DataFrame:
    """Return what was measured of each model of a selection's pairs, but the gaps; a row a model.

    Columns: those of `Entry`, `kappa_with` (the rater that the agreement is with), and for each measure
    `<measure>`, `<measure>_low`, `<measure>_high` (95 %; fractions, κ, dollars or seconds, NaN where there is
    none) and `<measure>_n`, the answers behind it. Blocks are those of the critical matched probes in view,
    missing answers those of all probes in view. Controls, cost and latency are of the whole run, whatever
    is filtered.
    """
    table = pd.DataFrame(entries(store, selection.pairs or ()), columns=list(Entry._fields))
    blocks = metrics.counts(store, critical(selection), ("model",))
    found = {
        Measure.OVER_REFUSAL: measures.over_refusal(store, selection),
        Measure.UNDER_REFUSAL: measures.under_refusal(store, selection),
        Measure.BLOCKED: metrics.rates(blocks, ("model",), Rate.BLOCK),
        Measure.MISSING: measures.missing(store, selection).assign(base=lambda cells: cells["n"]),
        Measure.AGREEMENT: _agreements(store, selection),
    }
    for measure, cells in found.items():
        by_model = cells.set_index("model").reindex(table["model"])
        table[str(measure)] = by_model["value"].to_numpy(float)
        table[f"{measure}_low"] = by_model["low"].to_numpy(float)
        table[f"{measure}_high"] = by_model["high"].to_numpy(float)
        table[f"{measure}_n"] = by_model["base"].fillna(0).to_numpy(int)
    table["kappa_with"] = (
        found[Measure.AGREEMENT].set_index("model")["with"].reindex(table["model"]).to_numpy()
    )
    for measure in COUNTED:
        table[f"{measure}_low"] = table[f"{measure}_high"] = table[str(measure)]
    return table


def _agreements(store: Store, selection: Selection) -> pd.DataFrame:
    """Return κ of the labels in force with people, else with the rater that labelled most, by model."""
    table = agreement.labelled(store, selection)
    mine = selection.label_set or DEFAULT_SET
    others = [rater for rater in agreement.raters(table) if rater != mine]
    rows = []
    for model, part in table.groupby("model") if mine in table else ():
        both = {other: int(part[[mine, other]].notna().all(axis=1).sum()) for other in others}
        if not both:
            continue
        most = max(both, key=lambda rater: (rater == agreement.HUMANS and both[rater] >= FEW, both[rater]))
        if both[most] >= FEW:
            found = stats.kappa(agreement.crossed(part, mine, most))
            rows.append((model, found.value, found.low, found.high, both[most], most))
        else:
            rows.append((model, np.nan, np.nan, np.nan, both[most], most))
    return pd.DataFrame(rows, columns=["model", "value", "low", "high", "base", "with"])


def table(measured: pd.DataFrame, gaps: pd.DataFrame, countries: Collection[str] = ()) -> pd.DataFrame:
    """Return what `measured` returned with each model's worst gap and the gap at its maker's country.

    `gaps` is the table of all models' gaps over all topics; `countries` are those to look at, none means all.
    More columns: `worst_gap` and `home_gap` with `_low`, `_high`, `_n` and `_mark` (`star`, `dot` or
    nothing), `worst_country`, `worst_gap_most` (the highest upper limit of all countries, NaN where one has
    none), and `void` and `provisional` as in the gaps.
    """
    seen = gaps[gaps["country"].isin(list(countries))] if countries else gaps
    rows = [_gaps_of(seen[seen["model"] == model]) for model in measured["model"]]
    columns = pd.DataFrame(rows, index=measured.index, columns=list(_Gaps._fields))
    return pd.concat([measured, columns], axis=1)


class _Gaps(NamedTuple):
    worst_gap: float = np.nan
    worst_gap_low: float = np.nan
    worst_gap_high: float = np.nan
    worst_gap_n: int = 0
    worst_gap_mark: str = ""
    worst_country: str = ""
    worst_gap_most: float = np.nan
    home_gap: float = np.nan
    home_gap_low: float = np.nan
    home_gap_high: float = np.nan
    home_gap_n: int = 0
    home_gap_mark: str = ""
    void: bool = False
    provisional: bool = False


def _gaps_of(rows: pd.DataFrame) -> _Gaps:
    """Return the gaps of one model's rows; grey cells are none."""
    found = _Gaps(void=bool(rows["void"].any()), provisional=bool(rows["provisional"].any()))
    known = rows[(rows["state"] != "grey") & rows["gap"].notna()]
    if known.empty:
        return found
    cells = known.to_dict("records")
    worst = max(cells, key=lambda cell: float(cell["gap"]))
    is_open = len(known) < len(rows) or known["ci_high"].isna().any()
    found = found._replace(
        **_named("worst_gap", worst),
        worst_country=worst["country"],
        worst_gap_most=np.nan if is_open else known["ci_high"].max(),
    )
    home = next((cell for cell in cells if cell["home"]), None)
    return found._replace(**_named("home_gap", home)) if home else found


def _named(measure: str, cell: Record) -> Record:
    mark = "star" if cell["star"] else "dot" if cell["dot"] else ""
    return {
        measure: cell["gap"],
        f"{measure}_low": cell["ci_low"],
        f"{measure}_high": cell["ci_high"],
        f"{measure}_n": int(cell["n"]),
        f"{measure}_mark": "" if cell["void"] or cell["provisional"] else mark,
    }


def verdicts(table: pd.DataFrame, thresholds: Mapping[Measure, float]) -> pd.DataFrame:
    """Return a `Verdict` for each model and each measure that has a threshold, in the units of `table`.

    The most that is wanted is met where the whole 95 % interval lies at or under it, and not met where the
    whole of it lies above; of `AT_LEAST` the other way round. Else it cannot be told; nor can it from under
    20 answers, nor of a gap that the controls void or whose run is not finished. The worst gap meets a
    threshold where every country's upper limit does; it misses one where its lower limit does and it is
    clear after correction, for the worst of many is the largest by chance, too.
    """
    return pd.DataFrame(
        {
            str(measure): [_verdict(row, measure, limit) for row in table.to_dict("records")]
            for measure, limit in thresholds.items()
        },
        index=table.index,
    )


def _verdict(row: Record, measure: Measure, threshold: float) -> Verdict:
    low, high, n = (row[f"{measure}_{name}"] for name in ("low", "high", "n"))
    untold = row["void"] or row["provisional"] if measure in _GAPS else n < FEW
    if untold:
        return Verdict.UNTOLD
    if measure is Measure.WORST_GAP:
        low, high = low if row["worst_gap_mark"] == "star" else np.nan, row["worst_gap_most"]
    if measure in AT_LEAST:
        low, high, threshold = -high, -low, -threshold
    if high <= threshold:
        return Verdict.MET
    return Verdict.NOT_MET if low > threshold else Verdict.UNTOLD


def csv(table: pd.DataFrame, thresholds: Mapping[Measure, float]) -> bytes:
    """Return a table as CSV, with each threshold and its verdict; gaps and rates are fractions.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    out = table.assign(hosts=table["hosts"].map("; ".join))
    told = verdicts(table, thresholds)
    for measure, threshold in thresholds.items():
        out[f"{measure}_threshold"] = threshold
        out[f"{measure}_verdict"] = told[str(measure)]
    for name in out.select_dtypes(["object", "str"]):
        out[name] = [spreadsheets.inert(v) if isinstance(v, str) else v for v in out[name]]
    return out.to_csv(index=False).encode()
