"""How a run is told to a person at a terminal: a live table on stderr, a row for each model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from parallax.tally import ModelProgress, Progress, dollars, duration

BAR_WIDTH = 14


@contextmanager
def shown() -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Yield what shows a heartbeat in the table, for the block; nothing where stderr is no terminal.

    Nothing is written to stdout.
    """
    if not sys.stderr.isatty():
        yield lambda beat: None
        return
    console = Console(stderr=True)
    with Live(console=console, auto_refresh=False, redirect_stdout=False) as live:
        yield lambda beat: live.update(table(Progress.of(beat)), refresh=True)


def table(progress: Progress) -> Group:
    """Return the table: bar, cells, errors, calls, time and cost of each model, their sums, the faults."""
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    # the one column that gives way on a narrow terminal
    drawn.add_column("model", max_width=32)
    drawn.add_column("", width=BAR_WIDTH)
    for name in ("done", "errors", "in flight", "calls/s", "left", "cost"):
        drawn.add_column(name, justify="right", no_wrap=True)
    for model, one in progress.models.items():
        drawn.add_row(*_row(model, one, one.seconds_left))
    if len(progress.models) > 1:
        drawn.add_row(*_row("all", progress.sums, progress.seconds_left), style="bold")
    faults = [f"{model}: {one.fault}" for model, one in progress.models.items() if one.fault]
    return Group(drawn, *(_line(fault, style="red") for fault in faults))


def _row(name: str, one: ModelProgress, seconds_left: float | None) -> list[Text | ProgressBar]:
    cells = (
        f"{one.done}/{one.total}",
        str(one.errors),
        str(one.in_flight),
        f"{one.calls_per_second:.1f}",
        duration(seconds_left) if seconds_left else "",
        dollars(one.cost_usd),
    )
    return [_line(name), ProgressBar(one.total or 1, one.done), *map(Text, cells)]


def _line(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style, no_wrap=True, overflow="ellipsis")


def printable(text: str) -> str:
    """Return text in a line without control characters: a host's words could steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
