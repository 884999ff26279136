"""The heatmap: cells that can be clicked, with the benign controls and the blocked shares beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any
from unicodedata import east_asian_width

import pandas as pd
import plotly.graph_objects as go

from parallax import views
from parallax.figures.forest import points
from parallax.figures.palette import Palette, blend, in_lines, on_scale
from parallax.figures.stories import BENIGN, BLOCKED, caption, in_rows, mark, percent, story
from parallax.metrics import Rate
from parallax.views import Heatmap

CELL_PX = 44
ROW_PX = 44
LOW_ROW_PX = 30
MANY_ROWS = 20
WIDE_COLUMNS = 4
LETTER_PX, CAPITAL_PX, BROAD_PX = 7.4, 9.0, 13.0
BROAD = "mwMW@%"
NOTE_PX = 15
TITLE_PX = 26
ASIDE = 0.3
PALE = 0.55
ASIDES = {"benign": BENIGN, "block": BLOCKED}
# to check every text and colour of 2,000 cells takes plotly longer than to draw them
UNCHECKED: dict[str, Any] = {"_validate": False}
KINDS = ("cell", *ASIDES)
SEE_THROUGH = "rgba(0, 0, 0, 0)"


def heatmap(shown: Heatmap, colours: Palette, title: str = "") -> go.Figure:
    """Draw a heatmap whose cells can be clicked; each point's custom data starts with row and column.

    A heatmap trace sends no selection, so transparent markers lie over it.
    """
    cells = _placed(shown)
    cells["colour"] = [_colour(cell, shown, colours) for cell in cells.itertuples()]
    figure = go.Figure([*_layers(cells, colours), *_over(cells, shown, colours)], **UNCHECKED)
    _axes(figure, shown, colours)
    notes = in_rows(caption(shown))
    top = _top(shown) + TITLE_PX * bool(title)
    below = 18 + NOTE_PX * len(notes)
    figure.update_layout(
        height=top + below + _row_px(shown) * _length(len(shown.rows), beside=not _by_rows(shown)),
        margin={"l": _left(shown), "r": _right(shown), "t": top, "b": below},
        title={"text": in_lines(title), "font_size": 15, "x": 0, "y": 1, "yanchor": "top", "pad_t": 4},
        clickmode="event+select",
        hovermode="closest",
        # wherever in a cell the pointer is, the nearest centre is that cell's
        hoverdistance=1000,
        dragmode=False,
        showlegend=False,
        barmode="overlay",
        paper_bgcolor=colours.background,
        plot_bgcolor=SEE_THROUGH,
    )
    figure.add_annotation(
        text="<br>".join(notes),
        x=0, y=0, xref="paper", yref="paper", xanchor="left", yanchor="top", yshift=-6,
        showarrow=False, align="left", font={"size": 11, "color": colours.ink}, opacity=0.8,
    )  # fmt: skip
    return figure


def least_width(shown: Heatmap) -> int:
    """Return the width in pixels under which cells would be too narrow to read and to hit."""
    return round(CELL_PX * _length(len(shown.columns), beside=_by_rows(shown)) + _left(shown) + 16)


def _length(cells: int, *, beside: bool) -> float:
    return cells + (len(ASIDES) + ASIDE) * beside


def _by_rows(shown: Heatmap) -> bool:
    """Return whether the margins belong to the rows, and so stand as columns at the right."""
    return shown.margin == shown.row_axis


def _placed(shown: Heatmap) -> pd.DataFrame:
    """Return all cells with `x` and `y`, what they are (`kind`), and those that nothing was asked for."""
    grid = pd.MultiIndex.from_product([shown.rows, shown.columns], names=["row", "column"])
    cells = shown.cells.set_index(["row", "column"]).reindex(grid).reset_index().assign(kind="cell")
    parts = [_at(cells, shown)]
    for offset, (kind, name) in enumerate(ASIDES.items()):
        given = shown.benign if kind == "benign" else shown.blocks
        along = shown.rows if _by_rows(shown) else shown.columns
        whole = given[given["at"] == ""].merge(pd.DataFrame({"along": along}), how="cross")
        told = pd.concat([given.assign(along=given["at"]), whole])
        told = told[told["along"].isin(along)]
        sides = (
            {"row": told["along"], "column": name}
            if _by_rows(shown)
            else {"row": name, "column": told["along"]}
        )
        parts.append(_at(told.assign(kind=kind, offset=offset, **sides), shown))
    cells = pd.concat(parts, ignore_index=True)
    return cells.assign(state=cells["state"].fillna("grey"))


def _at(cells: pd.DataFrame, shown: Heatmap) -> pd.DataFrame:
    """Return cells with their places; what stands beside comes first, so that it is in sight."""
    beside = cells.get("offset", 0) - len(ASIDES) - ASIDE
    x = cells["column"].map({name: place for place, name in enumerate(shown.columns)})
    y = cells["row"].map({name: place for place, name in enumerate(shown.rows)})
    return cells.assign(x=x.where(x.notna(), beside), y=y.where(y.notna(), beside))


def _layers(cells: pd.DataFrame, colours: Palette) -> Iterator[go.Bar]:
    """Yield the cells of each kind and state: full, pale and hatched, or grey."""
    hatch = {"shape": "/", "size": 6, "solidity": 0.1, "fillmode": "overlay", "fgcolor": colours.ink}
    grey, dim = cells["state"] == "grey", cells["state"] == "dim"
    for kind in KINDS:
        of_kind = cells["kind"] == kind
        pale = of_kind & dim & (kind != "block")
        if (full := of_kind & ~grey & ~pale).any():
            yield _bars(cells[full], colours, 1.0)
        if pale.any():
            yield _bars(cells[pale], colours, PALE, pattern=hatch)
    if grey.any():
        yield _bars(cells[grey], colours, 1.0)


def _bars(cells: pd.DataFrame, colours: Palette, opacity: float, **marker: Any) -> go.Bar:
    """Return cells as bars: unlike a heatmap's, they can be hatched and stay drawings in an SVG."""
    as_drawn = {"marker": {"opacity": 1}}
    return go.Bar(
        x=cells["x"],
        y=[1] * len(cells),
        base=(cells["y"] - 0.5).tolist(),
        width=1,
        opacity=opacity,
        marker={"color": list(cells["colour"]), "line": {"color": colours.background, "width": 3}, **marker},
        selected=as_drawn,
        unselected=as_drawn,
        hoverinfo="skip",
        **UNCHECKED,
    )


