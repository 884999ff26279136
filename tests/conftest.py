"""Every test works in folders of its own, never in the user's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from parallax import cli, config, local, serve
from parallax.config import Settings
from parallax.store import Store, open_store, shut
from tests.asking import settings_in, wait_until
from tests.e2e.browser import free_port
from tests.proofs import processes_of
from tests.recordings import NOBODY

MODELS = """
[[model]]
id = "test-model"
litellm = "openai/test-model"
developer = "Test Lab"
home = "CN"
api_base = "{base}"
params = {{max_tokens = 64}}

[[model]]
id = "other-model"
litellm = "openai/other-model"
developer = "Other Lab"
home = "FR"
api_base = "{base}"
"""
HOLD = """
import sys; from pathlib import Path; from parallax.store import open_store
open_store(Path(sys.argv[1])); print("held", flush=True); sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the settings at this test's folder; afterwards give the store and the pages' caches up."""
    models_file = tmp_path / "models.toml"
    models_file.write_text(MODELS.format(base=NOBODY))
    monkeypatch.setenv("PARALLAX_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PARALLAX_MODELS", str(models_file))
    monkeypatch.setenv("PARALLAX_CACHE", str(tmp_path / "cache"))
    path = config.load().store
    yield
    shut(path)
    if streamlit := sys.modules.get("streamlit"):
        streamlit.cache_data.clear()
        streamlit.cache_resource.clear()


@pytest.fixture
def no_orphans(tmp_path: Path) -> Iterator[None]:
    """Fail where a process that was started for this test outlives it."""
    yield
    wait_until(lambda: not processes_of(tmp_path), 20)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose data and models file lie in this test's folder."""
    return settings_in(tmp_path)


@pytest.fixture
def spool() -> Path:
    """This test's spool."""
    return config.load().spool


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without a row, to be copied: to make one takes five times as long as to open one."""
    path = tmp_path_factory.mktemp("fresh") / "parallax.duckdb"
    open_store(path)
    shut(path)
    return path


@pytest.fixture
def store(fresh: Path) -> Store:
    """This test's store, open."""
    path = config.load().store
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(fresh, path)
    return open_store(path)


@pytest.fixture
def small_model(tmp_path: Path) -> Iterator[Path]:
    """Serve a real local model; yields a models file that names it `small`."""
    model = local.CATALOGUE["smollm2-135m"]
    weights = local.ensure(model, config.load(), print)
    served = serve.start(model, weights, free_port(), threads=2, log=tmp_path / "server.log")
    serve.wait_ready(served)
    base = f"http://127.0.0.1:{served.port}/v1"
    params = "params = {temperature = 0.0, max_tokens = 64}"
    models = tmp_path / "small.toml"
    models.write_text(
        f'[[model]]\nid = "small"\nlitellm = "openai/{model.id}"\napi_base = "{base}"\n{params}\n'
    )
    yield models
    serve.stop(served)


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Return what runs one command in this process: `say("runs", "--data", folder)`."""

    def run(*arguments: object) -> Said:
        capfd.readouterr()
        code = cli.main([str(argument) for argument in arguments])
        shut(config.load().store)
        return Said(code, *capfd.readouterr())

    return run


@pytest.fixture
def other_process() -> Callable[[], AbstractContextManager[None]]:
    """Return a block during which another process, which is no dashboard, holds this test's store."""

    @contextmanager
    def holding() -> Iterator[None]:
        command = [sys.executable, "-c", HOLD, str(config.load().store)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=config.ROOT, stdin=pipe, stdout=pipe, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield
            holder.communicate("")

    return holding
