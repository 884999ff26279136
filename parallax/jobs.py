"""Runs as seen from outside their worker: start, resume, extend, stop, and how far they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from parallax import costs, detached, models, notes
from parallax import plan as plans
from parallax.config import Settings
from parallax.errors import RunError
from parallax.plan import Plan
from parallax.records import ModelSpec, RunState
from parallax.spool import RunFolder, folders
from parallax.tally import ModelProgress, Progress

START_S = 15.0
SILENT_S = 30.0
SETTLE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How far a run is, by its plan and its last heartbeat; counts are cells.

    `message` is what went wrong, as its worker said it, `note` what is good to know and no fault; `trouble`
    what is wrong with its processes and what to do; `stopping` that it was asked to stop and still waits for
    the calls in flight.
    """

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
    by_model: Mapping[str, ModelProgress] = field(default_factory=dict)
    message: str = ""
    trouble: str = ""
    stopping: bool = False
    updated_at: datetime | None = None
    recorded: bool = False
    imported: str = ""
    max_cost_usd: float | None = None
    note: str = ""

    @property
    def is_recent(self) -> bool:
        """True while a run is active and for a while after: its last shards are still on their way."""
        quiet = datetime.now(UTC) - (self.updated_at or self.created_at)
        # further off than that in the future, the clock was set back
        return self.is_active or abs(quiet) < SETTLE

    @property
    def is_active(self) -> bool:
        """True while there is a worker, or one is about to start."""
        return self.state in {RunState.RUNNING, RunState.WAITING}

    @property
    def is_resumable(self) -> bool:
        """True where asking again could add something: cells are open, or ended in an error."""
        return not self.recorded and not self.is_active and (self.done < self.total or self.errors > 0)

    @property
    def has_errors_to_retry(self) -> bool:
        """True where cells that ended in an error could be asked again."""
        return self.is_resumable and self.errors > 0

    @property
    def is_extendable(self) -> bool:
        """True where models or samples can be added."""
        return not self.recorded and not self.is_active

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest takes at the present rate, or None where there is no rate yet."""
        told = Progress(self.by_model).seconds_left
        if told is None and self.calls_per_second:
            return (self.total - self.done) / self.calls_per_second
        return told


def start(settings: Settings, plan: Plan) -> str:
    """Put a plan into the spool and start a detached worker on it; returns the run id.

    Raises `MissingKeyError` and `SpoolError` before anything is asked.
    """
    models.require_keys(plan.models)
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


def resume(settings: Settings, run: str, *, errors_only: bool = False) -> None:
    """Start a detached worker on the cells that are open or ended in an error, or on the latter alone.

    Raises `RunError` where there is nothing to do, the run is recorded, or a worker is at it already.
    """
    now = status(RunFolder(settings.spool, run))
    if now.state is RunState.RUNNING:
        raise RunError(f"run {run} has a worker already; it is asking, nothing to resume")
    check_resumable(now, errors_only=errors_only)
    models.require_keys(RunFolder(settings.spool, run).plan().models)
    RunFolder(settings.spool, run).clear_stop()
    _spawn(settings, run, errors_only=errors_only)


def check_resumable(now: RunStatus, *, errors_only: bool = False) -> None:
    """Raise `RunError` where a run that nobody works on has nothing to ask."""
    if now.recorded:
        raise RunError(f"run {now.run} is recorded: its answers came from elsewhere, nothing is asked anew")
    if errors_only and not now.errors:
        raise RunError(f"run {now.run} has no cell that ended in an error")
    if not now.is_resumable:
        raise RunError(f"run {now.run} is finished: every cell has its answer")


def extend(settings: Settings, run: str, added: Sequence[ModelSpec], samples: int | None = None) -> Plan:
    """Add models or samples to a run that nobody works on, and return its plan; nothing is asked yet.

    Raises `RunError` as `plan.extended` does and where the run is active, `MissingKeyError`, `SpoolError`.
    """
    folder = RunFolder(settings.spool, run)
    now = status(folder)
    if now.is_active:
        raise RunError(f"run {run} is {now.state}: pause it first, or wait for its end, then add to it")
    with folder.lock():
        before = folder.plan()
        after = plans.extended(
            before, added, samples, models.providers(settings.models_file) if added else None
        )
        if after is not before:
            models.require_keys(after.models)
            folder.create(after)
    return after


def added_costs(before: Plan, after: Plan) -> list[str]:
    """Return in a line each what the new models and the new samples of a longer plan come to."""
    new = after.models[len(before.models) :]
    groups = [
        ("new models", new, after.samples),
        ("more samples", before.models, after.samples - before.samples),
    ]
    return [
        f"{what}: {costs.estimate(after.probe_set, group, count, concurrency=after.concurrency).sentence}"
        for what, group, count in groups
        if group and count
    ]


def set_max_cost(settings: Settings, run: str, usd: float) -> None:
    """Let a run that nobody works on cost up to so many US dollars, what it cost already included.

    Raises `RunError` where a worker is at it, or the limit cannot be kept.
    """
    folder = RunFolder(settings.spool, run)
    plan = plans.with_max_cost(folder.plan(), usd)
    with folder.lock():
        folder.create(plan)


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
    return sorted(found, key=lambda run: run.created_at, reverse=True)


def status(folder: RunFolder) -> RunStatus:
    """Return how far a run is. Raises `RunError` where there is no such run."""
    # in this order: the last heartbeat of a worker that has ended is its final one
    led, parts = folder.has_worker(), folder.living_parts()
    beat = folder.heartbeat()
    alive = led or bool(parts)
    planned = _at_rest(folder, folder.plan_version())
    state = _state(folder, beat, planned.total, alive=alive)
    updated_at = datetime.fromisoformat(beat["updated_at"]) if beat else None
    return dataclasses.replace(
        planned,
        state=state,
        done=beat.get("done", 0),
        errors=beat.get("errors", 0),
        in_flight=beat.get("in_flight", 0) if alive else 0,
        retries=beat.get("retries", 0),
        cost_usd=beat.get("cost_usd", 0.0),
        calls_per_second=beat.get("calls_per_second", 0.0) if alive else 0.0,
        by_model=_by_model(planned, beat, alive=alive),
        message=_message(folder, beat, state),
        note="; ".join(filter(None, [notes.line(folder.run, beat, planned.max_cost_usd), beat.get("note")])),
        trouble=_silence(beat, updated_at) if led else _left_behind(parts),
        stopping=alive and bool(folder.stop_mark()),
        updated_at=updated_at,
    )


def _by_model(planned: RunStatus, beat: dict[str, Any], *, alive: bool) -> dict[str, ModelProgress]:
    """Return every model of the plan, also one that was added since the heartbeat."""
    told = Progress.of(beat).models
    each = planned.total // len(planned.models)
    rest: dict[str, Any] = {} if alive else {"pending": 0, "in_flight": 0, "calls_per_second": 0.0}
    found = {model: told.get(model, ModelProgress()) for model in planned.models}
    # of what was imported, each model has as much as there was
    return {
        model: dataclasses.replace(one, total=one.total if planned.imported else each, **rest)
        for model, one in found.items()
    }


def _silence(beat: dict[str, Any], updated_at: datetime | None) -> str:
    seconds = (datetime.now(UTC) - updated_at).total_seconds() if updated_at else 0.0
    if seconds < SILENT_S:
        return ""
    process = beat.get("pid", "PID")
    return (
        f"process {process} has been silent for {seconds:.0f} s: wake it with kill -CONT {process} if it"
        f" is suspended, else end it with kill -9 {process}, then resume the run"
    )


def _left_behind(parts: list[RunFolder]) -> str:
    if not parts:
        return ""
    found = " ".join(str(part.heartbeat().get("pid", "PID")) for part in parts)
    return (
        f"process {found} lost its worker and ends within half a minute, then resume the run; if it does not:"
        f" kill -9 {found}"
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
        imported=plan.imported,
        max_cost_usd=plan.max_cost_usd,
    )


def _state(folder: RunFolder, beat: dict[str, Any], total: int, *, alive: bool) -> RunState:
    if alive:
        return RunState.RUNNING
    if folder.is_starting(START_S) and not folder.last_words():
        return RunState.WAITING
    state = RunState(beat.get("state", RunState.INTERRUPTED))
    if state is RunState.FINISHED and beat.get("done", 0) < total:
        return RunState.PAUSED  # something was added, and nobody has asked it yet
    return RunState.INTERRUPTED if state is RunState.RUNNING else state


def _message(folder: RunFolder, beat: dict[str, Any], state: RunState) -> str:
    if faults := beat.get("faults"):
        return "; ".join(f"{model}: {fault}" for model, fault in faults.items())
    return folder.last_words() if state is RunState.INTERRUPTED else ""


def _spawn(settings: Settings, run: str, *, errors_only: bool = False) -> None:
    arguments = ["worker", run, *["--errors"] * errors_only]
    detached.start(settings, arguments, RunFolder(settings.spool, run).log)
