"""Runs as seen from outside their worker: start, resume, cancel, and how far they are."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from parallax import config
from parallax.config import Settings
from parallax.errors import RunError
from parallax.models import require_keys
from parallax.plan import Plan
from parallax.records import RunState
from parallax.spool import RunFolder, folders

START_S = 15.0
SETTLE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How far a run is, by its plan and its last heartbeat; counts are cells."""

    run: str
    name: str
    set_id: str
    set_hash: str
    models: tuple[str, ...]
    created_at: datetime
    state: RunState
    total: int
    done: int = 0
    errors: int = 0
    in_flight: int = 0
    retries: int = 0
    cost_usd: float = 0.0
    calls_per_second: float = 0.0
    by_model: dict[str, int] = field(default_factory=dict)
    message: str = ""
    updated_at: datetime | None = None
    recorded: bool = False

    @property
    def is_recent(self) -> bool:
        """True while a run is active and for a while after: its last shards are still on their way."""
        quiet = datetime.now(UTC) - (self.updated_at or self.created_at)
        return self.is_active or quiet < SETTLE

    @property
    def is_active(self) -> bool:
        """True while there is a worker, or one is about to start."""
        return self.state in {RunState.RUNNING, RunState.WAITING}

    @property
    def is_resumable(self) -> bool:
        """True where asking again could add something: cells are open, or ended in an error."""
        return not self.recorded and not self.is_active and (self.done < self.total or self.errors > 0)

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest takes at the present rate, or None where there is no rate yet."""
        return (self.total - self.done) / self.calls_per_second if self.calls_per_second else None


def start(settings: Settings, plan: Plan) -> str:
    """Put a plan into the spool and start a detached worker on it; returns the run id.

    Raises `MissingKeyError` and `SpoolError` before anything is asked.
    """
    require_keys(plan.models)
    RunFolder(settings.spool, plan.run).create(plan)
    _spawn(settings, plan.run)
    return plan.run


def go_on(settings: Settings, plan: Plan) -> str:
    """Start a plan, or go on with the newest run that asks the same of the same models; returns its id.

    Raises `MissingKeyError` and `SpoolError` before anything is asked.
    """
    for folder in reversed(folders(settings.spool)):
        if _asks_the_same(folder, plan):
            if status(folder).is_resumable:
                resume(settings, folder.run)
            return folder.run
    return start(settings, plan)


def _asks_the_same(folder: RunFolder, plan: Plan) -> bool:
    try:
        found = folder.plan()
    except RunError:
        return False
    return not found.recorded and _asked(found) == _asked(plan)


def _asked(plan: Plan) -> tuple[str, ...]:
    return (plan.probe_set.hash, *(model.hash for model in plan.models))


def resume(settings: Settings, run: str) -> None:
    """Start a detached worker on the cells that are open or ended in an error.

    Raises `RunError` where there is nothing to do, the run is recorded, or a worker is at it already.
    """
    now = status(RunFolder(settings.spool, run))
    if now.state is RunState.RUNNING:
        raise RunError(f"run {run} has a worker already; it is asking, nothing to resume")
    if now.recorded:
        raise RunError(f"run {run} is recorded: its answers were shipped, nothing is asked anew")
    if not now.is_resumable:
        raise RunError(f"run {run} is finished: every cell has its answer")
    require_keys(RunFolder(settings.spool, run).plan().models)
    RunFolder(settings.spool, run).clear_stop()
    _spawn(settings, run)


def stop(settings: Settings, run: str, why: str = "cancel") -> None:
    """Leave the mark that stops a run's worker: `cancel`, or `pause` where it is to go on later.

    Raises `RunError` for an unknown run or one that no worker is at.
    """
    folder = RunFolder(settings.spool, run)
    now = status(folder)
    if not now.is_active:
        raise RunError(f"run {run} is {now.state}: there is nothing to stop")
    folder.ask_to_stop(why)


def runs(settings: Settings) -> list[RunStatus]:
    """Return every run of the spool, newest first. Runs without a readable plan are left out."""
    found = []
    for folder in folders(settings.spool):
        try:
            found.append(status(folder))
        except RunError:
            continue
    return found[::-1]


def status(folder: RunFolder) -> RunStatus:
    """Return how far a run is. Raises `RunError` where there is no such run."""
    beat = folder.heartbeat()
    alive = folder.is_alive()
    state = _state(folder, beat, alive=alive)
    return dataclasses.replace(
        _at_rest(folder, folder.plan_version()),
        state=state,
        done=beat.get("done", 0),
        errors=beat.get("errors", 0),
        in_flight=beat.get("in_flight", 0) if alive else 0,
        retries=beat.get("retries", 0),
        cost_usd=beat.get("cost_usd", 0.0),
        calls_per_second=beat.get("calls_per_second", 0.0) if alive else 0.0,
        by_model=beat.get("models", {}),
        message=_message(folder, beat, state),
        updated_at=datetime.fromisoformat(beat["updated_at"]) if beat else None,
    )


@lru_cache(maxsize=1024)
def _at_rest(folder: RunFolder, version: int) -> RunStatus:
    """Return what the plan alone says; it is large, and pages ask for it every second."""
    plan = folder.plan()
    return RunStatus(
        run=plan.run,
        name=plan.name,
        set_id=plan.probe_set.id,
        set_hash=plan.probe_set.hash,
        models=tuple(m.id for m in plan.models),
        created_at=plan.created_at,
        state=RunState.WAITING,
        total=plan.size,
        recorded=plan.recorded,
    )


def _state(folder: RunFolder, beat: dict[str, Any], *, alive: bool) -> RunState:
    if alive:
        return RunState.RUNNING
    if not beat:
        starting = folder.seconds_since_touched() < START_S and not folder.last_words()
        return RunState.WAITING if starting else RunState.INTERRUPTED
    state = RunState(beat["state"])
    return RunState.INTERRUPTED if state is RunState.RUNNING else state


def _message(folder: RunFolder, beat: dict[str, Any], state: RunState) -> str:
    if faults := beat.get("faults"):
        return "; ".join(f"{model}: {fault}" for model, fault in faults.items())
    said = folder.last_words() if state is RunState.INTERRUPTED else ""
    return said or str(beat.get("note", ""))


def _spawn(settings: Settings, run: str) -> None:
    with RunFolder(settings.spool, run).log.open("wb") as log:
        subprocess.Popen(
            [sys.executable, "-m", "parallax", "worker", run],
            cwd=config.ROOT,
            env=config.child_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
