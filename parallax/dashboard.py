"""How the command line reads a store that a running dashboard holds: its loopback route."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.parse
from pathlib import Path
from typing import NamedTuple

from parallax import loopback
from parallax.config import Settings
from parallax.errors import DashboardError, ParallaxError
from parallax.spool import write_atomically, writing
from parallax.store import Selection

EXPORT_ROUTE = "/api/export"
TIMEOUT_S = 600.0


class Address(NamedTuple):
    """Where a dashboard listens, and the token that opens its route."""

    url: str
    token: str


def announce(settings: Settings, address: Address) -> None:
    """Write the dashboard's address where only this user can read it."""
    file = settings.dashboard_file
    write_atomically(file, json.dumps(address._asdict()).encode(), mode=0o600)


def withdraw(settings: Settings) -> None:
    """Take the address away when the dashboard ends."""
    settings.dashboard_file.unlink(missing_ok=True)


def find(settings: Settings) -> Address:
    """Return the address that a dashboard left. Raises `DashboardError` where there is none."""
    try:
        return Address(**json.loads(settings.dashboard_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise DashboardError(
            f"{settings.store}: another process holds the store, and it is no dashboard; stop it first"
        ) from None


def export(settings: Settings, selection: Selection, out: Path, *, raw: bool) -> int:
    """Have the dashboard export to a file: the same bytes as without one. Returns the rows written.

    Raises `DashboardError` where it does not answer, `ParallaxError` with its own words where it
    refuses.
    """
    address = find(settings)
    query = urllib.parse.urlencode(
        {"ending": out.suffix, "raw": int(raw), "selection": json.dumps(selection.filled())}
    )
    url = f"{address.url}{EXPORT_ROUTE}?{query}"
    try:
        with loopback.get(url, TIMEOUT_S, {"Authorization": f"Bearer {address.token}"}) as answer:
            with writing(out), out.open("wb") as file:
                shutil.copyfileobj(answer, file)
            return int(answer.headers["X-Rows"])
    except urllib.error.HTTPError as error:
        raise ParallaxError(error.read().decode("utf-8", "replace") or str(error)) from None
    except OSError as error:
        raise DashboardError(
            f"{address.url}: the dashboard that holds the store does not answer: {error}"
        ) from None
