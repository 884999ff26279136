"""How fast and how large a run is, against bare litellm loops that make the same calls in the same round.

    python bench/throughput.py [--rounds 3] [--calls 3000] [--grow 3] [--wide 1500]

Whole processes ask an endpoint on loopback, a process of its own, that answers after a fixed latency and
counts what it was asked. Every figure is a ratio within a round; the table has the medians. `--grow` is how
many times `--calls` the long run of the memory row has. Exits with 1 past a limit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from aiohttp import ClientSession, TCPConnector, web  # noqa: E402

from parallax import loopback, models, plan, probes  # noqa: E402
from parallax.spool import RunFolder  # noqa: E402

ROUNDS = 3
CALLS = 3_000
GROW = 3
PROCESSES = (1, 2)
CONCURRENCY = 100
LATENCY_MS = 100
WIDE_CONCURRENCY = 500
WIDE_LATENCY_MS = 2_000
WIDE_CALLS = 1_500
RATIO_LIMIT = 1.15
WIDE_LIMIT = 1.10
MEMORY_LIMIT_MB = 20.0
READY_S = 30.0

# litellm's table has their prices: neither side pays the search of the whole table for an unknown model
NAMES = ("gpt-4o-mini", "gpt-4o", "gpt-4.1-mini")
PARAMS = {"temperature": 0.0, "max_tokens": 256}
TEXT = " ".join(
    [
        "Reporters in the country work under rules that leave much to the judgement of officials.",
        "A licence can be withdrawn without a hearing, and an appeal takes longer than most papers can wait.",
        "Advertisers notice which titles fall out of favour, so the pressure is rarely written down.",
        "Some editors have left for online outlets, where the costs are lower and the audience is younger.",
        "Courts have now and then ruled for the press, which shows that the law itself is not the obstacle.",
        "What is missing is a body that is independent of the government and has the means to act.",
    ]
)
ANSWER = {
    "id": "chatcmpl-bench",
    "object": "chat.completion",
    "created": 1_750_000_000,
    "model": "bench",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"},
    ],
    "usage": {"prompt_tokens": 24, "completion_tokens": 112, "total_tokens": 136},
}

# a loop as one writes it: a semaphore, one request a call, every answer kept
BARE = """\
import asyncio, json, sys
import litellm

async def main(task):
    room = asyncio.Semaphore(task["concurrency"])

    async def ask(model, prompt):
        async with room:
            return await litellm.acompletion(
                model=model, messages=[{"role": "user", "content": prompt}], api_base=task["base"],
                api_key="none", num_retries=0, max_retries=0, timeout=300.0, **task["params"])

    answers = await asyncio.gather(*(ask(*call) for call in task["calls"]))
    assert all(answer.choices[0].message.content for answer in answers)

asyncio.run(main(json.load(open(sys.argv[1]))))
"""
IMPORT_BARE = "import litellm"
IMPORT_PART = "import parallax.cli, parallax.providers"
IMPORT_CREW = "import parallax.cli"


class Seen(NamedTuple):
    """What the endpoint saw since it was last asked: `seconds` from the first request to the last answer."""

    requests: int
    most_in_flight: int
    seconds: float


class Spent(NamedTuple):
    """What processes took together: from the first start to the last end, user and system, the largest."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class Measured(NamedTuple):
    """A row of the table: ours against theirs, and what may not be passed."""

    name: str
    theirs: str
    ours: str
    factor: str
    limit: str
    within: bool


async def serve() -> None:
    """Answer chat completions under `/LATENCY_MS/`, and what was seen under `/seen`; until stdin ends."""
    body = json.dumps(ANSWER).encode()
    began: list[float] = []
    in_flight = most = 0
    ended = 0.0

    async def answer(request: web.BaseRequest) -> web.Response:
        nonlocal in_flight, most, ended
        await request.read()
        first, _, _ = request.path[1:].partition("/")
        if first == "seen":
            seen = Seen(len(began), most, ended - began[0] if began else 0.0)
            began.clear()
            most = 0
            return web.json_response(seen._asdict())
        began.append(time.perf_counter())
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(int(first) / 1000)
        in_flight -= 1
        ended = time.perf_counter()
        return web.Response(body=body, content_type="application/json")

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, loopback.HOST, 0, backlog=1024)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


