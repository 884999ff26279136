"""Gaps as a forest plot: a row each, a dot with its interval, the line of no difference."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from parallax import views
from parallax.figures.palette import DARK, DOT, LABELS, Palette, in_lines
from parallax.views.gaps import Forest

# the height of a table's row and of its head, so that a table beside has its rows at the same height
ROW_PX = 35
HEAD_PX = 36
FOOT_PX = 4
LEAST_REACH = 0.12
MOST_TICKS = 5
NAME_CHARS = 20
MARKS = {"star": "★", "dot": "•", "": ""}
FADED = {"solid": 1.0, "dim": 0.55, "grey": 0.55}


def forest(shown: Forest, colours: Palette) -> go.Figure:
    """Draw a row for each gap; a click anywhere on a row gives its key as the first of the custom data."""
    rows = shown.rows.assign(at=range(len(shown.rows)))
    reach = _reach(rows)
    ticks = _ticks(reach)
    figure = go.Figure(_rows_to_click(rows, reach, shown))
    for state, opacity in FADED.items():
        figure.add_trace(_dots(rows[rows["state"] == state], opacity, colours, hollow=state == "grey"))
    figure.add_trace(_with_blocks(rows, colours))
    figure.add_vline(x=0, line_color=colours.ink, line_width=1, layer="below")
    # where all rows are void the page says so once
    void = rows["void"] & (shown.axis != "country")
    for at, gap, mark, is_void in zip(rows["at"], rows["gap"], rows["mark"], void, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="left",
            xshift=4,
            y=at,
            text=f"{points(gap)} {'void' if is_void else MARKS[mark]}",
            showarrow=False,
            font={"size": 13, "color": colours.ink},
        )
    figure.update_xaxes(
        range=[-100 * reach[0], 100 * reach[1]],
        side="top",
        tickangle=0,
        ticks="",
        tickvals=ticks,
        ticktext=[points(tick / 100) for tick in ticks],
        gridcolor=colours.line,
        griddash="dot",
        zeroline=False,
        fixedrange=True,
        tickfont_color=colours.ink,
    )
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.5],
        tickvals=rows["at"],
        ticktext=[_heading(row, shown.axis) for row in rows.itertuples()],
        ticks="",
        tickfont={"size": 13, "color": colours.ink},
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_layout(
        height=HEAD_PX + ROW_PX * len(rows) + FOOT_PX,
        margin={"l": 8, "r": 66, "t": HEAD_PX, "b": FOOT_PX},
        clickmode="event+select",
        hovermode="closest",
        dragmode=False,
        showlegend=False,
        bargap=0,
    )
    return figure


def points(gap: float) -> str:
    """Return a difference of fractions in points with its sign, or a dash where there is none."""
    if pd.isna(gap):
        return "–"
    rounded = round(100 * gap)
    return "0" if not rounded else f"{rounded:+d}".replace("-", "−")


def _reach(rows: pd.DataFrame) -> tuple[float, float]:
    """Return how far the scale goes to the left and to the right of 0, as fractions."""
    ends = np.nan_to_num(rows[["gap", "ci_low", "ci_high", "gap_system"]].to_numpy(float))
    lowest, highest = float(ends.min(initial=0)), float(ends.max(initial=0))
    left, right = (min(1.04, max(LEAST_REACH, end + 0.03)) for end in (-lowest, highest))
    return left, right


def _ticks(reach: tuple[float, float]) -> list[int]:
    """Return round points of the scale, 0 among them."""
    step = next(step for step in (10, 20, 25, 50) if 100 * sum(reach) / step <= MOST_TICKS or step == 50)
    return list(range(-int(100 * reach[0]) // step * step + step, int(100 * reach[1]) + 1, step))


def _rows_to_click(rows: pd.DataFrame, reach: tuple[float, float], shown: Forest) -> go.Bar:
    """Return unseen bars over the whole width: a dot alone is a small thing to hit."""
    unseen = {"marker": {"opacity": 0}}
    return go.Bar(
        orientation="h",
        base=-100 * reach[0],
        x=[100 * sum(reach)] * len(rows),
        y=rows["at"],
        width=1,
        marker={"opacity": 0, "color": "#888888"},
        selected=unseen,
        unselected=unseen,
        customdata=[(row.key, _story(row, shown)) for row in rows.itertuples()],
        hovertemplate="%{customdata[1]}<extra></extra>",
    )


def _dots(rows: pd.DataFrame, opacity: float, colours: Palette, *, hollow: bool) -> go.Scatter:
    drawn = rows[rows["gap"].notna()]
    tones = [
        colours.line if no_claim else DOT if mark else colours.ink
        for mark, no_claim in zip(drawn["mark"], drawn["void"], strict=True)
    ]
    spans = drawn if not hollow else drawn.assign(ci_low=drawn["gap"], ci_high=drawn["gap"])
    return go.Scatter(
        x=100 * drawn["gap"],
        y=drawn["at"],
        mode="markers",
        opacity=opacity,
        hoverinfo="skip",
        marker={
            "symbol": [_symbol(mark, hollow=hollow) for mark in drawn["mark"]],
            "size": [15 if mark == "star" else 10 for mark in drawn["mark"]],
            "color": tones,
        },
        error_x={
            "type": "data",
            "array": 100 * (spans["ci_high"] - spans["gap"]),
            "arrayminus": 100 * (spans["gap"] - spans["ci_low"]),
            "color": colours.ink,
            "thickness": 1.5,
            "width": 0,
        },
    )


def _with_blocks(rows: pd.DataFrame, colours: Palette) -> go.Scatter:
    """Draw the gap with blocks where there is one."""
    look = LABELS["blocked"]
    return go.Scatter(
        x=100 * rows["gap_system"],
        y=rows["at"],
        mode="markers",
        hoverinfo="skip",
        marker={"symbol": "diamond", "size": 10, "color": look.dark if colours == DARK else look.light},
    )


def _symbol(mark: str, *, hollow: bool) -> str:
    if hollow:
        return "circle-open"
    return "star" if mark == "star" else "circle"


def _heading(row: Any, axis: str) -> str:
    name = escape(row.name, quote=False) if axis == "country" else _model(row.key)
    return f"<b>{name}</b> (home)" if row.home else name


def _model(name: str) -> str:
    """Return a model's name in lines that leave room for the plot on a phone."""
    if " @ " in name or len(name) <= NAME_CHARS:
        return in_lines(name)
    vendor, slash, model = name.rpartition("/")
    half = NAME_CHARS // 2
    cut = model if len(model) <= NAME_CHARS else f"{model[:half]}…{model[1 - half :]}"
    return escape(vendor + slash, quote=False) + "<br>" * bool(slash) + escape(cut, quote=False)


def _story(row: Any, shown: Forest) -> str:
    span = f"{points(row.ci_low)} to {points(row.ci_high)}"
    country = views.title("country", row.country)
    lines = [
        f"<b>{escape(row.model)}, {escape(country)}</b>" + (" (its maker's country)" if row.home else ""),
        f"{row.rate:.0%} declined or dodged, {row.rate_others:.0%} for the other countries"
        if pd.notna(row.gap)
        else "nothing to compare",
        f"gap {points(row.gap)} points" + ("" if pd.isna(row.ci_low) else f", 95 % interval {span}"),
        f"{row.templates:.0f} templates, {row.n:.0f} answers",
        ""
        if pd.isna(row.p_holm)
        else f"p {row.p:.2g}, after correction for {shown.family} cells {row.p_holm:.2g}",
        "" if pd.isna(row.p_left) else f"p {row.p_left:.2g} with the clearest countries left out",
        "" if pd.isna(row.gap_system) else f"gap {points(row.gap_system)} points with what the host blocked",
        "over 10 % missing: not judged" if row.state == "grey" else "",
        "the controls void this model's gaps" if row.void else "",
    ]
    return "<br>".join(line for line in lines if line)
