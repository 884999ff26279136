"""A judge's pass over a run, as a process: started from a page, told of while it runs, stopped.

In the run's folder a pass has `judge-<hash of the model's id>` with these endings: `json`, how far it is;
`lock`, held while it runs; `log`, what it printed; `stop`, somebody wants it to stop.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from parallax import costs, detached, judge, judging, models
from parallax.config import Settings
from parallax.errors import RunError
from parallax.judging import Answer, Standing
from parallax.records import JUDGED, Cell, RunState, content_hash
from parallax.spool import RunFolder, is_held, last_line, write_atomically
from parallax.store import Store

START_S = 15.0


class Pass(NamedTuple):
    """How far a judge's pass is: answers asked about, labels given by value, what they cost.

    `message` is what went wrong, in a line.
    """

    run: str
    model: str
    state: RunState
    asked: int
    labels: Mapping[str, int]
    cost_usd: float
    message: str

    @property
    def is_active(self) -> bool:
        """True while the judge is at it, or about to be."""
        return self.state in {RunState.RUNNING, RunState.WAITING}

    @property
    def done(self) -> int:
        """Answers that have a label, or an error of the judge."""
        return sum(self.labels.values())


@dataclass(frozen=True, slots=True)
class PassFolder:
    """Where a pass of one judge over one run leaves its files."""

    folder: RunFolder
    model: str

    def file(self, ending: str) -> Path:
        """Return the path of the pass's file of an ending."""
        return self.folder.path / f"judge-{content_hash(self.model)[:12]}.{ending}"

    @contextmanager
    def working(self) -> Iterator[Watch]:
        """Hold the pass for the block; what is yielded is told how far it is.

        Raises `RunError` where the same judge is at the same run already: nothing is asked twice at once.
        """
        lock = FileLock(self.file("lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise RunError(self._is_busy) from None
        watch = Watch(self)
        try:
            watch.beat(RunState.RUNNING)
            yield watch
            watch.beat(RunState.FINISHED if watch.is_complete else RunState.PAUSED)
        except BaseException:
            watch.beat(RunState.INTERRUPTED)
            raise
        finally:
            self.file("stop").unlink(missing_ok=True)
            lock.release()

    @property
    def _is_busy(self) -> str:
        return f"{self.model} is judging run {self.folder.run} already; wait for its end"

    def check_idle(self) -> None:
        """Raise `RunError` where the judge is at the run."""
        if self.status().is_active:
            raise RunError(self._is_busy)

    def write(self, **beat: Any) -> None:
        """Write down how far the pass is."""
        write_atomically(self.file("json"), json.dumps({"model": self.model, **beat}).encode())

    def status(self) -> Pass:
        """Return how far the pass is."""
        try:
            beat = json.loads(self.file("json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            beat = {"state": RunState.INTERRUPTED}
        state = RunState(beat["state"])
        if is_held(self.file("lock")):
            state = RunState.RUNNING
        elif state is RunState.RUNNING or (state is RunState.WAITING and not self._is_starting()):
            state = RunState.INTERRUPTED
        says = last_line(self.file("log")) if state is RunState.INTERRUPTED else ""
        counts = beat.get("asked", 0), beat.get("labels", {}), beat.get("cost_usd", 0.0)
        return Pass(self.folder.run, self.model, state, *counts, says)

    def _is_starting(self) -> bool:
        """True where the pass was started a moment ago and has not said a word."""
        begun = self.file("json").stat().st_mtime
        return abs(time.time() - begun) < START_S and not last_line(self.file("log"))


class Watch:
    """What a working judge tells of its pass."""

    def __init__(self, own: PassFolder) -> None:
        """Begin with nothing asked."""
        self._own = own
        self._asked = 0
        self._standing = Standing(Counter(), 0.0)

    @property
    def is_complete(self) -> bool:
        """True where everything asked has a label."""
        return self._standing.labels.total() >= self._asked

    def begin(self, asked: int) -> None:
        """Say how many answers are asked about."""
        self._asked = asked
        self.beat(RunState.RUNNING)

    def tell(self, standing: Standing) -> bool:
        """Write down how far the pass is, and say whether somebody wants it to stop."""
        self._standing = standing
        self.beat(RunState.RUNNING)
        return self._own.file("stop").exists()

    def beat(self, state: RunState) -> None:
        """Write down where the pass stands."""
        self._own.write(state=state, asked=self._asked, **self._standing._asdict())


def start(settings: Settings, run: str, model: str, max_cost_usd: float | None = None) -> None:
    """Start a detached judge on a run's answers.

    Raises `UnknownModelError`, `MissingKeyError`, and `RunError` where there is no such run, or the judge is
    at it.
    """
    (spec,) = models.pick(models.load(settings.models_file), [model])
    models.require_keys([spec])
    folder = RunFolder(settings.spool, run)
    folder.plan()
    own = PassFolder(folder, model)
    own.check_idle()
    own.file("stop").unlink(missing_ok=True)
    own.file("log").unlink(missing_ok=True)
    own.write(state=RunState.WAITING)
    limit = ["--max-cost", f"{max_cost_usd}"] if max_cost_usd is not None else []
    detached.start(settings, ["judge", run, "-m", model, *limit], own.file("log"))


def stop(settings: Settings, run: str, model: str) -> None:
    """Ask a judge to stop; it finishes the calls in flight. Raises `RunError` where it is not at the run."""
    own = PassFolder(RunFolder(settings.spool, run), model)
    if not own.status().is_active:
        raise RunError(f"{model} is not judging run {run}: there is nothing to stop")
    write_atomically(own.file("stop"), b"")


def passes(settings: Settings, runs: Iterable[str]) -> tuple[Pass, ...]:
    """Return every judge's pass over some runs, the one that moved last first."""
    found: list[tuple[float, Pass]] = []
    for run in runs:
        folder = RunFolder(settings.spool, run)
        for path in folder.path.glob("judge-*.json"):
            model = json.loads(path.read_text(encoding="utf-8"))["model"]
            found.append((path.stat().st_mtime, PassFolder(folder, model).status()))
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True))


def estimate(store: Store, models_file: Path, run: str, model: str) -> str:
    """Return in a line what a judge's pass over a run comes to; what its cache holds is not left out.

    Raises `UnknownModelError`, and `RunError` where there is nothing to judge.
    """
    (spec,) = models.pick(models.load(models_file), [model])
    rows = store.rows(
        "SELECT probe, model, sample, attempt, prompt, response FROM comparison"
        " WHERE run = ? AND response <> '' AND label IN (SELECT unnest(?))",
        [run, list(JUDGED)],
    )
    found = [Answer(run, Cell(probe, of, sample), *rest) for probe, of, sample, *rest in rows]
    asked = judging.questions(found, judge.entry(spec, structured=True))
    return costs.estimate(asked.probe_set, asked.models).sentence
