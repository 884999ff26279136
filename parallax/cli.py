"""The command line: `python -m parallax COMMAND`. Each command's help says what it does."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from parallax import classify, config, costs, dashboard, demo, exports, jobs, models, probes, worker
from parallax import plan as plans
from parallax.config import Settings
from parallax.errors import ParallaxError, StoreLockedError
from parallax.parts import Part
from parallax.records import ModelSpec, Outcome, RunState
from parallax.spool import RunFolder
from parallax.store import Selection, Store, ingest, open_store, shut

Command = Callable[[argparse.Namespace, Settings], int]
INTERRUPTED = 130
_ABOUT = "Send the same probes to several models, and see what each declines."


class _Parser(argparse.ArgumentParser):
    """Tells a mistake in one line, as every other mistake is told."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; --help tells more\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 2 for a mistake, told in one line on stderr."""
    args = _parser().parse_args(arguments)
    settings = config.load(args.data, args.models)
    command: Command = args.command
    try:
        return command(args, settings)
    except ParallaxError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m parallax", description=_ABOUT)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Command, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(command=command)
        sub.add_argument("--data", type=Path, metavar="DIR", help="folder of store and spool (default: data)")
        sub.add_argument("--models", type=Path, metavar="FILE", help="models file (default: models.toml)")
        return sub

    sub = add("demo", _demo, "fetch and serve two local models, send them smoke.yaml, open the dashboard")
    sub.add_argument("--port", type=int, default=demo.PORT, help="of the dashboard (default: %(default)s)")

    sub = add("run", _run, "send a probe set to models; prints the run id")
    sub.add_argument("probes", type=Path, metavar="PROBES", help="a probe file")
    sub.add_argument("-m", "--model", action="append", required=True, metavar="ID", help="may be repeated")
    sub.add_argument("--samples", type=int, default=1, help="answers to each probe (default: 1)")
    sub.add_argument("--concurrency", type=int, help="calls at once, each model (default: as in models.toml)")
    sub.add_argument("--workers", type=int, metavar="N", help="processes (default: by size)")
    sub.add_argument("--max-tokens", type=int, help="longest answer, in tokens")
    sub.add_argument("--temperature", type=float)
    sub.add_argument("--fresh", action="store_true", help="take no answer from the response cache")
    sub.add_argument("--name", default="", help="what the run is called in the pages")
    sub.add_argument("--estimate", action="store_true", help="say what it would cost, and ask nothing")

    for name, command, help in (
        ("resume", _resume, "ask what is open in a run, or ended in an error"),
        ("cancel", _cancel, "stop a run's worker; what was answered stays"),
    ):
        add(name, command, help).add_argument("run", metavar="RUN")
    sub = add("worker", _worker, "work on a planned run; the dashboard starts this")
    sub.add_argument("run", metavar="RUN")
    sub.add_argument("--part", type=Part.parse, metavar="I/N", help="as the I-th (from 0) of N processes")
    add("runs", _runs, "list the runs, newest first")
    sub = add("models", _models, "list the models of models.toml")
    sub.add_argument("--check", action="store_true", help="does each one answer, and if not, why")
    sub = add("validate", _validate, "check probe files; exit code 1 where one has a fault")
    sub.add_argument("files", type=Path, nargs="+", metavar="FILE")
    sub = add(
        "classify", _classify, "rate recorded answers offline; adds label, reason and confidence to each row"
    )
    for name, what in (("in", "read"), ("out", "write")):
        sub.add_argument(
            f"--{name}",
            dest=f"{name}_file",
            required=True,
            metavar="F",
            help=f"JSON lines to {what}; - or .gz too",
        )
    _add_export(add("export", _export, "write responses to a CSV or Parquet file"))
    return parser


