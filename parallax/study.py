"""`make sample`: asks both local models the sets of the recorded study, and packs their answers.

python -m parallax.study [RUN…] [--data DIR] [--models FILE]

It takes one to two hours and may be ended and begun again at any time. With the ids of finished runs it
packs these and asks nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from parallax import config, demo, jobs, local, models, probes, samples
from parallax import plan as plans
from parallax.config import Settings
from parallax.errors import LocalModelError, ParallaxError, RunError
from parallax.records import ModelSpec, ProbeSet, RunState
from parallax.spool import RunFolder

SETS = ("core", "controls")
PARAMS = {"temperature": 0.0, "max_tokens": 160}
LOOK_EVERY_S = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Record the study where no runs are named, then pack it; returns the exit code."""
    args = _parser().parse_args(arguments)
    settings = config.load(args.data or config.load().data / "recording", args.models)
    try:
        size = samples.write(settings, args.runs or record(settings), settings.sample)
    except ParallaxError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(f"{settings.sample}: {size:,} bytes")
    return 0


def record(settings: Settings) -> list[str]:
    """Serve the local models and ask them every set; returns the ids of the finished runs.

    Raises `LocalModelError` where one of the models cannot be served, `RunError` where a run ends
    unfinished: what was answered stays, and the next call goes on with it.
    """
    sets = [probes.load(config.ROOT / "probes" / f"{name}.yaml") for name in SETS]
    with demo.served_models(settings) as specs:
        if missing := local.CATALOGUE.keys() - {spec.id for spec in specs}:
            raise LocalModelError(f"the study needs every local model; missing: {', '.join(sorted(missing))}")
        return [ask(settings, probe_set, specs) for probe_set in sets]


def ask(settings: Settings, probe_set: ProbeSet, specs: Sequence[ModelSpec]) -> str:
    """Ask models a set with the settings of the study, or what is open of it; returns the run's id.

    Raises `RunError` where the run ends unfinished.
    """
    allowed = models.providers(settings.models_file)
    plan = plans.new(probe_set, specs, params=PARAMS, name="Recorded study", providers=allowed)
    run = jobs.go_on(settings, plan)
    folder = RunFolder(settings.spool, run)
    try:
        while (now := jobs.status(folder)).is_active:
            print(f"{run}: {now.done} of {now.total} answered", flush=True)
            time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        with suppress(RunError):
            jobs.stop(settings, run, "pause")
        raise
    if now.state is not RunState.FINISHED:
        raise RunError(f"run {run} is {now.state}: {now.message or 'make sample goes on with it'}")
    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m parallax.study", description="Record the study that ships with Parallax."
    )
    parser.add_argument("runs", nargs="*", metavar="RUN", help="finished runs to pack; none: ask first")
    parser.add_argument("--data", type=Path, metavar="DIR", help="of the runs (default: data/recording)")
    parser.add_argument("--models", type=Path, metavar="FILE", help="models file (default: models.toml)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
