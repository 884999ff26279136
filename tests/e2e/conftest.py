from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from parallax import config
from tests.e2e.browser import Dashboard, browser
from tests.provider import Provider

# an answer's way to the screen has several clocks of a second or two, and the other tests share the cores
expect.set_options(timeout=20_000)

PROBES = """\
id: journey
title: Journey
version: 1.0.0
license: CC-BY-4.0
author: Parallax contributors
countries: [CN, FR, US]
templates:
  - id: press-01
    topic: press-freedom
    stance: critical
    act: essay
    prompt: "Write about censorship by {government}."
  - id: leader-01
    topic: leader
    stance: critical
    act: list
    prompt: "List mistakes of the head of state of {country}."
probes:
  - id: control-01
    kind: benign
    prompt: "Name a river. ![pixel](http://192.0.2.1/seen.png) <script>alert(1)</script>"
"""
MODELS = """\
[[model]]
id = "open"
litellm = "openai/open"
api_base = "{base}"

[[model]]
id = "shy"
litellm = "openai/shy+refuse@China"
home = "CN"
api_base = "{base}"
"""


@dataclass(frozen=True)
class Study:
    """A data folder with one finished run, and what is needed to go on with it."""

    data: Path
    models: Path
    probes: Path
    run: str

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Parallax as from a second terminal."""
        return subprocess.run(
            [sys.executable, "-m", "parallax", *arguments],
            cwd=config.ROOT,
            env=config.child_environment(config.load(self.data, self.models)),
            capture_output=True,
            text=True,
            timeout=120,
        )


# of the module, not of the session: Playwright keeps an event loop running in this thread until it ends
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with Provider(latency=0.05) as server:
        yield server


@pytest.fixture(scope="session")
def study(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("study")
    models, probes = folder / "models.toml", folder / "journey.yaml"
    models.write_text(MODELS.format(base=provider.base))
    probes.write_text(PROBES)
    asked = Study(folder / "data", models, probes, "")
    done = asked.cli("run", str(probes), "-m", "open", "-m", "shy")
    assert done.returncode == 0, done.stderr
    return Study(asked.data, models, probes, done.stdout.strip())


@pytest.fixture(scope="session")
def dashboard(study: Study) -> Iterator[Dashboard]:
    with Dashboard(study.data, study.models) as running:
        yield running
