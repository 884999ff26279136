"""The recorded study: finished runs that ship with Parallax, for a store that has none of its own.

A run lies in `data/sample/<run>/` as its `plan.json`, which says that it is recorded, and all its answers
as one shard, `answers.parquet`. It comes into the store by the spool, as every other run does.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from parallax import shards
from parallax.config import Settings
from parallax.errors import RunError
from parallax.plan import Plan
from parallax.records import RunState
from parallax.spool import RunFolder, folders, write_atomically, writing
from parallax.store import Store, as_shard, fed_store, forget
from parallax.store.ingest import read_shard

ANSWERS = "answers.parquet"
MOST_BYTES = 5_000_000


class Shipped(NamedTuple):
    """A run of the recorded study: its plan, the folder it ships in, the bytes of that."""

    plan: Plan
    folder: Path
    bytes: int


def available(settings: Settings) -> tuple[Shipped, ...]:
    """Return the runs that ship, in the order they were asked in; none where no study ships."""
    found = [
        Shipped(plan, folder.path, sum(file.stat().st_size for file in folder.path.iterdir()))
        for folder, plan in _recorded(settings.sample)
    ]
    return tuple(sorted(found, key=lambda shipped: shipped.plan.created_at))


def _recorded(place: Path) -> list[tuple[RunFolder, Plan]]:
    """Return the runs of a folder that ship; those without a readable plan are left out."""
    found = []
    for folder in folders(place):
        with suppress(RunError):
            found.append((folder, folder.plan()))
    return [(folder, plan) for folder, plan in found if plan.recorded and not plan.imported]


def add(settings: Settings) -> None:
    """Put the runs that ship into the spool as finished ones; those that are there stay as they are.

    Each run appears by one rename, so that no ingest sees half of it. Raises `ShardError` where its
    answers cannot be read, `SpoolError` where the spool cannot be written.
    """
    for shipped in available(settings):
        folder = RunFolder(settings.spool, shipped.plan.run)
        if folder.path.exists():
            continue
        with writing(folder.path):
            settings.spool.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=settings.spool) as aside:
                made = RunFolder(Path(aside), shipped.plan.run)
                _fill(made, shipped)
                made.path.rename(folder.path)


def _fill(folder: RunFolder, shipped: Shipped) -> None:
    """Make the folder that a worker would have left of a finished run."""
    plan = shipped.plan
    answers = shards.from_table(read_shard(shipped.folder / ANSWERS, plan.run))
    folder.create(plan)
    shutil.copyfile(shipped.folder / ANSWERS, folder.shards / ANSWERS)
    folder.note_in_ledger(answers)
    done = folder.done()
    folder.beat(
        {
            "state": RunState.FINISHED,
            "total": plan.size,
            "done": len(done),
            "errors": sum(cell.failed for cell in done.values()),
            "cost_usd": sum(answer.reply.cost_usd or 0.0 for answer in answers),
            "models": Counter(cell.model for cell in done),
        }
    )


def remove(settings: Settings, store: Store) -> None:
    """Take every run that ships out of the spool and the store.

    Raises `SpoolError` or `StoreError` where something cannot be written; a second call then goes on.
    """
    in_spool = {folder.run for folder, _ in _recorded(settings.spool)}
    in_store = {run for (run,) in store.rows("SELECT run FROM runs WHERE recorded AND imported = ''")}
    forget(store, settings.spool, sorted(in_spool | in_store))


def write(settings: Settings, runs: Sequence[str], out: Path) -> int:
    """Make the recorded study of finished runs of a data folder, in place of the one in `out`.

    Opens the store, and brings in what lies in the spool. Returns the bytes of the study. Raises
    `RunError` where a run is unknown or not finished, or where all are larger than `MOST_BYTES`
    together, and `StoreError` where the store cannot be had; the study in `out` then stays.
    """
    store = fed_store(settings.store, settings.spool)
    with tempfile.TemporaryDirectory() as aside:
        for run in runs:
            _pack(store, RunFolder(settings.spool, run), Path(aside) / run)
        size = sum(file.stat().st_size for file in Path(aside).glob("*/*"))
        if size > MOST_BYTES:
            raise RunError(f"the study has {size:,} bytes, more than {MOST_BYTES:,}; record fewer answers")
        with writing(out):
            for old in folders(out):
                shutil.rmtree(old.path)
            shutil.copytree(aside, out, dirs_exist_ok=True)
    return size


def _pack(store: Store, folder: RunFolder, out: Path) -> None:
    plan = folder.plan()
    ((done,),) = store.rows("SELECT done FROM runs WHERE run = ?", [plan.run])
    if done < plan.size:
        raise RunError(f"run {plan.run} is not finished: {done} of {plan.size} cells are in; resume it first")
    out.mkdir()
    write_atomically(out / "plan.json", replace(plan, recorded=True).to_json().encode())
    pq.write_table(as_shard(store, plan.run), out / ANSWERS, compression="zstd", compression_level=19)
