"""Calls to servers on this machine: never through a proxy of the environment, which is for the net."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Mapping
from http.client import HTTPResponse

HOST = "127.0.0.1"

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url: str, timeout_s: float, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    """Ask a server on this machine, and return its open answer.

    Raises `urllib.error.HTTPError` for a status that is no success, another `OSError` where nobody
    answers within `timeout_s` seconds.
    """
    # the caller's own address, on loopback
    request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310
    answer: HTTPResponse = _opener.open(request, timeout=timeout_s)
    return answer


def is_held(port: int) -> bool:
    """True where something listens on a port."""
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True
