"""What the tests of the asking side share: probe sets, models, settings, and a host with a fixed reply."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from parallax import config, plan
from parallax.config import Settings
from parallax.plan import Plan
from parallax.records import Kind, Limits, ModelSpec, Outcome, Probe, ProbeSet, ReasoningState, Reply
from parallax.runner import Ask
from parallax.spool import RunFolder

COUNTRIES = ("CN", "US", "RU", "FR")
ANSWER = Reply(
    Outcome.OK,
    text="Tea — 茶 \u2028\x85\r\n🍵",
    reasoning="Hm.",
    reasoning_state=ReasoningState.PRESENT,
    finish_reason="stop",
    served_model="tea-2",
    served_by="127.0.0.1:1",
    fingerprint="fp",
    http_status=200,
    latency_s=0.25,
    prompt_tokens=3,
    completion_tokens=5,
    cost_usd=0.001,
    params='{"max_tokens":9}',
)


def probe_set(prompts: Sequence[str]) -> ProbeSet:
    """Return a set with one matched probe for each prompt: `p0`, `p1`, …"""
    probes = tuple(
        Probe(f"p{n}", text, Kind.MATCHED, template=f"t{n // 4}", country=COUNTRIES[n % 4])
        for n, text in enumerate(prompts)
    )
    return ProbeSet("tea", "Tea", "1", "CC0-1.0", "the tests", probes)


def prompts(count: int, marks: str = "") -> list[str]:
    """Return `count` different prompts, each with the same markers for the provider."""
    return [f"Write about tea number {n}. {marks}".strip() for n in range(count)]


def model(base: str, id: str = "tea", name: str = "test-model", **fields: Any) -> ModelSpec:
    """Return a model at an OpenAI-compatible address, two calls at once unless told."""
    fields.setdefault("limits", Limits(concurrency=2))
    return ModelSpec(id, f"openai/{name}", api_base=base, **fields)


def settings_in(folder: Path) -> Settings:
    """Return settings whose data lies in a folder of the test."""
    return config.load(folder / "data", folder / "models.toml")


def planned(settings: Settings, asked: Sequence[str], *models: ModelSpec, **fields: Any) -> Plan:
    """Put a run into the spool, as `run` does, and return its plan."""
    made = plan.new(probe_set(asked), models, **fields)
    RunFolder(settings.spool, made.run).create(made)
    return made


def wait_until(happened: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is true; fail when it is not in time."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "what was waited for did not happen"
        time.sleep(0.02)


def closed_port() -> int:
    """Return a loopback port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass(slots=True)
class Host:
    """A host with one reply for all; `seen` has the headers of every request."""

    base: str = ""
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    seen: list[dict[str, str]] = field(default_factory=list)

    def completes(self, message: Mapping[str, Any], finish: str | None = "stop", **more: Any) -> None:
        """Reply with a chat completion; `choice` and `usage` add to these parts, the rest to the body."""
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
        usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "tea-2",
            "choices": [choice | more.pop("choice", {})],
            "usage": usage | more.pop("usage", {}),
            **more,
        }
        self.status, self.headers, self.body = 200, {}, json.dumps(body).encode()

    def fails(self, status: int, message: str, **headers: str) -> None:
        """Reply with an error body in OpenAI's form."""
        self.status, self.headers = status, {k.replace("_", "-"): v for k, v in headers.items()}
        self.body = json.dumps({"error": {"message": message}}).encode()


@contextmanager
def serving() -> Iterator[Host]:
    """Serve a `Host` on loopback for the length of the block."""
    host = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            host.seen.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(host.status)
            for name, value in {"Content-Type": "application/json", **host.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(host.body)))
            self.end_headers()
            self.wfile.write(host.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: `seen` is the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.base = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Watched:
    """A real `ask`, with a note of how many of a model's calls were under way as each began."""

    ask: Ask
    inside: Counter[str] = field(default_factory=Counter)
    company: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, spec: ModelSpec, prompt: str) -> Reply:
        self.inside[spec.id] += 1
        self.company.append((prompt, self.inside[spec.id]))
        try:
            return await self.ask(spec, prompt)
        finally:
            self.inside[spec.id] -= 1


# ---- workers as processes


@contextmanager
def started(
    settings: Settings, run: str, before: Callable[[], None] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A worker process as `jobs` starts it, whose process we hold."""
    process = subprocess.Popen(
        [sys.executable, "-m", "parallax", "worker", run],
        cwd=config.ROOT,
        env=config.child_environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=before,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finished(settings: Settings, run: str, before: Callable[[], None] | None = None) -> tuple[int, str]:
    """Run a worker to its end; returns its exit code and what it printed."""
    with started(settings, run, before) as process:
        printed, _ = process.communicate(timeout=60)
        return process.returncode, printed


def folder_of(settings: Settings, made: Plan) -> RunFolder:
    return RunFolder(settings.spool, made.run)


def rows(folder: RunFolder) -> list[dict[str, Any]]:
    return [row for path in folder.shards.glob("*.parquet") for row in pq.read_table(path).to_pylist()]


def cells_of(made: Plan) -> Counter[tuple[str, str, int]]:
    return Counter((cell.probe, cell.model, cell.sample) for cell in made.cells())


def answered(found: Sequence[dict[str, Any]]) -> Counter[tuple[str, str, int]]:
    """How many different attempts at each cell are an answer."""
    attempts = {
        (row["probe"], row["model"], row["sample"], row["attempt"])
        for row in found
        if row["final"] and row["outcome"] != Outcome.ERROR
    }
    return Counter((probe, model, sample) for probe, model, sample, _ in attempts)


def assert_every_cell_once(folder: RunFolder, made: Plan) -> None:
    """Ledger and shards agree: one answer to every cell, and nothing waits in a journal."""
    assert answered(rows(folder)) == cells_of(made)
    known = folder.done()
    assert Counter(tuple(cell) for cell in known) == cells_of(made)
    assert all(done.answered for done in known.values())
    assert not list(folder.path.glob("journal-*"))


class Cramped:
    """A data folder in which soon no more can be written, until `widen` is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.why = "File too large"

    def before(self) -> None:
        """Set the limit in the worker's process."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))

    def widen(self) -> None:
        """Make room."""


class FullDisk(Cramped):
    """The same on a file system of its own that is really full; needs root."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.why = "the disk is full; free some space, then resume the run"

    def before(self) -> None:
        """The disk is the limit."""

    def mount(self) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", "size=80k", "tmpfs", str(self.folder)]
        return os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0

    def widen(self) -> None:
        subprocess.run(["mount", "-o", "remount,size=50m", str(self.folder)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True)
