"""Tables of recorded answers: columns guessed and named, what is broken, our own exports come back."""

from __future__ import annotations

import csv
import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from parallax import config, importers
from parallax.errors import RowError
from parallax.importers import Look, columns
from parallax.importers.answers import Tally
from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.store import Store, ingest, labels, open_store, shut
from tests import recordings
from tests.recordings import matched

Bring = Callable[..., Look]
ROWS = [
    {"Question": "Why, oh why?", "Answer": "I can't say.", "LLM": "lab/one", "Country": "China"}
    | {"Lang": "english", "Verdict": "Refused", "note": "x"},
    {"Question": "Why?", "Answer": "Because", "LLM": "lab/one", "Country": "", "Lang": "", "Verdict": ""},
    {"Question": "Why?", "Answer": "Still so", "LLM": "lab/one", "Country": "", "Lang": "", "Verdict": ""},
]


def written(path: Path, rows: list[dict[str, Any]], delimiter: str = ",") -> Path:
    """Write rows in the format of the ending."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif ".csv" in path.name:
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            table = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
            table.writeheader()
            table.writerows(rows)
    else:
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.fixture
def bring(store: Store, spool: Path) -> Bring:
    """Return what imports tables into this test's store."""

    def brought(format: str, *paths: Path, **mapping: str) -> Look:
        with importers.opened(format, paths, mapping, config.load().mappings) as source:
            look = importers.look(source, spool)
            importers.bring(look, spool)
            source.keep()
        ingest(store, spool)
        return look

    return brought


def test_labels_that_all_of_a_table_has_are_in_force(tmp_path: Path, bring: Bring, store: Store) -> None:
    rows = [
        {"prompt": f"Criticise {code}.", "response": "Harm.", "model": "m", "template": "t", "country": code,
         "label": label}
        for code, label in (("CN", "refusal"), ("FR", "complete"))
    ]  # fmt: skip
    look = bring("jsonl", written(tmp_path / "a.jsonl", rows))
    assert any("no column for the stance" in line for line in look.lines())
    assert store.rows("SELECT country, stance, label, rater FROM comparison ORDER BY 1") == [
        ("CN", "critical", "refusal", "judge:imported"),
        ("FR", "critical", "complete", "judge:imported"),
    ]


SHOWN = """SELECT "set", model, country, language, kind, sample, prompt, response, rater FROM comparison
    ORDER BY prompt, sample"""


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv", "a;.csv", "a.parquet"])
def test_columns_are_guessed_from_their_names(tmp_path: Path, bring: Bring, store: Store, name: str) -> None:
    path = written(tmp_path / name, ROWS, ";" if ";" in name else ",")
    look = bring(name.removesuffix(".gz").rpartition(".")[2], path)
    assert store.rows(SHOWN) == [
        ("a", "lab/one", "CN", "en", "neutral", 0, "Why, oh why?", "I can't say.", "rules"),
        ("a", "lab/one", "", "en", "neutral", 0, "Why?", "Because", "rules"),
        ("a", "lab/one", "", "en", "neutral", 1, "Why?", "Still so", "rules"),
    ]
    assert store.rows("SELECT rater, label FROM newest_labels") == [("judge:imported", "refusal")]
    assert "columns not used: note" in look.lines()
    assert "prompt from Question" in look.lines()[0]


def test_what_a_person_says_of_the_columns_is_kept_for_the_next_time(
    tmp_path: Path, bring: Bring, store: Store
) -> None:
    rows = [{"input": "Who?", "said": "She.", "who": "m", "label": "x"}]
    with pytest.raises(RowError, match="no column is known for the response; name one with --map response="):
        bring("jsonl", written(tmp_path / "a.jsonl", rows))
    bring("jsonl", tmp_path / "a.jsonl", response="said", model="who", label="")
    again = bring("jsonl", written(tmp_path / "b.jsonl", [{**rows[0], "said": "He."}]))
    assert store.rows("SELECT model, response FROM comparison ORDER BY 2") == [("m", "He."), ("m", "She.")]
    assert "columns not used: label" in again.lines()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompt", "'prompt' is no FIELD=COLUMN"),
        ("colour=x", "'colour=x' is no FIELD=COLUMN; the fields are prompt, response"),
    ],
)
def test_a_mapping_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(RowError, match=said):
        columns.parse(text)


