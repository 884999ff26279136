"""The commands that read the store, or feed it: what lies in the spool is taken in first."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from parallax import costs, models, terminal
from parallax.config import Settings
from parallax.errors import ParallaxError, StoreLockedError
from parallax.spool import RunFolder

# the store is imported where it is opened: a worker, which starts by the same door, must not pay for it
if TYPE_CHECKING:
    from parallax.judging import Judged

INTERRUPTED = 130


def ingest_where_free(settings: Settings) -> None:
    """Take in what lies in the spool, unless another process holds the store: a dashboard does so itself."""
    from parallax import exporting
    from parallax.store import shut

    try:
        store = exporting.fed_store(settings)
    except StoreLockedError:
        return
    store.bump()
    shut(settings.store)


def export(args: argparse.Namespace, settings: Settings) -> int:
    """Write the selected answers or what is made of them to a file; returns the exit code."""
    from parallax import exporting, exports
    from parallax.exports import Export, Kind

    wanted = Export(
        Kind(args.kind),
        exports.selected(**{name: getattr(args, name) for name in (*exports.FILTERS, "critical")}),
        tuple(axis for axis in args.by.split(",") if axis),
        exports.ending_of(args.out),
        raw=args.raw,
        excel=args.excel,
    )
    found = exporting.with_provenance(settings, wanted, args.out)
    print(f"{args.out}: {found.rows} rows", file=sys.stderr)
    return 0


def judge(args: argparse.Namespace, settings: Settings) -> int:
    """Let a model label a run's answers, or say what that would cost; returns the exit code."""
    from parallax import exporting, judging
    from parallax import judge as rubric
    from parallax.exports import Export
    from parallax.store import Selection

    (spec,) = models.pick(models.load(settings.models_file), [args.model])
    RunFolder(settings.spool, args.run).plan()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answers.parquet"
        exporting.to_file(settings, Export(selection=Selection(runs=(args.run,)), ending=".parquet"), out)
        found = judging.answers(out)
    given = models.providers(settings.models_file)
    asked = judging.questions(found, rubric.entry(spec, structured=not args.plain), given, args.max_cost)
    said = costs.estimate(asked.probe_set, asked.models).sentence
    if args.estimate:
        print(said)
        return 0
    models.require_keys([spec])
    print(said, file=sys.stderr)
    ended = asyncio.run(judging.run(settings, found, asked))
    ingest_where_free(settings)
    return _tell_judged(args.run, rubric.name(spec), ended)


def _tell_judged(run: str, name: str, ended: Judged) -> int:
    """Say in a line how a judge's pass ended, and return the exit code that this has."""
    counts = ", ".join(f"{count} {label}" for label, count in sorted(ended.labels.items()))
    if ended.fault:
        raise ParallaxError(f"{name}: {terminal.printable(ended.fault)} ({counts or 'nothing labelled'})")
    print(f"{run}: {name} labelled {ended.labels.total()} of {ended.asked}: {counts}", file=sys.stderr)
    if ended.labels.total() < ended.asked:
        return INTERRUPTED
    return 1 if ended.labels["error"] else 0
