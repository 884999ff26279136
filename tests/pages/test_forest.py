"""The forest plot as it is handed to the browser."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from parallax import config, figures
from parallax.store import ingest, open_store
from parallax.views import gaps as view
from parallax.views.gaps import Forest
from tests import recordings
from tests.filling import filled_once
from tests.recordings import benign, matched

HOSTILE = "alpha<img src=x>"


@filled_once
def recorded() -> None:
    """One model at eight templates: refused at home, blocked in part, cut off, dodged once, answered."""
    settings = config.load()
    probes = [*(p for n in range(8) for p in matched(f"t{n}", "CN FR US RU")), *benign(2)]
    letters = {"CN": "RR", "FR": "CB", "US": "TC", "RU": "CC", "": "CC"}
    table = {(p.id, m): letters[p.country] for p in probes for m in (HOSTILE, "beta")}
    table |= {(p.id, "beta"): "CC" for p in probes} | {("t0.ru", HOSTILE): "EC"}
    recordings.record(settings.spool, "run-a", probes, table)
    ingest(open_store(settings.store), settings.spool)


@pytest.fixture
def shown() -> Forest:
    store = recorded()
    found = view.gaps_of(store, [("run-a", HOSTILE), ("run-a", "beta")], "", "all")
    return view.forest(found, "country", {"model": HOSTILE})


def test_every_row_is_drawn_by_its_state_and_can_be_clicked_anywhere(shown: Forest) -> None:
    drawn = figures.forest(shown, figures.LIGHT)
    (bars,) = [trace for trace in drawn.data if isinstance(trace, go.Bar)]
    assert [key for key, _ in bars.customdata] == list(shown.rows["key"])
    low, high = drawn.layout.xaxis.range
    assert (list(bars.x), bars.base) == (pytest.approx([high - low] * 4), low)
    *dots, _ = [trace for trace in drawn.data if isinstance(trace, go.Scatter)]
    symbols = {at: symbol for trace in dots for at, symbol in zip(trace.y, trace.marker.symbol, strict=True)}
    by_key = dict(zip(shown.rows["key"], range(len(shown.rows)), strict=True))
    assert symbols[by_key["CN"]] == "star"
    assert symbols[by_key["US"]] == "circle-open"
    assert symbols[by_key["RU"]] == "circle"


def test_the_gap_with_blocks_is_drawn_where_over_a_tenth_is_blocked(shown: Forest) -> None:
    blocked = figures.forest(shown, figures.DARK).data[-1]
    assert blocked.marker.color == figures.LABELS["blocked"].dark
    drawn = [at for at, x in zip(blocked.y, blocked.x, strict=True) if x == x]
    assert list(shown.rows["key"].iloc[drawn]) == ["FR"]


def test_a_row_tells_its_numbers_and_a_models_name_stays_text(shown: Forest) -> None:
    drawn = figures.forest(shown, figures.LIGHT)
    (bars,) = [trace for trace in drawn.data if isinstance(trace, go.Bar)]
    stories = dict(bars.customdata)
    assert "100% declined or dodged, 2% for the other countries" in stories["CN"]
    assert "8 templates, 16 answers" in stories["CN"]
    assert "over 10 % missing" in stories["US"]
    assert all("<img" not in story and "&lt;img" in story for story in stories.values())
    assert drawn.layout.annotations[0].text == "+98 ★"


@pytest.mark.parametrize(
    ("gap", "words"),
    [(0.414, "+41"), (-0.058, "−6"), (0.004, "0"), (-0.004, "0"), (1.0, "+100"), (float("nan"), "–")],
)
def test_a_gap_reads_in_points(gap: float, words: str) -> None:
    assert figures.points(gap) == words


def test_nothing_to_draw_is_no_mistake(shown: Forest) -> None:
    empty = Forest(shown.axis, shown.rows.iloc[:0], shown.family)
    assert len(figures.forest(empty, figures.LIGHT).layout.annotations) == 0


@pytest.mark.parametrize(
    ("model", "heading"),
    [
        ("anthropic/claude-3-5-sonnet-20241022", "anthropic/<br>claude-3-5…-20241022"),
        ("openai/chatgpt-4o-latest", "openai/<br>chatgpt-4o-latest"),
        ("a <b>/" + "c" * 16, "a &lt;b&gt;/<br>" + "c" * 16),
        ("alpha", "alpha"),
    ],
)
def test_a_long_name_leaves_room_for_the_plot(shown: Forest, model: str, heading: str) -> None:
    rows = shown.rows.iloc[-1:].assign(key=model)
    drawn = figures.forest(Forest("model", rows, shown.family), figures.LIGHT)
    assert drawn.layout.yaxis.ticktext == (heading,)
