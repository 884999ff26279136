"""A real browser and a real dashboard for the tests: Debian's Chromium, driven by Playwright.

    with Dashboard(data=tmp_path, models=models) as dashboard, browser() as chromium:
        with page(chromium, width=390, scheme="dark") as visit:
            visit.page.goto(dashboard.url)
            settled(visit.page)

A page may load from loopback and from nowhere else: `page` aborts every other request, and fails at
its end where there was one.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

import httpx
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, WebSocketRoute, sync_playwright

from parallax import config

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    # What no page asked for (the browser's own errands) never passes the routes of a page.
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
OUTSIDE = re.compile(r"^(?:https?|wss?)://(?!(?:127\.0\.0\.1|localhost|\[::1\])(?:[:/?#]|$))", re.IGNORECASE)

_QUIET = """quiet => {
    const app = document.querySelector('[data-testid="stApp"]');
    const busy = !app
        || app.dataset.testConnectionState !== 'CONNECTED'
        || app.dataset.testScriptState !== 'notRunning'
        || document.querySelector('[data-testid="stStatusWidget"], [data-testid="stSkeleton"]')
        || document.getAnimations().some(one => one.effect?.getComputedTiming().endTime < Infinity
            && one.playState === 'running');
    const now = performance.now();
    if (busy || window.quietSince === undefined) window.quietSince = now;
    return !busy && now - window.quietSince >= quiet;
}"""


def find_chromium() -> str:
    """Return the path of Chromium or Chrome; raises `FileNotFoundError` where there is none on PATH."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError(f"no browser on PATH ({', '.join(NAMES)}); apt-get install chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield a running Chromium, closed at the end."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        try:
            yield chromium
        finally:
            chromium.close()


@dataclass(frozen=True, slots=True)
class Visit:
    """A page and what it did wrong: URLs beyond loopback (aborted), console and script errors."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def abort(self, route: Route) -> None:
        """Refuse a request for another host."""
        self.outside.append(route.request.url)
        route.abort()

    def refuse(self, socket: WebSocketRoute) -> None:
        """Refuse a web socket to another host."""
        self.outside.append(socket.url)
        socket.close()

    def console(self, message: ConsoleMessage) -> None:
        """Keep what the console shows as an error."""
        if message.type == "error":
            self.errors.append(message.text)


@contextmanager
def page(
    chromium: Browser, *, width: int = 1440, height: int = 900, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Visit]:
    """Yield a visit with a fresh profile; width and height in CSS pixels.

    Fails at the end where the page asked for anything beyond loopback. A download is in
    `visit.page.expect_download()`.
    """
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        accept_downloads=True,
        # A service worker's requests would pass the routes.
        service_workers="block",
    )
    try:
        visit = Visit(context.new_page())
        # Functions, because Playwright writes an attribute into the object of a method it is given.
        context.route(OUTSIDE, lambda route: visit.abort(route))
        context.route_web_socket(OUTSIDE, lambda socket: visit.refuse(socket))
        visit.page.on("console", lambda message: visit.console(message))
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        yield visit
        assert visit.outside == [], f"the page asked for more than loopback: {visit.outside}"
    finally:
        context.close()


def settled(page: Page, *, quiet: float = 0.3, timeout: float = 30.0) -> None:
    """Wait until Streamlit has been at rest for `quiet` seconds, for at most `timeout` seconds.

    At rest: connected, the script not running, nothing still loading or fading. The quiet time bridges the
    moment between a click and the start of the script, and that between two runs of the script;
    a fragment that reruns more often than that is never at rest. Raises Playwright's `TimeoutError`.
    """
    page.evaluate("() => { delete window.quietSince; }")
    page.wait_for_function(_QUIET, arg=quiet * 1000, polling=50, timeout=timeout * 1000)


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dashboard:
    """The real dashboard in a process of its own, from `with` to its end.

    `data` and `models` are the folder and the models file that it works with; `root` holds its
    `app.py`; `start` is how many seconds it has until it answers. Entering raises `RuntimeError`,
    with the log, where the process ends or does not answer in that time.
    """

    def __init__(self, data: Path, models: Path, *, root: Path = config.ROOT, start: float = 60.0) -> None:
        self._settings = config.load(data=data, models_file=models)
        self._root = root
        self._start = start
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._kept = ""

    def __enter__(self) -> Dashboard:
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.port", str(self._port), "--server.headless", "true"]
        self._output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command,
            cwd=self._root,
            env=config.child_environment(self._settings),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        try:
            self._wait_until_healthy(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the first page, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The number of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What the process printed so far, on both streams; kept after its end."""
        if self._output is None:
            return self._kept
        # pread, because the process writes at the offset that it shares with this file.
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), size, 0).decode(errors="replace")

    def stop(self) -> None:
        """End the process with SIGINT, or after 10 seconds with SIGKILL; more than once is fine."""
        if self._process is None or self._output is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._kept = self.log
        self._output.close()
        self._output = self._process = None

    def kill(self) -> None:
        """End the process with SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self.stop()

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._start
        with httpx.Client(trust_env=False, timeout=2.0) as client:
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise RuntimeError(f"the dashboard ended with code {process.returncode}:\n{self.log}")
                if _is_healthy(client, f"{self.url}/_stcore/health"):
                    return
                time.sleep(0.1)
        raise RuntimeError(f"the dashboard did not answer in {self._start} s:\n{self.log}")


def _is_healthy(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == 200
    except httpx.TransportError:
        return False