def _over(cells: pd.DataFrame, shown: Heatmap, colours: Palette) -> Iterator[go.Scatter]:
    """Yield the numbers, and unseen squares that can be clicked.

    The squares have axes of their own: a click restyles each text and each bar on the axes where it falls,
    which with 2,000 cells takes a browser longer than all else that it does before it tells of the click.
    """
    given = list(cells.itertuples())
    yield go.Scatter(
        mode="text",
        x=cells["x"],
        y=cells["y"],
        text=[_text(cell, shown) for cell in given],
        textfont={"size": 13, "color": [_ink(cell, colours) for cell in given]},
        hoverinfo="skip",
        **UNCHECKED,
    )
    yield clickable(
        38,
        x=cells["x"],
        y=cells["y"],
        customdata=[(cell.row, cell.column, story(cell, shown)) for cell in given],
        hovertemplate="%{customdata[2]}<extra></extra>",
        xaxis="x2",
        yaxis="y2",
    )


def clickable(size: int, **cells: Any) -> go.Scatter:
    """Return what lies over the cells of a heatmap: unseen squares of so many pixels, with texts if given."""
    unseen = {"marker": {"opacity": 0}}
    marker = {"symbol": "square", "size": size, "opacity": 0}
    mode = "markers+text" if "text" in cells else "markers"
    return go.Scatter(mode=mode, marker=marker, selected=unseen, unselected=unseen, **cells, **UNCHECKED)


def _text(cell: Any, shown: Heatmap) -> str:
    # one control for all columns is told once
    if cell.kind != "cell" and cell.at == "" and (cell.y if _by_rows(shown) else cell.x) != 0:
        return ""
    if cell.kind == "cell" and not isinstance(shown.value, Rate):
        return points(cell.value) + mark(cell)
    narrow = _is_narrow(shown) or (cell.kind != "cell" and _by_rows(shown))
    return percent(cell.value).rstrip("%" if narrow else "")


def _colour(cell: Any, shown: Heatmap, colours: Palette) -> str:
    """Return the colour of a cell; over numbers, Plotly complains of each cell in the console."""
    if cell.state == "grey":
        return colours.grey
    if cell.kind == "block":
        return on_scale(colours.blocks, cell.value)
    if isinstance(shown.value, Rate) or cell.kind == "benign":
        return on_scale(colours.scale, cell.value)
    return on_scale(colours.diverging, (cell.value / shown.limit + 1) / 2)


