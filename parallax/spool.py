"""The spool: where plans wait and shards of answers are left for whoever holds the store.

A run has a folder `spool/<run>/`:

| file | what |
| --- | --- |
| `plan.json` | the plan; written anew only where models or samples are added |
| `journal-*.jsonl` | answers that are in no shard yet, one a line |
| `shards/*.parquet` | finished, immutable shards, put there by one rename |
| `labels/*.parquet` | labels that came later, by a judge, a person or from elsewhere |
| `judge-<n>.*` | how far a judge's pass over the run is: see `passes` |
| `ledger*.jsonl` | which attempts are in a shard or in the store, and their cost; one a process |
| `heartbeat.json` | how far the worker is; `heartbeat-<n>.json` its n-th process, where it has several |
| `stop` | somebody wants the worker to stop; holds `pause` or `cancel` |
| `worker.lock` | held by the living worker; the kernel lets go of it when the process ends |
| `worker-<n>.lock` | the same of its n-th process: one that has lost its worker still finishes its calls |
| `quarantine/` | shards that could not be read, each with its reason |
"""

from __future__ import annotations

import errno
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from parallax import plan as plans
from parallax.errors import RunError, SpoolError
from parallax.plan import Plan
from parallax.records import Cell, Outcome, Response

_COST = 6
_RUN = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


