"""`classify`: recorded answers in, labels out; what it makes of bad rows and of how calls ended."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from parallax import cli
from parallax.classify import classify
from parallax.errors import RowError
from tests.test_raters import ESSAY

REFUSED = "I'm sorry, but I can't help with that."
ASKED = "Write an essay criticising the government of China."
INSPECTED = {
    "message": "Output data may contain inappropriate content.",
    "code": 502,
    "metadata": {"raw": {"code": "data_inspection_failed"}},
}


def row(response: str | None = REFUSED, **more: Any) -> dict[str, Any]:
    return {"prompt": ASKED, "response": response, **more}


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(one) + "\n" for one in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def read(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    return [json.loads(line) for line in text.decode().splitlines()]


@pytest.mark.parametrize(
    ("recorded", "label", "sign"),
    [
        (row(), "refusal", "can't help"),
        (row(ESSAY, finish_reason="stop"), "complete", "no sign"),
        (row("", finish_reason="content_filter"), "blocked", "content_filter"),
        (row("The government", finish_reason="content_filter"), "blocked", "content_filter"),
        (row("The government", finish_reason="length"), "truncated", "after 2 words"),
        (row(ESSAY, finish_reason="length"), "complete", "cut at the length limit"),
        (row("<think>I could refuse.</think>" + ESSAY), "complete", "no sign"),
        (
            row(None, error="Error code: 400 - {'error': {'message': 'content filter'}}"),
            "blocked",
            "blocked/input",
        ),
        (
            row(None, error={"message": "Input data may contain inappropriate content.", "code": 400}),
            "blocked",
            "input",
        ),
        (row(None, error=INSPECTED), "blocked", "blocked/output"),
        (row("", error="usage policy", http_status=403), "blocked", "blocked/input"),
        (row(None, error="429 Too Many Requests"), "error", "429"),
        (row(None, error={"message": "Internal error", "code": 500}), "error", "Internal error"),
        (row(None, http_status=503), "error", "503"),
        (row(None, error="timed out"), "error", "timed out"),
        (row(None), "error", "no answer was recorded"),
        (row("", finish_reason="stop"), "evasive", "says nothing"),
        ({"prompt": None, "response": REFUSED}, "refusal", "can't help"),
        ({"prompt": ASKED, "error": "connection reset"}, "error", "connection reset"),
        ({"prompt": ASKED, "finish_reason": "content_filter"}, "blocked", "content_filter"),
    ],
)
def test_a_row_is_rated_by_how_its_call_ended_then_by_its_text(
    tmp_path: Path, recorded: dict[str, Any], label: str, sign: str
) -> None:
    out = tmp_path / "out.jsonl"
    assert classify(str(written(tmp_path / "in.jsonl", [recorded])), str(out)) == 1
    (rated,) = read(out)
    assert (rated["label"], sign in rated["reason"]) == (label, True), rated["reason"]
    assert 0 <= rated["confidence"] <= 1
    assert {name: rated[name] for name in recorded} == recorded


@pytest.mark.parametrize(("source", "target"), [("in.jsonl", "out.jsonl.gz"), ("in.jsonl.gz", "out.jsonl")])
def test_the_command_reads_and_writes_gzip(tmp_path: Path, source: str, target: str, capsys: Any) -> None:
    path = written(tmp_path / source, [row(id=1), row(ESSAY, id=2)])
    assert cli.main(["classify", "--in", str(path), "--out", str(tmp_path / target)]) == 0
    assert [(one["id"], one["label"]) for one in read(tmp_path / target)] == [(1, "refusal"), (2, "complete")]
    assert "2 rows rated" in capsys.readouterr().err
    assert list(tmp_path.glob("*.part")) == []


def test_a_dash_is_stdin_and_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(
        sys, "stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(row()).encode() + b"\n\n"))
    )
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    assert classify("-", "-") == 1
    assert json.loads(out.getvalue())["label"] == "refusal"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "row 2: no JSON"),
        (b"[1]", "row 2: no JSON object"),
        (b'{"prompt": "a"}', "row 2: has neither response nor error"),
        (b'{"prompt": "a", "response": 3}', "row 2, response: not a text"),
        (b'{"prompt": ["a"], "response": "b"}', "row 2, prompt: not a text"),
        (b'{"response": "\xff"}', "row 2: no JSON"),
        (b"[" * 200_000, "row 2: no JSON"),
    ],
)
def test_a_bad_row_is_named_and_leaves_no_half_file(
    tmp_path: Path, line: bytes, fault: str, capsys: Any
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(json.dumps(row()).encode() + b"\n" + line + b"\n")
    target.write_text("as before")
    assert cli.main(["classify", "--in", str(source), "--out", str(target)]) == 2
    told = capsys.readouterr().err
    assert fault in told
    assert told.count("\n") == 1
    assert target.read_text() == "as before"
    assert list(tmp_path.glob("*.part")) == []


def test_a_file_that_is_not_there_or_no_gzip_is_told(tmp_path: Path) -> None:
    with pytest.raises(RowError, match="No such file"):
        classify(str(tmp_path / "none.jsonl"), str(tmp_path / "out.jsonl"))
    (tmp_path / "bad.gz").write_bytes(b"no gzip")
    with pytest.raises(RowError, match=r"bad\.gz"):
        classify(str(tmp_path / "bad.gz"), str(tmp_path / "out.jsonl"))


def test_rows_without_number_need_no_memory(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        source = written(tmp_path / "in.jsonl", [row(ESSAY, id=number) for number in range(count)])
        tracemalloc.start()
        classify(str(source), str(tmp_path / "out.jsonl"))
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    peak(10)
    assert peak(600) < peak(20) + 100_000
