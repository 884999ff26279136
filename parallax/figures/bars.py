"""Rates as dots with their intervals."""

from __future__ import annotations

from html import escape

import pandas as pd
import plotly.graph_objects as go

from parallax.figures.grid import LOW_ROW_PX, MANY_ROWS
from parallax.figures.palette import DOT, Palette, in_lines

ROW_PX = 40
AXIS_PX = 50


def rate_bars(by_model: pd.DataFrame, colours: Palette) -> go.Figure:
    """Draw a rate for each model with its interval, as dots on one scale."""
    low = by_model["value"] - by_model["low"]
    high = by_model["high"] - by_model["value"]
    figure = go.Figure(
        go.Scatter(
            x=by_model["value"],
            y=by_model["model"],
            text=[escape(name) for name in by_model["model"]],
            mode="markers",
            marker={"size": 12, "color": DOT},
            error_x={
                "type": "data",
                "array": high,
                "arrayminus": low,
                "color": colours.ink,
                "thickness": 1.5,
            },
            customdata=by_model[["n"]],
            hovertemplate="%{text}: %{x:.0%} (%{customdata[0]} answers)<extra></extra>",
        )
    )
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", fixedrange=True)
    headings = [in_lines(name) for name in by_model["model"]]
    # left to itself Plotly keeps a twentieth of the rows free on either side
    reach = [len(headings) - 0.5, -0.5]
    figure.update_yaxes(fixedrange=True, range=reach, tickvals=by_model["model"], ticktext=headings)
    row = LOW_ROW_PX if len(headings) > MANY_ROWS else ROW_PX
    figure.update_layout(
        height=AXIS_PX + sum(row + 16 * heading.count("<br>") for heading in headings),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
    )
    return figure
