"""Commands as processes of their own, which outlive whoever started them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from parallax import config
from parallax.config import Settings
from parallax.spool import writing


def start(settings: Settings, arguments: Sequence[str], log: Path) -> None:
    """Start `python -m parallax` with some arguments; what it prints goes into a new file `log`.

    Raises `SpoolError` where that cannot be written.
    """
    with writing(log), log.open("wb") as out:
        subprocess.Popen(
            [sys.executable, "-m", "parallax", *arguments],
            cwd=config.ROOT,
            env=config.child_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
