"""The second reading: answers go into the spool as a worker leaves them, a bounded batch at a time.

An import that was ended is done again from its start: its shards have the same names and hold the same.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from parallax import shards
from parallax.importers.answers import Answer, Look, Recording, Tally
from parallax.importers.seen import Seen
from parallax.raters import Rules
from parallax.records import Cell, Label, Labelled, Outcome, Response, RunState
from parallax.spool import RunFolder, writing
from parallax.tally import ModelProgress, Progress

# what a shard holds at most; an ingest takes up to 64 of them at once
MOST_ROWS = 256
MOST_CHARS = 2_000_000
TELL_EVERY_S = 1.0

Show = Callable[[Mapping[str, Any]], None]


class Brought(NamedTuple):
    """A run that was imported, its answers, and whether it was stopped before its end."""

    run: str
    answers: int
    stopped: bool


def bring(look: Look, spool: Path, show: Show = lambda beat: None) -> tuple[Brought, ...]:
    """Put every recording that is not here yet into the spool; `show` is told how far it is as a heartbeat.

    Rules label each answer on the way. A stop mark in a run's folder ends the import of that run. Raises
    `RunError` where another process imports the same at this time, `SpoolError` where the disk is full.
    """
    new = [one for one in look.recordings if not one.here]
    if not new:
        return ()
    with ExitStack() as held, Seen() as seen:
        writers = {one.group: _Writer(one, RunFolder(spool, one.plan.run), held) for one in new}
        told_at = 0.0
        for one in look.source.answers(Tally()):
            if (writer := writers.get(one.group)) and not writer.stopped:
                cell = (one.group, one.probe.id, one.model, one.sample)
                writer.add(one, is_first=not seen.times(cell))
            if time.monotonic() - told_at >= TELL_EVERY_S:
                told_at = time.monotonic()
                show(_together(writers.values()))
        for writer in writers.values():
            writer.end()
        show(_together(writers.values()))
    return tuple(Brought(w.folder.run, w.answers, w.stopped) for w in writers.values())


class _Writer:
    """Fills the folder of one run, whose lock it holds as a worker would."""

    def __init__(self, of: Recording, folder: RunFolder, held: ExitStack) -> None:
        self.folder = folder
        self.answers = 0
        self.stopped = False
        self._of = of
        self._rules = Rules()
        self._rows: list[dict[str, Any]] = []
        self._labels: list[Labelled] = []
        self._chars = self._number = 0
        self._done: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._told_at = 0.0
        with writing(folder.path):
            folder.path.mkdir(parents=True, exist_ok=True)
        held.enter_context(folder.lock())
        folder.create(of.plan)
        folder.clear_stop()
        with writing(folder.labels):
            folder.labels.mkdir(exist_ok=True)
        folder.beat(self.progress.beat(RunState.RUNNING))

    @property
    def progress(self) -> Progress:
        """How far the import is, model by model."""
        models = {
            model: ModelProgress(total, self._done[model], self._errors[model])
            for model, total in self._of.cells.items()
        }
        return Progress(models)

    def add(self, one: Answer, *, is_first: bool) -> None:
        """Rate an answer and keep it for the next shard."""
        cell = Cell(one.probe.id, one.model, one.sample)
        at = one.created_at or self._of.plan.created_at
        own = next((label for label in one.labels if label.rater == Rules.name), None)
        # the labels that all of it came with are the ones that its owner goes by
        label = own or (None if self._of.rater and one.labels else self._rated(one))
        response = Response(self.folder.run, cell, one.attempt, True, one.reply, at, label)
        self._rows.append(shards.to_row(response))
        others = [label for label in one.labels if label.rater != Rules.name]
        self._labels += [Labelled(self.folder.run, cell, one.attempt, label) for label in others]
        self._chars += len(one.reply.text) + len(one.reply.reasoning)
        self.answers += 1
        self._done[one.model] += is_first
        self._errors[one.model] += is_first and one.reply.outcome is Outcome.ERROR
        if len(self._rows) >= MOST_ROWS or self._chars >= MOST_CHARS:
            self._seal()

    def _rated(self, one: Answer) -> Label:
        verdict = self._rules.rate(one.probe, one.reply)
        return Label(verdict, self._rules.name, self._rules.version, datetime.now(UTC))

    def _seal(self) -> None:
        """Write what was kept as a shard, its labels as another one, and tell how far this is."""
        self._number += 1
        name = f"import-{self._number:06}.parquet"
        if self._rows:
            shards.write(self.folder.shards / name, self._rows)
        if self._labels:
            shards.put(self.folder.labels / name, shards.label_table(self._labels))
        self._rows, self._labels, self._chars = [], [], 0
        self.stopped = bool(self.folder.stop_mark())
        state = RunState.CANCELLED if self.stopped else RunState.RUNNING
        if self.stopped or time.monotonic() - self._told_at >= TELL_EVERY_S:
            self._told_at = time.monotonic()
            self.folder.beat(self.progress.beat(state))

    def end(self) -> None:
        """Write what is left, and tell that this is all."""
        if not self.stopped:
            self._seal()
            self.folder.beat(self.progress.beat(RunState.FINISHED))


def _together(writers: Sequence[_Writer] | Any) -> dict[str, Any]:
    progress = sum((writer.progress for writer in writers), Progress({}))
    return progress.beat(RunState.RUNNING)
