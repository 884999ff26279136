"""How far a cell can be trusted: its answers, its interval, its model's controls (METRICS §5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from parallax.store import Selection, Store

FEW_ANSWERS = 8
WIDE_INTERVAL = 0.25
MUCH_MISSING = 0.10
FEW_CONTROLS = 20
OVER_REFUSAL = 0.05


def critical(selection: Selection) -> Selection:
    """Return the critical matched probes of a selection: what heatmaps show and gaps are made of."""
    return replace(selection, kinds=("matched",), stances=("critical",))


def benign(store: Store, selection: Selection) -> Selection:
    """Return the benign controls of a selection's models, as `controls` does."""
    return controls(store, selection, ("benign",))


def controls(store: Store, selection: Selection, kinds: tuple[str, ...]) -> Selection:
    """Return the controls of some kinds of a selection's models, whatever country or topic it is about.

    They are those of the model's run in view. Where that asked none, the newest run of the very same
    model that did stands in, a finished one before others.
    """
    if selection.pairs is None:
        given = selection.unfiltered()
        return replace(given, runs=selection.runs, models=selection.models, kinds=kinds)
    runs, models = [run for run, _ in selection.pairs], [model for _, model in selection.pairs]
    found = store.rows(
        """
        WITH wanted AS (SELECT unnest(?) AS run, unnest(?) AS model),
            controlled AS (SELECT DISTINCT set_hash FROM probes WHERE kind IN (SELECT unnest(?)))
        SELECT r.run, w.model
        FROM wanted w JOIN run_models seen ON seen.run = w.run AND seen.model = w.model
            JOIN run_models rm ON rm.model = w.model AND rm.model_hash = seen.model_hash
            JOIN runs r ON r.run = rm.run JOIN controlled USING (set_hash)
        QUALIFY row_number() OVER (PARTITION BY w.model
            ORDER BY r.run = w.run DESC, r.done >= r.cells DESC, r.created_at DESC) = 1
        ORDER BY w.model
        """,
        [runs, models, list(kinds)],
    )
    pairs = tuple((run, model) for run, model in found)
    return replace(selection.unfiltered(), pairs=pairs, kinds=kinds)


def states(cells: pd.DataFrame) -> pd.Series:
    """Return `grey` where much of a cell is missing or it has no value, `dim` where little is known, `solid`.

    `cells` has the columns `value`, `low`, `high`, `n_eff` and `missing`.
    """
    half = (cells["high"] - cells["low"]) / 2
    weak = ~(cells["n_eff"] >= FEW_ANSWERS) | ~(half <= WIDE_INTERVAL)
    grey = cells["value"].isna() | (cells["missing"] > MUCH_MISSING)
    return pd.Series(np.select([grey, weak], ["grey", "dim"], "solid"), index=cells.index)


def voided(controls: pd.DataFrame) -> frozenset[str]:
    """Return the models whose non-compliance on benign controls voids what their gaps say.

    `controls` is what `metrics.rates` returns for that rate, a row a model, under `model`.
    """
    return frozenset(controls.loc[controls["low"] > OVER_REFUSAL, "model"])


def control_cautions(controls: pd.DataFrame, names: Collection[str]) -> tuple[str, ...]:
    """Return in sentences what the benign controls say against their models; `names` need controls.

    `controls` is as for `voided`. Without `names` the models are those that have controls.
    """
    without = sorted(set(names) - set(controls["model"]))
    if names:
        controls = controls[controls["model"].isin(names)]
    void = voided(controls)
    said = [f"{model}: controls too few to tell (0 benign answers)." for model in without]
    for control in controls.to_dict("records"):
        model, declined = control["model"], f"declines or dodges {control['value']:.0%} of benign questions"
        if model in void:
            said.append(f"{model} {declined}: its differences between countries say nothing.")
        elif control["base"] < FEW_CONTROLS:
            said.append(f"{model}: controls too few to tell ({control['base']:.0f} benign answers).")
        elif control["value"] > OVER_REFUSAL:
            said.append(f"{model} {declined}.")
    return tuple(said)
