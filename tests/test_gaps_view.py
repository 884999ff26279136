"""What the Gaps page shows: the rows in order, their marks, and what would settle an open gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parallax import config
from parallax.metrics.gaps import EXPORTED, SHOWN, Gaps
from parallax.store import ingest, open_store
from parallax.views import gaps as view
from parallax.views.gaps import Forest
from tests import recordings
from tests.recordings import matched

ROW = {
    "set": "core",
    "topic": "all",
    "language": "en",
    "templates": 20,
    "samples": 1,
    "n": 20,
    "rate": 0.5,
    "rate_others": 0.06,
    "ci_low": 0.1,
    "ci_high": 0.6,
    "state": "solid",
    "missing": 0.0,
    "block_share": 0.0,
    "family": 32,
}


def row(model: str, country: str, gap: float, **more: object) -> dict[str, object]:
    empty = dict.fromkeys((*EXPORTED, *SHOWN), np.nan)
    flags = dict.fromkeys(("home", "star", "dot", "void", "special", "provisional"), False)
    p = {"p": 0.2, "p_holm": 1.0, "p_bh": 1.0, "p_rest": 0.2}
    return {**empty, **flags, **p, **ROW, "model": model, "country": country, "gap": gap, **more}


def found(*rows: dict[str, object]) -> Gaps:
    return Gaps(pd.DataFrame(rows), 32, ("alpha: a caution.", "beta: another."))


ALPHA = found(
    row("alpha", "FR", 0.10, dot=True),
    row("alpha", "CN", 0.44, star=True, dot=True, p_rest=0.2),
    row("alpha", "US", np.nan, p=np.nan, p_rest=np.nan, state="grey"),
    row("alpha", "DE", -0.2, block_share=0.2, gap_system=0.3, p_rest=0.01),
    row("alpha", "IN", 0.10, block_share=0.1, gap_system=0.3),
    row("beta", "CN", 0.6, star=True, dot=True, void=True),
)


def test_the_largest_gap_comes_first_and_a_gap_that_is_none_last() -> None:
    shown = view.forest(ALPHA, "country", {"model": "alpha"})
    assert list(shown.rows["key"]) == ["CN", "FR", "IN", "DE", "US"]
    assert shown.rows["name"].iloc[0] == "China"
    assert list(shown.rows["mark"]) == ["star", "dot", "", "", ""]


def test_the_gap_with_blocks_stands_where_over_a_tenth_is_blocked() -> None:
    rows = view.forest(ALPHA, "country", {"model": "alpha"}).rows.set_index("key")
    assert rows["gap_system"].dropna().to_dict() == {"DE": 0.3}


def test_the_second_pass_stands_where_it_says_something_else() -> None:
    shown = view.forest(ALPHA, "country", {"model": "alpha"})
    assert shown.rows.set_index("key")["p_left"].dropna().to_dict() == {"DE": 0.01}
    assert (shown.has("p_left"), shown.has("panel_gap")) == (True, False)


def test_controls_void_a_mark() -> None:
    shown = view.forest(ALPHA, "model", {"country": "CN"})
    assert dict(zip(shown.rows["key"], shown.rows["mark"], strict=True)) == {"beta": "", "alpha": "star"}
    assert not shown.void
    assert view.forest(ALPHA, "model", {"country": "CN"}, ["beta"]).void


def test_a_filter_takes_rows_and_neither_a_mark_nor_the_family() -> None:
    shown = view.forest(ALPHA, "country", {"model": "alpha"}, ["FR", "IN"])
    assert (list(shown.rows["mark"]), shown.family) == (["dot", ""], 32)


def test_values_of_an_axis_come_by_their_names() -> None:
    assert view.values(ALPHA, "country") == ("CN", "FR", "DE", "IN", "US")


def plan(*rows: dict[str, object], family: int = 32) -> view.Plan | None:
    shown = view.forest(found(*rows), "country", {"model": "alpha"})
    return view.plan(Forest(shown.axis, shown.rows, family), 16)


def test_the_plan_is_of_the_present_shape_and_of_larger_ones() -> None:
    made = plan(row("alpha", "CN", 0.44, star=True), row("alpha", "FR", 0.15), row("alpha", "IN", 0.05))
    assert made is not None
    assert (made.least, made.base, made.now[:2]) == (3, 0.05, (20, 1))
    assert [shape[:2] for shape in made.shapes] == [(20, 1), (40, 1), (80, 1), (20, 3), (40, 3), (80, 3)]
    gaps = [shape.gap for shape in made.shapes]
    assert all(gap is not None for gap in gaps)
    assert gaps[0] > gaps[1] > gaps[2]
    assert (made.open, made.open_gap) == ("France", 0.15)
    assert {shape.samples for shape in made.enough} == {1, 3}
    for shape in made.enough:
        smaller = [s for s in made.shapes if s.samples == shape.samples and s.templates < shape.templates]
        assert shape.gap <= 0.15
        assert all(s.gap > 0.15 for s in smaller)


@pytest.mark.parametrize(
    "closed", [{"star": True}, {"void": True}, {"missing": 0.2}, {"gap": -0.3}], ids=lambda one: str(*one)
)
def test_a_gap_that_is_clear_void_missing_or_under_0_is_not_open(closed: dict[str, object]) -> None:
    made = plan({**row("alpha", "CN", 0.2), **closed})
    assert made is not None
    assert (made.open_gap, made.enough) == (None, ())


def test_without_a_gap_there_is_nothing_to_plan() -> None:
    assert plan(row("alpha", "CN", np.nan)) is None
    assert plan(row("alpha", "CN", 0.2), family=0) is None


def test_gaps_are_of_all_models_of_the_runs_and_of_a_part_of_the_templates() -> None:
    settings = config.load()
    probes = [p for n in range(4) for p in matched(f"t{n}", "CN FR US", topic=("leader", "elections")[n % 2])]
    table = {(p.id, m): "C" for p in probes for m in ("alpha", "beta")}
    table |= {(p.id, "alpha"): "R" for p in probes if p.country == "CN"}
    recordings.record(settings.spool, "run-a", probes, table)
    store = open_store(settings.store)
    ingest(store, settings.spool)
    pairs = [("run-a", "alpha"), ("run-a", "beta")]
    assert len(view.gaps_of(store, pairs, "", "all").table) == 6
    by_topic = view.gaps_of(store, pairs, "", "topic")
    shown = view.forest(by_topic, "country", {"model": "alpha", "topic": "elections"})
    assert shown.rows["key"].iloc[0] == "CN"
    assert (shown.rows["gap"].iloc[0], shown.rows["templates"].iloc[0], len(shown.rows)) == (1.0, 2, 3)
