"""The commands that bring in recorded answers: what will be imported is told first, then it is done."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from parallax import terminal
from parallax.config import Settings
from parallax.store_commands import INTERRUPTED, ingest_where_free

FORMATS = ("speechmap", "jsonl", "csv", "parquet")
Command = Callable[[argparse.Namespace, Settings], int]


def register(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """Add the commands to a parser by what makes one of a name, a function and a help."""
    sub = add("import", import_, "import recorded answers of others, as runs of their own")
    sub.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    sub.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="files, folders or archives")
    sub.add_argument("--map", default="", metavar="FIELD=COLUMN,…", help="what the columns of a table mean")
    sub.add_argument("--dry-run", action="store_true", help="say what would be imported, and store nothing")


def import_(args: argparse.Namespace, settings: Settings) -> int:
    """Say what recordings hold and import what is not here yet; prints the id of each run that is new."""
    # imported here: the rater's weights are half a second that a worker, which starts by the same door, saves
    from parallax import importers

    mapping = importers.parse_mapping(args.map)
    with importers.opened(args.format, args.paths, mapping, settings.mappings) as source:
        look = importers.look(source, settings.spool)
        for line in look.lines():
            print(terminal.printable(line))
        if args.dry_run or not look.recordings:
            return 0 if look.recordings else 1
        with terminal.shown() as show:
            brought = importers.bring(look, settings.spool, show)
        source.keep()
    ingest_where_free(settings)
    for one in brought:
        print(f"{one.run}: {one.answers:,} answers imported{' before it was stopped' * one.stopped}")
    return INTERRUPTED if any(one.stopped for one in brought) else 0
