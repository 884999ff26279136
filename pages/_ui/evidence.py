"""Links from what is said of a model to what it rests on. They name the runs, so that they stay true."""

from __future__ import annotations

from pages._ui import cells
from pages._ui.cells import Cell
from pages._ui.filters import InForce

Link = dict[str, list[str]]


def gaps(in_force: InForce, name: str) -> Link:
    """Return the parameters that open the gaps of one model, or of one route where those stand apart."""
    return {**_here(in_force), "one_model": [name]}


def answers(in_force: InForce, cell: Cell) -> Link:
    """Return the parameters that open the answers of a cell, by its axes."""
    return {**_here(in_force), **cells.parameters(cell)}


def first_name(in_force: InForce, model: str) -> str:
    """Return what a model goes by where it is told apart by routes: its first one."""
    if in_force.by == "model":
        return model
    return next((one.route for one in in_force.served if one.model == model), model)


def _here(in_force: InForce) -> Link:
    labels = in_force.selection.label_set
    return {**in_force.link, **({"labels": [labels]} if labels else {})}
