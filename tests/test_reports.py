"""The HTML report: what it says, that it loads and runs nothing, what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from parallax import config
from parallax.reports import drawing
from tests import recordings
from tests.recordings import BEGAN, Table, benign, matched

Say = Callable[..., Any]
TEMPLATES = [f"t-{n:02}" for n in range(9)]
COUNTRIES = "CN FR US BR"
PROBES = tuple(probe for t in TEMPLATES for probe in matched(t, COUNTRIES)) + benign(20)
TABLE: Table = {(probe.id, "alpha"): "R" if probe.id.endswith(".cn") else "C" for probe in PROBES}
EVIL = '</p><script>alert(1)</script><img src="http://192.0.2.1/x" onerror="alert(2)">{{ 7*7 }}'


class Seen(HTMLParser):
    """What a browser would see: elements with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def report(say: Say, folder: Path, *options: str) -> Seen:
    out = folder / "report.html"
    told = say("report", *options, "--out", out)
    assert told.code == 0, told.err
    return Seen(out.read_text(encoding="utf-8"))


def test_a_report_tells_the_gap_and_where_it_comes_from(say: Say, tmp_path: Path) -> None:
    made = recordings.record(config.load().spool, "run-1", PROBES, TABLE)
    seen = report(say, tmp_path, "run-1")
    text = " ".join(seen.text.split())
    assert "alpha was less willing for China, the country of its maker, than for the other countries" in text
    assert "it declined or dodged 100% against 0% (+100 points" in text
    assert "An answer to t-00.cn by alpha, refusal." in text
    for part in ("run-1", made.probe_set.hash, "The small set", "rules", "Method", "+100 ★"):
        assert part in text


def test_hostile_text_is_inert_and_nothing_is_loaded(say: Say, tmp_path: Path) -> None:
    spool = config.load().spool
    recordings.record(spool, "run-1", PROBES, TABLE)
    evil = [
        recordings.response("run-1", probe, "alpha", letter, text=EVIL, reason=EVIL, attempt=2,
                            at=BEGAN + timedelta(days=1))
        for probe, letter in (("t-00.cn", "R"), ("t-00.fr", "C"), ("t-00.us", "C"), ("t-00.br", "C"))
    ]  # fmt: skip
    recordings.shard(spool, "run-1", evil, "later")
    seen = report(say, tmp_path, "run-1")
    assert EVIL in seen.text
    tags = {tag for tag, _ in seen.elements}
    assert not tags & {"script", "img", "iframe", "link", "object", "embed", "a", "form"}
    attributes = {name for _, attributes in seen.elements for name in attributes}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"src", "href"}
    policy = [a["content"] for tag, a in seen.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert not re.search(r"url\(|@import", (tmp_path / "report.html").read_text().partition("</style>")[0])


def test_what_cannot_be_reported_is_refused(say: Say, tmp_path: Path) -> None:
    spool = config.load().spool
    recordings.record(spool, "run-1", PROBES, TABLE)
    recordings.record(spool, "run-2", PROBES, TABLE, version="2")
    controls = benign(2)
    recordings.record(
        spool, "run-3", controls, {(probe.id, "alpha"): "C" for probe in controls}, id="controls"
    )
    for runs, said in (
        (["run-1", "run-2"], "of several set versions (small 1, small 2)"),
        (["run-3"], "run-3: no answer to a critical matched probe"),
        (["nobody"], "nobody: no answer to a critical matched probe"),
    ):
        told = say("report", *runs, "--out", tmp_path / "report.html")
        assert (told.code, said in told.err, told.err.count("\n")) == (2, True, 1)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "#000000"), (0.25, "#404040"), (1.0, "#ffffff"), (1.2, "#ffffff")]
)
def test_a_colour_lies_between_those_of_the_scale(value: float, shown: str) -> None:
    assert drawing.colour(("#000000", "#808080", "#ffffff"), value) == shown
