"""What every importer speaks: one recorded answer, where answers come from, and what was found there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from parallax.plan import Plan
from parallax.raters import Rules
from parallax.records import Label, Outcome, Probe, ProbeSet, Reply

MOST_LINES = 40
# what a count of labels or rows that are left out is kept under
OTHER_TEXT = "labels of judges on another text than the answer at hand"
NO_MATTER = "labels of judges on answers that were blocked or failed"
NO_ANSWER = "labels of judges on questions without an answer"


class Group(NamedTuple):
    """What becomes one run: a probe set, and the id of the run that the rows themselves name, or ''."""

    probe_set: str
    run: str = ""


class Answer(NamedTuple):
    """A recorded answer; `created_at` is in UTC, None where nobody noted it.

    `labels` are those that it came with. One of the rater `rules` stands for a rating of our own.
    """

    group: Group
    probe: Probe
    model: str
    sample: int
    attempt: int
    reply: Reply
    created_at: datetime | None
    labels: tuple[Label, ...] = ()


@dataclass(slots=True)
class Tally:
    """What is counted while answers are read: what was left out and why, and what is wrong in which line.

    `faults` holds the first `MOST_LINES` lines, `broken` how many rows they are in all.
    """

    left_out: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    broken: int = 0
    skipped: list[str] = field(default_factory=list)

    def fault(self, where: str, text: str) -> None:
        """Count a row that cannot be imported, and keep its line."""
        self.broken += 1
        if len(self.faults) < MOST_LINES:
            self.faults.append(f"{where}: {text}")

    def skip(self, where: str, why: str) -> None:
        """Keep the line of a file that is not imported at all."""
        self.skipped.append(f"{where}: {why}")


class Source(Protocol):
    """Recorded answers in files of one format; they can be read any number of times."""

    @property
    def format(self) -> str:
        """The name of the format."""
        ...

    def answers(self, tally: Tally) -> Iterator[Answer]:
        """Yield every answer in an order that is always the same, and count in `tally` what is none."""
        ...

    def probe_set(self, group: Group, asked: Mapping[str, Probe]) -> ProbeSet:
        """Return the set of a group; `asked` are the probes that answers were met of, by their ids."""
        ...

    def describe(self) -> list[str]:
        """Return lines that tell a person how the files were understood."""
        ...

    def keep(self) -> None:
        """Keep what a person said of the files for the next ones of their kind."""
        ...


@dataclass(frozen=True, slots=True)
class Recording:
    """One run to be: its plan, and what its answers are. `cells` counts them by model.

    `here` says that the very same content was imported before.
    """

    group: Group
    plan: Plan
    outcomes: Mapping[str, int]
    labels: Mapping[str, int]
    cells: Mapping[str, int]
    errors: Mapping[str, int]
    answers: int
    here: bool

    @property
    def rater(self) -> str:
        """Who labelled everything that was answered, if it was one rater alone; else ''."""
        given = {name: count for name, count in self.labels.items() if name != Rules.name}
        answered = sum(self.outcomes.get(ended, 0) for ended in (Outcome.OK, Outcome.TRUNCATED))
        return next(iter(given)) if len(given) == 1 and sum(given.values()) >= answered > 0 else ""


@dataclass(frozen=True, slots=True)
class Look:
    """What an import would bring in, and what not."""

    source: Source
    recordings: tuple[Recording, ...]
    tally: Tally

    @property
    def answers(self) -> int:
        """How many answers there are in all."""
        return sum(one.answers for one in self.recordings)

    def lines(self) -> list[str]:
        """Return what a person should know before it is done, a line each."""
        found = [*self.source.describe(), *(line for one in self.recordings for line in _of(one))]
        return [*found, *([] if self.recordings else ["no answers found"]), *self.notes()]

    def notes(self) -> list[str]:
        """Return what is not imported, and why, a line each."""
        tally = self.tally
        found = [f"left out: {count:,} {what}" for what, count in tally.left_out.items()]
        found += [f"skipped: {line}" for line in _first(tally.skipped, len(tally.skipped))]
        return found + [f"broken: {line}" for line in _first(tally.faults, tally.broken)]


def _of(one: Recording) -> list[str]:
    plan, times = one.plan, one.outcomes
    counts = f"{len(plan.models):,} models, {len(plan.probe_set.probes):,} probes, {one.answers:,} answers"
    ended = ", ".join(f"{count:,} {name}" for name, count in sorted(times.items()))
    return [
        f"{plan.run}: {plan.probe_set.title} · {plan.probe_set.version}{' (is here already)' * one.here}",
        f"  {counts}: {ended}; newest of {plan.created_at:%Y-%m-%d}",
        *(f"  {count:,} labels of {rater}" for rater, count in sorted(one.labels.items())),
    ]


def _first(lines: Sequence[str], total: int) -> list[str]:
    rest = total - len(lines[:MOST_LINES])
    return [*lines[:MOST_LINES], *([f"… and {rest:,} more"] if rest else [])]
