"""The commands that read the store, or feed it: what lies in the spool is taken in first."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from parallax import costs, models, terminal
from parallax.config import Settings
from parallax.errors import ParallaxError, RunError, StoreLockedError
from parallax.spool import RunFolder

# the store is imported where it is opened: a worker, which starts by the same door, must not pay for it
if TYPE_CHECKING:
    from parallax.judging import Judged
    from parallax.store import Selection, Store

Command = Callable[[argparse.Namespace, Settings], int]
Add = Callable[[str, Command, str], argparse.ArgumentParser]
INTERRUPTED = 130


def register(add: Add) -> None:
    """Name these commands and their arguments; `add` takes a command's name, what does it, and its help."""
    sub = add("rate", rate, "rate stored answers again that an older built-in rater labelled")
    sub.add_argument("runs", nargs="*", metavar="RUN", help="none: all of them")
    _add_judge(add("judge", judge, "let a model label a run's answers, beside the rules"))
    _add_export(add("export", export, "write responses to a CSV or Parquet file"))


def _add_judge(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("run", metavar="RUN")
    sub.add_argument("-m", "--model", required=True, metavar="ID", help="the judge")
    sub.add_argument("--max-cost", type=float, metavar="USD", help="stop before it costs more")
    sub.add_argument("--plain", action="store_true", help="do not ask its host for JSON by a schema")
    sub.add_argument("--estimate", action="store_true", help="say what it would cost, and ask nothing")


def _add_export(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--kind", choices=["long"], default="long", help="long: one row a response")
    sub.add_argument("--out", type=Path, required=True, metavar="F", help="a .csv or .parquet file")
    for name in ("run", "model", "country", "topic", "language", "rater"):
        sub.add_argument(f"--{name}", action="append", default=[], metavar="X", help="only this (repeatable)")
    sub.add_argument("--raw", action="store_true", help="leave texts as they are, formulas too")


def ingest_where_free(settings: Settings) -> None:
    """Take in what lies in the spool, unless another process holds the store: a dashboard does so itself."""
    from parallax.store import shut

    try:
        store = _fed_store(settings)
    except StoreLockedError:
        return
    store.bump()
    shut(settings.store)


def _fed_store(settings: Settings) -> Store:
    """Open the store with everything in it that lies in the spool."""
    from parallax.store import ingest, open_store

    store = open_store(settings.store)
    ingest(store, settings.spool)
    return store


def export(args: argparse.Namespace, settings: Settings) -> int:
    """Write the selected answers to a file; returns the exit code."""
    from parallax import exports
    from parallax.store import Selection

    selection = Selection(
        runs=tuple(args.run),
        models=tuple(args.model),
        countries=tuple(args.country),
        topics=tuple(args.topic),
        languages=tuple(args.language),
        raters=tuple(args.rater),
    )
    exports.check_ending(args.out)
    rows = _exported(settings, selection, args.out, raw=args.raw)
    print(f"{args.out}: {rows} rows", file=sys.stderr)
    return 0


def _exported(settings: Settings, selection: Selection, out: Path, *, raw: bool) -> int:
    """Write an export from the store, or have the dashboard that holds it do so; returns its rows."""
    from parallax import dashboard, exports

    try:
        return exports.write_long(_fed_store(settings), selection, out, raw=raw)
    except StoreLockedError:
        return dashboard.export(settings, selection, out, raw=raw)


def rate(args: argparse.Namespace, settings: Settings) -> int:
    """Bring the built-in rater's labels of some runs, or of all, up to date; returns the exit code."""
    from parallax.rerating import rerate
    from parallax.store import ingest

    store = _fed_store(settings)
    known = [run for (run,) in store.rows("SELECT run FROM runs ORDER BY created_at")]
    for run in args.runs or known:
        if run not in known:
            raise RunError(f"there is no run '{run}' in the store; `python -m parallax runs` lists them")
        again = rerate(store, RunFolder(settings.spool, run))
        print(f"{run}: {again.answers} answers rated again, {again.changed} labels changed", file=sys.stderr)
    ingest(store, settings.spool)
    store.bump()
    return 0


def judge(args: argparse.Namespace, settings: Settings) -> int:
    """Let a model label a run's answers, or say what that would cost; returns the exit code."""
    from parallax import judge as rubric
    from parallax import judging
    from parallax.store import Selection, shut

    (spec,) = models.pick(models.load(settings.models_file), [args.model])
    RunFolder(settings.spool, args.run).plan()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answers.parquet"
        _exported(settings, Selection(runs=(args.run,)), out, raw=True)
        shut(settings.store)
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