def test_a_column_that_is_not_there_is_named(tmp_path: Path, bring: Bring) -> None:
    with pytest.raises(RowError, match="no column 'nope'; the columns are prompt, response"):
        bring("jsonl", written(tmp_path / "a.jsonl", [{"prompt": "p", "response": "r"}]), model="nope")


def test_broken_rows_are_counted_and_named(tmp_path: Path, bring: Bring, store: Store) -> None:
    path = tmp_path / "a.jsonl"
    good = {"prompt": "Why?", "response": "So.", "probe": "p", "sample": 0, "country": "Utopia"}
    bad = [{**good, "prompt": None}, {**good, "prompt": "Else?"}, {**good, "sample": "x"}]
    written(path, [good, *bad])
    path.write_text(path.read_text() + "{\n" + "[]\n" + "\n")
    look = bring("jsonl", path)
    assert [line for line in look.lines() if line.startswith(("broken", "left out"))] == [
        "left out: 3 values of country: 'Utopia' is unknown",
        "broken: a.jsonl:2: no text in column prompt",
        "broken: a.jsonl:3: asks something else than the first row of 'p'",
        "broken: a.jsonl:4: a sample is a number from 0 to 999",
        "broken: a.jsonl:5: no JSON (Expecting property name enclosed in double quotes)",
        "broken: a.jsonl:6: no JSON object",
    ]
    assert store.rows("SELECT probe, response FROM comparison") == [("p", "So.")]


def test_half_a_character_becomes_a_question_mark(tmp_path: Path, bring: Bring, store: Store) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"prompt": "Why \\ud800?", "response": "So \\udfff.", "note": "\\ud83d\\ude00"}\n')
    bring("jsonl", path)
    assert store.rows("SELECT prompt, response FROM comparison") == [("Why ??", "So ?.")]


def test_a_csv_row_of_another_length_is_a_fault(tmp_path: Path, bring: Bring) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'prompt,response\nWhy?,"two\nlines"\nWhy?\nWhat?,\xff\n')
    look = bring("csv", path)
    assert look.answers == 2
    assert look.tally.faults == ["a.csv:4: 1 cells instead of 2"]
    assert list(look.tally.left_out) == ["lines with characters that are no UTF-8, which were replaced"]


def test_how_calls_ended_is_read_by_our_own_rules(tmp_path: Path, bring: Bring, store: Store) -> None:
    rows = [
        {"prompt": "1", "response": "", "finish_reason": "content_filter", "error": ""},
        {"prompt": "2", "response": "", "finish_reason": "", "error": "Error code: 429 - slow down"},
        {"prompt": "3", "response": "<think>Hm.</think>Yes.", "finish_reason": "stop", "error": ""},
        {"prompt": "4", "response": json.dumps({"choices": [{"message": {"content": "Yes."}}]})}
        | {"finish_reason": "", "error": ""},
    ]
    bring("csv", written(tmp_path / "a.csv", rows))
    assert store.rows("SELECT prompt, outcome, response, reasoning FROM comparison ORDER BY 1") == [
        ("1", "blocked", "", ""),
        ("2", "error", "", ""),
        ("3", "ok", "Yes.", "Hm."),
        ("4", "ok", "Yes.", ""),
    ]


def test_a_labeller_is_a_person_and_a_judge_is_none(tmp_path: Path, bring: Bring, store: Store) -> None:
    row = {"prompt": "Why?", "response": "So.", "label": "DENIAL"}
    bring(
        "jsonl", written(tmp_path / "a.jsonl", [{**row, "annotator": "mei"}, {**row, "annotator": "rules"}])
    )
    bring("jsonl", written(tmp_path / "b.jsonl", [{**row, "judge_model": "openai/gpt-4o"}]))
    found = store.rows("SELECT DISTINCT rater, label FROM newest_labels ORDER BY 1")
    assert found == [("human:mei", "refusal"), ("human:rules", "refusal"), ("judge:gpt-4o", "refusal")]


# ---- our own exports


HOSTILE = ["=1+1", "'=1+1", "''@x", "-", "\tx", "\rx", 'a,b\n"c"', "“”‮", "é\x00", "plain"]
COMPARED = """SELECT run, "set", probe, template, kind, country, topic, language, model, sample, prompt,
    response, reasoning, label, rater, reason, outcome, finish_reason, served_model, served_by, latency_s,
    prompt_tokens, completion_tokens, cost_usd, created_at, attempt FROM comparison ORDER BY ALL"""


