"""A worker of several processes: this one asks nothing, and tells how far all of them are."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from parallax import config, notes
from parallax.config import Settings
from parallax.plan import Plan
from parallax.records import RunState
from parallax.shards import recover
from parallax.spool import RunFolder

BEAT_EVERY_S = 1.0
LOOK_EVERY_S = 0.1
_SUMS = ("done", "errors", "in_flight", "retries", "cost_usd", "calls_per_second")

Progress = Callable[[dict[str, Any]], None]


def run(
    settings: Settings,
    folder: RunFolder,
    plan: Plan,
    budgets: Sequence[float | None],
    answered: Mapping[str, int],
    progress: Progress,
) -> RunState:
    """Let a process for each of `budgets` work on what is open in a run; returns how it ended.

    `budgets` says in US dollars what each may spend, None where there is no limit; `answered`, how many cells
    of each model are not open.

    A process that loses this one sees its input end, finishes the calls in flight and ends too. Raises
    `SpoolError` where the spool cannot be written.
    """
    earlier = folder.heartbeat()
    before = {
        "done": sum(answered.values()),
        "cost_usd": earlier.get("cost_usd", 0.0),
        "models": answered,
        **notes.lasting(earlier),
    }
    parts = [RunFolder(folder.spool, folder.run, part) for part in range(len(budgets))]
    for part in parts:
        part.beat({})
    with _crew(settings, folder, budgets) as processes:
        while any(process.poll() is None for process in processes):
            _beat(folder, plan, before, parts, RunState.RUNNING, progress)
            _wait(processes, BEAT_EVERY_S)
    recover(folder)
    state = _ended(folder, plan)
    _beat(folder, plan, before, parts, state, progress)
    return state


@contextmanager
def _crew(
    settings: Settings, folder: RunFolder, budgets: Sequence[float | None]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start the processes, pass signals on to them, and wait for them at the end."""
    command = [sys.executable, "-m", "parallax", "worker", folder.run, "--part"]
    with ExitStack() as held:
        processes = [
            held.enter_context(
                subprocess.Popen(
                    [*command, f"{index}/{len(budgets)}", *_spending(usd)],
                    cwd=config.ROOT,
                    env=config.child_environment(settings),
                    stdin=subprocess.PIPE,
                )
            )
            for index, usd in enumerate(budgets)
        ]
        held.callback(_end, processes)
        for number in (signal.SIGTERM, signal.SIGINT):
            earlier = signal.signal(number, lambda *_: _end(processes))
            held.callback(signal.signal, number, earlier)
        yield processes


def _spending(usd: float | None) -> list[str]:
    return [] if usd is None else ["--max-cost", repr(usd)]


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(process.poll() is None for process in processes):
        time.sleep(LOOK_EVERY_S)


def _ended(folder: RunFolder, plan: Plan) -> RunState:
    done = sum(cell.answered or cell.failed for cell in folder.done().values())
    if done == plan.size:
        return RunState.FINISHED
    return RunState.CANCELLED if folder.stop_mark() == "cancel" else RunState.INTERRUPTED


def _beat(
    folder: RunFolder,
    plan: Plan,
    before: dict[str, Any],
    parts: list[RunFolder],
    state: RunState,
    progress: Progress,
) -> None:
    """Write the heartbeat of all processes together."""
    beats = [before, *(part.heartbeat() for part in parts)]
    beat = {
        "state": state,
        "total": plan.size,
        **{name: sum(one.get(name, 0) for one in beats) for name in _SUMS},
        "models": {m.id: sum(one.get("models", {}).get(m.id, 0) for one in beats) for m in plan.models},
        "faults": {name: fault for one in beats for name, fault in one.get("faults", {}).items()},
        "note": next((one["note"] for one in beats if one.get("note")), ""),
        "processes": len(parts),
        **notes.together(beats),
    }
    folder.beat(beat)
    progress(beat)
