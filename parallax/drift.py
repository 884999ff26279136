"""The command `drift`: how the models of two runs changed on the same probes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parallax.config import Settings
from parallax.errors import RunError
from parallax.spool import RunFolder
from parallax.store_commands import Add
from parallax.terminal import printable

# imported where they are used: a worker, which starts by the same door, must not pay for them
if TYPE_CHECKING:
    import pandas as pd

    from parallax.metrics.paired import Paired


def register(add: Add) -> None:
    """Name this command and its arguments; see `store_commands.register`."""
    sub = add("drift", main, "how the models of two runs changed on the same probes")
    sub.add_argument("first", metavar="RUN_A", help="the earlier run")
    sub.add_argument("second", metavar="RUN_B", help="the later one")
    for name in ("model", "country", "topic", "language"):
        sub.add_argument(f"--{name}", action="append", default=[], metavar="X", help="only this (repeatable)")
    sub.add_argument(
        "--rater",
        action="append",
        default=[],
        metavar="X",
        help="by this rater's labels (default: the rules')",
    )
    sub.add_argument(
        "--threshold",
        type=float,
        default=5.0,
        metavar="POINTS",
        help="exit code 1 where a model changed by more than this (default: %(default)s)",
    )


def main(args: argparse.Namespace, settings: Settings) -> int:
    """Say how each model of two runs changed on the same probes; returns 1 where one did past the threshold.

    Raises `RunError` where the runs have no model or no probe in common.
    """
    from parallax.metrics.paired import compare

    before, after = (_tallied(args, settings, run) for run in (args.first, args.second))
    shared = sorted(before.keys() & after.keys())
    if not shared:
        raise RunError(f"{args.first} and {args.second} have no model in common; ask the same one in both")
    changes = {model: compare(before[model], after[model]) for model in shared}
    if not any(change.n for change in changes.values()):
        raise RunError(
            f"{args.first} and {args.second} have no probe in common that a model answered in both"
        )
    for model, change in changes.items():
        print(_drifted(model, change))
    for model in _changed_entries(settings, args, shared):
        print(f"{model}: its entry in models.toml changed between the runs", file=sys.stderr)
    return int(any(abs(one.difference.value) * 100 > args.threshold for one in changes.values()))


def _tallied(args: argparse.Namespace, settings: Settings, run: str) -> dict[str, pd.DataFrame]:
    """Return what each model did with each probe of a run, by the very answers that an export has."""
    import pandas as pd

    from parallax import exporting
    from parallax.exports import Export, labels_by
    from parallax.metrics.paired import PROBE, tally
    from parallax.store import Selection

    RunFolder(settings.spool, run).plan()
    selection = Selection(
        runs=(run,),
        models=tuple(args.model),
        countries=tuple(args.country),
        topics=tuple(args.topic),
        languages=tuple(args.language),
        **labels_by(args.rater),
    )
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answers.parquet"
        exporting.to_file(settings, Export(selection=selection, ending=".parquet"), out)
        answers = pd.read_parquet(out, columns=["model", "label", *PROBE])
    return {str(model): tally(of_model) for model, of_model in answers.groupby("model")}


def _drifted(model: str, change: Paired) -> str:
    """Say in a line how a model changed."""
    by = change.difference
    points = f"{100 * by.value:+.1f} points ({100 * by.low:+.1f} to {100 * by.high:+.1f})"
    counted = f"{change.n} paired  {change.lost} newly lost  {change.gained} newly gained"
    blocked = f"  {change.blocked} newly blocked" * bool(change.blocked)
    tested = f"p {change.p:.2g} ({change.test})"
    return f"{printable(model)}  {counted}{blocked}  {points}  {tested}  {change.verdict}"


def _changed_entries(settings: Settings, args: argparse.Namespace, models: Sequence[str]) -> list[str]:
    """Return the models that were not the very same in both runs: another name, prompt or parameters."""
    first, second = (
        {spec.id: spec.hash for spec in RunFolder(settings.spool, run).plan().models}
        for run in (args.first, args.second)
    )
    return [model for model in models if first.get(model) != second.get(model)]
