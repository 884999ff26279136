"""Heatmaps of gaps, heatmaps of each model, and the order of rows."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from parallax import config, metrics, views
from parallax.metrics import Rate
from parallax.metrics.gaps import Gaps, Slice, gaps
from parallax.store import Selection, Store, ingest, open_store
from parallax.views import grid
from parallax.views.gap_grid import gap_heatmaps
from parallax.views.gap_values import GapValue, fixed_axis, no_gap, slice_of
from parallax.views.order import Order, arranged
from tests import recordings
from tests.filling import filled_once
from tests.recordings import benign, matched

PAIRS = (("run-a", "alpha"), ("run-a", "beta"))
PROBES = [p for n in range(12) for p in matched(f"t{n}", "CN FR DE RU", topic=("leader", "protest")[n % 2])]


@pytest.fixture
@filled_once
def store() -> None:
    """Alpha, whose maker is in China, declines everything on China; beta declines nothing."""
    settings = config.load()
    probes = [*PROBES, *benign(20)]
    table = {
        (p.id, m): "R" if (p.country, m) == ("CN", "alpha") else "C"
        for p in probes
        for m in ("alpha", "beta")
    }
    table["t0.fr", "beta"] = "B"
    recordings.record(settings.spool, "run-a", probes, table)
    ingest(open_store(settings.store), settings.spool)


def shown(
    store: Store,
    rows: str,
    columns: str,
    value: GapValue = GapValue.GAP,
    *,
    selection: Selection | None = None,
    fixed: tuple[str, str] | None = None,
    each: bool = False,
) -> dict[str, views.Heatmap]:
    selection = selection or Selection(pairs=PAIRS)
    found: Gaps = gaps(store, PAIRS, slice=slice_of(rows, columns))
    beside = grid.margins(store, selection, rows, columns, each=each)
    return gap_heatmaps(found, beside, selection, rows, columns, value, fixed=fixed, each=each)


def cell(of: views.Heatmap, row: str, column: str) -> dict[str, object]:
    (found,) = of.cells[(of.cells["row"] == row) & (of.cells["column"] == column)].to_dict("records")
    return {str(key): value for key, value in found.items()}


def test_a_gap_by_country_and_model(store: Store) -> None:
    (one,) = shown(store, "country", "model").values()
    assert (one.rows, one.columns, one.family) == (("CN", "FR", "DE", "RU"), ("alpha", "beta"), 8)
    china = cell(one, "CN", "alpha")
    assert (china["value"], china["star"], china["state"]) == (1.0, True, "solid")
    assert cell(one, "CN", "beta")["value"] == 0.0
    assert cell(one, "FR", "alpha")["value"] == pytest.approx(-1 / 3)
    assert one.limit == 1.0
    assert one.benign[["at", "n", "value"]].to_numpy().tolist() == [["alpha", 20, 0.0], ["beta", 20, 0.0]]
    assert one.blocks.set_index("at")["value"].to_dict() == {"alpha": 0.0, "beta": pytest.approx(1 / 48)}


@pytest.mark.parametrize("filters", [{"countries": ("CN",)}, {"pairs": PAIRS[:1]}])
def test_a_filter_chooses_cells_and_changes_no_family(
    store: Store, filters: dict[str, tuple[str, ...]]
) -> None:
    selection = replace(Selection(pairs=PAIRS), **filters)
    (one,) = shown(store, "country", "model", selection=selection).values()
    assert one.family == 8
    assert (len(one.rows), len(one.columns)) == ((1, 2) if "countries" in filters else (4, 1))
    assert cell(one, "CN", "alpha")["star"]


def test_a_filter_that_has_no_effect_on_a_gap_says_so(store: Store) -> None:
    selection = Selection(pairs=PAIRS, topics=("leader",))
    (one,) = shown(store, "country", "model", selection=selection).values()
    assert "A gap is over all probes: the filter by topic does not change it." in one.cautions
    (within,) = shown(store, "topic", "country", selection=selection, fixed=("model", "alpha")).values()
    assert within.rows == ("leader",)
    assert not [said for said in within.cautions if "filter" in said]


def test_gaps_within_topics_of_one_model_or_of_each(store: Store) -> None:
    (one,) = shown(store, "topic", "country", fixed=("model", "alpha")).values()
    assert one.family == 16
    assert cell(one, "protest", "CN")["value"] == 1.0
    each = shown(store, "topic", "country", each=True)
    assert list(each) == ["alpha", "beta"]
    assert each["alpha"].cells["value"].to_list() == one.cells["value"].to_list()
    assert each["beta"].blocks.set_index("at")["value"]["FR"] == pytest.approx(1 / 12)
    assert each["alpha"].benign["at"].to_list() == [""]


def test_the_home_gap_is_at_the_makers_country(store: Store) -> None:
    (one,) = shown(store, "topic", "model", GapValue.HOME).values()
    assert cell(one, "leader", "alpha")["value"] == 1.0  # alpha's maker is in China, beta's in France
    assert cell(one, "leader", "beta")["value"] == 0.0
    assert fixed_axis("topic", "model", GapValue.HOME) == ""


def test_a_gap_without_a_test_has_neither_mark_nor_interval(store: Store) -> None:
    (one,) = shown(store, "country", "model", GapValue.ROBUST).values()
    china = cell(one, "CN", "alpha")
    assert (china["value"], china["star"], china["dot"]) == (1.0, False, False)
    assert math.isnan(float(str(china["low"])))


def test_controls_that_void_a_model_take_its_marks(store: Store) -> None:
    settings = config.load()
    controls = benign(20)
    table = {(p.id, "alpha"): "R" for p in controls} | {
        (p.id, "alpha"): "R" if p.country == "CN" else "C" for p in PROBES
    }
    recordings.record(settings.spool, "run-b", [*PROBES, *controls], table)
    ingest(store, settings.spool)
    pairs = (("run-b", "alpha"),)
    selection = Selection(pairs=pairs)
    beside = grid.margins(store, selection, "country", "model")
    one = gap_heatmaps(gaps(store, pairs), beside, selection, "country", "model", GapValue.GAP)[""]
    china = cell(one, "CN", "alpha")
    assert (china["value"], china["void"], china["star"]) == (1.0, True, False)


@pytest.mark.parametrize(
    ("rows", "columns", "reason"),
    [
        ("country", "model", ""),
        ("topic", "country", ""),
        ("language", "model", ""),
        ("route", "country", ""),
        ("topic", "language", "choose one of them beside topic or language"),
        ("developer", "country", "by developer there is none"),
        ("act", "run", "by act and run there is none"),
        ("model", "route", "A route is its model's own"),
    ],
)
def test_what_has_no_gap_says_why(rows: str, columns: str, reason: str) -> None:
    said = no_gap(rows, columns)
    assert reason in said
    assert bool(said) == bool(reason)


def test_what_must_be_held() -> None:
    assert fixed_axis("topic", "country", GapValue.GAP) == "model"
    assert fixed_axis("topic", "model", GapValue.GAP) == "country"
    assert fixed_axis("country", "model", GapValue.GAP) == ""
    assert slice_of("language", "model") is Slice.LANGUAGE


# ---- rates by any two axes


@pytest.mark.parametrize(
    "rows", ["country", "theme", "topic", "developer", "home", "language", "act", "route", "run"]
)
def test_every_axis_goes_with_another(store: Store, rows: str) -> None:
    one = views.heatmap(store, Selection(pairs=PAIRS), rows, "model", Rate.NONCOMPLIANCE)
    expected = 0 if rows == "act" else 96 - 1  # the probes have no act; one answer was blocked
    assert one.cells["base"].sum() == expected
    assert one.benign["value"].to_list() == [0.0, 0.0]


def test_by_kind_the_controls_are_a_row_of_their_own(store: Store) -> None:
    one = views.heatmap(store, Selection(pairs=PAIRS), "kind", "model", Rate.NONCOMPLIANCE)
    assert one.rows == ("benign", "matched")
    assert cell(one, "matched", "alpha")["value"] == 0.25


def test_controls_and_blocks_stand_along_the_axis_of_models(store: Store) -> None:
    turned = views.heatmap(store, Selection(pairs=PAIRS), "developer", "topic", Rate.NONCOMPLIANCE)
    assert (turned.margin, turned.benign["at"].to_list()) == ("developer", ["alpha lab", "beta lab"])
    pooled = views.heatmap(store, Selection(pairs=PAIRS), "topic", "country", Rate.NONCOMPLIANCE)
    assert (pooled.margin, pooled.benign[["at", "n"]].to_numpy().tolist()) == ("country", [["", 40]])


def test_heatmaps_of_each_model_have_the_same_rows_and_columns(store: Store) -> None:
    each = grid.heatmaps(store, Selection(pairs=PAIRS), "topic", "country", Rate.NONCOMPLIANCE, "model", True)
    assert {(one.rows, one.columns) for one in each.values()} == {
        (("protest", "leader"), ("CN", "FR", "DE", "RU"))
    }
    alone = views.heatmap(store, Selection(pairs=PAIRS[:1]), "topic", "country", Rate.NONCOMPLIANCE)
    assert each["alpha"].cells[metrics.COUNTS[0]].to_list() == alone.cells[metrics.COUNTS[0]].to_list()


# ---- order


def test_rows_by_value_and_by_likeness(store: Store) -> None:
    base = views.heatmap(store, Selection(pairs=PAIRS), "country", "model", Rate.NONCOMPLIANCE)
    values = {"CN": (0.9, 0.1), "FR": (0.1, 0.9), "DE": (0.8, 0.1), "RU": (0.0, 0.9)}
    cells = base.cells.assign(
        value=[
            values[row][base.columns.index(column)]
            for row, column in base.cells[["row", "column"]].to_numpy()
        ]
    )
    one = {"": replace(base, cells=cells)}
    assert arranged(one, Order.NAME)[""].rows == ("CN", "FR", "DE", "RU")
    assert arranged(one, Order.VALUE)[""].rows == ("CN", "FR", "DE", "RU")
    rows = arranged(one, Order.CLUSTER)[""].rows
    assert {frozenset(rows[:2]), frozenset(rows[2:])} == {frozenset({"CN", "DE"}), frozenset({"FR", "RU"})}
    assert arranged({}, Order.VALUE) == {}


def test_a_row_that_is_grey_comes_last_by_value(store: Store) -> None:
    base = views.heatmap(store, Selection(pairs=PAIRS), "country", "model", Rate.NONCOMPLIANCE)
    grey = base.cells.assign(state=["grey" if row == "CN" else "solid" for row in base.cells["row"]])
    assert arranged({"": replace(base, cells=grey)}, Order.VALUE)[""].rows[-1] == "CN"
