"""How long the database takes for a heatmap: one for each pair of axes, on a filled store.

    python bench/heatmap_sql.py [--data FILLED_FOLDER] [--rounds 3] [--limit 150]

A figure is the time of all queries of one heatmap together, from SQL to data frame, with warm caches of the
database. Exits with 1 where a median is past the limit.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.fill import fill  # noqa: E402
from parallax import config, views  # noqa: E402
from parallax.figures import AXIS_TITLES  # noqa: E402
from parallax.metrics import Rate  # noqa: E402
from parallax.store import Selection, Store, open_store, shut  # noqa: E402
from parallax.views import grid  # noqa: E402

LIMIT_MS = 150.0
ROUNDS = 3
# what every query goes through
ALL_READ = "_read"
ROUTE = "route"


class Axes(NamedTuple):
    """What the rows and the columns of a heatmap are."""

    rows: str
    columns: str

    @property
    def by(self) -> str:
        """What stands for the model: its route where that is an axis."""
        return ROUTE if ROUTE in self else "model"


class Clock:
    """Adds up the milliseconds that stores take to answer, from the moment it is made."""

    def __init__(self) -> None:
        self.ms = 0.0
        setattr(Store, ALL_READ, self._timed(getattr(Store, ALL_READ)))

    def _timed(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(ask)
        def timed(*asked: Any) -> Any:
            began = time.perf_counter()
            try:
                return ask(*asked)
            finally:
                self.ms += (time.perf_counter() - began) * 1000

        return timed


def pairs() -> Iterator[Axes]:
    """Yield every pair of axes that a heatmap can have."""
    for axes in itertools.starmap(Axes, itertools.combinations(AXIS_TITLES, 2)):
        if set(axes) != {"model", ROUTE}:
            yield axes


def measure(store: Store, selection: Selection, axes: Axes, rounds: int, clock: Clock) -> list[float]:
    """Return the milliseconds of a heatmap's queries, for each round."""
    taken = []
    for _ in range(rounds):
        before = clock.ms
        grid.heatmaps(store, selection, axes.rows, axes.columns, Rate.NONCOMPLIANCE, axes.by)
        taken.append(clock.ms - before)
    return taken


def report(found: dict[Axes, float], limit_ms: float) -> bool:
    """Print how long the slowest took and the median of all; return whether all are within the limit."""
    slowest = max(found, key=lambda axes: found[axes])
    middle = statistics.median(found.values())
    print(f"Queries of a heatmap: median of {len(found)} pairs of axes {middle:.0f} ms,")
    print(f"slowest {found[slowest]:.0f} ms ({slowest.rows} × {slowest.columns}); limit {limit_ms:.0f} ms.")
    return found[slowest] <= limit_ms


def main() -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder that bench/fill.py filled; else a new one")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="heatmaps of each pair of axes")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="ms that no median may pass")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch:
        if args.data is None:
            fill(Path(scratch))
        file = config.load(data=args.data or Path(scratch)).store
        store, clock = open_store(file), Clock()
        (shown,) = store.rows("SELECT set_hash FROM probe_sets ORDER BY set_hash LIMIT 1")
        selection = views.selection_of(views.in_view(store, shown[0]))
        # the first of all reads the file
        measure(store, selection, Axes("country", "model"), 1, clock)
        found = {
            axes: statistics.median(measure(store, selection, axes, args.rounds, clock)) for axes in pairs()
        }
        shut(file)
    return 0 if report(found, args.limit) else 1


if __name__ == "__main__":
    sys.exit(main())
