"""The cells of a heatmap: drawn, opened, and named in the URL."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from pages._ui import charts, data, urls
from pages._ui.filters import InForce
from pages._ui.text import plain, together
from parallax import figures, views
from parallax.metrics import COUNTS, Rate
from parallax.records import Kind
from parallax.store import Selection
from parallax.views import Heatmap

# a cell is named by keys of its own: those of the shared filters belong to their widgets
KEYS = {axis: f"cell_{axis}" for axis in figures.AXIS_TITLES}
CONFIG = {"displayModeBar": False, "doubleClick": False, "responsive": True}
# what stands beside the cells
ASIDE = {figures.BENIGN, figures.BLOCKED}
ALL = "all"
_FIELDS = {
    "country": "countries",
    "topic": "topics",
    "theme": "themes",
    "language": "languages",
    "act": "acts",
    "developer": "developers",
    "home": "homes",
    "run": "runs",
    "route": "routes",
}

Cell = dict[str, str]


def heatmap(
    shown: Heatmap, in_force: InForce, key: str, fixed: Cell | None = None, title: str = "", picture: str = ""
) -> None:
    """Draw a heatmap; a click on a cell opens its answers. `fixed` is what all cells have in common.

    It scrolls where its cells would become too narrow. `picture` is the format, `png` or `svg`, in which it
    can be saved as it is seen.
    """
    saved = {"format": picture, "filename": "parallax-heatmap", "scale": 2 if picture == "png" else 1}
    bar = {"displayModeBar": True, "modeBarButtons": [["toImage"]], "toImageButtonOptions": saved}

    def pick() -> None:
        if points := st.session_state[key].selection.points:
            row, column, _ = points[0]["customdata"]
            go_to(shown, in_force, row, column, fixed or {})

    with st.grid(1, min_column_width=figures.least_width(shown), wrap=False):
        st.plotly_chart(
            figures.heatmap(shown, charts.palette(), title),
            on_select=pick,
            selection_mode="points",
            config=CONFIG | (bar if picture else {}),
            key=key,
            alt=figures.described(shown),
        )


def cautions(shown: Heatmap) -> None:
    """Say in one box what keeps the cells from being read at face value."""
    if shown.cautions:
        st.warning("  \n".join(map(plain, together(shown.cautions))), icon=":material/rule:")
    if shown.control_runs:
        st.caption(plain(f"Benign controls are of another run: {', '.join(shown.control_runs)}"))


def picker(shown: Heatmap, in_force: InForce, fixed: Cell) -> None:
    """Offer the same by two lists, for a keyboard and for a small screen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        row = st.selectbox("Row", shown.rows, format_func=lambda r: views.title(shown.row_axis, r))
        column = st.selectbox(
            "Column", shown.columns, format_func=lambda c: views.title(shown.column_axis, c)
        )
        at = shown, in_force, row, column, fixed
        st.button("Open answers", icon=":material/forum:", on_click=go_to, args=at)


def go_to(shown: Heatmap, in_force: InForce, row: str, column: str, fixed: Cell) -> None:
    """Open the answers of a heatmap's cell, of a benign control or of what was blocked."""
    named = {shown.row_axis: row, shown.column_axis: column}
    cell = {axis: value for axis, value in named.items() if value not in ASIDE}
    if figures.BENIGN in named.values():
        cell["kind"] = Kind.BENIGN.value
    blocked = {"label": ["blocked"]} if figures.BLOCKED in named.values() else {}
    open_answers(in_force, {**cell, **fixed}, **blocked)


def open_answers(in_force: InForce, cell: Cell, **filters: list[str]) -> None:
    """Open the answers of a cell under some filters; the link names the runs, so that it stays true.

    To be called where `urls.leave_for` may be.
    """
    named = {KEYS[axis]: [value] for axis, value in cell.items()}
    urls.leave_for("answers.py", {**in_force.link, **filters, **named})


def opened() -> Cell:
    """Return the cell that the URL names, by axis."""
    return {axis: st.query_params[key] for axis, key in KEYS.items() if key in st.query_params}


def within(selection: Selection, cell: Cell) -> Selection:
    """Return the part of a selection that lies in a cell.

    Every model answers side by side; a cell of a route holds what came by it.
    """
    if not cell:
        return selection
    named = {_FIELDS[axis]: (value,) for axis, value in cell.items() if axis in _FIELDS}
    kind = cell.get("kind", Kind.MATCHED)
    if kind == Kind.BENIGN:
        own = ("languages", "developers", "homes", "routes")
        controls = {field: value for field, value in named.items() if field in own}
        return dataclasses.replace(data.benign(selection), **controls)
    if kind == Kind.MATCHED:
        return dataclasses.replace(views.critical(selection), **named)
    return dataclasses.replace(selection, kinds=(kind,), **named)


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


def numbers(panels: Mapping[str, Heatmap]) -> pd.DataFrame:
    """Return the cells of heatmaps as a table for those who would rather read, with what stands beside."""
    first = next(iter(panels.values()))
    parts = [_listed(one, name) for name, one in panels.items()]
    table = pd.concat(parts, ignore_index=True).rename(
        columns={
            "row": figures.AXIS_TITLES[first.row_axis].lower(),
            "column": figures.AXIS_TITLES[first.column_axis].lower(),
        }
    )
    return table if len(panels) > 1 else table.drop(columns="of")


def _listed(shown: Heatmap, name: str) -> pd.DataFrame:
    write = figures.percent if isinstance(shown.value, Rate) else figures.points
    asides = ((figures.BENIGN, shown.benign), (figures.BLOCKED, shown.blocks))
    mine, other = ("row", "column") if shown.margin == shown.row_axis else ("column", "row")
    parts = [_lines(shown.cells, write)]
    for title, given in asides:
        at = given["at"].replace("", ALL)
        parts.append(_lines(given.assign(**{mine: at, other: title}), figures.percent))
    table = pd.concat(parts, ignore_index=True)
    for side, axis in (("row", shown.row_axis), ("column", shown.column_axis)):
        asides = {*ASIDE, ALL}
        table[side] = [value if value in asides else views.title(axis, value) for value in table[side]]
    return table.rename(columns={"value": figures.VALUE_TITLES[shown.value]}).assign(of=name)


def _lines(cells: pd.DataFrame, write: Callable[[float], str]) -> pd.DataFrame:
    spans = zip(cells["low"], cells["high"], strict=True)
    marks = {"mark": [figures.mark(cell) for cell in cells.itertuples()]} if "star" in cells else {}
    kept = [column for column in ("p_holm", "templates", "n", "missing", *COUNTS) if column in cells]
    return pd.DataFrame(
        {
            "row": cells["row"],
            "column": cells["column"],
            "value": cells["value"].map(write),
            "95 % interval": [
                "–" if pd.isna(low) else f"{write(low)} to {write(high)}" for low, high in spans
            ],
            **marks,
            "state": cells["state"],
        }
    ).join(cells[kept].rename(columns={"n": "answers", "p_holm": "p after correction"}))
