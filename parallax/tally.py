"""How far a run is, model by model: counted by a worker, added up over its processes, told in a heartbeat."""

from __future__ import annotations

import dataclasses
import functools
import operator
import os
import time
from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from parallax.plan import Plan
from parallax.records import Cell, Outcome, Response, RunState
from parallax.spool import Done

RATE_WINDOW_S = 30.0


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """How far one model of a run is.

    Of its `total` cells `done` have ended, `errors` of them in an error; `pending` are still to be asked in
    this pass, first or anew. `cost_usd` is that of all passes, `retries` are of this one;
    `calls_per_second` is over the last half minute. `fault` says why the model is asked no more, or is empty.
    """

    total: int = 0
    done: int = 0
    errors: int = 0
    pending: int = 0
    in_flight: int = 0
    retries: int = 0
    cost_usd: float = 0.0
    calls_per_second: float = 0.0
    fault: str = ""

    @property
    def seconds_left(self) -> float | None:
        """The time that this pass still takes at the present rate; None where there is no rate yet."""
        return self.pending / self.calls_per_second if self.calls_per_second else None

    def __add__(self, other: ModelProgress) -> ModelProgress:
        """Return both together; of two faults the first."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in _NUMBERS}
        return ModelProgress(**sums, fault=self.fault or other.fault)


_NUMBERS = tuple(f.name for f in dataclasses.fields(ModelProgress) if f.name != "fault")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: its models, and what it cost before costs were told by model (US dollars)."""

    models: Mapping[str, ModelProgress]
    unsplit_usd: float = 0.0

    @classmethod
    def counted(
        cls, plan: Plan, known: Mapping[Cell, Done], spent: Mapping[str, float], earlier: Progress
    ) -> Progress:
        """Count a run by its ledger: `known` are its cells, `spent` its costs by model in US dollars.

        An older ledger has no costs: what `earlier` tells of them counts where it is more.
        """
        ended = Counter(cell.model for cell, done in known.items() if done.answered or done.failed)
        failed = Counter(cell.model for cell, done in known.items() if done.failed)
        told = {model: one.cost_usd for model, one in earlier.models.items()}
        models = {
            m.id: ModelProgress(
                plan.cells_each,
                ended[m.id],
                failed[m.id],
                cost_usd=max(spent.get(m.id, 0.0), told.get(m.id, 0.0)),
            )
            for m in plan.models
        }
        return cls(models, earlier.unsplit_usd)

    @classmethod
    def of(cls, beat: Mapping[str, Any]) -> Progress:
        """Read a heartbeat; those of older runs say of a model only how many cells are done."""
        faults = beat.get("faults", {})
        models = {
            model: ModelProgress(**_numbers(said), fault=faults.get(model, ""))
            for model, said in beat.get("models", {}).items()
        }
        split = sum(one.cost_usd for one in models.values())
        return cls(models, max(0.0, beat.get("cost_usd", 0.0) - split))

    def __add__(self, other: Progress) -> Progress:
        """Return both together, as two processes of one run."""
        nothing = ModelProgress()
        models = {
            model: self.models.get(model, nothing) + other.models.get(model, nothing)
            for model in {**self.models, **other.models}
        }
        return Progress(models, self.unsplit_usd + other.unsplit_usd)

    @property
    def sums(self) -> ModelProgress:
        """All models together, with the whole cost."""
        sums = functools.reduce(operator.add, self.models.values(), ModelProgress())
        return dataclasses.replace(sums, cost_usd=sums.cost_usd + self.unsplit_usd)

    @property
    def seconds_left(self) -> float | None:
        """The time of the model that takes longest, for they are asked side by side; None without a rate."""
        known = [one.seconds_left for one in self.models.values()]
        return max((seconds for seconds in known if seconds is not None), default=None)

    @property
    def is_complete(self) -> bool:
        """True where every cell has ended, be it in an error."""
        return all(one.done == one.total for one in self.models.values())

    def beat(self, state: RunState, note: str = "") -> dict[str, Any]:
        """Return what a heartbeat says: the sums, the models, their faults, this process."""
        sums = self.sums
        return {
            "state": state,
            **{name: getattr(sums, name) for name in _NUMBERS},
            "models": {m: {name: getattr(one, name) for name in _NUMBERS} for m, one in self.models.items()},
            "faults": {model: one.fault for model, one in self.models.items() if one.fault},
            "note": note,
            "pid": os.getpid(),
        }


def _numbers(said: int | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(said, int):
        return {"done": said}
    return {name: said[name] for name in _NUMBERS if name in said}


class Asking(Protocol):
    """What a tally wants to know of a model that is being asked."""

    in_flight: int
    retries: int
    fault: str


@dataclass(slots=True)
class _Count:
    before: ModelProgress
    done: int = 0
    errors: int = 0
    pending: int = 0
    cost_usd: float = 0.0
    recent: deque[float] = field(default_factory=deque)

    def calls_per_second(self) -> float:
        now = time.monotonic()
        while self.recent and self.recent[0] < now - RATE_WINDOW_S:
            self.recent.popleft()
        return len(self.recent) / max(now - self.recent[0], 1.0) if self.recent else 0.0


class Tally:
    """Counts on from where a run stood; of one part of it alone, from nothing.

    `pending` are the cells to be asked, `failed` those among them that ended in an error before.
    """

    def __init__(self, before: Progress, pending: Iterable[Cell], failed: Collection[Cell]) -> None:
        self._unsplit_usd = before.unsplit_usd
        self._failed = frozenset(failed)
        self._counts = {model: _Count(one) for model, one in before.models.items()}
        for cell in pending:
            self._counts[cell.model].pending += 1

    def add(self, response: Response) -> None:
        """Count one attempt; only a final one ends a cell."""
        count = self._counts[response.cell.model]
        count.cost_usd += response.reply.cost_usd or 0.0
        if not response.reply.cached:
            count.recent.append(time.monotonic())
        if response.final:
            again = response.cell in self._failed
            count.pending -= 1
            count.done += not again
            count.errors += (response.reply.outcome is Outcome.ERROR) - again

    def progress(self, lanes: Mapping[str, Asking]) -> Progress:
        """Return how far it is, with what the models' lanes say of this moment."""
        return Progress(
            {model: _with(count, lanes[model]) for model, count in self._counts.items()}, self._unsplit_usd
        )


def _with(count: _Count, lane: Asking) -> ModelProgress:
    since = ModelProgress(
        done=count.done,
        errors=count.errors,
        pending=count.pending,
        in_flight=lane.in_flight,
        retries=lane.retries,
        cost_usd=count.cost_usd,
        calls_per_second=count.calls_per_second(),
        fault=lane.fault,
    )
    return count.before + since


def stopped(mark: str) -> RunState:
    """Return the state of a run that ended before it was complete, by the mark that asked it to, or ''."""
    marks = {"cancel": RunState.CANCELLED, "pause": RunState.PAUSED}
    return marks.get(mark, RunState.INTERRUPTED)


def duration(seconds: float) -> str:
    """Return a time in its largest fitting unit: `45 s`, `12 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def dollars(amount: float) -> str:
    """Return an amount of US dollars to the cent; nothing for nothing."""
    if not amount:
        return ""
    return f"${amount:,.2f}" if amount >= 0.01 else "< $0.01"
