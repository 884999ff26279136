"""A page counts as loading until its content is there, for browsers and for whoever takes a picture of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from parallax import web

DOCUMENT = "<html><head><title>Parallax</title></head><body>…</body></html>"
SCRIPT = f'<script async src="{web.SHOWN_ROUTE}"></script>'


async def _document(request: Request) -> Response:
    return HTMLResponse(DOCUMENT)


async def _streamed(request: Request) -> Response:
    parts = (part.encode() for part in (DOCUMENT[:-7], DOCUMENT[-7:]))
    return StreamingResponse(parts, media_type="text/html; charset=utf-8")


async def _other(request: Request) -> Response:
    return JSONResponse({"text": DOCUMENT})


@pytest.fixture
def client() -> Iterator[TestClient]:
    pages = {"/": _document, "/streamed": _streamed, "/other": _other}
    routes = [Route(path, page) for path, page in pages.items()]
    with TestClient(Starlette(routes=[*web.ROUTES, *routes], middleware=web.MIDDLEWARE)) as client:
        yield client


@pytest.mark.parametrize(("path", "scripts"), [("/", 1), ("/streamed", 1), ("/other", 0)])
def test_documents_wait_for_their_content(client: TestClient, path: str, scripts: int) -> None:
    answer = client.get(path)
    assert answer.text.count(SCRIPT) == scripts
    assert answer.text.replace(SCRIPT, "") == client.get(path).text.replace(SCRIPT, "")
    assert int(answer.headers.get("content-length", len(answer.content))) == len(answer.content)
    assert client.head("/").headers["content-length"] == str(len(DOCUMENT.encode()))


def test_waiting_ends_when_a_page_is_drawn(client: TestClient) -> None:
    answers: list[httpx.Response] = []
    waiting = [threading.Thread(target=lambda: answers.append(client.get(web.SHOWN_ROUTE))) for _ in range(2)]
    for thread in waiting:
        thread.start()
    deadline = time.monotonic() + web.SHOWN_S / 2
    while len(answers) < 2 and time.monotonic() < deadline:
        # until both have come in, one of them may be answered by the other's
        web.shown()
        time.sleep(0.02)
    for thread in waiting:
        thread.join(web.SHOWN_S)
    assert time.monotonic() < deadline
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, ""), (200, "")]


def test_waiting_ends_where_nothing_is_ever_drawn(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "SHOWN_S", 0.05)
    assert client.get(web.SHOWN_ROUTE).status_code == 200
    web.shown()
    assert client.get("/").status_code == 200
