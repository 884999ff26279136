"""The heatmap. A rate has one scale of colours everywhere."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from parallax import views
from parallax.figures.palette import RATE_TITLES, Palette, in_lines
from parallax.metrics import COUNTS
from parallax.views import Heatmap

BENIGN = "Benign controls"
ROW_PX = 44
ROUTE_PX = 210
WIDE_COLUMNS = 4


def heatmap(shown: Heatmap, colours: Palette) -> go.Figure:
    """Draw a heatmap whose cells can be clicked; each point's custom data starts with row and column.

    A heatmap trace sends no selection, so transparent markers lie over it.
    """
    cells = _with_titles(shown)
    rows = [views.title(shown.row_axis, row) for row in shown.rows]
    columns = list(shown.columns)
    figure = go.Figure()
    if BENIGN in set(cells["y"]):
        rows.append(BENIGN)
        figure.add_hline(y=0.5, line_color=colours.line, line_width=2)
    for state, opacity in (("solid", 1.0), ("dim", 0.55)):
        figure.add_trace(_layer(cells[cells["state"] == state], rows, columns, opacity))
    grey = _layer(cells[cells["state"] == "grey"].assign(value=0.0), rows, columns, 1.0)
    figure.add_trace(grey.update(coloraxis=None, colorscale=[colours.grey] * 2, showscale=False))
    figure.add_trace(_clickable(cells, shown, colours))
    slant = _slant(shown)
    figure.update_xaxes(
        categoryarray=columns,
        tickvals=columns,
        ticktext=[_heading(shown, column) for column in columns],
        range=[-0.5, len(columns) - 0.5],
        side="top",
        ticks="",
        tickfont_size=13,
        tickfont_color=colours.ink,
        fixedrange=True,
        showgrid=False,
        tickangle=-slant,
    )
    figure.update_yaxes(
        categoryarray=rows[::-1],
        range=[-0.5, len(rows) - 0.5],
        fixedrange=True,
        showgrid=False,
        tickfont_size=13,
        tickfont_color=colours.ink,
        ticks="",
    )
    figure.update_layout(
        height=34 + _top(shown) + ROW_PX * len(rows),
        margin={"l": 8, "r": 8, "t": _top(shown), "b": 8},
        clickmode="event+select",
        hovermode="closest",
        dragmode=False,
        showlegend=False,
        coloraxis={"cmin": 0, "cmax": 1, "colorscale": list(colours.scale), "showscale": False},
    )
    return figure


def _with_titles(shown: Heatmap) -> pd.DataFrame:
    cells = shown.cells
    if shown.column_axis in {"model", "route"} and len(shown.benign):
        benign = shown.benign.assign(row=BENIGN)
        benign = benign[benign["column"].isin(shown.columns)]
        cells = pd.concat([cells, benign], ignore_index=True)
    y = [row if row == BENIGN else views.title(shown.row_axis, row) for row in cells["row"]]
    return cells.assign(x=cells["column"], y=y)


def _is_narrow(shown: Heatmap) -> bool:
    return len(shown.columns) > WIDE_COLUMNS


def _top(shown: Heatmap) -> float:
    """Return the room above the cells, in pixels."""
    return ROUTE_PX if shown.column_axis == "route" else 36 + 1.4 * _slant(shown)


def _slant(shown: Heatmap) -> int:
    """Return by how many degrees long headings are turned, so that they stay clear of each other."""
    if shown.column_axis == "route":
        return 90
    if shown.column_axis == "country" or not _is_narrow(shown):
        return 0
    return 30 if len(shown.columns) <= 2 * WIDE_COLUMNS else 60


def _heading(shown: Heatmap, column: str) -> str:
    """Name a column; many countries go by their codes, so that they fit a small screen."""
    if shown.column_axis == "country" and _is_narrow(shown):
        return column
    return in_lines(views.title(shown.column_axis, column))


def _layer(cells: pd.DataFrame, rows: list[str], columns: list[str], opacity: float) -> go.Heatmap:
    """Draw the cells of one state, over all rows and columns: Plotly loses a column that stands alone."""
    values = cells.pivot(index="y", columns="x", values="value").reindex(index=rows, columns=columns)
    return go.Heatmap(
        x=columns,
        y=rows,
        z=values.astype(object).where(values.notna(), None).to_numpy(),
        opacity=opacity,
        coloraxis="coloraxis",
        hoverinfo="skip",
        xgap=3,
        ygap=3,
    )


def _clickable(cells: pd.DataFrame, shown: Heatmap, colours: Palette) -> go.Scatter:
    return clickable(
        38,
        x=cells["x"],
        y=cells["y"],
        text=[_number(cell).rstrip("%" if _is_narrow(shown) else "") for cell in cells.itertuples()],
        textfont={"size": 13, "color": [_ink(cell, colours) for cell in cells.itertuples()]},
        customdata=[(cell.row, cell.column, _story(cell, shown)) for cell in cells.itertuples()],
        hovertemplate="%{customdata[2]}<extra></extra>",
    )


def clickable(size: int, **cells: Any) -> go.Scatter:
    """Return what lies over the cells of a heatmap: their texts, and unseen squares of so many pixels."""
    unseen = {"marker": {"opacity": 0}}
    marker = {"symbol": "square", "size": size, "opacity": 0}
    return go.Scatter(mode="markers+text", marker=marker, selected=unseen, unselected=unseen, **cells)


def _number(cell: Any) -> str:
    return "–" if pd.isna(cell.value) else f"{cell.value:.0%}"


def _ink(cell: Any, colours: Palette) -> str:
    return colours.paper if cell.state == "solid" and cell.value > 0.55 else colours.ink


def _story(cell: Any, shown: Heatmap) -> str:
    span = f"95 % interval {cell.low:.0%} to {cell.high:.0%}"
    kept = ", ".join(f"{getattr(cell, label)} {label}" for label in COUNTS if getattr(cell, label))
    lines = [
        f"<b>{escape(cell.y)} × {escape(views.title(shown.column_axis, cell.column))}</b>",
        f"{RATE_TITLES[shown.rate]}: {_number(cell)}, mean over {cell.templates} templates",
        "no interval: fewer than two templates" if pd.isna(cell.low) else span,
        f"{cell.n} answers: {kept}",
        f"{cell.missing:.0%} missing (errors and cut answers)" if cell.missing else "",
    ]
    return "<br>".join(line for line in lines if line)
