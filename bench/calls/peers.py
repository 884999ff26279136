"""promptfoo and Inspect AI, where they are installed: the same calls, one process each, nothing to rate."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.calls.load import NO_KEY, PARAMS, Load
from bench.calls.scene import Command, Scene, Took

TASK = Path(__file__).with_name("inspect_task.py")
ANSWERS_S = 60.0


class Peer(NamedTuple):
    """Another program: its version, and how it makes a load's calls."""

    version: str
    ask: Callable[[Scene, Load], Took]


def promptfoo(path: str | None) -> Peer | None:
    """Return promptfoo: at `path`, else where the shell or npx finds it; None where it is not installed."""
    found = path or shutil.which("promptfoo")
    command = [found] if found else ["npx", "--no-install", "promptfoo"]
    version = _last_word([*command, "--version"])
    return Peer(version, lambda scene, load: _promptfoo(command, scene, load)) if version else None


def inspect_ai(python: str | None) -> Peer | None:
    """Return Inspect AI of an interpreter; None where none is named, or it lacks Inspect or openai."""
    if python is None:
        return None
    program = "import importlib.metadata as m, inspect_ai, openai; print(m.version('inspect_ai'))"
    version = _last_word([python, "-c", program])
    return Peer(version, lambda scene, load: _inspect_ai(python, scene, load)) if version else None


def _last_word(command: Command) -> str:
    """Return the last word that a command prints; an empty text where it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWERS_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "".join(done.stdout.split()[-1:])


def _promptfoo(command: Command, scene: Scene, load: Load) -> Took:
    """Its answers go to its own database, in a folder of this run; no table, no cache, no call home."""
    folder = scene.new_folder()
    own = {"apiBaseUrl": scene.endpoint.base(load.latency_ms), "apiKey": NO_KEY, **PARAMS}
    config = {
        "prompts": ["{{prompt}}"],
        "providers": [{"id": f"openai:chat:{name}", "config": own} for name in load.widths()],
        "tests": [{"vars": {"prompt": text}} for text in load.texts()],
    }
    (folder / "config.json").write_text(json.dumps(config))
    evaluate = ["eval", "-c", str(folder / "config.json"), "-j", str(load.concurrency)]
    quiet = ["--no-cache", "--no-table", "--no-progress-bar", "--no-share"]
    env = {
        "PROMPTFOO_CONFIG_DIR": str(folder),
        # with its log files it may end in an error: it writes to them after they are closed
        "PROMPTFOO_DISABLE_DEBUG_LOG": "true",
        "PROMPTFOO_DISABLE_ERROR_LOG": "true",
        "PROMPTFOO_CACHE_ENABLED": "false",
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
        "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
    }
    return scene.asked([[*command, *evaluate, *quiet]], load.calls, env)


def _inspect_ai(python: str, scene: Scene, load: Load) -> Took:
    """Its logs go to a folder of this run; no display."""
    folder = scene.new_folder()
    task = {
        "base": scene.endpoint.base(load.latency_ms),
        "key": NO_KEY,
        "params": PARAMS,
        "widths": load.widths(),
        "texts": load.texts(),
    }
    (folder / "task.json").write_text(json.dumps(task))
    env = {"XDG_DATA_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    return scene.asked([[python, str(TASK), str(folder / "task.json")]], load.calls, env)
