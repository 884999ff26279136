"""`parallax.open`: ten documented names, frames like the exports, beside a dashboard or without one."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import parallax
from parallax import config, exporting, exports
from parallax.errors import StoreLockedError
from parallax.exports import Export, Kind
from parallax.store import ingest, open_store, shut
from tests import recordings
from tests.recordings import Table, benign, matched

PROBES = matched("leader", "CN FR") + benign(1)
TABLE: Table = {
    ("leader.cn", "alpha"): "RC", ("leader.fr", "alpha"): "CC", ("benign-1", "alpha"): "CC",
    ("leader.cn", "beta"): "CE", ("leader.fr", "beta"): "BX", ("benign-1", "beta"): "CC",
}  # fmt: skip
DOCUMENT = (config.ROOT / "docs" / "python.md").read_text(encoding="utf-8")


@pytest.fixture
def study() -> Iterator[parallax.Study]:
    settings = config.load()
    recordings.record(settings.spool, "run-1", PROBES, TABLE)
    yield parallax.open(settings.data)
    shut(settings.store)


def test_ten_names_are_public_and_documented() -> None:
    methods = [name for name, _ in inspect.getmembers(parallax.Study, inspect.isfunction) if name[0] != "_"]
    names = {f"parallax.{name}" for name in parallax.__all__} | {f"Study.{name}" for name in methods}
    documented = re.findall(r"^\| `((?:parallax|Study)\.\w+)", DOCUMENT, flags=re.M)
    assert (len(names), set(documented), len(documented)) == (10, names, 10)
    for name in methods:
        assert (
            inspect.signature(getattr(parallax.Study, name)).return_annotation is not inspect.Parameter.empty
        )


def test_each_table_is_the_export(study: parallax.Study, tmp_path: Path) -> None:
    settings = config.load()
    for kind in (Kind.LONG, Kind.WIDE, Kind.RATES, Kind.GAPS):
        out = tmp_path / "own.parquet"
        exporting.to_file(settings, Export(kind, ending=".parquet"), out)
        pd.testing.assert_frame_equal(getattr(study, kind)(), pd.read_parquet(out))


def test_filters_axes_and_provenance(study: parallax.Study) -> None:
    found = study.rates(by="country", model=["alpha"], critical=True)
    assert found[["country", "n", "refusal"]].to_numpy().tolist() == [["CN", 2, 1], ["FR", 2, 0]]
    told = found.attrs["provenance"]
    assert (told["kind"], told["filters"]["models"]) == ("rates", ["alpha"])
    assert "Run run-1 (2026-03-01) of alpha. Labels: rules." in study.cite(found)
    assert len(study.long(country="CN", model="beta")) == 2
    assert study.runs()[["run", "state", "done"]].to_numpy().tolist() == [["run-1", "finished", 12]]


def test_a_file_with_its_provenance(study: parallax.Study, tmp_path: Path) -> None:
    out = tmp_path / "rates.csv"
    assert study.export(out, "rates", by=["model"]) == 2
    assert json.loads((tmp_path / "rates.csv.json").read_text())["by"] == ["model"]


def test_nothing_is_held_between_calls(study: parallax.Study) -> None:
    study.long()
    open_store(config.load().store)


def test_beside_a_dashboard(study: parallax.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is held elsewhere: the same frame comes through the dashboard's route."""
    alone = study.rates()
    store = open_store(config.load().store)
    ingest(store, config.load().spool)

    def held(*_: object) -> None:
        raise StoreLockedError("held")

    monkeypatch.setattr(exporting, "fed_store", held)
    monkeypatch.setattr(
        exporting.dashboard, "export", lambda _, export, out: exports.write(store, export, out)
    )
    pd.testing.assert_frame_equal(study.rates(), alone)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda study: parallax.open("/no/such/folder"), "no such folder"),
        (lambda study: study.rates(by="planet"), "the axis must be one of"),
        (lambda study: study.long(planet="x"), "planet: no such filter"),
        (lambda study: study.export("out.csv", "tall"), "tall: no such table"),
        (lambda study: study.export("out.xlsx"), "ending must be one of"),
        (lambda study: study.cite(pd.DataFrame()), "does not say where it comes from"),
        (lambda study: study.long(rater="judge:x"), "no rater 'judge:x'"),
    ],
)
def test_mistakes_are_told(study: parallax.Study, wrong: object, said: str) -> None:
    with pytest.raises(parallax.ParallaxError, match=said):
        wrong(study)  # type: ignore[operator]


def test_import_and_open_are_light() -> None:
    code = (
        "import sys, parallax; parallax.open(sys.argv[1])\n"
        "assert not {'duckdb', 'pandas', 'pyarrow', 'litellm', 'streamlit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, "."], cwd=config.ROOT, check=True)