class Endpoint:
    """The loopback endpoint as a process, for the length of a `with` block."""

    def __enter__(self) -> Endpoint:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._root = f"http://{loopback.HOST}:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=READY_S)

    def base(self, latency_ms: int) -> str:
        """Return the API's base that answers after so many milliseconds."""
        return f"{self._root}/{latency_ms}/v1"

    def seen(self) -> Seen:
        """Return what came since the last time, and begin to count anew."""
        with loopback.get(f"{self._root}/seen", READY_S) as answer:
            return Seen(**json.load(answer))

    async def capacity(self, calls: int) -> float:
        """Return the requests a second that a bare HTTP client gets answered, without latency."""
        todo = iter(range(calls))
        url = f"{self.base(0)}/chat/completions"
        sent = {"model": NAMES[0], "messages": [{"role": "user", "content": "Why?"}], **PARAMS}

        async def ask(session: ClientSession) -> None:
            for _ in todo:
                async with session.post(url, json=sent) as answer:
                    await answer.read()

        async with ClientSession(connector=TCPConnector(limit=CONCURRENCY)) as session:
            began = time.perf_counter()
            await asyncio.gather(*(ask(session) for _ in range(CONCURRENCY)))
            return calls / (time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class Bench:
    """The folder everything lies in, the endpoint, and how many prompts each model is asked."""

    scratch: Path
    endpoint: Endpoint
    prompts: int

    @property
    def calls(self) -> int:
        """The calls of one run: every prompt to every model."""
        return self.prompts * len(NAMES)

    def texts(self) -> list[str]:
        """Return the prompts, each a text of its own."""
        return [
            f"Write a short critical essay about press freedom in region {n}." for n in range(self.prompts)
        ]

    def spend(self, commands: Sequence[Sequence[str]]) -> Spent:
        """Run Python commands side by side and wait for them. Raises `RuntimeError` where one fails."""
        env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": loopback.HOST}
        log = self.scratch / "log"
        began = time.perf_counter()
        with log.open("wb") as out:
            running = [
                subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=out, stderr=out)
                for command in commands
            ]
            ended = []
            for process in running:
                # not Popen.wait: the kernel's account of a process is told only to who asks with the wait
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                ended.append(usage)
        wall_s = time.perf_counter() - began
        if any(process.returncode for process in running):
            raise RuntimeError(f"a measured process failed:\n{log.read_text(errors='replace')[-2000:]}")
        cpu_s = sum(usage.ru_utime + usage.ru_stime for usage in ended)
        return Spent(wall_s, cpu_s, max(usage.ru_maxrss for usage in ended) / 1024)

    def asked(self, commands: Sequence[Sequence[str]], calls: int) -> tuple[Spent, Seen]:
        """Run commands that make so many calls. Raises `RuntimeError` where the endpoint saw others."""
        self.endpoint.seen()
        spent = self.spend(commands)
        seen = self.endpoint.seen()
        if seen.requests != calls:
            raise RuntimeError(f"{seen.requests} requests for {calls} calls")
        return spent, seen

    def bare(self, processes: int) -> tuple[Spent, Seen]:
        """Make the calls in so many bare litellm processes, the concurrency shared out among them."""
        script = self.scratch / "bare.py"
        script.write_text(BARE)
        calls = [(f"openai/{name}", text) for text in self.texts() for name in NAMES]
        random.Random(0).shuffle(calls)
        commands = []
        for index, width in enumerate(split(CONCURRENCY, processes)):
            task = self.scratch / f"bare-{index}.json"
            base = self.endpoint.base(LATENCY_MS)
            own = {"base": base, "params": PARAMS, "concurrency": width, "calls": calls[index::processes]}
            task.write_text(json.dumps(own))
            commands.append([str(script), str(task)])
        return self.asked(commands, self.calls)

    def parallax(self, processes: int, concurrency: int, latency_ms: int) -> tuple[Spent, Seen]:
        """Make the calls with `python -m parallax run`, its concurrency shared out among the models."""
        folder = self._new_folder(concurrency, latency_ms)
        chosen = [word for name in NAMES for word in ("-m", name)]
        command = ["-m", "parallax", "run", str(folder / "set.jsonl"), *chosen, "--workers", str(processes)]
        where = ["--data", str(folder), "--models", str(folder / "models.toml")]
        return self.asked([[*command, *where]], self.calls)

    def worker(self, samples: int) -> tuple[Spent, Seen]:
        """Make the calls so many times over with one worker process, as the dashboard starts it."""
        folder = self._new_folder(CONCURRENCY, LATENCY_MS)
        specs = models.pick(models.load(folder / "models.toml"), NAMES)
        made = plan.new(probes.load(folder / "set.jsonl"), specs, samples=samples, workers=1)
        RunFolder(folder / "spool", made.run).create(made)
        command = ["-m", "parallax", "worker", made.run, "--data", str(folder)]
        return self.asked([command], self.calls * samples)

    def imports(self, *programs: str) -> float:
        """Return the CPU seconds that processes take which only import."""
        return self.spend([["-c", program] for program in programs]).cpu_s

    def _new_folder(self, concurrency: int, latency_ms: int) -> Path:
        """Make a data folder with a models file and a probe set; no run may find another's answers."""
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        entries = [
            f'[[model]]\nid = "{name}"\nlitellm = "openai/{name}"\n'
            f'api_base = "{self.endpoint.base(latency_ms)}"\nlimits = {{concurrency = {width}}}\n'
            f"params = {{{', '.join(f'{key} = {value}' for key, value in PARAMS.items())}}}\n"
            for name, width in zip(NAMES, split(concurrency, len(NAMES)), strict=True)
        ]
        (folder / "models.toml").write_text("\n".join(entries))
        head = {"id": "bench", "title": "Bench", "version": "1.0.0", "license": "CC0-1.0", "author": "Bench"}
        rows = [{"id": f"p{n}", "prompt": text} for n, text in enumerate(self.texts())]
        (folder / "set.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in [head, *rows]))
        return folder


def split(whole: int, parts: int) -> list[int]:
    """Return `parts` numbers that add up to the whole and differ by one at most."""
    return [whole // parts + (index < whole % parts) for index in range(parts)]


class Figures:
    """The figures of every round, under the name of their row."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        self._limits: dict[str, float] = {}

    def add(self, name: str, unit: str, theirs: float, ours: float, limit: float) -> None:
        """Keep one round's pair; `limit` is the largest ratio of ours to theirs."""
        self._pairs[name, unit].append((theirs, ours))
        self._limits[name] = limit

    def rows(self) -> list[Measured]:
        """Return a row for each name: medians, and the median and range of the ratios within a round."""
        found = []
        for (name, unit), pairs in self._pairs.items():
            ratios = [ours / theirs for theirs, ours in pairs]
            theirs, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
            middle, limit = statistics.median(ratios), self._limits[name]
            factor = f"{middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            sides = (f"{value:.1f} {unit}" for value in (theirs, ours))
            found.append(Measured(name, *sides, factor, f"{limit:.2f}", middle <= limit))
        return found


def measure_round(bench: Bench, wide: Bench, figures: Figures) -> None:
    """Run every pair once, one after the other."""
    for count in PROCESSES:
        theirs, _ = bench.bare(count)
        ours, _ = bench.parallax(count, CONCURRENCY, LATENCY_MS)
        theirs_idle = bench.imports(*[IMPORT_BARE] * count)
        ours_idle = bench.imports(*[IMPORT_PART] * count, *[IMPORT_CREW] * (count > 1))
        label = f"{count} process{'es' * (count > 1)}"
        figures.add(f"wall, {label}", "s", theirs.wall_s, ours.wall_s, RATIO_LIMIT)
        per_call = [
            1000 * (spent.cpu_s - idle) / bench.calls
            for spent, idle in ((theirs, theirs_idle), (ours, ours_idle))
        ]
        figures.add(f"CPU a call, imports aside, {label}", "ms", *per_call, RATIO_LIMIT)
    _, seen = wide.parallax(max(PROCESSES), WIDE_CONCURRENCY, WIDE_LATENCY_MS)
    # a short run lasts one answer at least
    ideal_s = WIDE_LATENCY_MS / 1000 * max(1.0, wide.calls / WIDE_CONCURRENCY)
    name = f"{wide.calls:,} calls of 2 s, {WIDE_CONCURRENCY} at once, until the last answer"
    figures.add(name, "s", ideal_s, seen.seconds, WIDE_LIMIT)


def memory_row(bench: Bench, grow: int) -> Measured:
    """Compare the largest size of a worker after a run with that after a run `grow` times as long."""
    short, _ = bench.worker(1)
    long, _ = bench.worker(grow)
    more = long.peak_mb - short.peak_mb
    name = f"peak memory of a worker, {bench.calls:,} and {bench.calls * grow:,} calls"
    sizes = (f"{spent.peak_mb:.0f} MB" for spent in (short, long))
    return Measured(name, *sizes, f"{more:+.0f} MB", f"{MEMORY_LIMIT_MB:+.0f} MB", more <= MEMORY_LIMIT_MB)


def report(rows: Sequence[Measured]) -> bool:
    """Print the table; return whether every row stays within its limit."""
    print("| measure | yardstick | Parallax | Parallax against it | limit |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(f"| {row.name} | {row.theirs} | {row.ours} | {row.factor} | {row.limit} |")
    past = [row.name for row in rows if not row.within]
    print(f"\nPast its limit: {'; '.join(past) or 'nothing'}.")
    return not past


def main() -> int:
    """Measure and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--calls", type=int, default=CALLS, help="of one run, to all models together")
    parser.add_argument("--grow", type=int, default=GROW, help="how many times longer the long run is")
    parser.add_argument("--wide", type=int, default=WIDE_CALLS, help="calls of the row of 2 s latency")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        asyncio.run(serve())
        return 0
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch, Endpoint() as endpoint:
        bench, wide = (
            Bench(Path(scratch), endpoint, max(1, calls // len(NAMES))) for calls in (args.calls, args.wide)
        )
        print(f"Throughput, {args.rounds} rounds of {bench.calls:,} calls of {LATENCY_MS} ms to {len(NAMES)}")
        print(f"models, {CONCURRENCY} at once in all; the endpoint alone answers ", end="")
        print(f"{asyncio.run(endpoint.capacity(bench.calls)):,.0f} requests a second\n", flush=True)
        figures = Figures()
        for _ in range(args.rounds):
            measure_round(bench, wide, figures)
        return 0 if report([*figures.rows(), memory_row(bench, args.grow)]) else 1


if __name__ == "__main__":
    sys.exit(main())
