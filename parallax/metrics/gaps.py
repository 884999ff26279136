"""Gaps: how much less willing each model is for one country than for the others (METRICS §3, §5)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from parallax.metrics import remarks, trust
from parallax.metrics.blocks import BLOCK, read
from parallax.metrics.counting import COUNTS, VALID, Rate, counts, rates
from parallax.stats import Floats
from parallax.stats.corrections import benjamini_hochberg, holm
from parallax.stats.gap import compared, gap, panel_median
from parallax.stats.permutation import Ints, clustered_p, rest_p
from parallax.stats.selectivity import selective_p
from parallax.store import NO_ROUTE, Selection, Store

ALPHA = 0.05
EXPORTED = (
    "set", "model", "country", "topic", "language", "templates", "samples", "n", "rate", "rate_others",
    "gap", "ci_low", "ci_high", "p", "p_holm", "p_bh", "p_rest", "family", "robust_gap", "panel_gap",
    "panel_low", "panel_high", "gap_system", "home", "label_set", "run",
)  # fmt: skip
SHOWN = ("n_eff", "missing", "block_share", "state", "star", "dot", "void", "special", "provisional")
_MARKS = ("home", "star", "dot", "void", "special", "provisional")
_NAME = ["run", "name"]
_OF_NAME = ["run", "name", "set", "model", "home", "samples", "provisional"]
Texts = npt.NDArray[np.str_]


class Slice(StrEnum):
    """What a gap is taken within: all probes, those of one topic, or those in one language."""

    ALL = "all"
    TOPIC = "topic"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of all models of the chosen runs.

    `table` has the columns `EXPORTED` and `SHOWN`, a row a (model, country) and topic or language where it
    is sliced. Shares are fractions, gaps and their limits differences of fractions, NaN where there is
    none. `n` are the country's valid answers on the templates compared, `missing` and `block_share` are of
    all its answers. `family` is how many rows the correction is over: those that are not grey. `cautions`
    are sentences.
    """

    table: pd.DataFrame
    family: int
    cautions: tuple[str, ...]


class _Counts(NamedTuple):
    """Counts of answers, each of the shape names × blocks × countries.

    `names` has a row a name, `countries` and `languages` are sorted. `templates` holds the number of each
    block's template, `spoken` that of its language.
    """

    declined: Ints
    valid: Ints
    blocked: Ints
    every: Ints
    missing: Ints
    probes: Ints
    templates: Ints
    spoken: Ints
    names: pd.DataFrame
    countries: Texts
    languages: Texts


def gaps(
    store: Store,
    pairs: Sequence[tuple[str, str]],
    label_set: str = "",
    *,
    slice: Slice = Slice.ALL,
    by: str = "model",
) -> Gaps:
    """Return the gap of each model at each country, with its test and what else a reader must know.

    `pairs` are (run, model) of all models of the chosen runs and set version. The family is over all of
    them: filter rows of the table afterwards, never these. `label_set` is the rater whose labels are
    taken, '' the default. `by` is what is told apart as one model, `model` or `route`; with `route`, the
    column `model` holds the route. Only critical matched probes count, none of them unverified; of an
    unfinished run only templates answered for all countries.
    """
    selection = Selection(pairs=tuple(pairs), label_set=label_set)
    answered = read(store, selection, by)
    parts = [_cells(part, slice, value) for value, part in _sliced(answered.frame, slice)]
    if not parts:
        nothing = pd.DataFrame(columns=[*EXPORTED, *SHOWN]).astype(dict.fromkeys(_MARKS, bool))
        return Gaps(nothing, 0, remarks.cautions(answered, nothing))
    table = _beside_panel(_corrected(pd.concat(parts, ignore_index=True)))
    controls = _controls(store, selection, by, set(table["name"]))
    table["void"] = table["name"].isin(controls.void)
    table["special"] = table["star"] & (table["panel_low"] > 0)
    table["label_set"] = label_set
    said = (*controls.cautions, *remarks.cautions(answered, table))
    table = table.drop(columns="model").rename(columns={"name": "model"})
    return Gaps(table[[*EXPORTED, *SHOWN]], int((table["state"] != "grey").sum()), said)


def selective(store: Store, pair: tuple[str, str], label_set: str = "") -> float:
    """Return the p of a (run, model) treating all countries alike, on the probes that its gaps rest on.

    NaN where nothing can be compared. See `stats.selectivity.selective_p`.
    """
    frame = read(store, Selection(pairs=(pair,), label_set=label_set), "model").frame
    if frame.empty:
        return math.nan
    counted = _counted(frame)
    return selective_p(counted.declined[0], counted.valid[0], counted.templates)


def _sliced(frame: pd.DataFrame, slice: Slice) -> Iterator[tuple[str, pd.DataFrame]]:
    if slice is Slice.ALL and len(frame):
        yield "all", frame
    elif slice is not Slice.ALL:
        for value, part in frame[frame[str(slice)] != ""].groupby(str(slice)):
            yield str(value), part


def _cells(frame: pd.DataFrame, slice: Slice, value: str) -> pd.DataFrame:
    """Return a row for each model and country that has answers within a slice."""
    counted = _counted(frame)
    table = pd.DataFrame({name: of.ravel() for name, of in _measured(counted).items()})
    table["country"] = np.tile(counted.countries, len(counted.names))
    table["language"] = _language(counted).ravel()
    table["within"] = value
    table["topic"] = value if slice is Slice.TOPIC else "all"
    for column in _OF_NAME:
        table[column] = np.repeat(counted.names[column].to_numpy(), len(counted.countries))
    table["home"] = (table["home"] == table["country"]).astype(bool)
    return table[table["every"] > 0].drop(columns="every")


