"""How long somebody waits in the browser: each page's first and second visit, a click, a search.

    python bench/clicks.py [--data FILLED_FOLDER] [--rounds 5]

A dashboard and Chromium, each in a new process. A visit lasts from the address to the page at rest; a
click from the mouse on a cell of the heatmap, of another country each time, to the answer's card; a search
from the Enter key to the list of what was found. Memory is the dashboard's peak over all of it (Linux
only). Exits with 1 where a click's or a search's median, or the memory, is past its limit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page  # noqa: E402

from bench.exports import peak_mb  # noqa: E402
from bench.fill import fill  # noqa: E402
from tests.e2e.browser import Dashboard, browser, page, settled  # noqa: E402

ROUNDS = 5
CLICK_S = 1.0
SEARCH_S = 1.5
MEMORY_MB = 1_000
QUIET_S = 0.3
WAIT_S = 120.0
PAGES = ("", "heatmap", "gaps", "compare", "models", "measures", "answers", "agreement", "review", "runs")
# of the sentences that bench/fill.py draws from: in most answers, in none, in some
WORDS = ("ministry", "zebra", "elected council", "census results", "while observers")


class Measured(NamedTuple):
    """What was waited for, the seconds of each time, and how many of them the median may be (None: any)."""

    name: str
    seconds: list[float]
    limit_s: float | None = None

    @property
    def median_s(self) -> float:
        """The median of the times."""
        return statistics.median(self.seconds)

    @property
    def is_within(self) -> bool:
        """True where the median is within the limit."""
        return self.limit_s is None or self.median_s <= self.limit_s

    @property
    def row(self) -> str:
        """A row of the table."""
        span = f"{min(self.seconds):.2f} to {max(self.seconds):.2f}"
        limit = "" if self.limit_s is None else f"{self.limit_s:.1f}"
        return f"| {self.name} | {self.median_s:.2f} | {span} | {limit} |"


def visited(shown: Page, address: str) -> float:
    """Open an address and return the seconds until its page was at rest."""
    began = time.perf_counter()
    shown.goto(address)
    settled(shown, quiet=QUIET_S, timeout=WAIT_S)
    return time.perf_counter() - began - QUIET_S


def clicked(shown: Page, url: str, share: float) -> float:
    """Click on a cell of the heatmap and return the seconds until its answers were on screen.

    `share` says how far down the heatmap it lies, from 0 to 1.
    """
    visited(shown, f"{url}/heatmap")
    points = shown.locator(".scatterlayer .point")
    cell = round(share * points.count())
    point = points.nth(cell)
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    if box is None:
        raise RuntimeError(f"the heatmap shows no cell {cell}")
    shown.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    began = time.perf_counter()
    shown.mouse.down()
    shown.mouse.up()
    shown.get_by_text("The question", exact=True).first.wait_for(timeout=WAIT_S * 1000)
    return time.perf_counter() - began


def searched(shown: Page, words: str) -> float:
    """Search the answers on the open page and return the seconds until what was found was listed."""
    field = shown.get_by_label("Search the answers")
    field.fill(words)
    began = time.perf_counter()
    field.press("Enter")
    settled(shown, quiet=QUIET_S, timeout=WAIT_S)
    return time.perf_counter() - began - QUIET_S


def measure(shown: Page, url: str, rounds: int) -> list[Measured]:
    """Visit every page twice, click on cells and search; the first click and search warm the caches."""
    visits = [
        Measured(f"{name or 'overview'}, {turn} visit", [visited(shown, f"{url}/{name}")])
        for turn in ("first", "second")
        for name in PAGES
    ]
    # each of another country, so that nothing of what opens was read before
    clicks = [clicked(shown, url, (turn + 0.3) / (rounds + 2)) for turn in range(rounds + 1)][1:]
    visited(shown, f"{url}/answers")
    searches = [searched(shown, words) for words in WORDS][1:]
    return [
        *visits,
        Measured("click on a cell to its answers", clicks, CLICK_S),
        Measured("text search", searches, SEARCH_S),
    ]


def report(found: Sequence[Measured], memory_mb: float) -> bool:
    """Print the table; return whether every median and the memory are within their limits."""
    print("| waiting for | median s | range s | limit s |\n| --- | ---: | ---: | ---: |")
    for one in found:
        print(one.row)
    print(f"\nThe dashboard's memory reached {memory_mb:.0f} MB; the limit is {MEMORY_MB:,}.")
    past = [one.name for one in found if not one.is_within] + ["memory"] * (memory_mb > MEMORY_MB)
    print(f"Past its limit: {', '.join(past) or 'nothing'}.")
    return not past


def main() -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder that bench/fill.py filled; else a new one")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="clicks that count")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch:
        data = args.data or Path(scratch)
        if args.data is None:
            fill(data)
        with (
            Dashboard(data, ROOT / "models.toml") as server,
            browser() as chromium,
            page(chromium, width=1440, height=1000) as visit,
        ):
            found = measure(visit.page, server.url, args.rounds)
            memory_mb = peak_mb(server.pid)
    return 0 if report(found, memory_mb) else 1


if __name__ == "__main__":
    sys.exit(main())
