"""Links by which a browser fetches what a page offers: each opens one export, for an hour.

A page cannot hand the token of the command line to a browser: addresses end up in its history. A ticket
says nothing, cannot be guessed, and gives what its page showed anyway.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from parallax.exports import Export

ROUTE = "/api/export"
LIFE_S = 3600.0
MOST = 10_000


class _Ticket(NamedTuple):
    export: Export
    until: float


_lock = threading.Lock()
_tickets: OrderedDict[str, _Ticket] = OrderedDict()
_names: dict[str, str] = {}


def issue(export: Export) -> str:
    """Return the path of a link to an export, good for an hour from now.

    Whoever asks for the same again gets the same link; of very many the oldest are dropped.
    """
    wanted = repr(export)
    with _lock:
        while _tickets and next(iter(_tickets.values())).until < time.monotonic():
            _drop_oldest()
        name = _names.setdefault(wanted, secrets.token_urlsafe(24))
        _tickets[name] = _Ticket(export, time.monotonic() + LIFE_S)
        _tickets.move_to_end(name)
        if len(_tickets) > MOST:
            _drop_oldest()
    return f"{ROUTE}/{name}/{export.name}"


def _drop_oldest() -> None:
    _, dropped = _tickets.popitem(last=False)
    del _names[repr(dropped.export)]


def redeem(name: str) -> Export | None:
    """Return the export that a ticket opens, None for one that is too old or never was."""
    with _lock:
        ticket = _tickets.get(name)
    return ticket.export if ticket and ticket.until >= time.monotonic() else None
