"""Whatever a model says comes back from CSV, Parquet and JSONL, and is inert in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parallax import config, exports, spreadsheets
from parallax.exports import Export
from parallax.records import Kind, Probe
from parallax.spool import RunFolder
from parallax.store import Store, ingest, open_store
from tests import recordings

RISKY = tuple("=+-@\t\r\n")
PIECES = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", '"', "'", ",", ";", "\\", "\x00", "\ufeff",
                          "\u202e", "=HYPERLINK(\"http://example.org\")", "NULL", "'=1", " =1", "\x1b[0m",
                          "<script>", "👩\u200d🚀", "\U0010ffff"])  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=6).map("".join)
SAID = st.lists(TEXTS, min_size=1, max_size=12)
FUZZ = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store() -> Store:
    """A store with twelve answers, whose texts each example sets anew."""
    own = config.load()
    probes = [Probe(f"p-{n:02}", f"Question {n}?", Kind.BENIGN) for n in range(12)]
    plan = recordings.plan("run-1", probes, ["alpha"])
    RunFolder(own.spool, "run-1").create(plan)
    given_ = [recordings.response("run-1", probe.id, "alpha", "C") for probe in probes]
    recordings.shard(own.spool, "run-1", given_)
    found = open_store(own.store)
    ingest(found, own.spool)
    return found


def say(store: Store, said: list[str]) -> None:
    """Let the first answers be these texts, their hosts too, and the others empty."""
    texts = said + [""] * (12 - len(said))
    new = pa.table({"probe": [f"p-{n:02}" for n in range(12)], "said": texts})
    with store.transaction() as cursor:
        cursor.register("new", new)
        cursor.execute(
            "UPDATE responses r SET text = said, served_by = said FROM new WHERE r.probe = new.probe"
        )
        cursor.unregister("new")


def rows_of(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n") if line]
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def written(store: Store, export: Export, folder: Path) -> Path:
    out = folder / f"out{export.ending}"
    exports.write(store, export, out)
    return out


@FUZZ
@given(said=SAID)
def test_hostile_text_comes_back_and_is_no_formula(store: Store, tmp_path: Path, said: list[str]) -> None:
    say(store, said)
    for ending in (".csv", ".jsonl"):
        rows = rows_of(written(store, Export(ending=ending, raw=True), tmp_path))
        for column in ("response", "served_by"):
            assert [row[column] for row in rows][: len(said)] == said
    table = pq.read_table(written(store, Export(ending=".parquet"), tmp_path))
    assert table.column("response").to_pylist()[: len(said)] == said
    rows = rows_of(written(store, Export(), tmp_path))
    assert not [cell for row in rows for cell in row.values() if cell.startswith(RISKY)]
    shown = [row["response"] for row in rows][: len(said)]
    assert shown == [spreadsheets.inert(text) for text in said]
    assert [spreadsheets.undone(text) for text in shown] == said


def test_duckdb_reads_the_csv_that_it_wrote(store: Store, tmp_path: Path) -> None:
    said = ['a "b", c', "line\r\nline", "=1", ""]
    say(store, said)
    out = tmp_path / "raw.csv"
    exports.write(store, Export(raw=True), out)
    rows = duckdb.sql(f"SELECT response FROM read_csv('{out}', all_varchar = true) ORDER BY probe").fetchall()
    assert [text or "" for (text,) in rows][: len(said)] == said