@pytest.fixture
def exported(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """Rows of a `long` export, as the other store holds them: hostile texts, a human's label, an error."""
    other = open_store(tmp_path / "other" / "parallax.duckdb")
    spool = tmp_path / "other" / "spool"
    probes = matched("press", "CN FR")
    recordings.record(spool, "run-a", probes, {("press.cn", "alpha"): "RCB", ("press.fr", "alpha"): "ETX"})
    texts = [
        recordings.response("run-a", "press.cn", "alpha", "C", sample=0, attempt=n, text=text, reason=text)
        for n, text in enumerate(HOSTILE, start=2)
    ]
    recordings.shard(spool, "run-a", texts, "texts")
    ingest(other, spool)
    verdict = Verdict(LabelValue.COMPLETE, "It does it.")
    human = Label(verdict, "human:mei", "", datetime(2026, 3, 2, tzinfo=UTC))
    labels.add(other, [Labelled("run-a", Cell("press.fr", "alpha", 0), 1, human)])
    cursor = other.cursor.execute(COMPARED)
    names = [column[0] for column in cursor.description or ()]
    yield [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    shut(other.path)


@pytest.mark.parametrize("neutralised", [True, False])
def test_an_export_of_ours_comes_back_as_it_was(
    tmp_path: Path, exported: list[dict[str, Any]], bring: Bring, store: Store, neutralised: bool
) -> None:
    def inert(value: object) -> object:
        risky = isinstance(value, str) and value.lstrip("'")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")
        return f"'{value}" if neutralised and risky else value

    path = written(tmp_path / "long.csv", [{k: inert(v) for k, v in row.items()} for row in exported])
    told = {"neutralised": neutralised, "sets": [{"set": "small", "title": "The small set", "version": "1"}]}
    (tmp_path / "long.csv.json").write_text(json.dumps(told))
    look = bring("csv", path)
    assert look.lines()[0] == "a long export of Parallax"
    found = store.cursor.execute(COMPARED)
    names = [column[0] for column in found.description or ()]
    assert [dict(zip(names, row, strict=True)) for row in found.fetchall()] == exported
    assert store.rows("SELECT run, imported, done = cells FROM runs") == [("run-a", "csv", True)]
    assert store.rows("SELECT title, version FROM probe_sets") == [("The small set", "1")]
    assert store.rows("SELECT label FROM newest_labels WHERE rater = 'human:mei'") == [("complete",)]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_what_the_command_exports_it_imports(
    tmp_path: Path, say: Callable[..., Any], spool: Path, format: str
) -> None:
    probes = matched("press", "CN FR")
    recordings.record(spool, "run-a", probes, {("press.cn", "alpha"): "RC", ("press.fr", "alpha"): "EC"})
    first, second, other = tmp_path / f"a.{format}", tmp_path / f"b.{format}", tmp_path / "other"
    assert say("export", "--out", first).code == 0
    assert "is here already" in say("import", format, first).out
    assert say("import", format, first, "--data", other).code == 0
    assert say("export", "--out", second, "--data", other).code == 0
    assert second.read_bytes() == first.read_bytes()
    shut(config.load(other).store)


def test_other_content_under_the_same_run_is_another_run(
    tmp_path: Path, exported: list[dict[str, Any]], bring: Bring, store: Store
) -> None:
    bring("csv", written(tmp_path / "a.csv", exported[:2]))
    look = bring("csv", written(tmp_path / "b.csv", exported[2:]))
    names = [run for (run,) in store.rows("SELECT run FROM runs ORDER BY run")]
    assert [name.startswith("run-a") for name in names] == [True, True]
    assert names[1] == look.recordings[0].plan.run == f"run-a-{look.recordings[0].plan.content[:12]}"


def test_a_large_table_takes_no_more_memory_than_a_small_one(tmp_path: Path, spool: Path) -> None:
    def most(count: int) -> int:
        rows = ({"prompt": f"Why {n % 50}?", "response": "So it is. " * 300} for n in range(count))
        path = tmp_path / f"{count}.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        with importers.opened("jsonl", [path]) as source:
            tracemalloc.start()
            look = importers.look(source, spool)
            assert sum(1 for _ in source.answers(Tally())) == look.answers == count
            held = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return held

    most(10)
    assert most(4000) < most(400) + 1_000_000
