"""Exports as streams: whole, in parts, broken off; by the command line's token and by a page's ticket."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from parallax import config, dashboard, exports, tickets, web
from parallax.errors import DashboardError, ParallaxError, StoreError
from parallax.exports import Export, Kind
from parallax.store import Selection, Store, copying, ingest, open_store
from parallax.store.copying import FORMATS, Query, Stream
from tests import recordings
from tests.filling import filled_once
from tests.recordings import benign, matched

PROBES = matched("leader", "CN FR") + benign(2)
TABLE = {(probe.id, model): "RC" for probe in PROBES for model in ("alpha", "beta")}
MANY = Query(["i", "repeat('word ', 200) AS s"], "range(10_000_000) t(i)")


@pytest.fixture
@filled_once
def filled() -> None:
    settings = config.load()
    recordings.record(settings.spool, "run-1", PROBES, TABLE)
    ingest(open_store(settings.store), settings.spool)


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=web.ROUTES))


def whole(stream: Stream) -> bytes:
    with closing(stream):
        return b"".join(iter(stream.read, None))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("ending", [ending for ending in FORMATS if not ending.endswith(".gz")])
def test_a_stream_is_what_a_file_would_be(filled: Store, tmp_path: Path, kind: Kind, ending: str) -> None:
    export = Export(kind, ending=ending)
    out = tmp_path / f"out{ending}"
    told = exports.write(filled, export, out)
    opened = exports.stream(filled, export)
    assert whole(opened.stream) == out.read_bytes()
    assert opened.provenance().rows == told.rows


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@pytest.mark.parametrize(("models", "rows"), [((), 16), (("alpha",), 8)])
def test_many_rows_come_unsorted_and_where_some_are_left_out_in_parts(
    filled: Store,
    tmp_path: Path,
    ending: str,
    models: tuple[str, ...],
    rows: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export, out = Export(selection=Selection(models=models), ending=ending), tmp_path / f"out{ending}"
    exports.write(filled, export, out)
    at_once = out.read_text().splitlines()
    monkeypatch.setattr(exports.tables, "SORTED_ROWS", 3)
    monkeypatch.setattr(copying, "PART_ENTRIES", 5)
    assert len(exports.query(filled, export).parts(ending)) == (4 if models else 1)
    assert exports.write(filled, export, out).rows == rows
    unsorted = out.read_text().splitlines()
    assert sorted(unsorted) == sorted(at_once)
    assert unsorted[0] == at_once[0] or ending == ".jsonl"


def test_who_goes_ends_the_query(store: Store) -> None:
    stream = Stream(store, MANY, ".csv")
    while not stream.read():
        pass
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 5
    assert store.rows("SELECT 1") == [(1,)]
    assert not [one for one in threading.enumerate() if one is stream._writer]
    assert not list(store.path.parent.glob(".stream-*"))


def test_who_never_reads_ends_the_query_too(store: Store) -> None:
    Stream(store, MANY, ".csv").close()
    assert store.rows("SELECT 1") == [(1,)]


def test_a_slow_reader_holds_the_query_up_and_not_its_rows(store: Store) -> None:
    with closing(Stream(store, MANY, ".csv")) as stream:
        time.sleep(0.5)
        assert len(stream.read() or b"") <= copying.CHUNK_BYTES


def test_a_query_that_fails_is_not_taken_for_the_whole(store: Store) -> None:
    with (
        closing(Stream(store, Query(["error('no')"], "range(3)"), ".csv")) as stream,
        pytest.raises(StoreError, match="ended early"),
    ):
        list(iter(stream.read, None))


# ---- the routes


def test_a_ticket_opens_its_export_and_no_other(filled: Store, client: TestClient, tmp_path: Path) -> None:
    export = Export(Kind.RATES, Selection(models=("beta",)), ("country",))
    link = tickets.issue(export)
    assert tickets.issue(export) == link
    answer = client.get(link)
    exports.write(filled, export, tmp_path / "out.csv")
    assert answer.content == (tmp_path / "out.csv").read_bytes()
    assert answer.headers["content-disposition"] == 'attachment; filename="parallax-rates.csv"'
    assert answer.headers["content-encoding"] == "identity"
    told = client.get(f"{link}.json").json()
    assert (told["kind"], told["rows"], told["filters"]) == ("rates", 3, {"models": ["beta"]})
    other = link.replace(link.split("/")[3], "guessed")
    assert (client.get(other).status_code, "expired" in client.get(other).text) == (403, True)


def test_a_ticket_is_good_for_an_hour(monkeypatch: pytest.MonkeyPatch, client: TestClient) -> None:
    link = tickets.issue(Export())
    now = time.monotonic()
    monkeypatch.setattr(tickets.time, "monotonic", lambda: now + tickets.LIFE_S + 1)
    assert client.get(link).status_code == 403
    assert tickets.issue(Export()) != link


def test_very_many_tickets_push_the_oldest_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "MOST", 3)
    monkeypatch.setattr(tickets, "_tickets", OrderedDict())
    monkeypatch.setattr(tickets, "_names", {})
    links = [tickets.issue(Export(selection=Selection(runs=(f"run-{n}",)))) for n in range(5)]
    found = [tickets.redeem(link.split("/")[3]) for link in links]
    assert [bool(one) for one in found] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("header", "query", "status", "said"),
    [
        ({}, {"export": "{}"}, 403, "for the command line"),
        ({"Authorization": "Bearer guessed"}, {"export": "{}"}, 403, "for the command line"),
        (None, {}, 400, "export"),
        (None, {"export": "no json"}, 400, "no export"),
        (None, {"export": '{"kind": "tall", "selection": {}, "by": []}'}, 400, "tall"),
        (None, {"export": '{"kind": "long", "selection": {}, "by": [], "ending": ".exe"}'}, 400, "ending"),
        (None, {"export": '{"kind": "long", "selection": {"planets": ["x"]}, "by": []}'}, 400, "planets"),
    ],
)
def test_the_command_lines_route_refuses(
    filled: Store,
    client: TestClient,
    header: dict[str, str] | None,
    query: dict[str, str],
    status: int,
    said: str,
) -> None:
    given = {"Authorization": f"Bearer {web._token}"} if header is None else header
    answer = client.get("/api/export", params=query, headers=given)
    assert (answer.status_code, said in answer.text) == (status, True)


@contextmanager
def answering(body: bytes) -> Iterator[None]:
    """Be a dashboard whose route says these bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config.load().data.mkdir(parents=True, exist_ok=True)
    dashboard.announce(config.load(), dashboard.Address(f"http://127.0.0.1:{server.server_port}", "x"))
    yield
    server.shutdown()
    server.server_close()


def test_footer_is_cut_off_and_told(filled: Store, client: TestClient, tmp_path: Path) -> None:
    export = Export(Kind.WIDE)
    told = exports.write(filled, export, tmp_path / "alone.csv")
    given = {"Authorization": f"Bearer {web._token}"}
    body = client.get("/api/export", params={"export": json.dumps(export.filled())}, headers=given).content
    with answering(body):
        found = dashboard.export(config.load(), export, tmp_path / "beside.csv")
        assert (found.rows, found.columns, found.runs) == (told.rows, told.columns, told.runs)
    assert (tmp_path / "beside.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()


@pytest.mark.parametrize("body", [b"", b"run,set\n", b"run,set\nrun-1,small\n" * 9])
def test_what_was_cut_short_replaces_no_file(tmp_path: Path, body: bytes) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    with answering(body), pytest.raises((DashboardError, ParallaxError)):
        dashboard.export(config.load(), Export(), out)
    assert [path.name for path in tmp_path.glob("out*")] == ["out.csv"]
    assert out.read_text() == "before"
