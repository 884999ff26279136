"""The built-in rater's labels brought up to date: answers that an older version of it labelled, rated again.

Nothing is overwritten. The new labels go the way of a judge's, through the spool; the older ones stay in the
table of labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import pyarrow as pa

from parallax import shards
from parallax.raters import Rules
from parallax.records import Label, Labelled, LabelValue, Probe
from parallax.spool import RunFolder
from parallax.store import Store, as_shard

BATCH = 5_000


class Rerated(NamedTuple):
    """How many answers of a run were rated again, and how many of them got another label than before."""

    answers: int
    changed: int


class _Again(NamedTuple):
    before: LabelValue | None
    now: Labelled


def rerate(store: Store, folder: RunFolder, *, unrated: bool = False) -> Rerated:
    """Rate the answers of a run anew that another version of the rater labelled; the labels go to the spool.

    With `unrated` also those that it never labelled: imported ones that came with labels of their own.
    Raises `RunError` where the run has no readable plan, `SpoolError` where the spool cannot be written.
    """
    rater = Rules()
    probes = {probe.id: probe for probe in folder.plan().probe_set.probes}
    answers = changed = 0
    for batch in as_shard(store, folder.run).to_batches(max_chunksize=BATCH):
        found = list(_again(rater, probes, pa.Table.from_batches([batch]), unrated=unrated))
        if found:
            shards.put_labels(folder, [one.now for one in found])
        answers += len(found)
        changed += sum(one.before != one.now.label.verdict.label for one in found)
    return Rerated(answers, changed)


def _again(rater: Rules, probes: Mapping[str, Probe], table: pa.Table, *, unrated: bool) -> Iterator[_Again]:
    for response in shards.from_table(table):
        before = response.label
        if before.version == rater.version if before else not (unrated and response.final):
            continue
        verdict = rater.rate(probes[response.cell.probe], response.reply)
        label = Label(verdict, rater.name, rater.version, datetime.now(UTC))
        given = Labelled(response.run, response.cell, response.attempt, label)
        yield _Again(before.verdict.label if before else None, given)
