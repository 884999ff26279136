"""A worker of several processes: this one asks nothing, and tells how far all of them are."""

from __future__ import annotations

import functools
import operator
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from parallax import config, notes
from parallax.config import Settings
from parallax.plan import Plan
from parallax.records import RunState
from parallax.shards import recover
from parallax.spool import RunFolder
from parallax.tally import ModelProgress, Progress, stopped

BEAT_EVERY_S = 1.0
LOOK_EVERY_S = 0.05
# macOS ends a forked process that asks it for its proxies
FORKS = sys.platform != "darwin"

Callback = Callable[[dict[str, Any]], None]


def run(
    settings: Settings,
    folder: RunFolder,
    plan: Plan,
    budgets: Sequence[float | None],
    before: Progress,
    progress: Callback,
    *,
    errors_only: bool = False,
) -> RunState:
    """Let a process for each of `budgets` work on what is open in a run; returns how it ended.

    `budgets` says in US dollars what each may spend, None where there is no limit; `before` is where the run
    stands; `progress` is given each heartbeat.

    A process that loses this one sees its input end, finishes the calls in flight and ends too. Raises
    `SpoolError` where the spool cannot be written.
    """
    earlier = notes.lasting(folder.heartbeat())
    parts = [RunFolder(folder.spool, folder.run, part) for part in range(len(budgets))]
    for part in parts:
        part.beat({})
    with _crew(settings, folder, budgets, errors_only=errors_only) as processes:
        while any(process.poll() is None for process in processes):
            beats = [part.heartbeat() for part in parts]
            _beat(folder, _sum(before, beats), [earlier, *beats], RunState.RUNNING, progress)
            _wait(processes, BEAT_EVERY_S)
    while folder.living_parts():
        # who was to wait for them was killed; their input has ended, and so will they
        time.sleep(LOOK_EVERY_S)
    recover(folder)
    beats = [part.heartbeat() for part in parts]
    told = _sum(before, beats)
    # by the ledger: a process that was killed has told of less than it left behind
    counted = Progress.counted(plan, folder.done(), folder.spent(), told)
    trouble = {m: ModelProgress(retries=one.retries, fault=one.fault) for m, one in told.models.items()}
    state = RunState.FINISHED if counted.is_complete else stopped(folder.stop_mark())
    _beat(folder, counted + Progress(trouble), [earlier, *beats], state, progress)
    return state


@contextmanager
def _crew(
    settings: Settings, folder: RunFolder, budgets: Sequence[float | None], *, errors_only: bool
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start the processes, pass signals on to them, and wait for them at the end."""
    command = [sys.executable, "-m", "parallax.forking", folder.run, *["--errors"] * errors_only]
    shares = [
        f"{index}/{len(budgets)}" + (f":{usd!r}" if usd is not None else "")
        for index, usd in enumerate(budgets)
    ]
    with ExitStack() as held:
        processes = [
            held.enter_context(
                subprocess.Popen(
                    [*command, *those],
                    cwd=config.ROOT,
                    env=config.child_environment(settings),
                    stdin=subprocess.PIPE,
                )
            )
            for those in ([shares] if FORKS else [[one] for one in shares])
        ]
        held.callback(_end, processes)
        for number in (signal.SIGTERM, signal.SIGINT):
            earlier = signal.signal(number, lambda *_: _end(processes))
            held.callback(signal.signal, number, earlier)
        yield processes


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(process.poll() is None for process in processes):
        time.sleep(LOOK_EVERY_S)


def _sum(before: Progress, beats: Iterable[Mapping[str, Any]]) -> Progress:
    return functools.reduce(operator.add, map(Progress.of, beats), before)


def _beat(
    folder: RunFolder,
    now: Progress,
    told: Sequence[Mapping[str, Any]],
    state: RunState,
    progress: Callback,
) -> None:
    """Write the heartbeat of all processes together; `told` is what lasts of earlier passes, then theirs."""
    note = next((beat["note"] for beat in told if beat.get("note")), "")
    beat = {**now.beat(state, note), "processes": len(told) - 1, **notes.together(told)}
    folder.beat(beat)
    progress(beat)
