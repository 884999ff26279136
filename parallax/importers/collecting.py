"""The first reading: which runs a source's answers make, under ids that their content decides."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from parallax.errors import RowError, RunError
from parallax.importers import vendors
from parallax.importers.answers import Answer, Group, Look, Recording, Source, Tally
from parallax.importers.seen import Seen
from parallax.plan import Plan
from parallax.records import Outcome, Probe, RunState
from parallax.spool import RunFolder

MOST_RUNS = 200
MOST_PROBES = 200_000
MOST_MODELS = 2_000
_DIGITS = 12


@dataclass(slots=True)
class Gathered:
    """What is known of one group once its answers were read."""

    probes: dict[str, Probe] = field(default_factory=dict)
    cells: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    samples: int = 1
    answers: int = 0
    newest: datetime | None = None
    digest: Any = field(default_factory=sha256)

    def add(self, one: Answer, *, is_first: bool) -> None:
        """Count an answer; `is_first` says that its cell was not met before."""
        self.probes.setdefault(one.probe.id, one.probe)
        self.cells[one.model] += is_first
        self.errors[one.model] += is_first and one.reply.outcome is Outcome.ERROR
        self.outcomes[one.reply.outcome] += 1
        self.labels.update(label.rater for label in one.labels)
        self.samples = max(self.samples, one.sample + 1)
        self.answers += 1
        if one.created_at:
            self.newest = max(self.newest or one.created_at, one.created_at)
        self.digest.update(_canonical(one))
        if len(self.probes) > MOST_PROBES or len(self.cells) > MOST_MODELS:
            raise RowError(
                f"more than {MOST_PROBES:,} probes or {MOST_MODELS:,} models; check which columns are meant"
            )


def _canonical(one: Answer) -> bytes:
    reply = one.reply
    ended = (reply.outcome, reply.block, reply.finish_reason, reply.text, reply.reasoning)
    labels = [(label.rater, label.verdict.label, label.verdict.reason) for label in one.labels]
    cell = (one.probe.id, one.model, one.sample, one.attempt, str(one.created_at))
    return json.dumps([cell, ended, labels]).encode()


def look(source: Source, spool: Path) -> Look:
    """Read a source once, store nothing, and return what an import would bring in.

    Raises `RowError` where a file cannot be read, or there is more than an import can hold.
    """
    tally = Tally()
    found: dict[Group, Gathered] = {}
    with Seen() as seen:
        for one in source.answers(tally):
            cell = (one.group, one.probe.id, one.model, one.sample)
            found.setdefault(one.group, Gathered()).add(one, is_first=not seen.times(cell))
            if len(found) > MOST_RUNS:
                raise RowError(f"more than {MOST_RUNS} sets or runs; check which columns are meant")
    return Look(source, tuple(_recording(source, group, found[group], spool) for group in found), tally)


def _recording(source: Source, group: Group, of: Gathered, spool: Path) -> Recording:
    probe_set = source.probe_set(group, of.probes)
    of.digest.update(probe_set.hash.encode())
    content = of.digest.hexdigest()
    specs = tuple(vendors.entry(name) for name in sorted(of.cells))
    plan = Plan(
        run=_run_id(group, content, spool),
        name=probe_set.title,
        created_at=of.newest or datetime.now(UTC),
        probe_set=probe_set,
        models=specs,
        samples=of.samples,
        recorded=True,
        imported=source.format,
        content=content,
        held=of.cells.total(),
    )
    return Recording(
        group, plan, of.outcomes, of.labels, of.cells, of.errors, of.answers, _is_here(spool, plan)
    )


def _run_id(group: Group, content: str, spool: Path) -> str:
    """Return the id that the rows name, where no other content has it; else one made of set and content."""
    if own := _slug(group.run):
        before = _plan(spool, own)
        # a run of one's own is not imported over: its export is what it has already
        return own if before is None or before.content in ("", content) else f"{own}-{content[:_DIGITS]}"
    return f"{_slug(group.probe_set) or 'imported'}-{content[:_DIGITS]}"


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80].strip("-")


def _plan(spool: Path, run: str) -> Plan | None:
    with suppress(RunError):
        return RunFolder(spool, run).plan()
    return None


def _is_here(spool: Path, plan: Plan) -> bool:
    """True where an import of this content has ended, or the run is one of our own."""
    before = _plan(spool, plan.run)
    if before is None or not before.content:
        return before is not None
    return RunFolder(spool, plan.run).heartbeat().get("state") == RunState.FINISHED
