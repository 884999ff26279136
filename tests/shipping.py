"""A small recorded study for tests, made as the real one is: runs of a data folder, packed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

from parallax import samples, store
from parallax.config import Settings
from parallax.plan import Plan
from parallax.records import Probe
from parallax.spool import RunFolder
from tests import recordings
from tests.recordings import BEGAN, benign, matched

PARAMS = {"temperature": 0.0, "max_tokens": 160, "seed": 0}
MATCHED = (*matched("press", "CN FR", topic="press-freedom"), *matched("vote", "CN FR", topic="elections"))
CORE, CONTROLS = "core-20260301-120000-0001", "controls-20260301-130000-0002"
REFUSED = {("press.cn", "alpha"), ("vote.cn", "alpha")}


def ship(settings: Settings, out: Path) -> None:
    """Record two runs in the data folder of `settings`, the core set first, and pack them into `out`."""
    _record(settings.spool, CORE, MATCHED, 0)
    _record(settings.spool, CONTROLS, benign(3), 1)
    samples.write(settings, [CORE, CONTROLS], out)
    store.shut(settings.store)


def _record(spool: Path, run: str, probes: tuple[Probe, ...], hour: int) -> Plan:
    table = {(p.id, m): "R" if (p.id, m) in REFUSED else "C" for p in probes for m in ("alpha", "beta")}
    at = BEGAN + timedelta(hours=hour)
    made = recordings.record(spool, run, probes, table, created_at=at, id=run.partition("-")[0])
    specs = tuple(dataclasses.replace(model, params=PARAMS) for model in made.models)
    asked = dataclasses.replace(made, models=specs)
    RunFolder(spool, run).create(asked)
    return asked
