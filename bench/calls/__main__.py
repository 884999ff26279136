"""How fast and how large a run is, against bare litellm loops and peers that make the same calls.

    python -m bench.calls [--quick] [--promptfoo PATH] [--inspect-python PATH]

Whole processes ask an endpoint on loopback, a process of its own, that answers after a fixed latency and
counts what it was asked. Every figure is a ratio within a round; the table has the medians. Exits with 1
past a limit; a peer that is not installed has no figure and no limit.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.calls import ours, peers, table
from bench.calls.endpoint import Endpoint
from bench.calls.load import NAMES, Load
from bench.calls.peers import Peer
from bench.calls.scene import Scene, Took
from bench.calls.table import Figures, Pair, Row

CONCURRENCY, LATENCY_MS = 100, 100
WIDE_CONCURRENCY, WIDE_LATENCY_MS = 500, 2_000
LONG = 3
PROMPTFOO, INSPECT = "promptfoo", "Inspect AI"
IDEAL = "calls × latency ÷ concurrency"
CORES = os.cpu_count() or 1
BARE_LIMIT = 1.15
PROMPTFOO_LIMIT, LONG_PROMPTFOO_LIMIT, INSPECT_LIMIT = 0.60, 0.45, 0.20
WIDE_LIMIT = 1.10
MEMORY_LIMIT_MB = 20.0
USUAL = {"rounds": 3, "calls": 3_000, "wide": 15_000, "grow": 10}
QUICK = {"rounds": 1, "calls": 300, "wide": 1_500, "grow": 3}


@dataclass(frozen=True, slots=True)
class Bench:
    """How many calls, who else makes them (None: is not installed), and the figures so far."""

    scene: Scene
    calls: int
    wide: int
    peers: Mapping[str, Peer | None]
    figures: Figures

    def round(self) -> None:
        """Run everybody once, one after the other."""
        load = Load.of(self.calls, CONCURRENCY, LATENCY_MS)
        full = [self._against_bare(load, processes) for processes in sorted({1, CORES})][-1]
        self._against(PROMPTFOO, load, PROMPTFOO_LIMIT, full)
        self._against(INSPECT, load, INSPECT_LIMIT, full)
        self._against(PROMPTFOO, Load.of(LONG * self.calls, CONCURRENCY, LATENCY_MS), LONG_PROMPTFOO_LIMIT)
        self._wide()

    def _against_bare(self, load: Load, processes: int) -> Took:
        """Compare wall time and CPU with as many bare loops; return what a whole run took."""
        label = f"{load.calls:,} calls, {processes} process{'es' * (processes > 1)}"
        theirs = _told(f"bare litellm, {label}", ours.bare(self.scene, load, processes))
        run = _told(f"Parallax, {label}", ours.parallax(self.scene, load, processes))
        wall = self.figures.expect(f"{label}: wall time, against bare litellm", "s", BARE_LIMIT)
        wall.pairs.append(Pair(theirs.spent.wall_s, run.spent.wall_s))
        worker = _told(f"its worker alone, {label}", ours.worker(self.scene, load, processes))
        # what each of several imports when it was forked counts as theirs
        imports = [ours.IMPORT_CREW, ours.IMPORT_FORKED] if processes > 1 else [ours.IMPORT_ONE]
        name = f"{label}: CPU a call, imports aside, against bare litellm"
        cpu = self.figures.expect(name, "ms", BARE_LIMIT)
        cpu.pairs.append(
            Pair(
                self._cpu_ms(theirs, load, [ours.IMPORT_BARE] * processes),
                self._cpu_ms(worker, load, imports),
            )
        )
        return run

    def _cpu_ms(self, took: Took, load: Load, imports: list[str]) -> float:
        """Return the CPU of one call in milliseconds, less that of processes which only import."""
        return 1000 * (took.spent.cpu_s - ours.import_seconds(self.scene, *imports)) / load.calls

    def _against(self, name: str, load: Load, limit: float, run: Took | None = None) -> None:
        """Compare a run, made here where there is none yet, with a peer."""
        if name not in self.peers:
            return
        measure = self.figures.expect(f"{load.calls:,} calls: wall time, against {name}", "s", limit)
        if peer := self.peers[name]:
            own = run or _told(f"Parallax, {load.calls:,} calls", ours.parallax(self.scene, load, CORES))
            theirs = _told(f"{name}, {load.calls:,} calls", peer.ask(self.scene, load))
            measure.pairs.append(Pair(theirs.spent.wall_s, own.spent.wall_s))

    def _wide(self) -> None:
        """Compare many slow calls at once with calls × latency ÷ concurrency."""
        load = Load.of(self.wide, WIDE_CONCURRENCY, WIDE_LATENCY_MS)
        took = _told(f"{load.calls:,} slow calls", ours.parallax(self.scene, load, CORES))
        name = f"{load.calls:,} calls of {WIDE_LATENCY_MS / 1000:.0f} s, {WIDE_CONCURRENCY} at once"
        for part, seconds in (
            ("first request to last answer", took.seen.seconds),
            ("whole process", took.spent.wall_s),
        ):
            measure = self.figures.expect(f"{name}: {part}, against {IDEAL}", "s", WIDE_LIMIT)
            measure.pairs.append(Pair(load.ideal_s, seconds))

    def memory(self, grow: int) -> Row:
        """Compare the peak of a worker at the end of a run with that of a run `grow` times as long."""
        loads = [Load.of(count * self.calls, CONCURRENCY, LATENCY_MS) for count in (1, grow)]
        short, long = (
            _told(f"one worker, {load.calls:,} calls", ours.worker(self.scene, load, 1)).spent.peak_mb
            for load in loads
        )
        more = long - short
        return Row(
            f"peak memory of one worker: {loads[1].calls:,} calls, against {loads[0].calls:,}",
            f"{short:.0f} MB",
            f"{long:.0f} MB",
            f"{more:+.0f} MB",
            f"{MEMORY_LIMIT_MB:+.0f} MB",
            within=more <= MEMORY_LIMIT_MB,
        )


def _told(who: str, took: Took) -> Took:
    """Say on stderr what somebody took, for a long bench; return it."""
    spent = took.spent
    figures = f"{spent.wall_s:.1f} s, {spent.cpu_s:.1f} s CPU, {spent.peak_mb:.0f} MB"
    print(f"  {who}: {figures}", file=sys.stderr, flush=True)
    return took


def _head(bench: Bench, rounds: int) -> None:
    """Print what is measured, where and with what."""
    others = [f"{name} {peer.version}" for name, peer in bench.peers.items() if peer]
    programs = [f"litellm {importlib.metadata.version('litellm')}", *others]
    capacity = asyncio.run(bench.scene.endpoint.capacity(bench.calls))
    print(
        f"{rounds} round{'s' * (rounds > 1)}, {len(NAMES)} models, answers after {LATENCY_MS} ms, "
        f"{CONCURRENCY} at once in all where no other figure stands.\n"
        f"{', '.join(programs)}, Python {platform.python_version()}, {CORES} cores, "
        f"load average {os.getloadavg()[0]:.1f} at the start;\n"
        f"the endpoint alone answers {capacity:,.0f} requests a second.\n",
        flush=True,
    )


def _arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, help="how often everybody runs")
    parser.add_argument("--calls", type=int, help="of one run, to all models together")
    parser.add_argument("--wide", type=int, help="calls of the rows of 2 s latency")
    parser.add_argument("--grow", type=int, help="how many times longer the long run of the memory row is")
    parser.add_argument("--quick", action="store_true", help="one small round, to try it out")
    parser.add_argument(
        "--peers",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="run those that are installed, too",
    )
    parser.add_argument("--promptfoo", metavar="PATH", help="else as the shell or npx finds it")
    parser.add_argument("--inspect-python", metavar="PATH", help="a Python that imports inspect_ai")
    parser.set_defaults(**USUAL)
    if parser.parse_args(words).quick:
        parser.set_defaults(**QUICK)
    return parser.parse_args(words)


def main() -> int:
    """Measure and return the exit code."""
    args = _arguments()
    found = {}
    if args.peers:
        found = {
            PROMPTFOO: peers.promptfoo(args.promptfoo),
            INSPECT: peers.inspect_ai(args.inspect_python),
        }
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch, Endpoint() as endpoint:
        scene = Scene(Path(scratch), endpoint)
        bench = Bench(scene, args.calls, args.wide, found, Figures())
        _head(bench, args.rounds)
        for number in range(args.rounds):
            print(f"round {number + 1}", file=sys.stderr)
            bench.round()
        return 0 if table.show([*bench.figures.rows(), bench.memory(args.grow)]) else 1


if __name__ == "__main__":
    sys.exit(main())
