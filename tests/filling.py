"""A store that many tests begin with is filled once in a process; each test works on a copy of its own."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

from parallax import config
from parallax.store import Store, open_store, shut

P = ParamSpec("P")
_COPIES: dict[str, Path] = {}


@functools.cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    """Where the filled data folders lie until the process ends."""
    return tempfile.TemporaryDirectory(prefix="parallax-filled-")


def filled_once(fill: Callable[P, object]) -> Callable[P, Store]:
    """Make a function that fills this test's spool and store one that returns the filled store, open.

    The first call with given arguments fills; a later one, in another test, copies what was there then.
    Where the test has data already, `fill` adds to them, as it would by itself.
    """

    @functools.wraps(fill)
    def given(*args: P.args, **kwargs: P.kwargs) -> Store:
        settings = config.load()
        key = f"{fill.__module__}.{fill.__qualname__} {args!r} {kwargs!r}"
        assert " at 0x" not in key, "told apart by an address, which may be another object's later"
        if settings.data.exists():
            fill(*args, **kwargs)
        elif copy := _COPIES.get(key):
            shutil.copytree(copy, settings.data)
        else:
            fill(*args, **kwargs)
            shut(settings.store)
            copy = Path(_kept().name) / str(len(_COPIES))
            _COPIES[key] = shutil.copytree(settings.data, copy)
        return open_store(settings.store)

    return given
