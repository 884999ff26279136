"""The heatmap as it is handed to the browser."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from parallax import config, figures, views
from parallax.metrics import Rate
from parallax.store import Selection, ingest, open_store
from tests import recordings
from tests.recordings import benign, matched


@pytest.fixture
def shown() -> views.Heatmap:
    """One model answers all, one declines half, one is cut off: solid, pale and grey cells, a column each."""
    settings = config.load()
    probes = [p for n in range(10) for p in matched(f"t{n}", "CN FR")] + list(benign(3))
    table = {(p.id, "plain"): "C" for p in probes}
    table |= {(p.id, "shy"): "R" if place % 4 < 2 else "C" for place, p in enumerate(probes)}
    table |= {(p.id, "cut"): "T" for p in probes}
    recordings.record(settings.spool, "run-a", probes, table)
    store = open_store(settings.store)
    ingest(store, settings.spool)
    return views.heatmap(store, Selection(), "country", "model", Rate.NONCOMPLIANCE)


def test_every_cell_is_drawn_in_one_layer_over_all_rows_and_columns(shown: views.Heatmap) -> None:
    assert set(shown.cells["state"]) == {"solid", "dim", "grey"}
    layers = [trace for trace in figures.heatmap(shown, figures.LIGHT).data if isinstance(trace, go.Heatmap)]
    drawn: dict[tuple[str, str], int] = {}
    for layer in layers:
        assert tuple(layer.x) == ("cut", "plain", "shy")
        assert tuple(layer.y) == ("China", "France", figures.BENIGN)
        for row, values in zip(layer.y, layer.z, strict=True):
            for column, value in zip(layer.x, values, strict=True):
                drawn[row, column] = drawn.get((row, column), 0) + (value is not None)
    assert set(drawn.values()) == {1}


def test_every_cell_can_be_clicked_and_tells_its_counts(shown: views.Heatmap) -> None:
    drawn = figures.heatmap(shown, figures.LIGHT)
    (points,) = [trace for trace in drawn.data if isinstance(trace, go.Scatter)]
    stories = {(row, column): story for row, column, story in points.customdata}
    assert len(stories) == 9
    assert "10 answers: 10 truncated" in stories["CN", "cut"]
    assert "<b>France × plain</b>" in stories["FR", "plain"]
    assert "95 % interval 0% to" in stories["FR", "plain"]
