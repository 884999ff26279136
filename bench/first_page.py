"""How long a new dashboard takes until its first page is on screen, against the barest Streamlit app.

    python bench/first_page.py [--rounds 5] [--data FILLED_FOLDER]

Every figure is the time from the start of a new server process until the named text is visible in a
Chromium that was running before, with an empty profile. A round starts each server once, one after
the other; a first round, which warms the disk's cache, is not counted. Exits with 1 past the limit.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Locator, Page  # noqa: E402

from bench.fill import fill  # noqa: E402
from tests.e2e.browser import Dashboard, browser, page  # noqa: E402

LIMIT = 2.0
ROUNDS = 5
VISIBLE_MS = 60_000
BARE = 'import streamlit as st\n\nst.write("hello")\n'


class Text(NamedTuple):
    """A text to wait for: its name in the table, and how a page finds it."""

    name: str
    find: Callable[[Page], Locator]


class App(NamedTuple):
    """An app to start: the folder of its `app.py`, its data, and the texts to wait for, in order."""

    name: str
    root: Path
    data: Path
    texts: tuple[Text, ...]


HELLO = Text("text", lambda shown: shown.get_by_text("hello", exact=True))
HEADING = Text("heading", lambda shown: shown.get_by_role("heading", level=1))
NUMBER = Text(
    "heatmap's first number", lambda shown: shown.locator(".textpoint", has_text=re.compile(r"\d")).first
)


def first_visit(app: App, chromium: Browser) -> dict[str, float]:
    """Start the app and open its first page; return the seconds from the start to each moment."""
    began = time.perf_counter()
    with Dashboard(app.data, ROOT / "models.toml", root=app.root) as server:
        moments = {"server answers": time.perf_counter() - began}
        with page(chromium) as visit:
            visit.page.goto(server.url, wait_until="commit")
            for text in app.texts:
                text.find(visit.page).wait_for(state="visible", timeout=VISIBLE_MS)
                moments[text.name] = time.perf_counter() - began
    return moments


def measure(apps: Sequence[App], rounds: int) -> dict[tuple[str, str], list[float]]:
    """Return the seconds of each round for each (app, moment)."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    with browser() as chromium:
        for number in range(rounds + 1):
            for app in apps:
                for moment, taken in first_visit(app, chromium).items():
                    if number:
                        seconds[app.name, moment].append(taken)
    return seconds


def report(seconds: dict[tuple[str, str], list[float]]) -> bool:
    """Print the table; return whether every heading stays within the limit."""
    bare = statistics.median(seconds["bare Streamlit", HELLO.name])
    print("| app | until | median s | range s | ratio to bare page |")
    print("| --- | --- | ---: | ---: | ---: |")
    worst = 0.0
    for (app, moment), taken in seconds.items():
        median = statistics.median(taken)
        if moment == HEADING.name:
            worst = max(worst, median / bare)
        ratio = f"{median / bare:.2f}" if moment != "server answers" else ""
        print(f"| {app} | {moment} | {median:.2f} | {min(taken):.2f} to {max(taken):.2f} | {ratio} |")
    print(f"\nThe slowest heading takes {worst:.2f} times the bare text; the limit is {LIMIT:.1f}.")
    return worst <= LIMIT


def main() -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", type=Path, help="a folder that bench/fill.py filled; else a new one")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch:
        bare, empty, filled = (Path(scratch) / name for name in ("bare", "empty", "filled"))
        # the same configuration, or the bare app alone would watch files and load the telemetry
        shutil.copytree(ROOT / ".streamlit", bare / ".streamlit")
        (bare / "app.py").write_text(BARE)
        if args.data is None:
            fill(filled)
        apps = (
            App("bare Streamlit", bare, bare / "data", (HELLO,)),
            App("Parallax, empty store", ROOT, empty, (HEADING,)),
            App("Parallax, filled store", ROOT, args.data or filled, (HEADING, NUMBER)),
        )
        print(f"First page, {args.rounds} rounds\n")
        return 0 if report(measure(apps, args.rounds)) else 1


if __name__ == "__main__":
    sys.exit(main())
