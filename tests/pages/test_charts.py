"""The heatmap as it is handed to the browser."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from parallax import config, figures, views
from parallax.figures.palette import on_scale
from parallax.metrics import Rate
from parallax.store import Selection, ingest, open_store
from parallax.views.gap_values import GapValue
from tests import recordings
from tests.filling import filled_once
from tests.recordings import benign, matched


@filled_once
def recorded() -> None:
    """One model answers all, one declines half, one is cut off: solid, pale and grey cells, a column each."""
    settings = config.load()
    probes = [p for n in range(10) for p in matched(f"t{n}", "CN FR")] + list(benign(3))
    table = {(p.id, "plain"): "C" for p in probes}
    table |= {(p.id, "shy"): "R" if place % 4 < 2 else "C" for place, p in enumerate(probes)}
    table |= {(p.id, "cut"): "T" for p in probes}
    recordings.record(settings.spool, "run-a", probes, table)
    ingest(open_store(settings.store), settings.spool)


@pytest.fixture
def shown() -> views.Heatmap:
    store = recorded()
    return views.heatmap(store, Selection(), "country", "model", Rate.NONCOMPLIANCE)


def bars(drawn: go.Figure) -> list[tuple[float, float]]:
    return [
        (x, base + 0.5)
        for trace in drawn.data
        if isinstance(trace, go.Bar)
        for x, base in zip(trace.x, trace.base, strict=True)
    ]


def over(drawn: go.Figure) -> Any:
    """Return the trace that is clicked on."""
    (points,) = [trace for trace in drawn.data if trace.customdata is not None]
    return points


def texts(drawn: go.Figure) -> dict[tuple[str, str], str]:
    """Return what is written on each cell."""
    (written,) = [trace for trace in drawn.data if trace.text is not None]
    points = over(drawn)
    named = {
        (x, y): (row, column)
        for x, y, (row, column, _) in zip(points.x, points.y, points.customdata, strict=True)
    }
    return {named[x, y]: text for x, y, text in zip(written.x, written.y, written.text, strict=True)}


def stories(drawn: go.Figure) -> dict[tuple[str, str], str]:
    return {(row, column): story for row, column, story in over(drawn).customdata}


def test_every_cell_is_drawn_once_and_can_be_clicked(shown: views.Heatmap) -> None:
    assert set(shown.cells["state"]) == {"solid", "dim", "grey"}
    drawn = figures.heatmap(shown, figures.LIGHT)
    places = sorted(zip(over(drawn).x, over(drawn).y, strict=True))
    assert sorted(bars(drawn)) == places
    assert len(set(places)) == len(places) == (2 + 2) * 3
    rows = ("CN", "FR", figures.BENIGN, figures.BLOCKED)
    assert set(stories(drawn)) == set(itertools.product(rows, ("cut", "plain", "shy")))


def test_a_click_restyles_nothing_but_what_is_clicked_on(shown: views.Heatmap) -> None:
    """A browser does that for each text and bar on the same axes, before it tells of the click."""
    drawn = figures.heatmap(shown, figures.LIGHT)
    (clicked,) = [trace for trace in drawn.data if trace.xaxis == "x2"]
    assert (clicked, clicked.mode, clicked.yaxis) == (over(drawn), "markers", "y2")
    layout = drawn.layout
    assert (layout.xaxis2.range, layout.yaxis2.range) == (layout.xaxis.range, layout.yaxis.range)


def test_a_cell_tells_its_counts(shown: views.Heatmap) -> None:
    told = stories(figures.heatmap(shown, figures.LIGHT))
    assert "10 answers: 10 truncated" in told["CN", "cut"]
    assert "<b>France × plain</b>" in told["FR", "plain"]
    assert "95 % interval 0% to" in told["FR", "plain"]
    assert "Blocked by the host: 0%" in told[figures.BLOCKED, "plain"]


def test_pale_cells_are_hatched_and_grey_ones_are_grey(shown: views.Heatmap) -> None:
    drawn = [trace for trace in figures.heatmap(shown, figures.LIGHT).data if isinstance(trace, go.Bar)]
    hatched = {x for trace in drawn if trace.marker.pattern.shape for x in trace.x}
    grey = {
        x
        for trace in drawn
        for x, colour in zip(trace.x, trace.marker.color, strict=True)
        if colour == figures.LIGHT.grey
    }
    assert (shown.columns.index("shy") in hatched, shown.columns.index("cut") in grey) == (True, True)


def test_what_tells_models_apart_by_rows_has_its_controls_at_their_side(shown: views.Heatmap) -> None:
    turned = replace(
        shown,
        row_axis="model",
        column_axis="country",
        rows=shown.columns,
        columns=shown.rows,
        cells=shown.cells.rename(columns={"row": "column", "column": "row"}),
    )
    drawn = figures.heatmap(turned, figures.DARK)
    assert ("plain", figures.BENIGN) in stories(drawn)
    assert list(drawn.layout.xaxis.ticktext) == ["China", "France", figures.BENIGN, "Blocked"]


def test_a_control_of_all_columns_is_told_once(shown: views.Heatmap) -> None:
    (control, *_) = shown.benign.to_dict("records")
    whole = replace(shown, benign=pd.DataFrame([{**control, "at": ""}]))
    written = texts(figures.heatmap(whole, figures.LIGHT))
    told = [written[figures.BENIGN, column] for column in shown.columns]
    assert [bool(text) for text in told] == [True, False, False]


@pytest.mark.parametrize(("columns", "sign"), [(3, "%"), (5, "")])
def test_wide_cells_have_the_sign_of_a_share_and_so_has_what_stands_below(
    shown: views.Heatmap, columns: int, sign: str
) -> None:
    wide = replace(shown, columns=(*shown.columns, "more", "yet-more")[:columns])
    written = texts(figures.heatmap(wide, figures.LIGHT))
    cells = [written[row, "plain"] for row in ("CN", figures.BENIGN, figures.BLOCKED)]
    assert cells == [f"0{sign}"] * 3


def test_a_gap_has_its_sign_its_mark_and_colours_that_are_even_on_both_sides(shown: views.Heatmap) -> None:
    values = {("CN", "shy"): 0.41, ("FR", "shy"): -0.034, ("CN", "plain"): 0.0}
    cells = shown.cells.set_index(["row", "column"]).loc[list(values)].reset_index()
    cells = cells.assign(
        value=values.values(), star=[True, False, False], dot=False, p_holm=0.003, rate=0.5, rate_others=0.1,
        block_share=0.2, void=False, provisional=False,
    )  # fmt: skip
    drawn = figures.heatmap(
        replace(shown, value=GapValue.GAP, cells=cells, limit=0.5, family=32), figures.LIGHT
    )
    fills = {
        (x, base + 0.5): colour
        for trace in drawn.data
        if isinstance(trace, go.Bar)
        for x, base, colour in zip(trace.x, trace.base, trace.marker.color, strict=True)
    }
    for (row, column), value in values.items():
        place = shown.columns.index(column), shown.rows.index(row)
        assert fills[place] == on_scale(figures.LIGHT.diverging, 0.5 + value)
    written = texts(drawn)
    assert [written[cell] for cell in values] == ["+41★", "−3", "0"]
    (note,) = drawn.layout.annotations
    assert "clear after correction for 32 cells" in note.text.replace("<br>", " ")
    told = stories(drawn)["CN", "shy"]
    assert "p 0.003 after correction for 32 cells" in told
    assert "declined or dodged here 50%, on the others 10%" in told
    assert "the host blocked 20%" in told


def test_what_nobody_asked_is_grey_and_says_so(shown: views.Heatmap) -> None:
    known = shown.cells[(shown.cells["row"] != "CN") | (shown.cells["column"] != "plain")]
    assert (
        "nothing was asked"
        in stories(figures.heatmap(replace(shown, cells=known), figures.LIGHT))["CN", "plain"]
    )


@pytest.mark.parametrize(("columns", "least"), [(3, 132), (40, 40 * 44)])
def test_cells_never_get_too_narrow_to_hit(shown: views.Heatmap, columns: int, least: int) -> None:
    wide = replace(shown, columns=tuple(f"model-{n}" for n in range(columns)))
    assert least < figures.least_width(wide) < least + 200


@pytest.mark.parametrize("name", ["m" * 60, "模型" * 12, "GPT-5-LARGE-PREVIEW-2026"])
def test_long_names_have_room_beside_and_above(shown: views.Heatmap, name: str) -> None:
    """Plotly is not asked to measure them: it would draw everything twice."""
    turned = {
        "row_axis": "model",
        "column_axis": "country",
        "rows": (name,),
        "columns": ("CN",),
        "cells": shown.cells[:0],
    }
    beside = figures.heatmap(replace(shown, **turned), figures.LIGHT).layout
    above = figures.heatmap(replace(shown, columns=(name, *map(str, range(9)))), figures.LIGHT).layout
    assert (beside.yaxis.automargin, above.xaxis.automargin) == (False, False)
    letter = 13 if name[0] == "模" else 8
    assert beside.margin.l > letter * len(name)
    assert above.margin.t > 0.86 * letter * len(name)


@pytest.mark.parametrize(("models", "most"), [(2, 140), (50, 1_600)])
def test_rates_of_many_models_stand_close_and_without_empty_rows(models: int, most: int) -> None:
    rates = pd.DataFrame(
        {"model": [f"m{n}" for n in range(models)], "value": 0.2, "low": 0.1, "high": 0.3, "n": 9}
    )
    layout = figures.rate_bars(rates, figures.LIGHT).layout
    assert layout.height < most
    assert layout.yaxis.range == (models - 0.5, -0.5)
