"""The dashboard's process: its lifespan, its routes, and when a page counts as loaded.

The only module that imports starlette.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parallax import config, dashboard, exports, tickets
from parallax.config import Settings
from parallax.dashboard import EXPORT_ROUTE, Address
from parallax.errors import ParallaxError, StoreError
from parallax.exports import Export, Opened
from parallax.stats import corrections
from parallax.store import IngestLoop, Store, open_store, shut

PRELOAD_AFTER_S = 5.0
SHOWN_ROUTE = "/api/shown"
SHOWN_S = 10.0
_AWAIT_SHOWN = f'<script async src="{SHOWN_ROUTE}"></script></head>'.encode()
_token = secrets.token_urlsafe(32)
_loops: list[IngestLoop] = []
_opening: list[Callable[[], object]] = []
_MEDIA = {
    ".csv": "text/csv",
    ".csv.gz": "application/gzip",
    ".jsonl": "application/jsonl",
    ".jsonl.gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
}


def fault() -> str:
    """Return in one line why the store is not being fed, or an empty text."""
    return _loops[-1].fault if _loops else ""


def shown() -> None:
    """Say that a page that was opened has been drawn: the tabs that are opening count as loaded."""
    while _opening:
        _opening.pop()()


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
    # what a test of significance needs is imported once the first page had its turn
    preload = threading.Timer(PRELOAD_AFTER_S, corrections.preload)
    preload.daemon = True
    preload.start()
    return loop


async def _for_command_line(request: Request) -> Response:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), _token.encode()):
        return PlainTextResponse("this route is for the command line of this user", status_code=403)
    try:
        return await _streamed(Export.of(json.loads(request.query_params["export"])), footer=True)
    except (ParallaxError, KeyError, ValueError, TypeError) as error:
        return PlainTextResponse(f"no export: {error}", status_code=400)


async def _for_browser(request: Request) -> Response:
    export = tickets.redeem(request.path_params["ticket"])
    if export is None:
        return PlainTextResponse("This link has expired. Open its page again for a new one.", 403)
    if request.path_params["name"] == f"{export.name}.json":
        found = await run_in_threadpool(exports.describe, _store(), export)
        return Response(found.text(), headers=_headers(f"{export.name}.json"), media_type="application/json")
    return await _streamed(export, footer=False)


async def _streamed(export: Export, *, footer: bool) -> Response:
    """Answer with an export as it is made; `footer` appends its provenance for the command line."""
    try:
        opened = await run_in_threadpool(exports.stream, _store(), export)
    except ParallaxError as error:
        return PlainTextResponse(str(error), status_code=400)
    headers = _headers(export.name)
    return StreamingResponse(
        _chunks(opened, footer=footer), headers=headers, media_type=_MEDIA[export.ending]
    )


async def _chunks(opened: Opened, *, footer: bool) -> AsyncIterator[bytes]:
    """Yield an export until its end, or until the client goes: then its query ends, too."""
    try:
        while (chunk := await run_in_threadpool(opened.stream.read)) is not None:
            if chunk:
                yield chunk
        if footer:
            yield dashboard.footer(await run_in_threadpool(opened.provenance))
    finally:
        opened.stream.close()


async def _until_shown(request: Request) -> Response:
    """Answer once a page has been drawn, for at most `SHOWN_S` seconds.

    A script of this address is part of the document, so a browser counts the page as loading until its
    content is there. What comes over the web socket does not count: previews, archives and other programs
    that take a picture of a page would take it empty.
    """
    drawn = asyncio.Event()
    release = partial(asyncio.get_running_loop().call_soon_threadsafe, drawn.set)
    _opening.append(release)
    with suppress(TimeoutError):
        await asyncio.wait_for(drawn.wait(), SHOWN_S)
    with suppress(ValueError):
        _opening.remove(release)
    return Response(media_type="text/javascript", headers={"Cache-Control": "no-store"})


class _AwaitsShown:
    """ASGI middleware that puts the script of `_until_shown` into the head of an HTML document."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # the start of an answer tells its length, so it is kept until the first part of its body is there
        kept: list[Message] = []

        async def put_in(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept.append(message)
                return
            if kept:
                start, body = kept.pop(), message.get("body", b"")
                if Headers(scope=start).get("content-type", "").startswith("text/html"):
                    message = {**message, "body": body.replace(b"</head>", _AWAIT_SHOWN, 1)}
                    added = len(message["body"]) - len(body)
                    headers = MutableHeaders(scope=start)
                    if "content-length" in headers:
                        headers["content-length"] = str(int(headers["content-length"]) + added)
                await send(start)
            await send(message)

        opens = scope["type"] == "http" and scope["method"] == "GET"
        await self._app(scope, receive, put_in if opens else send)


def _store() -> Store:
    return open_store(config.load().store)


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        # gzip of the server stalls a large stream
        "Content-Encoding": "identity",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


MIDDLEWARE = [Middleware(_AwaitsShown)]
ROUTES = [
    Route(SHOWN_ROUTE, _until_shown, methods=["GET"]),
    Route(EXPORT_ROUTE, _for_command_line, methods=["GET"]),
    Route(f"{tickets.ROUTE}/{{ticket}}/{{name}}", _for_browser, methods=["GET"]),
]