def _ink(cell: Any, colours: Palette) -> str:
    """Return the colour of a number, so that it can be read on its cell."""
    pale = cell.state == "dim" and cell.kind != "block"
    return colours.readable_on(blend(colours.background, cell.colour, PALE) if pale else cell.colour)


def _axes(figure: go.Figure, shown: Heatmap, colours: Palette) -> None:
    rows = [in_lines(views.title(shown.row_axis, row)) for row in shown.rows]
    columns = [_heading(shown, column) for column in shown.columns]
    beside = [BENIGN, "Blocked"]
    look = {"ticks": "", "fixedrange": True, "showgrid": False, "zeroline": False}
    look["tickfont"] = {"size": 13, "color": colours.ink}
    for update, names, own, more in (
        (figure.update_yaxes, rows, not _by_rows(shown), {"autorange": False, "automargin": False}),
        (figure.update_xaxes, columns, _by_rows(shown), _turned(shown)),
    ):
        first = -(len(ASIDES) + ASIDE) if own else 0
        places = [*range(len(names)), *((first + n for n in range(len(ASIDES))) if own else ())]
        reach = [first - 0.5, len(names) - 0.5]
        upright = reach[::-1] if update == figure.update_yaxes else reach
        update(tickvals=places, ticktext=[*names, *(beside * own)], range=upright, **look, **more)
    unseen = {"visible": False, "fixedrange": True}
    figure.update_layout(
        xaxis2={"range": figure.layout.xaxis.range, "anchor": "y2", **unseen},
        yaxis2={"range": figure.layout.yaxis.range, "anchor": "x2", **unseen},
    )


def _is_narrow(shown: Heatmap) -> bool:
    return len(shown.columns) > WIDE_COLUMNS


def _row_px(shown: Heatmap) -> int:
    # the name of a route takes two lines
    return LOW_ROW_PX if len(shown.rows) > MANY_ROWS and shown.row_axis != "route" else ROW_PX


def _top(shown: Heatmap) -> float:
    """Return the room above the cells, in pixels."""
    names = [_heading(shown, column) for column in shown.columns]
    slant = math.radians(_slant(shown))
    return 36 if not slant else 24 + math.sin(slant) * _widest([*names, *([BENIGN] * _by_rows(shown))])


def _left(shown: Heatmap) -> float:
    """Return the room left of the cells, in pixels: where Plotly measures it, it draws everything twice."""
    names = [in_lines(views.title(shown.row_axis, row)) for row in shown.rows]
    return 8 + _widest([*names, *([BENIGN] * (not _by_rows(shown)))])


def _widest(names: Sequence[str]) -> float:
    """Return how many pixels the longest line of some names takes, rather too many than too few."""
    lines = (unescape(line) for name in names for line in name.split("<br>"))
    return max((sum(map(_width, line)) for line in lines), default=0.0)


def _width(letter: str) -> float:
    if letter in BROAD or east_asian_width(letter) in "WF":
        return BROAD_PX
    return CAPITAL_PX if letter.isupper() else LETTER_PX


def _right(shown: Heatmap) -> float:
    """Return the room right of the cells, in pixels: a slanting last heading reaches beyond its column."""
    last = len(views.title(shown.column_axis, shown.columns[-1])) if shown.columns else 0
    reach = 6.2 * last * math.cos(math.radians(_slant(shown)))
    return 8 + (max(0.0, reach - CELL_PX / 2) if 0 < _slant(shown) < 90 else 0.0)


def _turned(shown: Heatmap) -> dict[str, Any]:
    """Return how the columns' headings stand: Plotly leaves out one that reaches beyond the figure."""
    return {"side": "top", "tickangle": -_slant(shown), "ticklabeloverflow": "allow", "automargin": False}


def _slant(shown: Heatmap) -> int:
    """Return by how many degrees long headings are turned, so that they stay clear of each other."""
    if shown.column_axis == "route":
        return 90
    if _by_rows(shown):
        return 60
    if shown.column_axis in {"country", "home"} or not _is_narrow(shown):
        return 0
    return 30 if len(shown.columns) <= 2 * WIDE_COLUMNS else 60


def _heading(shown: Heatmap, column: str) -> str:
    """Name a column; many countries go by their codes, so that they fit a small screen."""
    if shown.column_axis in {"country", "home"} and _is_narrow(shown):
        return column
    return in_lines(views.title(shown.column_axis, column))
