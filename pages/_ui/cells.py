"""The cells of a heatmap: drawn, opened, and named in the URL."""

from __future__ import annotations

import dataclasses

import pandas as pd
import streamlit as st

from pages._ui import charts, data
from pages._ui.filters import InForce
from pages._ui.text import plain
from parallax import figures, views
from parallax.metrics import COUNTS
from parallax.store import Selection
from parallax.views import Heatmap

# a cell is named by keys of its own: those of the shared filters belong to their widgets
KEYS = {axis: f"cell_{axis}" for axis in ("country", "topic", "model", "route", "kind")}
CONFIG = {"displayModeBar": False, "doubleClick": False, "responsive": True}

Cell = dict[str, str]


def heatmap(shown: Heatmap, in_force: InForce, key: str, fixed: Cell | None = None) -> None:
    """Draw a heatmap; a click on a cell opens its answers. `fixed` is what all cells have in common."""
    picked = st.plotly_chart(
        figures.heatmap(shown, charts.palette()),
        on_select="rerun",
        selection_mode="points",
        config=CONFIG,
        key=key,
        alt=f"{figures.RATE_TITLES[shown.rate]} by {shown.row_axis} and {shown.column_axis}: see the table",
    )
    if points := picked.selection.points:
        row, column, _ = points[0]["customdata"]
        go_to(shown, in_force, row, column, fixed or {})


def cautions(shown: Heatmap) -> None:
    """Say in one box what keeps the cells from being read at face value."""
    if shown.cautions:
        st.warning("  \n".join(plain(caution) for caution in shown.cautions), icon=":material/rule:")
    if shown.control_runs:
        st.caption(plain(f"Benign controls are of another run: {', '.join(shown.control_runs)}"))


def picker(shown: Heatmap, in_force: InForce, fixed: Cell) -> None:
    """Offer the same by two lists, for a keyboard and for a small screen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        row = st.selectbox("Row", shown.rows, format_func=lambda r: views.title(shown.row_axis, r))
        column = st.selectbox(
            "Column", shown.columns, format_func=lambda c: views.title(shown.column_axis, c)
        )
        if st.button("Open answers", icon=":material/forum:"):
            go_to(shown, in_force, row, column, fixed)


def go_to(shown: Heatmap, in_force: InForce, row: str, column: str, fixed: Cell) -> None:
    """Open the answers of a heatmap's cell."""
    row_axis = "kind" if row == figures.BENIGN else shown.row_axis
    named = {row_axis: "benign" if row == figures.BENIGN else row, shown.column_axis: column}
    open_answers(in_force, {**named, **fixed})


def open_answers(in_force: InForce, cell: Cell, **filters: list[str]) -> None:
    """Open the answers of a cell under some filters; the link names the runs, so that it stays true."""
    named = {KEYS[axis]: [value] for axis, value in cell.items()}
    st.switch_page("answers.py", query_params={**in_force.link, **filters, **named})


def opened() -> Cell:
    """Return the cell that the URL names, by axis."""
    return {axis: st.query_params[key] for axis, key in KEYS.items() if key in st.query_params}


def within(selection: Selection, cell: Cell) -> Selection:
    """Return the part of a selection that lies in a cell.

    Every model answers side by side; a cell of a route holds what came by it.
    """
    if not cell:
        return selection
    if "route" in cell:
        selection = dataclasses.replace(selection, routes=(cell["route"],))
    if "kind" in cell:
        return data.benign(selection)
    return dataclasses.replace(
        views.critical(selection),
        countries=(cell["country"],) if "country" in cell else selection.countries,
        topics=(cell["topic"],) if "topic" in cell else selection.topics,
    )


def words(cell: Cell) -> str:
    """Name a cell for a person."""
    return " × ".join(views.title(axis, value) for axis, value in cell.items())


def of_one(in_force: InForce, name: str) -> Selection:
    """Return the part of the selection in force that one model answered, or that came by one route."""
    selection = in_force.selection
    if in_force.by == "route":
        return dataclasses.replace(selection, routes=(name,))
    return dataclasses.replace(selection, pairs=tuple(p for p in selection.pairs if p[1] == name))


def names(in_force: InForce) -> list[str]:
    """Return the models in view by name, or their routes where those are told apart."""
    if in_force.by == "model":
        return [model for _, model in in_force.selection.pairs]
    found = dict.fromkeys(one.route for one in in_force.served)
    return [route for route in found if route in (in_force.selection.routes or found)]


def numbers(shown: Heatmap) -> pd.DataFrame:
    """Return the cells as a table for those who would rather read."""
    cells = shown.cells
    return pd.DataFrame(
        {
            shown.row_axis: [views.title(shown.row_axis, row) for row in cells["row"]],
            shown.column_axis: [views.title(shown.column_axis, column) for column in cells["column"]],
            figures.RATE_TITLES[shown.rate]: cells["value"].map("{:.0%}".format),
            "95 % interval": [
                "–" if pd.isna(low) else f"{low:.0%} to {high:.0%}"
                for low, high in zip(cells["low"], cells["high"], strict=True)
            ],
            "templates": cells["templates"],
            "answers": cells["n"],
            **{label: cells[label] for label in COUNTS},
        }
    )
