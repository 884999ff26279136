"""How fast a million answers leave the dashboard, against DuckDB's own COPY of the same SELECT.

    python bench/exports.py [--data FILLED_FOLDER] [--answers 1000000] [--rounds 3]

Each round writes the answers by one COPY to a file, in this process; then a dashboard streams them by its
route to a reader that throws them away, and half of the models for comparison. Memory is the dashboard's
peak while it streams (Linux only). Exits with 1 where a median is past its limit.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
import urllib.parse
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.fill import SMALL, fill  # noqa: E402
from parallax import config, dashboard, exports, loopback  # noqa: E402
from parallax.config import Settings  # noqa: E402
from parallax.exports import Export  # noqa: E402
from parallax.store import Selection, copying, open_store, shut  # noqa: E402
from tests.e2e.browser import Dashboard  # noqa: E402

ANSWERS = 1_000_000
ROUNDS = 3
LIMIT = 0.7
READ_BYTES = 1 << 20
FEW = tuple(f"model-{n:02}" for n in range(1, 6))
EXPORTS = {
    "CSV": Export(),
    "CSV, --raw": Export(raw=True),
    "JSONL": Export(ending=".jsonl"),
}


class Round(NamedTuple):
    """The seconds of COPY and of the stream, and the dashboard's peak memory in MB: idle, half, all."""

    copy_s: float
    stream_s: float
    idle_mb: float
    half_mb: float
    all_mb: float

    @property
    def speed(self) -> float:
        """The speed of the stream as a share of COPY's."""
        return self.copy_s / self.stream_s


def copied(settings: Settings, export: Export) -> float:
    """Return the seconds that one COPY of an export's SELECT to a file takes."""
    store = open_store(settings.store)
    whole = exports.query(store, export)._replace(entries=0)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=settings.data) as folder:
        copying.write(store, whole, Path(folder) / "copy", export.ending)
        taken = time.perf_counter() - began
    shut(settings.store)
    return taken


def streamed(settings: Settings, export: Export) -> float:
    """Return the seconds until the last byte of an export has come from the dashboard."""
    address = dashboard.find(settings)
    asked = urllib.parse.urlencode({"export": json.dumps(export.filled())})
    url = f"{address.url}{dashboard.EXPORT_ROUTE}?{asked}"
    began = time.perf_counter()
    with loopback.get(url, dashboard.TIMEOUT_S, {"Authorization": f"Bearer {address.token}"}) as answer:
        while answer.read(READ_BYTES):
            pass
    return time.perf_counter() - began


def peak_mb(pid: int) -> float:
    """Return a process's peak of resident memory since the last call, and begin anew."""
    process = Path(f"/proc/{pid}")
    peak = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM"))
    (process / "clear_refs").write_text("5")
    return int(peak.split()[1]) / 1024


def measure(settings: Settings, export: Export) -> Round:
    """Write an export by COPY, then let a dashboard stream half of it and all of it."""
    copy_s = copied(settings, export)
    with Dashboard(settings.data, ROOT / "models.toml") as server:
        idle = peak_mb(server.pid)
        streamed(settings, replace(export, selection=Selection(models=FEW)))
        half = peak_mb(server.pid)
        stream_s = streamed(settings, export)
        return Round(copy_s, stream_s, idle, half, peak_mb(server.pid))


def report(found: dict[str, list[Round]]) -> bool:
    """Print the table; return whether every median is within the limit."""
    print("| export | COPY s | stream s | speed of COPY | memory MB: idle, half, all |")
    print("| --- | ---: | ---: | ---: | ---: |")
    worst = 1.0
    for name, rounds in found.items():
        copy_s, stream_s, idle, half, every = (
            statistics.median(values) for values in zip(*rounds, strict=True)
        )
        speeds = [one.speed for one in rounds]
        worst = min(worst, statistics.median(speeds))
        speed = f"{statistics.median(speeds):.2f} × ({min(speeds):.2f} to {max(speeds):.2f})"
        memory = f"{idle:.0f}, {half:.0f}, {every:.0f}"
        print(f"| {name} | {copy_s:.1f} | {stream_s:.1f} | {speed} | {memory} |")
    print(f"\nThe slowest has {worst:.2f} × the speed of COPY; the limit is {LIMIT}.")
    return worst >= LIMIT


def main() -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder that bench/fill.py filled; else a new one")
    parser.add_argument("--answers", type=int, default=ANSWERS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch:
        settings = config.load(data=args.data or Path(scratch) / "data")
        if args.data is None:
            fill(settings.data, replace(SMALL, answers=args.answers))
        found: dict[str, list[Round]] = defaultdict(list)
        for _ in range(args.rounds):
            for name, export in EXPORTS.items():
                found[name].append(measure(settings, export))
        print(f"Exports, {args.rounds} rounds\n")
        return 0 if report(found) else 1


if __name__ == "__main__":
    sys.exit(main())
