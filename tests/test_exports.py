"""The `long` export: its fixed columns, hostile text there and back, the same rows in both formats."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from parallax import config, exports
from parallax.errors import ParallaxError
from parallax.exports import Export
from parallax.spool import RunFolder
from parallax.store import Selection, Store, ingest, open_store
from tests import recordings
from tests.filling import filled_once
from tests.recordings import Table, benign, matched, response

Say = Callable[..., Any]
COLUMNS = [
    "run", "set", "probe", "template", "kind", "country", "topic", "language", "model", "sample", "prompt",
    "response", "reasoning", "label", "rater", "reason", "outcome", "finish_reason", "served_model",
    "served_by", "latency_s", "prompt_tokens", "completion_tokens", "cost_usd", "created_at", "attempt",
    "stance", "block", "error",
]  # fmt: skip
PROBES = matched("leader", "CN FR") + benign(1)
TABLE: Table = {
    ("leader.cn", "alpha"): "RC",
    ("leader.fr", "alpha"): "BX",
    ("leader.cn", "beta"): "CE",
    ("benign-1", "beta"): "CT",
}
FULL = Selection(
    pairs=(("run-1", "alpha"), ("run-2", "beta")),
    runs=("run-1",),
    models=("alpha", "beta"),
    countries=("CN",),
    topics=("leader",),
    languages=("zh-Hans",),
    kinds=("matched",),
    stances=("critical",),
    labels=("refusal",),
    raters=("human:ann",),
    probes=("leader.cn", 'it\'s "one", yes'),
)

# what a model may say: (text, the text in a CSV that a spreadsheet may open)
HOSTILE = [
    pytest.param(text, text if harmless else f"'{text}", id=name)
    for name, text, harmless in [
        ("quotes", 'He said "no", and \'yes\'; ""', True),
        ("only quotes", '"""', True),
        ("lines", "first\nsecond\r\nthird\n\n", True),
        ("a lone carriage return", "first\rsecond", True),
        ("commas and tabs", "a,b,\tc;d|e", True),
        ("looks like a row", '",refusal,rules\n"run-1","small"', True),
        ("backslashes", "\\n \\\" \\", True),
        ("spaces around", "  padded  ", True),
        ("the word NULL", "NULL", True),
        ("NUL in the middle", "before\x00after", True),
        ("other controls", "\x01\x07\x1b[31m\x7f", True),
        ("right to left", "\u202eevil\u202c \u200f\u05d0", True),
        ("emoji and accents", "👩\u200d🚀 é e\u0301 漢字 \U0010ffff", True),
        ("markup", "<img src=x onerror=alert(1)> ![](http://example.org/x)", True),
        ("100 kB", "word, \"x\"\n" * 11_000, True),
        ("formula", "=1+1", False),
        ("plus", "+1", False),
        ("minus", "-2+3", False),
        ("at", "@SUM(A1)", False),
        ("tab before a formula", "\t=1+1", False),
        ("carriage return before a formula", "\r=1+1", False),
        ("newline before a formula", "\n=1+1", False),
        ("space before an equals sign", " =1+1", True),
        ("formula of several lines", '=HYPERLINK("http://example.org",\n"x")', False),
    ]
]  # fmt: skip


@filled_once
def recorded(table: Table = TABLE) -> None:
    settings = config.load()
    recordings.record(settings.spool, "run-1", PROBES, table)
    ingest(open_store(settings.store), settings.spool)


@filled_once
def saying(text: str) -> None:
    """A store with one answer whose texts are all the same."""
    settings = config.load()
    RunFolder(settings.spool, "run-1").create(recordings.plan("run-1", PROBES))
    said = response(
        "run-1", "leader.cn", "alpha", "C", text=text, reasoning=text, reason=text, served_by=text
    )
    recordings.shard(settings.spool, "run-1", [said])
    ingest(open_store(settings.store), settings.spool)


def write(store: Store, selection: Selection, path: Path, *, raw: bool = False) -> int:
    """Write the `long` export by the file's ending; returns its rows."""
    export = Export(selection=selection, ending=exports.ending_of(path), raw=raw)
    return exports.write(store, export, path).rows


