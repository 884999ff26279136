"""How the command line reads a store that a running dashboard holds: its loopback route."""

from __future__ import annotations

import json
import os
import shutil
import urllib.error
import urllib.parse
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO, NamedTuple

from parallax import loopback
from parallax.config import Settings
from parallax.errors import DashboardError, ParallaxError
from parallax.exports import Export, Provenance
from parallax.spool import write_atomically, writing

EXPORT_ROUTE = "/api/export"
TIMEOUT_S = 600.0
COPY_BYTES = 1 << 20
FOOTER_BYTES = 8


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


def export(settings: Settings, wanted: Export, out: Path) -> Provenance:
    """Have the dashboard export to a file: the same bytes as without one. Returns their provenance.

    Raises `DashboardError` where it does not answer or breaks off, `ParallaxError` with its own words
    where it refuses. A file that was there stays until the whole of the new one has come.
    """
    address = find(settings)
    query = urllib.parse.urlencode({"export": json.dumps(wanted.filled())})
    url = f"{address.url}{EXPORT_ROUTE}?{query}"
    part = out.with_name(f"{out.name}.part")
    try:
        with loopback.get(url, TIMEOUT_S, {"Authorization": f"Bearer {address.token}"}) as answer:
            with writing(out), part.open("w+b") as file:
                shutil.copyfileobj(answer, file, COPY_BYTES)
                found = _without_footer(file)
                part.replace(out)
            return found
    except urllib.error.HTTPError as error:
        raise ParallaxError(error.read().decode("utf-8", "replace") or str(error)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise DashboardError(
            f"{address.url}: the dashboard that holds the store does not answer: {error}"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def footer(found: Provenance) -> bytes:
    """Return what follows the table in an answer to the command line: its provenance, and how long that is.

    Only what was read to its end has one, so that nothing cut short is taken for the whole.
    """
    text = found.text().encode()
    return text + len(text).to_bytes(FOOTER_BYTES, "big")


def _without_footer(file: BinaryIO) -> Provenance:
    """Cut the footer off a file, and return what it tells. Raises `ValueError` where there is none."""
    end = file.seek(-FOOTER_BYTES, os.SEEK_END)
    start = end - int.from_bytes(file.read(FOOTER_BYTES), "big")
    if start < 0:
        raise ValueError("it broke off")
    file.seek(start)
    found = Provenance.of_text(file.read(end - start).decode())
    file.truncate(start)
    return found
