"""The commands that read the store, or feed it: what lies in the spool is taken in first."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from parallax import costs, models, terminal
from parallax.config import Settings
from parallax.errors import ParallaxError, RowError, RunError, StoreLockedError
from parallax.records import ModelSpec
from parallax.spool import RunFolder, write_atomically

# the store is imported where it is opened: a worker, which starts by the same door, must not pay for it
if TYPE_CHECKING:
    from parallax.exports import Export, Provenance
    from parallax.judging import Judged
    from parallax.passes import Watch

Command = Callable[[argparse.Namespace, Settings], int]
Add = Callable[[str, Command, str], argparse.ArgumentParser]
INTERRUPTED = 130


def register(add: Add) -> None:
    """Name these commands and their arguments; `add` takes a command's name, what does it, and its help."""
    sub = add("rate", rate, "rate stored answers again that an older built-in rater labelled")
    sub.add_argument("runs", nargs="*", metavar="RUN", help="none: all of them")
    sub = add("labels", take_labels, "take in somebody's labels from CSV files, as a rater")
    sub.add_argument("files", type=Path, nargs="+", metavar="FILE")
    sub.add_argument("--rater", default="", metavar="NAME", help="whose they are, for rows that do not say")
    sub.add_argument("--skip-unknown", action="store_true", help="leave out rows whose answer is not here")
    _add_judge(add("judge", judge, "let a model label a run's answers, beside the rules"))
    _add_export(add("export", export, "write answers, rates or gaps to a file"))
    sub = add("report", report, "write a report of runs as one HTML file")
    sub.add_argument("runs", nargs="+", metavar="RUN", help="of one version of a probe set")
    sub.add_argument("--out", type=Path, required=True, metavar="F", help="an HTML file")
    sub.add_argument("--rater", default="", metavar="X", help="whose labels (default: rules)")


def _add_judge(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("run", metavar="RUN")
    sub.add_argument("-m", "--model", required=True, metavar="ID", help="the judge")
    sub.add_argument("--max-cost", type=float, metavar="USD", help="stop before it costs more")
    sub.add_argument("--plain", action="store_true", help="do not ask its host for JSON by a schema")
    sub.add_argument("--estimate", action="store_true", help="say what it would cost, and ask nothing")


def _add_export(sub: argparse.ArgumentParser) -> None:
    kinds = ("long", "wide", "rates", "gaps", "labels")
    tells = (
        "long: a row a response; wide: models side by side; rates, gaps: what is measured; labels: as given"
    )
    sub.add_argument("--kind", choices=kinds, default="long", help=f"{tells} (default: long)")
    sub.add_argument(
        "--out", type=Path, required=True, metavar="F", help="a .csv, .parquet or .jsonl file, or .gz of one"
    )
    sub.add_argument(
        "--by", default="", metavar="AXES", help="axes of rates or gaps, such as country,topic,model"
    )
    for name in ("run", "model", "country", "topic", "language", "rater"):
        sub.add_argument(f"--{name}", action="append", default=[], metavar="X", help="only this (repeatable)")
    sub.add_argument("--critical", action="store_true", help="only critical matched probes, as the heatmap")
    sub.add_argument("--raw", action="store_true", help="CSV: leave texts as they are, formulas too")
    sub.add_argument(
        "--excel", action="store_true", help="CSV: begin with the mark by which Excel knows UTF-8"
    )


def preload() -> None:
    """Import what `ingest_where_free` needs."""
    importlib.import_module("parallax.store")


def ingest_where_free(settings: Settings) -> None:
    """Take in what lies in the spool, unless another process holds the store: a dashboard does so itself."""
    from parallax.store import fed_store, shut

    try:
        store = fed_store(settings.store, settings.spool)
    except StoreLockedError:
        return
    store.bump()
    shut(settings.store)


def export(args: argparse.Namespace, settings: Settings) -> int:
    """Write the selected answers or what is made of them to a file; returns the exit code."""
    from parallax import exporting, exports
    from parallax.exports import Export, Kind

    given = {name: getattr(args, name) for name in (*exports.FILTERS, "critical")}
    wanted = Export(
        Kind(args.kind),
        exports.selected(Kind(args.kind), **given),
        tuple(axis for axis in args.by.split(",") if axis),
        exports.ending_of(args.out),
        raw=args.raw,
        excel=args.excel,
    )
    found = exporting.with_provenance(settings, wanted, args.out)
    print(f"{args.out}: {found.rows} rows", file=sys.stderr)
    return 0


def rate(args: argparse.Namespace, settings: Settings) -> int:
    """Bring the built-in rater's labels of some runs, or of all, up to date; returns the exit code."""
    from parallax.rerating import rerate
    from parallax.store import fed_store, ingest

    store = fed_store(settings.store, settings.spool)
    known = [run for (run,) in store.rows("SELECT run FROM runs ORDER BY created_at")]
    for run in args.runs or known:
        if run not in known:
            raise RunError(f"there is no run '{run}' in the store; `python -m parallax runs` lists them")
        again = rerate(store, RunFolder(settings.spool, run), unrated=bool(args.runs))
        print(f"{run}: {again.answers} answers rated again, {again.changed} labels changed", file=sys.stderr)
    ingest(store, settings.spool)
    store.bump()
    return 0


def take_labels(args: argparse.Namespace, settings: Settings) -> int:
    """Take in labels from CSV files, all of a file or none of it; returns the exit code."""
    from parallax import exporting, labelsets
    from parallax.exports import Export
    from parallax.store import Selection

    for file in args.files:
        try:
            sheet = labelsets.read(file.read_bytes(), args.rater)
        except OSError as error:
            raise RowError(f"{file}: cannot be read: {error.strerror}") from None
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "answers.parquet"
            exporting.to_file(
                settings, Export(selection=Selection(runs=sheet.runs or ()), ending=".parquet"), out
            )
            skip = args.skip_unknown
            found = labelsets.put(settings.spool, file.name, sheet, labelsets.known(out), skip_unknown=skip)
        print(f"{file}: {found.sentence}", file=sys.stderr)
    ingest_where_free(settings)
    return 0


def report(args: argparse.Namespace, settings: Settings) -> int:
    """Write a report of some runs as one HTML file; returns the exit code."""
    from parallax import exporting, reports

    def write(wanted: Export, out: Path) -> Provenance:
        return exporting.to_file(settings, wanted, out)

    page = reports.html(write, args.runs, args.rater)
    write_atomically(args.out, page.encode())
    print(f"{args.out}: {len(page.encode()):,} bytes", file=sys.stderr)
    return 0


def judge(args: argparse.Namespace, settings: Settings) -> int:
    """Let a model label a run's answers, or say what that would cost; returns the exit code."""
    from parallax import passes

    (spec,) = models.pick(models.load(settings.models_file), [args.model])
    folder = RunFolder(settings.spool, args.run)
    folder.plan()
    own = passes.PassFolder(folder, spec.id)
    with nullcontext(passes.Watch(own)) if args.estimate else own.working() as watch:
        return _judge(args, settings, spec, watch)


def _judge(args: argparse.Namespace, settings: Settings, spec: ModelSpec, watch: Watch) -> int:
    from parallax import exporting, judging
    from parallax import judge as rubric
    from parallax.exports import Export
    from parallax.store import Selection

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
    watch.begin(len(found))
    ended = asyncio.run(judging.run(settings, found, asked, watch.tell))
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
