"""Where the CPU of one call goes, in a worker that asks the loopback endpoint.

    python -m bench.calls.profile [--calls 3000] [--top 25]

A sampler looks at the stack of the main thread with each tick of CPU time, so that many small functions
weigh no more than they cost (a tracing profiler doubles them). A sample belongs to the innermost frame of
a known layer: what litellm has pydantic or json do is litellm's. Imports are done before it begins.
"""

from __future__ import annotations

import argparse
import gc
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from bench.calls import ours
from bench.calls.endpoint import ROOT, Endpoint
from bench.calls.load import Load
from bench.calls.scene import Scene
from parallax import config, providers, worker

TICK_S = 0.001
CALLS, TOP = 3_000, 25
CONCURRENCY, LATENCY_MS = 100, 100
LOOP, ONE_TURN = "event loop", "BaseEventLoop._run_once"
LAYERS = {
    "litellm": "litellm",
    "openai": "openai (its client)",
    "httpx": "HTTP",
    "httpcore": "HTTP",
    "aiohttp": "HTTP",
    "yarl": "HTTP",
    "multidict": "HTTP",
    "parallax/providers.py": "Parallax: reading of answers",
    "parallax/routing.py": "Parallax: reading of answers",
    "parallax/raters.py": "Parallax: rating",
    "parallax/asking.py": "Parallax: rating",
    "parallax/features.py": "Parallax: rating",
    "parallax/linear.py": "Parallax: rating",
    "parallax/ngrams.py": "Parallax: rating",
    "parallax/reading.py": "Parallax: rating",
    "parallax/signs.py": "Parallax: rating",
    "parallax/charges.py": "Parallax: reading of answers",
    "parallax/shards.py": "Parallax: spool",
    "parallax/spool.py": "Parallax: spool",
    "parallax/cache.py": "Parallax: response cache",
    "parallax": "Parallax: runner, limits, counts",
}


class Place(NamedTuple):
    """A function: the file as it is imported, and its name."""

    file: str
    function: str


class Sampler:
    """Counts samples by layer and by every function on the stack, within a `with` block."""

    def __init__(self) -> None:
        """Begin with no sample."""
        self.layers: Counter[str] = Counter()
        self.places: Counter[Place] = Counter()
        self.cpu_s = self.other_threads_s = self.collecting_s = 0.0

    def __enter__(self) -> Sampler:
        gc.callbacks.append(self._collected)
        signal.signal(signal.SIGPROF, self._look)
        self._began = time.process_time(), time.thread_time()
        signal.setitimer(signal.ITIMER_PROF, TICK_S, TICK_S)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        gc.callbacks.remove(self._collected)
        process, thread = self._began
        self.cpu_s = time.process_time() - process
        self.other_threads_s = self.cpu_s - (time.thread_time() - thread)

    def _look(self, _: int, frame: FrameType | None) -> None:
        stack = list(_stack(frame))
        self.layers[_innermost_layer(stack)] += 1
        self.places.update(set(stack))

    def _collected(self, phase: str, _: object) -> None:
        now = time.thread_time()
        if phase == "start":
            self._collecting = now
        else:
            self.collecting_s += now - self._collecting


def _stack(frame: FrameType | None) -> Iterator[Place]:
    """Yield the functions of a stack, the innermost first."""
    while frame is not None:
        yield Place(_short(frame.f_code.co_filename), frame.f_code.co_qualname)
        frame = frame.f_back


@cache
def _short(file: str) -> str:
    """Return a file's path from its package on: `litellm/main.py`, `asyncio/events.py`."""
    path = Path(file)
    if "site-packages" in path.parts:
        return str(Path(*path.parts[path.parts.index("site-packages") + 1 :]))
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else f"{path.parent.name}/{path.name}"


def _innermost_layer(stack: Sequence[Place]) -> str:
    """Return the layer that a sample belongs to; the worker's own frames below the loop do not count."""
    steps = takewhile(lambda place: place.function != ONE_TURN, stack)
    return next((layer for place in steps if (layer := _layer(place.file))), LOOP)


@cache
def _layer(file: str) -> str:
    return LAYERS.get(file) or LAYERS.get(file.partition("/")[0], "")


def run(calls: int) -> Sampler:
    """Make so many calls with a worker in this process, and return the samples."""
    load = Load.of(calls, CONCURRENCY, LATENCY_MS)
    with tempfile.TemporaryDirectory(prefix="parallax-bench-") as scratch, Endpoint() as endpoint:
        folder = ours.data_folder(Scene(Path(scratch), endpoint), load)
        planned = ours.planned(folder)
        with Sampler() as sampler:
            worker.work(config.load(folder, folder / "models.toml"), planned.run)
        assert endpoint.seen().requests == load.calls
    return sampler


def show(sampler: Sampler, calls: int, top: int) -> None:
    """Print the shares by layer, then the functions with most under them."""
    ms = 1000 * sampler.cpu_s / calls
    count = sampler.layers.total()
    threads, collecting = (1000 * s / calls for s in (sampler.other_threads_s, sampler.collecting_s))
    print(
        f"{calls:,} calls, {ms:.2f} ms of CPU each, {count:,} samples. Spread over the layers: "
        f"garbage\ncollection {collecting:.2f} ms, threads besides the main one {threads:.2f} ms.\n"
    )
    print("| layer | share | ms a call |\n| --- | ---: | ---: |")
    for layer, samples in sampler.layers.most_common():
        print(f"| {layer} | {samples / count:.0%} | {ms * samples / count:.2f} |")
    print("\n| function, and what it calls | share | ms a call |\n| --- | ---: | ---: |")
    layered = [(place, n) for place, n in sampler.places.most_common() if _layer(place.file)]
    for place, samples in layered[:top]:
        print(f"| `{place.file}` `{place.function}` | {samples / count:.0%} | {ms * samples / count:.2f} |")


def main() -> None:
    """Profile and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--top", type=int, default=TOP, help="how many functions are listed")
    args = parser.parse_args()
    providers.prepare([])
    show(run(args.calls), Load.of(args.calls, CONCURRENCY, LATENCY_MS).calls, args.top)


if __name__ == "__main__":
    main()
