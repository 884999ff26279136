"""How long each page's script takes after a filter was changed, on a store of 100,000 answers.

    python bench/filter_change.py [--changes 7] [--data FILLED_FOLDER] [--limit 300]

The real scripts run in Streamlit's AppTest, from pages/_shell.py, with the real store. A figure is the
time of one run from the change to its end; the harness's own share, an app of one line, is printed
beside it. Exits with 1 where a median is past the limit.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

from bench.fill import COUNTRIES, HOMES, fill  # noqa: E402
from parallax import config  # noqa: E402
from parallax.store import open_store, shut  # noqa: E402

LIMIT_MS = 300.0
CHANGES = 7
RUN_S = 120.0


class View(NamedTuple):
    """A page as somebody sees it: its name in the table, its script, what the URL says."""

    name: str
    script: str
    query: dict[str, str]


class Change(NamedTuple):
    """A kind of filter change: its name, and the milliseconds of each script run after one."""

    name: str
    taken_ms: list[float]

    @property
    def median_ms(self) -> float:
        """The median of the runs."""
        return statistics.median(self.taken_ms)


VIEWS = (
    View("Overview", "overview.py", {}),
    View("Heatmap, country × model", "heatmap.py", {}),
    View("Heatmap, topic × model", "heatmap.py", {"rows": "topic"}),
    View("Heatmap, language × developer", "heatmap.py", {"rows": "language", "columns": "developer"}),
    View("Heatmap, topic × country", "heatmap.py", {"rows": "topic", "columns": "country"}),
    View(
        "Heatmap, topic × country, each model",
        "heatmap.py",
        {"rows": "topic", "columns": "country", "multiples": "each"},
    ),
    View("Answers", "answers.py", {}),
)


def run(app: AppTest) -> float:
    """Run the script once and return the milliseconds. Raises `RuntimeError` where it failed."""
    began = time.perf_counter()
    app.run()
    taken = (time.perf_counter() - began) * 1000
    if app.exception:
        raise RuntimeError(f"the page failed: {app.exception[0].message}")
    return taken


def opened(view: View) -> AppTest:
    """Return a view as it is after its first run, with no filter set."""
    app = AppTest.from_file(ROOT / "pages" / "_shell.py", default_timeout=RUN_S)
    run(app)
    app.switch_page(view.script)
    app.query_params.update(view.query)
    run(app)
    return app


def changed(app: AppTest, axis: str, value: str) -> float:
    """Set a filter of the sidebar to one value and return the milliseconds of the run."""
    app.multiselect(key=axis).set_value([value])
    return run(app)


def measure(view: View, countries: Sequence[str], models: Sequence[str]) -> list[Change]:
    """Return what each kind of change takes on a view whose values nobody asked for before."""
    store = open_store(config.load().store)
    # the pages share some answers of the engine; what another view asked for is not new here
    st.cache_data.clear()
    app = opened(view)

    def each(change: Callable[[str], float], values: Sequence[str]) -> list[float]:
        return [change(value) for value in values]

    def after_ingest(country: str) -> float:
        store.bump()
        return changed(app, "country", country)

    return [
        Change("new country", each(lambda c: changed(app, "country", c), countries)),
        Change("seen before", each(lambda c: changed(app, "country", c), countries)),
        Change("new revision", each(after_ingest, countries)),
        Change("new model", each(lambda m: changed(app, "model", m), models)),
    ]


def harness_ms(rounds: int) -> float:
    """Return the median of an app of one line in the same harness."""
    app = AppTest.from_string('import streamlit as st\nst.write("hello")')
    run(app)
    return statistics.median(run(app) for _ in range(rounds))


def report(measured: dict[str, list[Change]], limit_ms: float) -> bool:
    """Print the table of medians; return whether all of them stay within the limit."""
    names = [change.name for change in next(iter(measured.values()))]
    print(f"| page | {' | '.join(names)} |")
    print(f"| --- |{' ---: |' * len(names)}")
    for view, changes in measured.items():
        print(f"| {view} | {' | '.join(f'{change.median_ms:.0f}' for change in changes)} |")
    slowest = max(change.median_ms for changes in measured.values() for change in changes)
    print(f"\nThe slowest median is {slowest:.0f} ms; the limit is {limit_ms:.0f} ms.")
    return slowest <= limit_ms


def main() -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--changes", type=int, default=CHANGES, help="changes of each kind")
    parser.add_argument("--data", type=Path, help="a folder that bench/fill.py filled; else a new one")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="ms that no median may pass")
    args = parser.parse_args()
    # outside a server Streamlit warns of every cache and every value that is set
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch:
        if args.data is None:
            fill(Path(scratch))
        os.environ["PARALLAX_DATA"] = str(args.data or scratch)
        countries = COUNTRIES[: args.changes]
        models = [f"model-{n:02}" for n in range(1, len(HOMES) + 1)][: args.changes]
        print(f"Script time after a filter change, medians of {args.changes} in ms")
        print(f"(an app of one line takes {harness_ms(args.changes):.0f} ms in the same harness)\n")
        measured = {view.name: measure(view, countries, models) for view in VIEWS}
        shut(config.load().store)
        return 0 if report(measured, args.limit) else 1


if __name__ == "__main__":
    sys.exit(main())
