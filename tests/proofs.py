"""What the long proofs share: who is still running, whom to kill, and the account of every request."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from parallax.config import Settings
from parallax.plan import Plan
from parallax.records import Limits
from parallax.spool import RunFolder
from parallax.store import Store
from tests.asking import folder_of, started, wait_until


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of all other processes that were started with a test's folder."""
    mark, found = str(folder).encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(process.name) != os.getpid() and mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def children(parent: int) -> list[int]:
    """Return the living children of a process."""
    command = ["pgrep", "--runstates", "D,R,S", "--parent", str(parent)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return sorted(int(line) for line in found.stdout.split())


class Kill(NamedTuple):
    """One SIGKILL, and how many calls may have been in flight in what it hit."""

    victim: str
    in_flight: int


def most_at_once(limits: Limits, models: int, among: int = 1) -> int:
    """Return the calls that one of `among` processes may have in flight, at most."""
    return models * -(-limits.concurrency // among)


def journals(folder: RunFolder) -> set[str]:
    return {path.name for path in folder.path.glob("journal-*")}


def killed_session(settings: Settings, made: Plan, random: Random, kills: int) -> list[Kill]:
    """Start a run's worker, kill the whole of it or parts of it as soon as answers flow; wait for its end.

    Returns at most `kills` kills, none where the run was at its end before one could hit.
    """
    folder, limits, done = folder_of(settings, made), made.models[0].limits, []
    with started(settings, made.run) as process:
        while process.poll() is None and len(done) < kills:
            before = journals(folder)
            wait_until(lambda: journals(folder) - before or process.poll() is not None, 120)  # noqa: B023
            time.sleep(random.uniform(0.0, 0.25))
            forking = children(process.pid)
            parts = [part for one in forking for part in children(one)]
            if process.poll() is not None or not parts:
                break
            victim = random.choice(("parent", "forking", "part", "group"))
            one = random.choice(forking if victim == "forking" else parts)
            done.append(Kill(victim, _hit(process.pid, victim, one, made, limits)))
            if victim != "part":
                break
        process.wait(120)
    wait_until(lambda: not folder.is_alive(), 60)
    return done


def _hit(parent: int, victim: str, one: int, made: Plan, limits: Limits) -> int:
    if victim == "group":
        os.killpg(parent, signal.SIGKILL)
        return most_at_once(limits, len(made.models))
    if victim == "part":
        os.kill(one, signal.SIGKILL)
        return most_at_once(limits, len(made.models), made.workers or 1)
    # the parts see their input end, and keep what is in flight
    os.kill(one if victim == "forking" else parent, signal.SIGKILL)
    return 0


class Account(NamedTuple):
    """What the server saw beside what the store has: `unexplained` requests by (model, probe)."""

    requests: int
    rows: int
    cached: int
    unexplained: dict[tuple[str, str], int]

    @property
    def lost(self) -> int:
        """Requests whose answer no row holds."""
        return sum(self.unexplained.values())


def account(store: Store, made: Plan, asked: Mapping[tuple[str, str], int]) -> Account:
    """Set the server's count of each (model's name, prompt) against the rows of `attempts`.

    The samples of a probe are the same request to the server, so they are counted together.
    """
    found = store.rows(
        "SELECT model, probe, cached, count(*) FROM attempts WHERE run = ? GROUP BY ALL", [made.run]
    )
    rows: Counter[tuple[str, str]] = Counter()
    for model, probe, cached, count in found:
        rows[model, probe] += 0 if cached else count
    names = {model.litellm.partition("/")[2]: model.id for model in made.models}
    probes = {probe.prompt: probe.id for probe in made.probe_set.probes}
    requests = Counter({(names[name], probes[prompt]): n for (name, prompt), n in asked.items()})
    apart = {key: requests[key] - rows[key] for key in requests | rows if requests[key] != rows[key]}
    cached = sum(count for *_, was_cached, count in found if was_cached)
    return Account(requests.total(), rows.total(), cached, apart)