def read_csv(path: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_are_the_fixed_ones_in_their_order(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    assert write(recorded(), Selection(), out) == 8
    if ending == "csv":
        assert out.read_text().splitlines()[0].split(",") == COLUMNS
    else:
        assert pq.read_schema(out).names == COLUMNS


def test_a_row_says_what_was_recorded(tmp_path: Path) -> None:
    write(recorded(), Selection(), tmp_path / "out.parquet")
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(r["probe"], r["model"], r["sample"], r["label"], r["outcome"]) for r in rows] == [
        ("leader.cn", "alpha", 0, "refusal", "ok"),
        ("leader.cn", "alpha", 1, "complete", "ok"),
        ("leader.cn", "beta", 0, "complete", "ok"),
        ("leader.cn", "beta", 1, "evasive", "ok"),
        ("leader.fr", "alpha", 0, "blocked", "blocked"),
        ("leader.fr", "alpha", 1, "error", "error"),
        ("benign-1", "beta", 0, "complete", "ok"),
        ("benign-1", "beta", 1, "truncated", "truncated"),
    ]
    expected = {
        "run": "run-1", "set": "small", "template": "leader", "kind": "matched", "country": "CN",
        "topic": "leader", "language": "en", "prompt": PROBES[0].prompt,
        "response": "An answer to leader.cn by alpha, refusal.", "reasoning": "", "rater": "rules",
        "reason": "says refusal", "finish_reason": "stop", "served_model": "alpha",
        "served_by": "127.0.0.1:9", "latency_s": 0.25, "prompt_tokens": 10, "completion_tokens": 20,
        "cost_usd": None, "created_at": recordings.BEGAN.replace(tzinfo=None),
    }  # fmt: skip
    assert {name: rows[0][name] for name in expected} == expected


def test_csv_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    store = recorded()
    for ending in ("csv", "parquet"):
        write(store, Selection(), tmp_path / f"out.{ending}", raw=True)

    def written(value: Any) -> str:
        return "" if value is None else str(value)

    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert read_csv(tmp_path / "out.csv") == [{k: written(v) for k, v in row.items()} for row in rows]


@pytest.mark.parametrize(("text", "in_csv"), HOSTILE)
@pytest.mark.parametrize("raw", [False, True], ids=["inert", "raw"])
def test_hostile_text_comes_back_from_csv(tmp_path: Path, text: str, in_csv: str, raw: bool) -> None:
    write(saying(text), Selection(), tmp_path / "out.csv", raw=raw)
    [row] = read_csv(tmp_path / "out.csv")
    for column in ("response", "reasoning", "reason", "served_by"):
        assert row[column] == (text if raw else in_csv)


def test_parquet_holds_texts_as_they_are(tmp_path: Path) -> None:
    text = '=HYPERLINK("x")\x00\u202e\n👩\u200d🚀'
    for raw in (False, True):
        write(saying(text), Selection(), tmp_path / "out.parquet", raw=raw)
        [row] = pq.read_table(tmp_path / "out.parquet").to_pylist()
        assert row["response"] == text


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (Selection(), 8),
        (Selection(models=("alpha",)), 4),
        (Selection(countries=("CN",), models=("alpha", "beta")), 4),
        (Selection(kinds=("benign",)), 2),
        (Selection(stances=("critical",)), 6),
        (Selection(labels=("refusal", "evasive")), 2),
        (Selection(raters=("rules",)), 8),
        (Selection(raters=("human:ann",)), 0),
        (Selection(probes=("leader.fr",)), 2),
        (Selection(pairs=()), 0),
        (Selection(pairs=(("run-1", "beta"),)), 4),
        (Selection(pairs=(("run-1", "beta"), ("run-2", "alpha"))), 4),
        (Selection(runs=("run-2",)), 0),
        (Selection(models=("' OR true --",)), 0),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_selected_rows_only(tmp_path: Path, selection: Selection, count: int, ending: str) -> None:
    out = tmp_path / f"it's.{ending}"
    assert write(recorded(), selection, out) == count
    rows = read_csv(out) if ending == "csv" else pq.read_table(out).to_pylist()
    assert len(rows) == count


@pytest.mark.parametrize("name", ["out.xlsx", "out", ".csv", "csv", "out.csv.zip"])
def test_other_endings_are_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ParallaxError, match="ending must be one of"):
        write(recorded(), Selection(), tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_file_that_cannot_be_written_is_one_line(tmp_path: Path, ending: str) -> None:
    out = tmp_path / "no-such-folder" / f"out.{ending}"
    with pytest.raises(ParallaxError) as caught:
        write(recorded(), Selection(), out)
    assert str(out) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("selection", [Selection(), Selection(pairs=()), Selection(countries=("CN",)), FULL])
@pytest.mark.parametrize("through", [dict, lambda filled: json.loads(json.dumps(filled))])
def test_selection_is_written_down_and_read_back(
    selection: Selection, through: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    assert Selection.of(through(selection.filled())) == selection


def test_empty_fields_are_not_written_down() -> None:
    assert Selection(countries=("CN",), models=()).filled() == {"countries": ["CN"]}


def test_selection_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="planets"):
        Selection.of({"planets": ["Mars"]})


# ---- on the command line


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("", 8),
        ("--run run-1", 8),
        ("--run run-2", 0),
        ("--model alpha", 4),
        ("--model alpha --model beta", 8),
        ("--country CN --model beta", 2),
        ("--topic leader --language en --rater rules", 6),
        ("--rater human:ann", 0),
    ],
)
def test_export_filters(say: Say, tmp_path: Path, filters: str, count: int) -> None:
    recorded()
    out = tmp_path / "out.csv"
    assert say("export", "--out", out, *filters.split()) == (0, "", f"{out}: {count} rows\n")
    assert len(read_csv(out)) == count


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("options", [(), ("--raw",)])
def test_export_writes_what_the_engine_writes(
    say: Say, tmp_path: Path, ending: str, options: tuple[str, ...]
) -> None:
    out, engine = tmp_path / f"out.{ending}", tmp_path / f"engine.{ending}"
    write(saying("=1+1"), Selection(), engine, raw=bool(options))
    assert say("export", "--kind", "long", "--out", out, *options).code == 0
    assert out.read_bytes() == engine.read_bytes()


def nobody() -> None:
    """Leave no address."""


def a_dead_one() -> None:
    config.load().dashboard_file.write_text('{"url": "http://127.0.0.1:9", "token": "x"}')


@pytest.mark.parametrize(
    ("dashboard", "said"), [(nobody, "it is no dashboard; stop it first"), (a_dead_one, "does not answer")]
)
def test_export_of_a_store_that_another_process_holds(
    say: Say,
    tmp_path: Path,
    other_process: Callable[[], AbstractContextManager[None]],
    dashboard: Callable[[], None],
    said: str,
) -> None:
    with other_process():
        dashboard()
        told = say("export", "--out", tmp_path / "out.csv")
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert said in told.err
    assert not (tmp_path / "out.csv").exists()
