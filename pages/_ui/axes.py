"""What the heatmap's page is asked for: two axes, a value, an order, one model or each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from pages._ui import cells, data, urls
from pages._ui.filters import InForce
from parallax import figures, views
from parallax.metrics import Rate
from parallax.store import Selection
from parallax.views import Heatmap
from parallax.views.gap_grid import gap_heatmaps
from parallax.views.gap_values import GapValue, fixed_axis, no_gap, slice_of
from parallax.views.grid import OF_MODELS
from parallax.views.order import Order, arranged

MOST_PANELS = 12
MOST_PANEL_PX = 700
PICTURES = ("png", "svg")
ROWS = tuple(figures.AXIS_TITLES)
ORDERS = {Order.NAME: "Name", Order.VALUE: "Value", Order.CLUSTER: "Likeness"}
MODELS = {"one": "One", "each": "Each, side by side", "together": "All together"}
# how axes were written before they could be any two
_OLD_VIEWS = {"country-model": (), "topic-model": ("topic",), "topic-country": ("topic", "country")}


@dataclass(frozen=True)
class Asked:
    """What to show; `fixed` is what all cells have in common, `each` a heatmap for each model."""

    rows: str
    columns: str
    value: Rate | GapValue
    order: Order
    by: str
    fixed: cells.Cell
    each: bool


def asked(in_force: InForce) -> Asked:
    """Draw the choices and return them; what makes no sense together is said, and ends the page."""
    _moved()
    with st.container(horizontal=True):
        rows = urls.choose("Rows", ROWS, "rows", figures.AXIS_TITLES.__getitem__, st.selectbox)
        columns = urls.choose(
            "Columns", _columns(rows), "columns", figures.AXIS_TITLES.__getitem__, st.selectbox
        )
        titles = figures.VALUE_TITLES
        named = urls.choose("Value", [*map(str, titles)], "value", titles.__getitem__, st.selectbox)
        ordered = urls.choose("Sort rows by", [*map(str, ORDERS)], "sort", ORDERS.__getitem__, urls.one_of)
    value = GapValue(named) if named in figures.GAP_TITLES else Rate(named)
    by = "route" if "route" in {rows, columns} else in_force.by
    if isinstance(value, GapValue) and (reason := no_gap(rows, columns)):
        st.info(reason, icon=":material/grid_off:")
        st.stop()
    fixed, each = _of_models(in_force, rows, columns, value, by)
    return Asked(rows, columns, value, Order(ordered), by, fixed, each)


def found(what: Asked, in_force: InForce) -> dict[str, Heatmap]:
    """Return the heatmaps by the name of their model, or the only one under ''."""
    selection = within(what, in_force)
    if isinstance(what.value, Rate):
        shown = data.heatmaps(selection, what.rows, what.columns, what.value, what.by, what.each)
    else:
        rows, columns = (what.by if axis == "model" else axis for axis in (what.rows, what.columns))
        every = data.gaps(in_force.pairs, selection.label_set, str(slice_of(rows, columns)), what.by)
        beside = data.margins(selection, rows, columns, what.by, Rate.NONCOMPLIANCE, what.each)
        held = next(iter(what.fixed.items()), None)
        shown = gap_heatmaps(
            every, beside, selection, rows, columns, what.value, by=what.by, fixed=held, each=what.each
        )
    return arranged(shown, what.order)


def drawn(what: Asked, panels: Mapping[str, Heatmap], in_force: InForce) -> None:
    """Draw the heatmaps, those of several models side by side as far as there is room."""
    names, picture = cells.names(in_force), st.session_state.get("picture", PICTURES[0])
    if not what.each:
        title = " · ".join(
            [figures.VALUE_TITLES[what.value], *(views.title(*one) for one in what.fixed.items())]
        )
        cells.heatmap(panels[""], in_force, "heatmap", what.fixed, title, picture)
        return
    if len(names) > len(panels):
        st.caption(f"{len(panels)} of {len(names)} models; choose others in the filter *Models*.")
    least = min(MOST_PANEL_PX, max(map(figures.least_width, panels.values())))
    with st.grid("auto", min_column_width=least) as side_by_side:
        for place, (name, shown) in enumerate(panels.items()):
            with side_by_side.cell():
                held = {**what.fixed, what.by: name}
                cells.heatmap(shown, in_force, f"heatmap-{place}", held, name, picture)


def picker(what: Asked, panels: Mapping[str, Heatmap], in_force: InForce) -> None:
    """Offer the cells by lists."""
    name = st.selectbox("Model of the cell", list(panels)) if what.each else ""
    cells.picker(panels[name], in_force, {**what.fixed, **({what.by: name} if what.each else {})})


def picture() -> None:
    """Let the visitor say as what the camera above a heatmap saves it, as it is seen."""
    urls.one_of("Picture saved as", PICTURES, format_func=str.upper, default=PICTURES[0], key="picture")


def within(what: Asked, in_force: InForce) -> Selection:
    """Return the part of the selection in force that is shown: of one model, or of so many as fit."""
    if what.by in what.fixed:
        return cells.of_one(in_force, what.fixed[what.by])
    if what.each and what.by == "model":
        return replace(in_force.selection, pairs=in_force.selection.pairs[:MOST_PANELS])
    if what.each:
        return replace(in_force.selection, routes=tuple(cells.names(in_force)[:MOST_PANELS]))
    return in_force.selection


def _of_models(
    in_force: InForce, rows: str, columns: str, value: Rate | GapValue, by: str
) -> tuple[cells.Cell, bool]:
    """Let the visitor say which models, or which country, are meant where no axis tells them apart."""
    if isinstance(value, GapValue) and fixed_axis(rows, columns, value, by) == "country":
        countries = in_force.selection.countries or data.values(in_force.set_hash, "country")
        word = lambda code: views.title("country", code)  # noqa: E731
        return {"country": urls.choose("Country", countries, "one_country", word, st.selectbox)}, False
    if {rows, columns} & set(OF_MODELS):
        return {}, False
    ways = [way for way in MODELS if way != "together" or isinstance(value, Rate)]
    with st.container(horizontal=True):
        way = urls.choose("Models", ways, "multiples", MODELS.__getitem__, urls.one_of)
        if way == "one":
            return {by: urls.choose("Model", cells.names(in_force), "one_model", str, st.selectbox)}, False
    return {}, way == "each"


def _columns(rows: str) -> Sequence[str]:
    """Return the axes that go with another, the default first; a route belongs to one model."""
    first = "country" if rows in OF_MODELS else "model"
    own = {"model", "route"} if rows in {"model", "route"} else {rows}
    return [axis for axis in dict.fromkeys((first, *ROWS)) if axis not in own]


def _moved() -> None:
    """Write an address from before axes could be any two as one of today."""
    url = st.query_params
    for key, axis in zip(("rows", "columns"), _OLD_VIEWS.get(url.pop("view", ""), ()), strict=False):
        url[key] = axis
    if "rate" in url:
        url["value"] = url.pop("rate")
