"""Running whole processes against the endpoint, and what they took."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.calls.endpoint import ROOT, Endpoint, Seen
from parallax import loopback

Command = Sequence[str]
NOTHING: Mapping[str, str] = {}


class Spent(NamedTuple):
    """What processes and their children took: first start to last end, user and system, the largest one."""

    wall_s: float
    cpu_s: float
    peak_mb: float


class Took(NamedTuple):
    """What a load took: the processes' account, and the endpoint's."""

    spent: Spent
    seen: Seen


@dataclass(frozen=True, slots=True)
class Scene:
    """The folder everything lies in, and the endpoint."""

    scratch: Path
    endpoint: Endpoint

    def new_folder(self) -> Path:
        """Make an empty folder; nobody may find another's answers."""
        return Path(tempfile.mkdtemp(dir=self.scratch))

    def spend(self, commands: Sequence[Command], env: Mapping[str, str] = NOTHING) -> Spent:
        """Run commands side by side and wait for them. Raises `RuntimeError` where one fails."""
        log = self.scratch / "log"
        began = time.perf_counter()
        with log.open("wb") as out:
            running = [
                subprocess.Popen(command, cwd=ROOT, env=_environment(env), stdout=out, stderr=out)
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

    def asked(self, commands: Sequence[Command], calls: int, env: Mapping[str, str] = NOTHING) -> Took:
        """Run commands that make so many calls. Raises `RuntimeError` where the endpoint saw others."""
        self.endpoint.seen()
        spent = self.spend(commands, env)
        seen = self.endpoint.seen()
        if seen.requests != calls:
            raise RuntimeError(f"{seen.requests} requests for {calls} calls by {' '.join(commands[0])}")
        return Took(spent, seen)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured process: no key or address in it leads away from the endpoint."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return {**kept, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": loopback.HOST, **more}
