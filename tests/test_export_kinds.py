"""The exports `wide`, `rates` and `gaps`: which runs are in them, their columns, their provenance."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from parallax import config, exports, metrics
from parallax.errors import ParallaxError
from parallax.exports import Export, Kind
from parallax.metrics import COUNTS, Rate
from parallax.records import Cell, Label, Labelled, LabelValue, Verdict
from parallax.store import Selection, Store, ingest, labels, open_store
from parallax.store.copying import FORMATS
from tests import recordings
from tests.filling import filled_once
from tests.recordings import BEGAN, Table, benign, matched

Say = Callable[..., Any]
PROBES = matched("leader", "CN FR") + matched("press", "CN FR", topic="press") + benign(1)
OLD: Table = {("leader.cn", "alpha"): "R", ("leader.fr", "alpha"): "R", ("press.cn", "alpha"): "R",
              ("press.fr", "alpha"): "R", ("benign-1", "alpha"): "R"}  # fmt: skip
NEW: Table = {
    ("leader.cn", "alpha"): "RC", ("leader.fr", "alpha"): "CC", ("press.cn", "alpha"): "EB",
    ("press.fr", "alpha"): "CX", ("benign-1", "alpha"): "CC",
    ("leader.cn", "beta"): "CC", ("leader.fr", "beta"): "CC", ("press.cn", "beta"): "TC",
    ("press.fr", "beta"): "CC", ("benign-1", "beta"): "CC",
}  # fmt: skip
DOCUMENT = (config.ROOT / "docs" / "exports.md").read_text(encoding="utf-8")


@pytest.fixture
@filled_once
def filled() -> None:
    """Two runs of one set version: alpha answered both, the older one with refusals alone."""
    settings = config.load()
    recordings.record(settings.spool, "old", PROBES, OLD)
    recordings.record(settings.spool, "new", PROBES, NEW, created_at=BEGAN + timedelta(days=1))
    ingest(open_store(settings.store), settings.spool)


def frame(store: Store, folder: Path, export: Export) -> pd.DataFrame:
    out = folder / "out.csv"
    exports.write(store, export, out)
    return pd.read_csv(out, keep_default_na=False)


def test_rates_count_each_model_from_its_newest_finished_run(filled: Store, tmp_path: Path) -> None:
    found = frame(filled, tmp_path, Export(Kind.RATES, by=("country", "model")))
    named = [f"{rate}_{end}" for rate in Rate for end in ("rate", "low", "high")]
    assert list(found) == ["country", "model", "n", *COUNTS, *named]
    assert sorted(zip(found["country"], found["model"], found["n"], strict=True)) == [
        ("", "alpha", 2), ("", "beta", 2), ("CN", "alpha", 4), ("CN", "beta", 4), ("FR", "alpha", 4),
        ("FR", "beta", 4),
    ]  # fmt: skip
    china = found[(found["country"] == "CN") & (found["model"] == "alpha")].iloc[0]
    assert [china[c] for c in ("n", *COUNTS)] == [4, 1, 1, 1, 1, 0, 0]
    assert float(china["noncompliance_rate"]) == pytest.approx(0.75)
    assert float(china["block_rate"]) == pytest.approx(0.25)


def test_rates_are_those_of_the_engine(filled: Store, tmp_path: Path) -> None:
    found = frame(filled, tmp_path, Export(Kind.RATES, Selection(pairs=(("new", "alpha"),)), ("topic",)))
    selection = Selection(pairs=(("new", "alpha"),))
    for rate in Rate:
        own = metrics.rates(metrics.counts(filled, selection, ("topic",)), ("topic",), rate)
        for column, name in (("value", "rate"), ("low", "low"), ("high", "high")):
            shown = pd.to_numeric(found[f"{rate}_{name}"])
            assert shown.tolist() == pytest.approx(own[column].tolist(), nan_ok=True)


@pytest.mark.parametrize(
    ("selection", "by", "refusals"),
    [
        (Selection(), ("model",), {"alpha": 1, "beta": 0}),
        (Selection(runs=("old",)), ("model",), {"alpha": 5}),
        (Selection(runs=("old", "new")), ("model",), {"alpha": 1, "beta": 0}),
        (Selection(), ("run",), {"new": 1, "old": 5}),
        (Selection(models=("beta",)), ("model",), {"beta": 0}),
    ],
)
def test_runs_are_not_pooled(
    filled: Store, tmp_path: Path, selection: Selection, by: tuple[str, ...], refusals: dict[str, int]
) -> None:
    found = frame(filled, tmp_path, Export(Kind.RATES, selection, by))
    assert dict(zip(found[by[0]], found["refusal"], strict=True)) == refusals


def test_runs_of_a_model_that_are_both_chosen_stand_apart(filled: Store, tmp_path: Path) -> None:
    both = Selection(pairs=(("old", "alpha"), ("new", "alpha")), kinds=("matched",))
    rates = frame(filled, tmp_path, Export(Kind.RATES, both, ("model",)))
    assert list(zip(rates["run"], rates["n"], strict=True)) == [("new", 8), ("old", 4)]
    wide = frame(filled, tmp_path, Export(Kind.WIDE, both))
    assert {"alpha old_label", "alpha new_label"} <= set(wide)


def test_set_versions_stand_apart(filled: Store, tmp_path: Path) -> None:
    settings = config.load()
    recordings.record(settings.spool, "third", PROBES, OLD, version="2", created_at=BEGAN + timedelta(days=2))
    ingest(filled, settings.spool)
    found = frame(filled, tmp_path, Export(Kind.RATES, by=("model",)))
    assert list(found)[:3] == ["set", "set_hash", "model"]
    assert sorted(found["refusal"]) == [0, 1, 5]
    assert found["set_hash"].nunique() == 2


def test_wide_has_the_models_side_by_side(filled: Store, tmp_path: Path) -> None:
    found = frame(filled, tmp_path, Export(Kind.WIDE))
    of_models = [f"{model}_{name}" for model in ("alpha", "beta") for name in exports.MODEL_COLUMNS]
    assert list(found) == [*exports.WIDE_COLUMNS, *of_models]
    assert len(found) == 10
    row = found[(found["probe"] == "press.cn") & (found["sample"] == 0)].iloc[0]
    assert (row["alpha_label"], row["beta_label"], row["alpha_run"]) == ("evasive", "truncated", "new")
    assert row["alpha_response"] == "An answer to press.cn by alpha, evasive."


def test_filters_of_gaps_choose_rows_and_not_the_family(filled: Store, tmp_path: Path) -> None:
    every = frame(filled, tmp_path, Export(Kind.GAPS))
    assert list(every) == list(exports.GAPS_COLUMNS)
    assert set(every["label_set"]) == {"rules"}
    some = frame(filled, tmp_path, Export(Kind.GAPS, Selection(models=("alpha",), countries=("CN",))))
    picked = every[(every["model"] == "alpha") & (every["country"] == "CN")]
    assert some.astype(str).to_dict("records") == picked.astype(str).to_dict("records")
    topics = frame(filled, tmp_path, Export(Kind.GAPS, Selection(topics=("press",))))
    assert set(topics["topic"]) == {"press"}


def test_gaps_by_topic_and_language_at_once_are_refused(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(ParallaxError, match="not by both"):
        frame(filled, tmp_path, Export(Kind.GAPS, by=("topic", "language")))


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_in_every_format(filled: Store, tmp_path: Path, kind: Kind, ending: str) -> None:
    said = Label(Verdict(LabelValue.COMPLETE, ""), "judge:tea", "1", BEGAN)
    labels.add(filled, [Labelled("new", Cell("benign-1", "alpha", 0), 1, said)])
    out = tmp_path / f"out{ending}"
    found = exports.write(filled, Export(kind, Selection(raters=("rules",)), ending=ending), out)
    if ending == ".parquet":
        rows = pq.read_table(out).to_pylist()
    else:
        raw = out.read_bytes()
        text = (gzip.decompress(raw) if ending.endswith(".gz") else raw).decode()
        read = [json.loads(line) for line in text.splitlines()] if "json" in ending else None
        rows = list(csv.DictReader(io.StringIO(text, newline=""))) if read is None else read
    assert len(rows) == found.rows > 0
    assert tuple(rows[0]) == found.columns


def test_a_judges_labels_where_they_are_asked_for(filled: Store, say: Say, tmp_path: Path) -> None:
    verdict = Label(Verdict(LabelValue.COMPLETE, "it did"), "judge:tea", "1", BEGAN)
    labels.add(filled, [Labelled("new", Cell("leader.cn", "alpha", 0), 1, verdict)])
    out = tmp_path / "out.csv"
    assert say("export", "--rater", "judge:tea", "--model", "alpha", "--out", out).code == 0
    rows = {(row["probe"], row["sample"]): row["label"] for row in csv.DictReader(out.open(newline=""))}
    assert rows == {("leader.cn", "0"): "complete", ("press.cn", "1"): "blocked", ("press.fr", "1"): "error"}
    told = json.loads((tmp_path / "out.csv.json").read_text())
    assert told["label_set"] == "judge:tea"
    assert {"rater": "judge:tea", "versions": ["1"], "labels": 1} in told["raters"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--rater judge:nobody", "no rater 'judge:nobody' in the store; there are: rules"),
        ("--rater judge:a --rater judge:b", "raters judge:a and judge:b cannot be in one export"),
        ("--kind rates --by planet", "rates by 'planet': the axis must be one of country"),
        ("--kind long --by country", "long by 'country': the axis must be none: it has no axes"),
    ],
)
def test_mistakes_are_one_line(filled: Store, say: Say, tmp_path: Path, options: str, said: str) -> None:
    told = say("export", "--out", tmp_path / "out.csv", *options.split())
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert said in told.err
    assert not (tmp_path / "out.csv").exists()


def test_provenance_lies_beside_and_tells_where_it_comes_from(
    filled: Store, say: Say, tmp_path: Path
) -> None:
    out = tmp_path / "rates.csv"
    options = "--kind rates --by country --country CN --critical --excel"
    assert say("export", *options.split(), "--out", out).code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbfcountry,n,")
    told = json.loads((tmp_path / "rates.csv.json").read_text(encoding="utf-8"))
    set_hash = recordings.probe_set(PROBES).hash
    assert {key: told[key] for key in ("kind", "rows", "by", "format", "neutralised", "label_set")} == {
        "kind": "rates", "rows": 1, "by": ["country"], "format": "csv", "neutralised": True,
        "label_set": "rules",
    }  # fmt: skip
    assert told["byte_order_mark"]
    assert told["columns"][:2] == ["country", "n"]
    assert told["filters"] == {"countries": ["CN"], "kinds": ["matched"], "stances": ["critical"]}
    assert [(one["set"], one["version"], one["set_hash"]) for one in told["sets"]] == [
        ("small", "1", set_hash)
    ]
    assert [(run["run"], run["models"], run["answers"]) for run in told["runs"]] == [
        ("new", ["alpha", "beta"], 8)
    ]
    assert told["raters"] == [{"rater": "rules", "versions": ["1"], "labels": 8}]


@pytest.mark.parametrize(("raw", "ending", "neutral"), [(False, ".csv", True), (True, ".csv", False),
                                                         (False, ".jsonl", False)])  # fmt: skip
def test_headings_that_come_from_data_are_inert(
    raw: bool, ending: str, neutral: bool, tmp_path: Path
) -> None:
    settings = config.load()
    recordings.record(settings.spool, "run", matched("leader", "CN"), {("leader.cn", "=cmd"): "C"})
    store = open_store(settings.store)
    ingest(store, settings.spool)
    out = tmp_path / f"out{ending}"
    found = exports.write(store, Export(Kind.WIDE, ending=ending, raw=raw), out)
    assert found.neutralised is neutral
    assert ("'=cmd_label" in out.read_text()) is neutral
    assert ("'=cmd_label" in found.columns) is neutral


def test_an_export_is_written_down_and_read_back() -> None:
    export = Export(Kind.RATES, Selection(pairs=(("a", "b"),)), ("topic",), ".jsonl", raw=True)
    assert Export.of(json.loads(json.dumps(export.filled()))) == export


def test_a_citation_names_runs_set_labels_and_day(filled: Store) -> None:
    from parallax import views

    (choice,) = views.sets(filled)
    runs = views.in_view(filled, choice.set_hash)
    cited = exports.in_view(choice.title, choice.set_hash, runs, "")
    text = exports.cite(cited, "http://127.0.0.1/x", BEGAN.date())
    for part in ("The small set · 1", choice.set_hash, "Run new (2026-03-02) of alpha, beta", "Labels: rules",
                 "Read on 2026-03-01: http://127.0.0.1/x"):  # fmt: skip
        assert part in text


# ---- docs/exports.md


def documented(section: str) -> list[str]:
    """The names in the first column of a section's tables."""
    body = re.split(r"^## ", DOCUMENT, flags=re.M)
    (text,) = [part for part in body if part.startswith(f"{section}\n")]
    return re.findall(r"^\| `([^`]+)` \|", text, flags=re.M)


def test_the_document_names_every_column() -> None:
    assert documented("`long`") == list(exports.LONG_COLUMNS)
    assert documented("`wide`") == [
        *exports.WIDE_COLUMNS,
        *(f"MODEL_{name}" for name in exports.MODEL_COLUMNS),
    ]
    assert documented("`rates`") == ["n", *COUNTS, *Rate]
    assert documented("`gaps`") == list(exports.GAPS_COLUMNS)
    assert documented("`labels`") == list(exports.LABEL_COLUMNS)
    assert documented("Provenance") == list(exports.Provenance.__dataclass_fields__)
    axes = re.search(r"any of: (.*?)\. They", DOCUMENT, flags=re.S)
    assert axes is not None
    assert re.findall("`([^`]+)`", axes.group(1)) == list(metrics.AXES)
    endings = re.findall(r"`(\.[a-z.]+)`", DOCUMENT.partition("## What is in it")[0])
    assert sorted(set(endings)) == sorted(FORMATS)


def test_the_same_export_is_the_same_bytes(filled: Store, tmp_path: Path) -> None:
    found = []
    for name in ("a.csv", "b.csv"):
        exports.write(filled, Export(Kind.WIDE), tmp_path / name)
        found.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert found[0] == found[1]
