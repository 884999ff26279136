"""The live table of a run: what it shows, that hostile words stay words, and silence without a terminal."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from parallax import terminal
from parallax.records import RunState
from parallax.tally import ModelProgress, Progress

PROGRESS = Progress(
    {
        "[red]tea[/red]": ModelProgress(40, 30, 2, 10, 4, 1, 1.5, 5.0),
        "other\x1b[2J\n": ModelProgress(40, 0, pending=40, fault="[link=http://x]gone[/link]\x07"),
    }
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(progress: Progress, width: int = 120) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as seen:
        console.print(terminal.table(progress))
    return [line.rstrip() for line in seen.get().splitlines()]


def test_a_row_for_each_model_and_one_for_all() -> None:
    head, tea, other, both, fault = drawn(PROGRESS)
    assert head.split() == ["model", "done", "errors", "in", "flight", "calls/s", "left", "cost"]
    assert tea.split()[0] == "[red]tea[/red]"
    assert tea.split()[2:] == ["30/40", "2", "4", "5.0", "2", "s", "$1.50"]
    assert other.split()[:2] == ["other", "[2J"]
    assert both.split()[2:] == ["30/80", "2", "4", "5.0", "2", "s", "$1.50"]
    assert fault.rstrip() == "other [2J : [link=http://x]gone[/link]"


def test_a_narrow_terminal_shortens_the_names_alone() -> None:
    long = Progress({"a-model-with-a-very-long-name-indeed": PROGRESS.models["[red]tea[/red]"]})
    head, row = drawn(long, width=80)
    assert head.split()[-1] == "cost"
    assert row.split()[2:] == ["30/40", "2", "4", "5.0", "2", "s", "$1.50"]
    assert "…" in row.split()[0]


def test_one_model_needs_no_sum() -> None:
    assert len(drawn(Progress({"tea": ModelProgress(4, 1)}))) == 2


@pytest.mark.parametrize("live", [True, False])
def test_only_a_terminal_is_written_to(live: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    err, out = Terminal() if live else io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm")
    with terminal.shown() as show:
        show(PROGRESS.beat(RunState.RUNNING))
        print("the run id")
    assert out.getvalue() == "the run id\n"
    assert ("30/40" in err.getvalue()) is live
    assert live or err.getvalue() == ""
