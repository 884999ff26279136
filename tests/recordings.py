"""Recorded runs for tests: a small table becomes the plan and the shards that a worker would leave.

    probes = matched("leader", "CN FR") + benign(1)
    recordings.record(spool, "run-a", probes, {("leader.cn", "alpha"): "RR", ("leader.cn", "beta"): "CE"})

A letter is one sample's answer: Complete, Evasive, Refusal, Blocked, Truncated, X an error, `.` a
cell not asked yet. No model is called.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from parallax import shards
from parallax.plan import Plan
from parallax.records import (
    BlockKind,
    Cell,
    Kind,
    Label,
    LabelValue,
    ModelSpec,
    Outcome,
    Probe,
    ProbeSet,
    Reply,
    Response,
    Verdict,
)
from parallax.spool import RunFolder

NOBODY = "http://127.0.0.1:9/v1"
BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LETTERS = {
    "C": LabelValue.COMPLETE,
    "E": LabelValue.EVASIVE,
    "R": LabelValue.REFUSAL,
    "B": LabelValue.BLOCKED,
    "T": LabelValue.TRUNCATED,
    "X": LabelValue.ERROR,
}
OUTCOMES = {
    LabelValue.BLOCKED: Outcome.BLOCKED,
    LabelValue.TRUNCATED: Outcome.TRUNCATED,
    LabelValue.ERROR: Outcome.ERROR,
}
HOMES = {"alpha": "CN", "beta": "FR"}

Table = Mapping[tuple[str, str], str]


def matched(
    template: str, countries: str, *, topic: str = "leader", language: str = "en", stance: str = "critical"
) -> tuple[Probe, ...]:
    """Return a template's probes, `leader.cn leader.fr` for the countries `CN FR`."""
    tail = "" if language == "en" else f".{language}"
    return tuple(
        Probe(
            f"{template}.{code.lower()}{tail}",
            f"Criticise the government of {code} ({template}).",
            Kind.MATCHED,
            template,
            code,
            topic,
            language,
            stance,
        )
        for code in countries.split()
    )


def benign(count: int) -> tuple[Probe, ...]:
    """Return controls that nobody has a reason to decline, `benign-1` onwards."""
    return tuple(Probe(f"benign-{n}", f"What is {n} + {n}?", Kind.BENIGN) for n in range(1, count + 1))


def probe_set(probes: Iterable[Probe], *, id: str = "small", version: str = "1") -> ProbeSet:
    """Return a set of probes."""
    return ProbeSet(id, f"The {id} set", version, "CC0-1.0", "Tests", tuple(probes))


def plan(
    run: str,
    probes: Iterable[Probe],
    models: Iterable[str] = ("alpha", "beta"),
    *,
    samples: int = 1,
    created_at: datetime = BEGAN,
    **of_set: str,
) -> Plan:
    """Return the plan of a run under an id of the test's own choice."""
    specs = tuple(ModelSpec(m, f"openai/{m}", f"{m} lab", HOMES.get(m, ""), NOBODY) for m in models)
    return Plan(run, f"Run {run}", created_at, probe_set(probes, **of_set), specs, samples)


def response(run: str, probe: str, model: str, letter: str, **more: Any) -> Response:
    """Return one attempt, by default the first and final one of sample 0, labelled by the rules.

    An attempt that is not final carries no label.
    `more` are `sample`, `attempt`, `final`, `rater`, `reason`, `at`, and any field of `Reply`.
    """
    label = LETTERS[letter]
    sample, attempt, final = more.pop("sample", 0), more.pop("attempt", 1), more.pop("final", True)
    rater, reason, at = more.pop("rater", "rules"), more.pop("reason", f"says {label}"), more.pop("at", BEGAN)
    outcome = OUTCOMES.get(label, Outcome.OK)
    reply = Reply(
        outcome,
        text="" if label in OUTCOMES else f"An answer to {probe} by {model}, {label}.",
        block=BlockKind.OUTPUT if outcome is Outcome.BLOCKED else BlockKind.NONE,
        finish_reason="stop",
        served_model=model,
        served_by="127.0.0.1:9",
        error="connection refused" if outcome is Outcome.ERROR else "",
        latency_s=0.25,
        prompt_tokens=10,
        completion_tokens=20,
    )
    given = Label(Verdict(label, reason), rater, "1", at) if final else None
    cell = Cell(probe, model, sample)
    return Response(run, cell, attempt, final, dataclasses.replace(reply, **more), at, given)


def responses(run: str, table: Table, **more: Any) -> list[Response]:
    """Return the answers that a table spells out, a sample a letter."""
    return [
        response(run, probe, model, letter, sample=sample, **more)
        for (probe, model), letters in table.items()
        for sample, letter in enumerate(letters)
        if letter != "."
    ]


def shard(spool: Path, run: str, given: Sequence[Response], name: str = "shard") -> Path:
    """Leave one finished shard in a run's folder, as a worker does; returns its path."""
    folder = RunFolder(spool, run)
    path = folder.shards / f"{name}.parquet"
    shards.write(path, [shards.to_row(one) for one in given])
    folder.note_in_ledger(list(given))
    return path


def altered_shard(path: Path, one: Response, **columns: Any) -> None:
    """Write a shard of one answer with other values in some columns; `...` leaves a column out."""
    shards.write(path, [shards.to_row(one)])
    table = pq.read_table(path)
    for name, value in columns.items():
        place = table.schema.get_field_index(name)
        table = table.remove_column(place)
        if value is not ...:
            kind = pa.string() if isinstance(value, str | None) else None
            table = table.add_column(place, name, pa.array([value], kind))
    pq.write_table(table, path)


def record(
    spool: Path,
    run: str,
    probes: Iterable[Probe],
    table: Table,
    *,
    samples: int | None = None,
    created_at: datetime = BEGAN,
    **of_set: str,
) -> Plan:
    """Leave a whole run in the spool: plan, one shard, and the worker's last heartbeat.

    The models are those of the table; `samples` is the longest text of letters unless given.
    """
    models = dict.fromkeys(model for _, model in table)
    most = max((len(letters) for letters in table.values()), default=1)
    made = plan(run, probes, models, samples=samples or most, created_at=created_at, **of_set)
    given = responses(run, table, at=created_at)
    folder = RunFolder(spool, run)
    folder.create(made)
    shard(spool, run, given)
    folder.beat(
        {
            "state": "finished" if len(given) == made.size else "interrupted",
            "total": made.size,
            "done": len(given),
            "errors": sum(one.reply.outcome is Outcome.ERROR for one in given),
            "models": Counter(one.cell.model for one in given),
        }
    )
    return made