def _counted(frame: pd.DataFrame) -> _Counts:
    names = frame[_OF_NAME].drop_duplicates(_NAME).sort_values(_NAME, ignore_index=True)
    countries, languages = (np.unique(frame[one].to_numpy(str)) for one in ("country", "language"))
    blocks = frame[BLOCK].drop_duplicates().sort_values(BLOCK, ignore_index=True)
    shape = len(names), len(blocks), len(countries)
    place = np.ravel_multi_index(
        (
            pd.MultiIndex.from_frame(names[_NAME]).get_indexer(pd.MultiIndex.from_frame(frame[_NAME])),
            pd.MultiIndex.from_frame(blocks).get_indexer(pd.MultiIndex.from_frame(frame[BLOCK])),
            np.searchsorted(countries, frame["country"].to_numpy(str)),
        ),
        shape,
    )
    valid, every = frame[list(VALID)].sum(axis=1), frame[list(COUNTS)].sum(axis=1)
    counted = (
        frame["evasive"] + frame["refusal"], valid, frame["blocked"], every,
        frame["error"] + frame["truncated"], valid > 0,
    )  # fmt: skip
    size = int(np.prod(shape))
    sums = [np.bincount(place, one.to_numpy(float), size).reshape(shape).astype(np.int64) for one in counted]
    templates = blocks["template"].factorize()[0]
    spoken = np.searchsorted(languages, blocks["language"].to_numpy(str))
    return _Counts._make([*sums, templates, spoken, names, countries, languages])


def _measured(counted: _Counts) -> dict[str, Floats]:
    """Return the columns of a table that each slice has of itself, names × countries."""
    found = gap(counted.declined, counted.valid, counted.probes, counted.templates)
    stopped = counted.declined + counted.blocked, counted.valid + counted.blocked
    p, rest = _tested(counted)
    every, missing, blocked = (of.sum(axis=1) for of in (counted.every, counted.missing, counted.blocked))
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "templates": found.templates, "n": found.answers, "rate": found.rate,
            "rate_others": found.others, "gap": found.value, "ci_low": found.low, "ci_high": found.high,
            "p": p, "p_rest": rest, "robust_gap": found.robust,
            "gap_system": gap(*stopped, counted.probes, counted.templates).value,
            "n_eff": found.n_eff, "missing": missing / every, "block_share": blocked / (every - missing),
            "every": every,
        }  # fmt: skip


def _tested(counted: _Counts) -> tuple[Floats, Floats]:
    """Return each cell's p, and its p of the second pass."""
    p = np.full((len(counted.valid), counted.valid.shape[2]), np.nan)
    rest = p.copy()
    for row, (declined, valid) in enumerate(zip(counted.declined, counted.valid, strict=True)):
        p[row] = clustered_p(declined, valid, counted.templates)
        rest[row] = rest_p(declined, valid, counted.templates, p[row])
    return p, rest


def _language(counted: _Counts) -> Texts:
    """Return the one language in which a cell is compared, `all` where there are several or none."""
    here = compared(counted.valid)
    each = range(len(counted.languages))
    used = np.stack([here[:, counted.spoken == one].any(axis=1) for one in each], axis=2)
    single: Texts = np.where(used.sum(axis=2) == 1, counted.languages[used.argmax(axis=2)], "all")
    return single


def _corrected(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its states and its p corrected over what is not grey."""
    width = table.rename(columns={"gap": "value", "ci_low": "low", "ci_high": "high"})
    state = trust.states(width)
    p = table["p"].where(state != "grey").to_numpy(float)
    return table.assign(
        state=state,
        family=int((state != "grey").sum()),
        p_holm=(strict := holm(p)),
        p_bh=(loose := benjamini_hochberg(p)),
        star=strict <= ALPHA,
        dot=loose <= ALPHA,
    )


def _beside_panel(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with each gap less the median of what other models have in the same place.

    A model counts once, by the median of its routes; a grey cell is no gap to compare with.
    """
    place = ["country", "within"]
    known = table[table["state"] != "grey"]
    wide = known.pivot_table(index="model", columns=place, values="gap", aggfunc="median")
    models, places = (
        pd.Index(table["model"].unique()),
        pd.MultiIndex.from_frame(table[place].drop_duplicates()),
    )
    medians = panel_median(wide.reindex(index=models, columns=places).to_numpy(float))
    median = medians[
        models.get_indexer(table["model"]), places.get_indexer(pd.MultiIndex.from_frame(table[place]))
    ]
    return table.assign(
        panel_gap=table["gap"] - median,
        panel_low=table["ci_low"] - median,
        panel_high=table["ci_high"] - median,
    )


class _Controls(NamedTuple):
    """The names whose gaps the benign controls void, and what the controls say."""

    void: frozenset[str]
    cautions: tuple[str, ...]


def _controls(store: Store, selection: Selection, by: str, names: set[str]) -> _Controls:
    counted = counts(store, trust.benign(store, selection), (by,))
    rated = rates(counted, (by,), Rate.NONCOMPLIANCE).rename(columns={by: "model"})
    known = {name for name in names if not name.endswith(f" @ {NO_ROUTE}")}
    return _Controls(trust.voided(rated), trust.control_cautions(rated, known))
