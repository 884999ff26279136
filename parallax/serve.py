"""Serving a GGUF file on loopback with llama.cpp's OpenAI-compatible server.

Each model has a server process of its own, `python -m parallax.serve`, which alone imports xllamacpp and
ends when the process that started it ends. The other functions here are the parent's side: start it, wait
until it answers, stop it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from parallax import config, loopback
from parallax.errors import LocalModelError
from parallax.local import LocalModel

SLOTS = 4
CONTEXT = 1024
NICENESS = 10

_READ_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Served:
    """A model's server; `process` is None where a server that ran already is used."""

    model: str
    port: int
    process: subprocess.Popen[bytes] | None
    log: Path


def threads_each(servers: int, cores: int) -> int:
    """Return the threads for each of `servers` servers, so that all together are no more than the cores.

    More threads than cores make llama.cpp's threads wait for each other: an order of magnitude slower.
    """
    return max(1, cores // max(1, servers))


def start(model: LocalModel, weights: Path, port: int, threads: int, log: Path) -> Served:
    """Start the model's server, which writes to the file `log`, or take the one that answers on the port.

    Returns at once: `wait_ready` tells when it answers. Raises `LocalModelError` where something else
    holds the port.
    """
    if model.id in _names_at(port):
        return Served(model.id, port, None, log)
    if loopback.is_held(port):
        raise LocalModelError(
            f"{model.id}: another program holds port {port} of {loopback.HOST}; end it, or give the model "
            "another port in models.toml (api_base)"
        )
    options = {"file": weights.absolute(), "alias": model.id, "port": port, "threads": threads}
    command = [sys.executable, "-m", "parallax.serve", "--parent", str(os.getpid())]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=config.ROOT
        )
    return Served(model.id, port, process, log)


def wait_ready(served: Served, timeout_s: float = 60.0) -> None:
    """Return once the server answers under the model's name.

    Raises `LocalModelError` where its process has ended, with the last line of its log, or where it does
    not answer within `timeout_s` seconds; a process that still runs is then left to `stop`.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        code = served.process.poll() if served.process else None
        if code is not None:
            raise LocalModelError(
                f"{served.model}: its server ended with code {code}: {_last_line(served.log)} "
                f"(whole log: {served.log})"
            )
        if _get(served.port, "/health") is not None and served.model in _names_at(served.port):
            return
        time.sleep(0.1)
    raise LocalModelError(
        f"{served.model}: its server does not answer on port {served.port} after {timeout_s:g} s; "
        f"see its log {served.log}"
    )


def stop(served: Served, timeout_s: float = 5.0) -> None:
    """End the server if this process started it; one that ran already is left alone."""
    if served.process is None:
        return
    served.process.terminate()
    try:
        served.process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        served.process.kill()
        served.process.wait()


def _get(port: int, path: str) -> bytes | None:
    """Return the body of a loopback answer with status 200, or None."""
    try:
        with loopback.get(f"http://{loopback.HOST}:{port}{path}", 2.0) as reply:
            body: bytes = reply.read(_READ_LIMIT)
            return body if reply.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None


def _names_at(port: int) -> list[str]:
    """Return the models that an OpenAI-compatible server on the port names; none where there is none."""
    try:
        models = json.loads(_get(port, "/v1/models") or b"{}")
        return [str(model["id"]) for model in models.get("data", ())]
    except (ValueError, AttributeError, KeyError, TypeError):
        return []


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "it wrote nothing"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve one file until the parent process ends; return the exit code, 1 where it cannot be served."""
    options = _parser().parse_args(arguments)
    # An interrupt from the terminal reaches this process too; it is no fault worth a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # A model takes all of the cores that it gets; the dashboard beside it is to answer a person.
    os.nice(NICENESS)
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(options.file)
    params.model_alias = {options.alias}
    params.hostnames = [loopback.HOST]
    params.port = options.port
    # A page of another origin must not read answers through the user's browser.
    params.cors_origins = f"http://{loopback.HOST}:{options.port}"
    params.endpoint_slots = False
    params.ui = False
    params.n_parallel = options.slots
    params.n_ctx = options.slots * options.context
    params.cont_batching = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.n_gpu_layers = 0
    # The default keeps up to 8 GB of past prompts in memory.
    params.cache_ram_mib = 0
    params.verbosity = 1
    try:
        server = xllamacpp.Server(params)
    except RuntimeError:
        return 1  # llama.cpp has written the reason
    print(f"{options.alias} at {server.listening_address}", flush=True)
    while os.getppid() == options.parent:
        time.sleep(1.0)
    # Answers still in the making would hold up an orderly end, and nobody waits for them.
    os._exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m parallax.serve", description="Serve a GGUF file.")
    parser.add_argument("--file", type=Path, required=True, help="the GGUF file")
    parser.add_argument("--alias", required=True, help="the model's id, which its answers carry")
    parser.add_argument("--port", type=int, required=True, help=f"port on {loopback.HOST}")
    parser.add_argument("--threads", type=int, required=True, help="threads of this server")
    parser.add_argument("--slots", type=int, default=SLOTS, help="answers made at the same time")
    parser.add_argument("--context", type=int, default=CONTEXT, help="tokens of prompt and answer of each")
    parser.add_argument(
        "--parent", type=int, default=os.getppid(), help="the process whose end ends this one"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
