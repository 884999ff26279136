"""The processes of a worker, from one that has imported litellm: `python -m parallax.forking RUN I/N …`.

The import takes seconds of a processor and 150 MB. One process pays for it and forks the others, which share
its memory. It forks before anything here starts a thread: a thread does not come along, and what it holds
would be held for ever.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import NamedTuple

from parallax import config
from parallax.errors import ParallaxError
from parallax.parts import Part

MISTAKE = 2


class _Share(NamedTuple):
    """A part of a run, and what it may spend in US dollars; None: there is no limit."""

    part: Part
    max_cost_usd: float | None


def share(text: str) -> _Share:
    """Return the part that `1/4` names, or `1/4:0.5` with what it may spend. Raises `ValueError`."""
    part, _, usd = text.partition(":")
    return _Share(Part.parse(part), float(usd) if usd else None)


def preload() -> None:
    """Import what takes long and starts no thread. numpy and pyarrow start some: they come after the fork."""
    from parallax import providers, signs  # noqa: F401 - the rater's patterns, made when they are imported

    providers.preload()


def main(words: Sequence[str] | None = None) -> int:
    """Work on parts of a run, each in a process of its own; returns the exit code of this process."""
    parser = argparse.ArgumentParser(prog="python -m parallax.forking", description=__doc__)
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("shares", type=share, nargs="+", metavar="I/N[:USD]")
    parser.add_argument("--errors", action="store_true", help="only what ended in an error")
    args = parser.parse_args(words)
    # of a Ctrl-C, who started this tells it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    preload()
    # what is never looked through is never written to: it stays shared
    gc.freeze()
    mine = args.shares[0] if len(args.shares) == 1 else _forked(args.shares)
    return _work(args.run, mine, errors_only=args.errors) if mine else 0


def _forked(shares: Sequence[_Share]) -> _Share | None:
    """Return in a child of this process its share, one child for each; here None, when all have ended."""
    children = []
    for one in shares:
        child = os.fork()
        if not child:
            return one
        children.append(child)
    signal.signal(signal.SIGTERM, lambda *_: _tell_to_end(children))
    for child in children:
        # not taken leave of yet: until then its number is nobody else's, and a signal for it reaches nobody
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for child in children:
        os.waitpid(child, 0)
    return None


def _tell_to_end(children: Sequence[int]) -> None:
    for child in children:
        os.kill(child, signal.SIGTERM)


def _work(run: str, mine: _Share, *, errors_only: bool) -> int:
    from parallax import worker

    worker.spare_pandas()
    try:
        worker.work_part(config.load(), run, mine.part, mine.max_cost_usd, errors_only=errors_only)
    except ParallaxError as error:
        print(error, file=sys.stderr)
        return MISTAKE
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # taking two thousand modules down one by one takes time, and writes to what is shared
    os._exit(code)
