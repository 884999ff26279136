"""The dashboard's process: its lifespan and its loopback route. The only module that imports starlette."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from parallax import config, dashboard, exports
from parallax.config import Settings
from parallax.dashboard import EXPORT_ROUTE, Address
from parallax.errors import ParallaxError, StoreError
from parallax.store import IngestLoop, Selection, open_store, shut

_token = secrets.token_urlsafe(32)
_loops: list[IngestLoop] = []


def fault() -> str:
    """Return in one line why the store is not being fed, or an empty text."""
    return _loops[-1].fault if _loops else ""


def lifespan(
    get_option: Callable[[str], Any],
) -> Callable[[object], AbstractAsyncContextManager[dict[str, Any]]]:
    """Return the lifespan of the dashboard: store open, ingest loop running, address announced.

    `get_option` reads an option of the server, as `streamlit.get_option` does. Where another process
    holds the store, the process ends with one line and exit code 2.
    """

    @asynccontextmanager
    async def alive(app: object) -> AsyncIterator[dict[str, Any]]:
        settings = config.load()
        loop = _start(settings)
        host, port = get_option("server.address") or "127.0.0.1", get_option("server.port")
        dashboard.announce(settings, Address(f"http://{host}:{port}", _token))
        try:
            yield {}
        finally:
            dashboard.withdraw(settings)
            loop.stop()
            shut(settings.store)

    return alive


def _start(settings: Settings) -> IngestLoop:
    try:
        loop = IngestLoop(open_store(settings.store), settings.spool)
    except StoreError as error:
        # the server would wrap an exception in its own traceback
        print(error, file=sys.stderr, flush=True)
        os._exit(2)
    _loops.append(loop)
    loop.start()
    return loop


async def _export(request: Request) -> Response:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), _token.encode()):
        return PlainTextResponse("this route is for the command line of this user", status_code=403)
    try:
        selection = Selection.of(json.loads(request.query_params["selection"]))
        raw = request.query_params.get("raw") == "1"
        return await run_in_threadpool(_file, selection, request.query_params["ending"], raw)
    except (ParallaxError, KeyError, ValueError, TypeError) as error:
        return PlainTextResponse(str(error), status_code=400)


def _file(selection: Selection, ending: str, raw: bool) -> Response:
    settings = config.load()
    path = settings.data / "tmp" / f"export-{secrets.token_hex(8)}{Path(ending).name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = exports.write_long(open_store(settings.store), selection, path, raw=raw)
    # gzip of the server stalls a large stream
    headers = {"Content-Encoding": "identity", "X-Rows": str(rows)}
    return FileResponse(path, headers=headers, background=BackgroundTask(path.unlink))


ROUTES = [Route(EXPORT_ROUTE, _export)]
