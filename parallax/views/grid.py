"""A rate by two axes, with what a reader needs to trust it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from parallax import metrics, routes
from parallax.metrics import Rate
from parallax.metrics.answers import Answers
from parallax.metrics.trust import benign, control_cautions, critical, states
from parallax.records import Kind
from parallax.store import Selection, Store
from parallax.views.gap_values import GapValue
from parallax.views.scope import title

OF_MODELS = ("model", "route", "developer", "home", "run")
# along these a model's controls can be told apart
_OF_CONTROLS = (*OF_MODELS, "language")


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A rate or a gap for each row and column, with what a reader needs to trust it.

    `cells` has the columns `row`, `column`, `value`, `low`, `high`, `n`, `templates`, `missing`, `n_eff` and
    `state`: `solid`, `dim` (few answers or a wide interval) or `grey` (much is missing, or nothing applies);
    a rate's also the counts of `metrics.COUNTS`, a gap's those named in `views.gap_grid`. `benign` are the
    benign controls and `blocks` the shares that the host blocked, with the same columns and, for `row` and
    `column`, `at`: the value of the axis `margin` that they belong to, '' where they belong to the whole.
    `cautions` are sentences. `control_runs` are the runs that the controls come from, where those are not
    in view themselves. Colours reach to `limit`; a gap's marks are corrected for `family` cells.
    """

    value: Rate | GapValue
    row_axis: str
    column_axis: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: pd.DataFrame
    margin: str
    benign: pd.DataFrame
    blocks: pd.DataFrame
    cautions: tuple[str, ...]
    control_runs: tuple[str, ...]
    limit: float = 1.0
    family: int = 0


class Margins(NamedTuple):
    """What stands beside the cells: benign controls and blocks along `axis`, in the columns of `Heatmap`.

    Both have a column `of`: the model whose they are, '' for all in view together.
    """

    axis: str
    benign: pd.DataFrame
    blocks: pd.DataFrame
    cautions: tuple[str, ...]
    control_runs: tuple[str, ...]


def heatmap(
    store: Store, selection: Selection, rows: str, columns: str, rate: Rate, by: str = "model"
) -> Heatmap:
    """Return a rate over the critical matched probes of a selection, by two axes.

    `by` says what is told apart as one model: `model`, or `route`; it replaces the axis `model`. By `kind`,
    the other kinds of probes are counted too.
    """
    return heatmaps(store, selection, rows, columns, rate, by)[""]


def heatmaps(
    store: Store,
    selection: Selection,
    rows: str,
    columns: str,
    rate: Rate,
    by: str = "model",
    each: bool = False,
    given: Answers | None = None,
) -> dict[str, Heatmap]:
    """Return the heatmap of `heatmap` under '', or with `each` one of each model by its name.

    Those of each model have the same rows and columns. `given` are the answers to the critical probes where
    they were read before, by these axes and `by`.
    """
    axes = [by if axis == "model" else axis for axis in (rows, columns)]
    apart = [by] * each
    given = given or metrics.read(store, critical(selection), [*axes, by])
    counted = metrics.tally(given, [*apart, *axes])
    if "kind" in axes:
        others = replace(selection, kinds=tuple(kind for kind in Kind if kind != Kind.MATCHED))
        counted = pd.concat([counted, metrics.counts(store, others, [*apart, *axes])])
    cells = metrics.rates(counted, [*apart, *axes], rate)
    cells = cells.rename(columns=dict(zip([*apart, *axes], ["of"] * each + ["row", "column"], strict=True)))
    beside = margins(store, selection, axes[0], axes[1], by, rate, each, given)
    return drawn(cells.assign(state=states(cells)), beside, axes, rate)


def drawn(
    cells: pd.DataFrame,
    beside: Margins,
    axes: Sequence[str],
    value: Rate | GapValue,
    *,
    limit: float = 1.0,
    family: int = 0,
) -> dict[str, Heatmap]:
    """Return the heatmap of all cells under '', or of each model by name where they have a column `of`."""
    cells = cells[(cells["row"] != "") & (cells["column"] != "")]
    parts = dict(iter(cells.groupby("of"))) if "of" in cells else {"": cells}
    rows, columns = (_ordered(cells[side], axis) for side, axis in zip(("row", "column"), axes, strict=True))

    def made(name: Hashable, part: pd.DataFrame) -> Heatmap:
        controls, blocks = (
            frame[frame["of"] == name].drop(columns="of") for frame in (beside.benign, beside.blocks)
        )
        return Heatmap(
            value, axes[0], axes[1], rows, columns, part, beside.axis, controls, blocks, beside.cautions,
            beside.control_runs, limit, family,
        )  # fmt: skip

    return {str(name): made(name, part) for name, part in parts.items()}


def margins(
    store: Store,
    selection: Selection,
    rows: str,
    columns: str,
    by: str = "model",
    rate: Rate = Rate.NONCOMPLIANCE,
    each: bool = False,
    given: Answers | None = None,
) -> Margins:
    """Return what stands beside the cells of two axes; with `each`, of each model apart.

    They stand along the axis that tells models apart, or below the columns. `given` are the answers to the
    critical probes where they were read before.
    """
    axis = rows if rows in OF_MODELS and columns not in OF_MODELS else columns
    apart = [by] * each
    given = given or metrics.read(store, critical(selection), [*apart, axis])
    asked = benign(store, selection)
    told_apart = [axis] * (axis in _OF_CONTROLS and not each)
    controls = metrics.read(store, asked, [*told_apart, by])
    of_model = metrics.rates(metrics.tally(controls, [by]), [by], Rate.NONCOMPLIANCE)
    others = {run for run, _ in asked.pairs or ()} - {run for run, _ in selection.pairs or ()}
    return Margins(
        axis,
        _margin(controls, apart, told_apart, rate),
        _margin(given, apart, [axis], Rate.BLOCK),
        control_cautions(of_model.rename(columns={by: "model"}), _names(store, selection, by)),
        tuple(sorted(others)),
    )


def _margin(given: Answers, apart: Sequence[str], along: Sequence[str], rate: Rate) -> pd.DataFrame:
    axes = [*apart, *along]
    counted = metrics.tally(given, axes)
    # to group by nothing at all is to group by something that is the same everywhere
    found = metrics.rates(counted.assign(whole=""), axes or ["whole"], rate)
    named = found.assign(of=found[apart[0]] if apart else "", at=found[along[0]] if along else "")
    return named.drop(columns=axes or ["whole"]).assign(state=states(named))


def _ordered(found: pd.Series, axis: str) -> tuple[str, ...]:
    return tuple(sorted(found.unique(), key=lambda value: title(axis, value)))


def _names(store: Store, selection: Selection, by: str) -> frozenset[str]:
    """Return what needs controls: the models of a selection's pairs, or their routes."""
    if by == "model" or selection.pairs is None:
        return frozenset(model for _, model in selection.pairs or ())
    found = frozenset(routes.names(store, selection.pairs))
    return found & set(selection.routes) if selection.routes else found
