"""The commands that bring in recorded answers: what will be imported is told first, then it is done."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parallax import errands, terminal
from parallax.config import Settings
from parallax.errands import Tell
from parallax.errors import RowError
from parallax.store_commands import INTERRUPTED, ingest_where_free

# imported by the commands: the rater's weights are half a second that a worker, which starts here too, saves
if TYPE_CHECKING:
    from parallax.importers.answers import Source

FORMATS = ("speechmap", "jsonl", "csv", "parquet")
STUDIES = ("speechmap",)
Command = Callable[[argparse.Namespace, Settings], int]


def register(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """Add the commands to a parser by what makes one of a name, a function and a help."""
    sub = add("import", import_, "import recorded answers of others, as runs of their own")
    sub.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    sub.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="files, folders or archives")
    sub.add_argument("--map", default="", metavar="FIELD=COLUMN,…", help="what the columns of a table mean")
    sub.add_argument("--dry-run", action="store_true", help="say what would be imported, and store nothing")
    sub.add_argument("--errand", default="", help=argparse.SUPPRESS)
    sub = add("fetch", fetch, "download a public study and import it")
    sub.add_argument("study", choices=STUDIES, metavar="STUDY", help=", ".join(STUDIES))
    sub.add_argument("--all-sets", action="store_true", help="also the sets that criticise no government")
    sub.add_argument("--errand", default="", help=argparse.SUPPRESS)


def import_(args: argparse.Namespace, settings: Settings) -> int:
    """Say what recordings hold and import what is not here yet; prints the id of each run that is new."""
    from parallax import importers

    with errands.told(settings, args.errand) as tell:
        mapping = importers.parse_mapping(args.map)
        with importers.opened(args.format, args.paths, mapping, settings.mappings) as source:
            code = _bring(source, settings, tell, dry=args.dry_run)
        if args.errand and code == 0:
            importers.forget(settings, args.paths)
        return code


def fetch(args: argparse.Namespace, settings: Settings) -> int:
    """Download a public study and import it; what was downloaded is removed once it is imported."""
    from parallax import importers

    with errands.told(settings, args.errand) as tell:
        print(f"fetching {settings.speechmap}", flush=True)
        path = importers.fetch(settings.speechmap, settings.cache / "downloads", _told_bytes(tell))
        wanted = importers.belongs if args.all_sets else importers.criticises
        try:
            with importers.opened("speechmap", [path], wanted=wanted) as source:
                code = _bring(source, settings, tell, dry=False)
        except RowError:
            # a damaged archive would be found again, and again be damaged
            path.unlink()
            raise
        if code != INTERRUPTED:
            path.unlink()
        return code


def _told_bytes(tell: Tell) -> Callable[[int, int], None]:
    def report(done: int, total: int) -> None:
        tell(f"fetching: {done / 1e6:,.0f} MB{f' of {total / 1e6:,.0f}' if total else ''}", done, total)
        if sys.stderr.isatty():
            print(f"\r{done / 1e6:,.0f} MB", end="" if done != total else "\n", file=sys.stderr)

    return report


def _bring(source: Source, settings: Settings, tell: Tell, *, dry: bool) -> int:
    from parallax import importers

    tell("reading", 0, 0)
    look = importers.look(source, settings.spool)
    for line in look.lines():
        print(terminal.printable(line))
    if dry or not look.recordings:
        tell("no answers found" if not look.recordings else "", 0, 0)
        return 0 if look.recordings else 1
    with terminal.shown() as show:

        def told(beat: Mapping[str, Any]) -> None:
            show(beat)
            tell(f"{beat['done']:,} of {look.answers:,} answers", beat["done"], look.answers)

        brought = importers.bring(look, settings.spool, told)
    source.keep()
    ingest_where_free(settings)
    for one in brought:
        print(f"{one.run}: {one.answers:,} answers imported{' before it was stopped' * one.stopped}")
    answers = sum(one.answers for one in brought)
    tell(f"{answers:,} answers imported" if brought else "all of it is here already", answers, answers)
    return INTERRUPTED if any(one.stopped for one in brought) else 0