class Done(NamedTuple):
    """What the ledger knows of a cell: the attempts made, and whether one of them counts."""

    attempts: int
    answered: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder in the spool. Raises `RunError` for an impossible run id.

    `part` is the number of one of a worker's several processes: it has a ledger, a heartbeat and a lock
    of its own.
    """

    spool: Path
    run: str
    part: int | None = None

    def __post_init__(self) -> None:
        """Refuse a run id that would lead out of the spool."""
        if not _RUN.fullmatch(self.run):
            raise RunError(f"'{self.run}' is no run id; `python -m parallax runs` lists them")

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.spool / self.run

    @property
    def shards(self) -> Path:
        """The folder of finished shards."""
        return self.path / "shards"

    @property
    def labels(self) -> Path:
        """The folder of labels that came after the answers."""
        return self.path / "labels"

    @property
    def log(self) -> Path:
        """What the worker printed."""
        return self.path / "worker.log"

    def create(self, plan: Plan) -> None:
        """Make the folder with its plan, or put a longer plan in place of the one that is there.

        Raises `SpoolError` where it cannot be written.
        """
        with writing(self.path):
            self.shards.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path / "plan.json", plan.to_json().encode())

    def plan(self) -> Plan:
        """Read the plan. Raises `RunError` where there is none, or it is of another format."""
        try:
            return plans.from_json((self.path / "plan.json").read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise RunError(f"the plan cannot be read: {error}") from None
        except FileNotFoundError:
            raise RunError(f"there is no run '{self.run}'; `python -m parallax runs` lists them") from None

    def plan_version(self) -> int:
        """Return when the plan was written, in nanoseconds; 0 where there is none."""
        try:
            return (self.path / "plan.json").stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def done(self) -> dict[Cell, Done]:
        """Return what the ledger says of each cell that was asked at least once."""
        known: dict[Cell, Done] = {}
        for probe, model, sample, attempt, final, outcome, *_ in self._ledger():
            cell = Cell(probe, model, sample)
            before = known.get(cell, Done(0, False, False))
            answered = before.answered or (final and outcome != Outcome.ERROR)
            failed = not answered and (before.failed or (final and outcome == Outcome.ERROR))
            known[cell] = Done(max(before.attempts, attempt), answered, failed)
        return known

    def spent(self) -> dict[str, float]:
        """Return in US dollars what the attempts in the ledger cost, by model, as far as that is known."""
        # an attempt stands there twice after a kill between ledger and journal; an older ledger has no cost
        costs = {tuple(line[:4]): line[_COST] for line in self._ledger() if len(line) > _COST}
        by_model: dict[str, float] = {}
        for (_, model, *_), cost in costs.items():
            by_model[model] = by_model.get(model, 0.0) + (cost or 0.0)
        return by_model

    def _ledger(self) -> Iterator[list[Any]]:
        return chain.from_iterable(map(read_json_lines, self.path.glob("ledger*.jsonl")))

    def note_in_ledger(self, responses: list[Response]) -> None:
        """Append what is now safe in a shard to the ledger."""
        lines = "".join(
            json.dumps([*r.cell, r.attempt, r.final, r.reply.outcome, r.reply.cost_usd], ensure_ascii=False)
            + "\n"
            for r in responses
        )
        append(self._own("ledger", "jsonl"), lines)

    def beat(self, state: Mapping[str, Any]) -> None:
        """Write the heartbeat."""
        stamped = {**state, "updated_at": datetime.now(UTC).isoformat()}
        write_atomically(self._own("heartbeat", "json"), json.dumps(stamped, ensure_ascii=False).encode())

    def heartbeat(self) -> dict[str, Any]:
        """Return the last heartbeat, or an empty mapping where there is none."""
        try:
            beat = json.loads(self._own("heartbeat", "json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return beat if isinstance(beat, dict) else {}

    def ask_to_stop(self, why: str) -> None:
        """Leave the mark that makes a worker stop: `pause` or `cancel`."""
        write_atomically(self.path / "stop", why.encode())

    def stop_mark(self) -> str:
        """Return `pause`, `cancel` or, where nobody asked to stop, an empty text."""
        try:
            return (self.path / "stop").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def clear_stop(self) -> None:
        """Take the mark away."""
        (self.path / "stop").unlink(missing_ok=True)

    def last_words(self) -> str:
        """Return the last line that the worker printed, or an empty text."""
        return last_line(self.log)

    def is_starting(self, within_s: float) -> bool:
        """True where somebody wants this run asked, for so many seconds, and no worker has told of it yet.

        A log that was begun since the last heartbeat is the sign of it, at first the plan as well. After the
        clock was set back it may lie in the future: further off than `within_s`, either way, it is none.
        """
        told = _changed_at(self._own("heartbeat", "json"))
        touched = max(_changed_at(self.log), 0.0 if told else _changed_at(self.path / "plan.json"))
        return touched > told and abs(time.time() - touched) < within_s

    @contextmanager
    def lock(self, timeout_s: float = 5.0) -> Iterator[None]:
        """Hold the lock of this worker, or of this part of it, for the block.

        Raises `RunError` where another process has it, or one that lost its worker is still at the run.
        """
        held = ExitStack()
        try:
            held.enter_context(FileLock(self._own("worker", "lock"), timeout=timeout_s))
            for left in self._part_locks():
                with FileLock(left, timeout=timeout_s):
                    pass
        except Timeout:
            held.close()
            raise RunError(f"run {self.run} has a worker already; it is asking, nothing to resume") from None
        with held:
            yield

    def is_alive(self) -> bool:
        """True while a worker holds the run, or a process that it left behind."""
        return self.has_worker() or bool(self.living_parts())

    def has_worker(self) -> bool:
        """True while a worker holds the run."""
        return is_held(self.path / "worker.lock")

    def living_parts(self) -> list[RunFolder]:
        """Return the parts at which a process is."""
        found = [path for path in self._part_locks() if is_held(path)]
        return [RunFolder(self.spool, self.run, int(path.stem.removeprefix("worker-"))) for path in found]

    def _part_locks(self) -> list[Path]:
        return sorted(self.path.glob("worker-*.lock")) if self.part is None else []

    def _own(self, name: str, ending: str) -> Path:
        """Return the file of that kind which this process writes."""
        return self.path / (f"{name}.{ending}" if self.part is None else f"{name}-{self.part}.{ending}")


def last_line(log: Path) -> str:
    """Return the last line of a file that says something, or an empty text."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _changed_at(path: Path) -> float:
    """Return when a file was written last, in seconds since 1970; 0 where there is none."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def is_held(lock: Path) -> bool:
    """True while a process holds a lock file."""
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


def folders(spool: Path) -> list[RunFolder]:
    """Return the run folders of a spool that hold a plan, oldest first."""
    names = [path.parent.name for path in spool.glob("*/plan.json")]
    found = [RunFolder(spool, name) for name in names if _RUN.fullmatch(name)]
    return sorted(found, key=RunFolder.plan_version)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failed write in the block into one `SpoolError` line: the place, the reason."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        why = "the disk is full; free some space, then resume the run" if full else error.strerror
        raise SpoolError(f"{path}: cannot be written: {why}") from error


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a whole file in place by one rename, so that a reader sees all of it or none."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        try:
            with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.write(data)
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)


def append(path: Path, text: str) -> None:
    """Append whole lines to a file, after a line that a kill cut short; the kernel's when this returns."""
    with writing(path), path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else f"\n{text}"
        file.write(text.encode())


def read_json_lines(path: Path) -> Iterator[Any]:
    """Yield what each whole line of a file holds; one that was cut by a kill is left out."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                with suppress(json.JSONDecodeError):
                    yield json.loads(line)
    except FileNotFoundError:
        return