def _add_export(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--kind", choices=["long"], default="long", help="long: one row a response")
    sub.add_argument("--out", type=Path, required=True, metavar="F", help="a .csv or .parquet file")
    for name in ("run", "model", "country", "topic", "language", "rater"):
        sub.add_argument(f"--{name}", action="append", default=[], metavar="X", help="only this (repeatable)")
    sub.add_argument("--raw", action="store_true", help="leave texts as they are, formulas too")


def _demo(args: argparse.Namespace, settings: Settings) -> int:
    return demo.main(settings, args.port)


def _run(args: argparse.Namespace, settings: Settings) -> int:
    probe_set = probes.load(args.probes)
    specs = models.pick(models.load(settings.models_file), args.model)
    if not args.estimate:
        models.require_keys(specs)
    params = {"max_tokens": args.max_tokens, "temperature": args.temperature}
    plan = plans.new(
        probe_set,
        specs,
        samples=args.samples,
        params={name: value for name, value in params.items() if value is not None},
        concurrency=args.concurrency,
        workers=args.workers,
        fresh=args.fresh,
        name=args.name,
    )
    asked = costs.estimate(plan.probe_set, plan.models, plan.samples, concurrency=plan.concurrency)
    if args.estimate:
        print(asked.sentence)
        return 0
    if sys.stderr.isatty():
        print(asked.sentence, file=sys.stderr)
    RunFolder(settings.spool, plan.run).create(plan)
    print(plan.run, flush=True)
    return _work(settings, plan.run)


def _resume(args: argparse.Namespace, settings: Settings) -> int:
    now = jobs.status(RunFolder(settings.spool, args.run))
    if now.state is RunState.FINISHED and not now.is_resumable:
        print(f"{args.run}: finished, every cell has its answer")
        return 0
    if not now.is_active:
        RunFolder(settings.spool, args.run).clear_stop()
    return _work(settings, args.run)


def _work(settings: Settings, run: str) -> int:
    try:
        state = worker.work(settings, run, progress=_show if sys.stderr.isatty() else lambda beat: None)
    finally:
        _ingest_where_free(settings)
    now = jobs.status(RunFolder(settings.spool, run))
    counts = f"{state}, {now.done - now.errors} of {now.total} answered, {now.errors} errors"
    if now.message:
        raise ParallaxError(f"{now.message} ({counts}); mend it, then: python -m parallax resume {run}")
    print(f"{run}: {counts}", file=sys.stderr)
    if state is not RunState.FINISHED:
        return INTERRUPTED
    return 1 if now.errors else 0


def _show(beat: dict[str, Any]) -> None:
    rate = beat["calls_per_second"]
    left = f", {(beat['total'] - beat['done']) / rate:.0f} s left" if rate else ""
    counts = f"{beat['done']}/{beat['total']} answered, {beat['in_flight']} in flight"
    end = "\n" if beat["state"] != RunState.RUNNING else ""
    print(f"\r\x1b[K{counts}, {rate:.1f} a second{left}", end=end, file=sys.stderr, flush=True)


def _ingest_where_free(settings: Settings) -> None:
    try:
        store = _fed_store(settings)
    except StoreLockedError:
        return  # its holder, a dashboard, ingests the shards
    store.bump()
    shut(settings.store)


def _fed_store(settings: Settings) -> Store:
    """Open the store with everything in it that lies in the spool."""
    store = open_store(settings.store)
    ingest(store, settings.spool)
    return store


def _cancel(args: argparse.Namespace, settings: Settings) -> int:
    jobs.stop(settings, args.run)
    print(f"{args.run}: stopping; python -m parallax resume {args.run} goes on with it")
    return 0


def _worker(args: argparse.Namespace, settings: Settings) -> int:
    if args.part:
        worker.work_part(settings, args.run, args.part)
    else:
        worker.work(settings, args.run)
    return 0


def _runs(args: argparse.Namespace, settings: Settings) -> int:
    for run in jobs.runs(settings):
        counts = f"{run.done}/{run.total}  {run.errors} errors"
        print(f"{run.run}  {run.state:<11}  {counts}  {','.join(run.models)}  {run.name}")
    return 0


def _models(args: argparse.Namespace, settings: Settings) -> int:
    specs = models.load(settings.models_file)
    if args.check:
        return 0 if asyncio.run(_check(list(specs.values()))) else 1
    for spec in specs.values():
        print(f"{spec.id}  {spec.litellm}  {spec.developer or '-'}  {spec.home or '-'}")
    return 0


async def _check(specs: Sequence[ModelSpec]) -> bool:
    # imported here because it costs seconds that no other command should pay
    from parallax import providers

    providers.prepare(specs)
    all_answer = True
    for spec in specs:
        try:
            models.require_keys([spec])
            reply = await providers.ask(spec, "Say yes.", params={"max_tokens": 16}, timeout_s=30.0)
            fault = reply.error if reply.outcome is Outcome.ERROR else ""
        except ParallaxError as error:
            fault = str(error)
        all_answer = all_answer and not fault
        print(f"{spec.id}  {f'does not answer: {fault}' if fault else f'answers in {reply.latency_s:.1f} s'}")
    await providers.close()
    return all_answer


def _validate(args: argparse.Namespace, settings: Settings) -> int:
    faulty = False
    for path in args.files:
        reading = probes.read_file(path)
        for fault in reading.faults:
            print(f"{path}: {fault}")
        for warning in reading.warnings:
            print(f"{path}: warning: {warning}")
        if found := reading.probe_set:
            print(f"{path}: {len(found.probes)} probes, version {found.version}, {found.hash[:12]}")
        faulty |= found is None
    return 1 if faulty else 0


def _classify(args: argparse.Namespace, settings: Settings) -> int:
    rows = classify.classify(args.in_file, args.out_file)
    print(f"{args.in_file}: {rows} rows rated", file=sys.stderr)
    return 0


def _export(args: argparse.Namespace, settings: Settings) -> int:
    selection = Selection(
        runs=tuple(args.run),
        models=tuple(args.model),
        countries=tuple(args.country),
        topics=tuple(args.topic),
        languages=tuple(args.language),
        raters=tuple(args.rater),
    )
    exports.check_ending(args.out)
    try:
        rows = exports.write_long(_fed_store(settings), selection, args.out, raw=args.raw)
    except StoreLockedError:
        rows = dashboard.export(settings, selection, args.out, raw=args.raw)
    print(f"{args.out}: {rows} rows", file=sys.stderr)
    return 0
