"""The command line: `python -m parallax COMMAND`. Each command's help says what it does.

What opens the store, reads probe files or serves models is imported by the commands that do so: it costs a
second of CPU, which each process of a worker would pay before it asks anything.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from parallax import (
    config,
    costs,
    drift,
    import_commands,
    jobs,
    models,
    store_commands,
    strays,
    terminal,
    worker,
)
from parallax import plan as plans
from parallax.config import Settings
from parallax.errors import ParallaxError, RunError
from parallax.jobs import RunStatus
from parallax.records import ModelSpec, Outcome, RunState
from parallax.spool import RunFolder
from parallax.store_commands import INTERRUPTED, Command
from parallax.tally import dollars

LOOK_EVERY_S = 0.5
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
    sub.add_argument(
        "--port", type=int, default=config.DASHBOARD_PORT, help="of the dashboard (default: %(default)s)"
    )
    _add_run(add("run", _run, "send a probe set to models; prints the run id"))
    sub = add("resume", _resume, "ask what is open in a run, or ended in an error; follows one that is live")
    sub.add_argument("run", metavar="RUN")
    sub.add_argument("--errors", action="store_true", help="only what ended in an error")
    sub.add_argument("--max-cost", type=float, metavar="USD", help="let all of it cost up to this")
    sub = add("extend", _extend, "add models or samples to a run, and ask them")
    sub.add_argument("run", metavar="RUN")
    sub.add_argument("-m", "--model", action="append", default=[], metavar="ID", help="may be repeated")
    sub.add_argument("--samples", type=int, metavar="N", help="answers to each probe, in all")
    for why, help in (
        ("pause", "stop a run's worker for now; what was answered stays"),
        ("cancel", "stop a run's worker; what was answered stays"),
    ):
        sub = add(why, _stop, help)
        sub.set_defaults(why=why)
        sub.add_argument("run", metavar="RUN")
    sub = add("worker", _worker, "work on a planned run; the dashboard starts this")
    sub.add_argument("run", metavar="RUN")
    sub.add_argument("--errors", action="store_true", help="only what ended in an error")
    add("runs", _runs, "list the runs, newest first")
    sub = add("models", _models, "list the models of models.toml")
    sub.add_argument("--check", action="store_true", help="does each one answer, and if not, why")
    sub = add("validate", _validate, "check probe files; exit code 1 where one has a fault")
    sub.add_argument("files", type=Path, nargs="+", metavar="FILE")
    _add_classify(add("classify", _classify, "rate recorded answers offline: label, reason, confidence"))
    store_commands.register(add)
    drift.register(add)
    import_commands.register(add)
    return parser


def _add_run(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("probes", type=Path, metavar="PROBES", help="a probe file")
    sub.add_argument("-m", "--model", action="append", required=True, metavar="ID", help="may be repeated")
    sub.add_argument("--samples", type=int, default=1, help="answers to each probe (default: 1)")
    sub.add_argument("--concurrency", type=int, help="calls at once, each model (default: as in models.toml)")
    sub.add_argument("--workers", type=int, metavar="N", help="processes (default: by size)")
    sub.add_argument("--max-tokens", type=int, help="longest answer, in tokens")
    sub.add_argument("--temperature", type=float)
    sub.add_argument("--max-cost", type=float, metavar="USD", help="stop before it costs more than this")
    sub.add_argument("--fresh", action="store_true", help="take no answer from the response cache")
    sub.add_argument("--name", default="", help="what the run is called in the pages")
    sub.add_argument("--estimate", action="store_true", help="say what it would cost, and ask nothing")


def _add_classify(sub: argparse.ArgumentParser) -> None:
    for name, what in (("in", "read"), ("out", "write")):
        sub.add_argument(
            f"--{name}",
            dest=f"{name}_file",
            required=True,
            metavar="F",
            help=f"JSON lines to {what}; - or .gz too",
        )


def _demo(args: argparse.Namespace, settings: Settings) -> int:
    from parallax import demo

    return demo.main(settings, args.port)


def _run(args: argparse.Namespace, settings: Settings) -> int:
    from parallax import probes

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
        providers=models.providers(settings.models_file),
        max_cost_usd=args.max_cost,
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
    folder = RunFolder(settings.spool, args.run)
    while (now := jobs.status(folder)).state is RunState.WAITING:
        time.sleep(LOOK_EVERY_S)
    if now.is_active:
        if args.max_cost is not None:
            raise RunError(f"run {args.run} has a worker already; pause it, then resume with --max-cost")
        return _attach(folder)
    if args.max_cost is not None:
        jobs.set_max_cost(settings, args.run, args.max_cost)
    if now.state is RunState.FINISHED and not now.errors:
        print(f"{args.run}: finished, every cell has its answer")
        return 0
    jobs.check_resumable(now, errors_only=args.errors)
    folder.clear_stop()
    return _work(settings, args.run, errors_only=args.errors)


def _attach(folder: RunFolder) -> int:
    """Show a run that another process works on until it ends; returns what `run` would."""
    try:
        with terminal.shown() as show:
            while (now := jobs.status(folder)).is_active:
                show(folder.heartbeat())
                time.sleep(LOOK_EVERY_S)
            show(folder.heartbeat())
    except KeyboardInterrupt:
        print(
            f"{folder.run}: goes on by itself; python -m parallax cancel {folder.run} ends it",
            file=sys.stderr,
        )
        return INTERRUPTED
    return _tell_end(now)


def _extend(args: argparse.Namespace, settings: Settings) -> int:
    specs = models.pick(models.load(settings.models_file), args.model) if args.model else []
    before = RunFolder(settings.spool, args.run).plan()
    after = jobs.extend(settings, args.run, specs, args.samples)
    if after == before:
        print(f"{args.run}: nothing new, it has these models and samples already")
        return 0
    if sys.stderr.isatty():
        print(*jobs.added_costs(before, after), sep="\n", file=sys.stderr)
    RunFolder(settings.spool, args.run).clear_stop()
    return _work(settings, args.run)


def _work(settings: Settings, run: str, *, errors_only: bool = False) -> int:
    try:
        with terminal.shown() as show:

            def tell(beat: dict[str, Any]) -> None:
                show(beat)
                if "processes" in beat:
                    # others ask: meanwhile this one can import what it needs when they have ended
                    store_commands.preload()

            worker.work(settings, run, errors_only=errors_only, progress=tell)
    finally:
        store_commands.ingest_where_free(settings)
    return _tell_end(jobs.status(RunFolder(settings.spool, run)))


def _tell_end(now: RunStatus) -> int:
    """Say in a line how a run ended, and return the exit code that this has."""
    counts = f"{now.state}, {now.done - now.errors} of {now.total} answered, {now.errors} errors"
    if now.message:
        message = terminal.printable(now.message)
        raise ParallaxError(f"{message} ({counts}); mend it, then: python -m parallax resume {now.run}")
    cost = f", {said}" if (said := dollars(now.cost_usd)) else ""
    print(f"{now.run}: {counts}{cost}{now.note and f'; {now.note}'}", file=sys.stderr)
    if now.state is not RunState.FINISHED:
        return INTERRUPTED
    return 1 if now.errors else 0


def _stop(args: argparse.Namespace, settings: Settings) -> int:
    jobs.stop(settings, args.run, args.why)
    print(f"{args.run}: stopping; python -m parallax resume {args.run} goes on with it")
    return 0


def _worker(args: argparse.Namespace, settings: Settings) -> int:
    worker.spare_pandas()
    worker.work(settings, args.run, errors_only=args.errors)
    return 0


def _runs(args: argparse.Namespace, settings: Settings) -> int:
    listed = jobs.runs(settings)
    for run in listed:
        counts = f"{run.done}/{run.total}  {run.errors} errors"
        names = f"{','.join(run.models)}  {run.name}"
        print(f"{run.run}  {run.state:<11}  {counts}  {names}{run.note and f'; {run.note}'}")
    troubles = [f"{run.run}: {run.trouble}" for run in listed if run.trouble]
    for line in [*troubles, *strays.lines(settings.spool)]:
        print(line, file=sys.stderr)
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
    from parallax import probes

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
    from parallax import classify

    rows = classify.classify(args.in_file, args.out_file)
    print(f"{args.in_file}: {rows} rows rated", file=sys.stderr)
    return 0
