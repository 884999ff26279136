"""Parallax and the bare litellm loops beside it: the commands that make a load's calls."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from bench.calls.load import NAMES, NO_KEY, PARAMS, Load, split
from bench.calls.scene import Scene, Took
from parallax import models, plan, probes
from parallax.spool import RunFolder

IMPORT_BARE = "import litellm"
IMPORT_ONE = "import parallax.cli, parallax.providers"
IMPORT_FORKED = "from parallax import forking; forking.preload()"
IMPORT_CREW = "import parallax.cli"


def bare(scene: Scene, load: Load, processes: int) -> Took:
    """Make the calls in so many bare litellm processes, the concurrency shared out among them."""
    folder = scene.new_folder()
    calls = [(f"openai/{name}", text) for text in load.texts() for name in NAMES]
    random.Random(0).shuffle(calls)
    commands = []
    for index, width in enumerate(split(load.concurrency, processes)):
        task = {
            "base": scene.endpoint.base(load.latency_ms),
            "key": NO_KEY,
            "params": PARAMS,
            "concurrency": width,
            "calls": calls[index::processes],
        }
        path = folder / f"task-{index}.json"
        path.write_text(json.dumps(task))
        commands.append([sys.executable, "-m", "bench.calls.bare", str(path)])
    return scene.asked(commands, load.calls)


def parallax(scene: Scene, load: Load, processes: int) -> Took:
    """Make the calls with `python -m parallax run`, from the reading of the set to the filled store."""
    folder = data_folder(scene, load)
    chosen = [word for name in NAMES for word in ("-m", name)]
    command = [sys.executable, "-m", "parallax", "run", str(folder / "set.jsonl"), *chosen]
    where = ["--data", str(folder), "--models", str(folder / "models.toml")]
    return scene.asked([[*command, "--workers", str(processes), *where]], load.calls)


def worker(scene: Scene, load: Load, processes: int) -> Took:
    """Make the calls with a worker as the dashboard starts it: asking, rating and spool, no store."""
    folder = data_folder(scene, load)
    run = planned(folder, processes)
    command = [sys.executable, "-m", "parallax", "worker", run.run, "--data", str(folder)]
    return scene.asked([command], load.calls)


def planned(folder: Path, processes: int = 1) -> RunFolder:
    """Put a run into the spool of a data folder."""
    specs = models.pick(models.load(folder / "models.toml"), NAMES)
    made = plan.new(probes.load(folder / "set.jsonl"), specs, workers=processes)
    run = RunFolder(folder / "spool", made.run)
    run.create(made)
    return run


def data_folder(scene: Scene, load: Load) -> Path:
    """Make a data folder with a models file and a probe set."""
    folder = scene.new_folder()
    entries = [
        f'[[model]]\nid = "{name}"\nlitellm = "openai/{name}"\n'
        f'api_base = "{scene.endpoint.base(load.latency_ms)}"\nlimits = {{concurrency = {width}}}\n'
        f"params = {{{', '.join(f'{key} = {value}' for key, value in PARAMS.items())}}}\n"
        for name, width in load.widths().items()
    ]
    (folder / "models.toml").write_text("\n".join(entries))
    head = {"id": "bench", "title": "Bench", "version": "1.0.0", "license": "CC0-1.0", "author": "Bench"}
    rows = [{"id": f"p{n}", "prompt": text} for n, text in enumerate(load.texts())]
    (folder / "set.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in [head, *rows]))
    return folder


def import_seconds(scene: Scene, *programs: str) -> float:
    """Return the CPU seconds that processes take which only import."""
    return scene.spend([[sys.executable, "-c", program] for program in programs]).cpu_s
