"""`make demo`: two local models, the smoke set, the dashboard; everything it starts it also stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from parallax import config, jobs, local, loopback, models, probes, serve
from parallax import plan as plans
from parallax.config import Settings
from parallax.errors import DashboardError, LocalModelError, RunError
from parallax.local import LocalModel
from parallax.records import ModelSpec

START_S = 60.0
_PROBES = config.ROOT / "probes" / "smoke.yaml"


def main(settings: Settings, port: int = config.DASHBOARD_PORT) -> int:
    """Run the demo until Ctrl-C or SIGTERM; returns the exit code.

    Raises `LocalModelError` where no model can be served, `DashboardError` where the dashboard does
    not come up.
    """
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    probe_set = probes.load(_PROBES)
    with served_models(settings) as specs, _dashboard(settings, port) as server:
        run = jobs.go_on(
            settings,
            plans.new(probe_set, specs, name="Demo", providers=models.providers(settings.models_file)),
        )
        print(f"Parallax is at {server.url} (Ctrl-C ends it)", flush=True)
        try:
            return server.process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            with suppress(RunError):
                jobs.stop(settings, run, "pause")


class _Server(NamedTuple):
    process: subprocess.Popen[bytes]
    url: str


@contextmanager
def served_models(settings: Settings) -> Iterator[list[ModelSpec]]:
    """Serve every local model that can be had, and give the entries of those that answer.

    Raises `LocalModelError` where none does; each that does not is named in a printed line.
    """
    specs = models.load(settings.models_file)
    weights = _weights(settings, [m for name, m in local.CATALOGUE.items() if name in specs])
    threads = serve.threads_each(len(weights), os.cpu_count() or 1)
    with ExitStack() as started:
        answering = []
        for model, path in weights:
            spec = specs[model.id]
            log = settings.data / "logs" / f"{model.id}.log"
            try:
                served = serve.start(model, path, urlsplit(spec.api_base).port or 80, threads, log)
                started.callback(serve.stop, served)
                serve.wait_ready(served)
            except LocalModelError as error:
                _say(f"{error}; going on without it")
                continue
            answering.append(spec)
        if not answering:
            raise LocalModelError("no local model can be served; the lines above say why")
        yield answering


def _weights(settings: Settings, wanted: list[LocalModel]) -> list[tuple[LocalModel, Path]]:
    found = []
    for model in wanted:
        try:
            found.append((model, local.ensure(model, settings, _say)))
        except LocalModelError as error:
            _say(f"{error}; going on without it")
    return found


@contextmanager
def _dashboard(settings: Settings, port: int) -> Iterator[_Server]:
    """Start the dashboard on the port or the next free one, and wait until it answers."""
    free = next(p for p in range(port, port + 50) if not loopback.is_held(p))
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    log = settings.data / "logs" / "dashboard.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--server.port", str(free)],
            cwd=config.ROOT,
            env=config.child_environment(settings),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_health(process, free, log)
        yield _Server(process, f"http://localhost:{free}")
    finally:
        _end(process)


def _await_health(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with loopback.get(f"http://{loopback.HOST}:{port}/_stcore/health", 2.0):
                return
        except OSError:
            time.sleep(0.1)
    lines = log.read_text(errors="replace").strip().splitlines() or ["it printed nothing"]
    raise DashboardError(f"the dashboard does not start: {lines[-1]} (whole log: {log})")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(line: str) -> None:
    print(line, flush=True)
