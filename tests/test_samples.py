"""The recorded study: packed from finished runs, added to an empty store, taken away again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from parallax import config, jobs, plan, samples, store, study, views
from parallax.config import Settings
from parallax.errors import RunError, ShardError
from parallax.metrics import Rate
from parallax.records import ModelSpec, RunState
from parallax.shards import SCHEMA
from parallax.spool import RunFolder
from parallax.store import Store, ingest, open_store
from tests import recordings, shipping
from tests.provider import Provider
from tests.shipping import CONTROLS, CORE, MATCHED

# the order in which rows came in is the store's own
ANSWERS = "SELECT * EXCLUDE entry FROM comparison"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings under whose root a small study ships; their own data folder is empty."""
    shipping.ship(config.load(data=tmp_path / "elsewhere"), tmp_path / "root" / "data" / "sample")
    monkeypatch.setattr(config, "ROOT", tmp_path / "root")
    return config.load()


@pytest.fixture
def fed(settings: Settings) -> Store:
    """A store with the study in it."""
    samples.add(settings)
    found = open_store(settings.store)
    ingest(found, settings.spool)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# ---- what ships


def test_what_ships_is_listed_in_the_order_it_was_asked_in(settings: Settings) -> None:
    found = samples.available(settings)
    assert [shipped.plan.run for shipped in found] == [CORE, CONTROLS]
    assert [shipped.plan.size for shipped in found] == [8, 6]
    assert all(shipped.plan.recorded for shipped in found)
    for shipped in found:
        files = sorted(shipped.folder.iterdir())
        assert [file.name for file in files] == ["answers.parquet", "plan.json"]
        assert shipped.bytes == sum(len(file.read_bytes()) for file in files)
        answers = pq.read_table(files[0])
        assert answers.schema.equals(SCHEMA)
        assert answers.num_rows == shipped.plan.size


def test_the_study_that_ships_is_small_and_whole_and_opens_on_the_core_set() -> None:
    settings = config.load()
    shipped = samples.available(settings)
    assert [one.plan.probe_set.id for one in shipped] == list(study.SETS)
    assert sum(one.bytes for one in shipped) < samples.MOST_BYTES
    samples.add(settings)
    store = open_store(settings.store)
    assert ingest(store, settings.spool).quarantined == 0
    assert store.rows("SELECT done = cells FROM runs") == [(True,), (True,)]
    assert views.sets(store)[0].set_hash == shipped[0].plan.probe_set.hash


def test_packing_again_replaces_what_shipped(settings: Settings, tmp_path: Path) -> None:
    before = contents(settings.sample)
    recorded = config.load(data=tmp_path / "elsewhere")
    (settings.sample / "README.md").write_text("stays")
    samples.write(recorded, [CORE], settings.sample)
    assert contents(settings.sample) == {"README.md": b"stays"} | {
        name: data for name, data in before.items() if name.startswith(CORE)
    }


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("half", "run half is not finished: 1 of 2 cells are in; resume it first"),
        ("none", "there is no run 'none'"),
        ("../x", "'../x' is no run id"),
    ],
)
def test_what_cannot_be_packed_leaves_what_shipped(settings: Settings, run: str, said: str) -> None:
    before = contents(settings.sample)
    recordings.record(settings.spool, "half", MATCHED[:2], {("press.cn", "alpha"): "C"})
    with pytest.raises(RunError, match=f"^{said}"):
        samples.write(settings, [run], settings.sample)
    assert contents(settings.sample) == before


def test_a_study_that_is_too_large_is_not_packed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "MOST_BYTES", 1000)
    before = contents(settings.sample)
    with pytest.raises(RunError, match="more than 1,000; record fewer answers"):
        samples.write(config.load(data=tmp_path / "elsewhere"), [CORE, CONTROLS], settings.sample)
    assert contents(settings.sample) == before


# ---- added


def test_added_runs_are_finished_and_recorded(settings: Settings) -> None:
    samples.add(settings)
    found = {run.run: run for run in jobs.runs(settings)}
    assert sorted(found) == [CONTROLS, CORE]
    core = found[CORE]
    assert (core.state, core.done, core.total, core.errors) == (RunState.FINISHED, 8, 8, 0)
    assert {model: one.done for model, one in core.by_model.items()} == {"alpha": 4, "beta": 4}
    assert core.recorded
    assert core.is_recent
    assert not core.is_resumable
    assert {done.answered for done in RunFolder(settings.spool, CORE).done().values()} == {True}


def test_adding_twice_changes_nothing(settings: Settings) -> None:
    samples.add(settings)
    before = contents(settings.spool)
    samples.add(settings)
    assert contents(settings.spool) == before
    assert sorted(path.name for path in settings.spool.iterdir()) == [CONTROLS, CORE]


def test_added_runs_answer_as_those_that_were_recorded(
    settings: Settings, fed: Store, tmp_path: Path
) -> None:
    recorded = open_store(tmp_path / "elsewhere" / "parallax.duckdb")
    for query in (ANSWERS, "FROM attempts", "FROM labels", "FROM models"):
        assert fed.rows(f"{query} ORDER BY ALL") == recorded.rows(f"{query} ORDER BY ALL")
    store.shut(recorded.path)


def test_the_study_opens_on_the_set_that_was_asked_first(fed: Store) -> None:
    core, controls = views.sets(fed)
    assert (core.title, controls.title) == ("The core set · 1", "The controls set · 1")
    in_view = views.in_view(fed, core.set_hash)
    assert [(run.model, run.run, run.recorded) for run in in_view] == [
        ("alpha", CORE, True),
        ("beta", CORE, True),
    ]
    assert in_view[0].params == shipping.PARAMS
    selection = views.selection_of(in_view)
    shown = views.heatmap(fed, selection, "country", "model", Rate.NONCOMPLIANCE)
    assert (shown.rows, shown.columns) == (("CN", "FR"), ("alpha", "beta"))
    assert shown.cells.set_index(["row", "column"])["value"].to_dict() == {
        ("CN", "alpha"): 1.0,
        ("CN", "beta"): 0.0,
        ("FR", "alpha"): 0.0,
        ("FR", "beta"): 0.0,
    }


def test_a_run_of_ones_own_comes_before_the_study(settings: Settings, fed: Store) -> None:
    recordings.record(settings.spool, "own", MATCHED[:2], {("press.cn", "alpha"): "C"}, id="own")
    ingest(fed, settings.spool)
    assert [choice.title for choice in views.sets(fed)] == [
        "The own set · 1",
        "The core set · 1",
        "The controls set · 1",
    ]


@pytest.mark.parametrize("spoilt", [b"", b"PAR1 and no more"])
def test_answers_that_cannot_be_read_are_not_added(settings: Settings, spoilt: bytes) -> None:
    (settings.sample / CORE / "answers.parquet").write_bytes(spoilt)
    with pytest.raises(ShardError, match="cannot be read as a shard"):
        samples.add(settings)
    assert list(settings.spool.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{}", recordings.plan(CORE, MATCHED).to_json()])
def test_a_plan_that_is_none_or_not_recorded_is_not_offered(settings: Settings, text: str) -> None:
    (settings.sample / CORE / "plan.json").write_text(text)
    assert [shipped.plan.run for shipped in samples.available(settings)] == [CONTROLS]


def test_where_nothing_ships_nothing_is_added(settings: Settings) -> None:
    shutil.rmtree(settings.sample)
    assert samples.available(settings) == ()
    samples.add(settings)
    assert not settings.spool.exists()


def test_a_plan_from_before_recorded_runs_is_not_recorded(settings: Settings) -> None:
    text = recordings.plan("run-a", MATCHED).to_json().replace(', "recorded": false', "")
    assert "recorded" not in text
    assert plan.from_json(text) == recordings.plan("run-a", MATCHED)


def test_nothing_is_asked_for_a_recorded_run(settings: Settings) -> None:
    samples.add(settings)
    with pytest.raises(RunError, match=f"run {CORE} is recorded"):
        jobs.resume(settings, CORE)
    with pytest.raises(RunError, match="nothing to stop"):
        jobs.stop(settings, CORE)


# ---- removed


def test_removal_takes_the_study_and_nothing_else(settings: Settings, fed: Store) -> None:
    recordings.record(settings.spool, "own", MATCHED, {("press.cn", "alpha"): "C"}, id="core")
    ingest(fed, settings.spool)
    samples.remove(settings, fed)
    assert [run.run for run in jobs.runs(settings)] == ["own"]
    assert fed.rows("SELECT run FROM runs") == [("own",)]
    assert fed.rows("SELECT id FROM probe_sets") == [("core",)]
    assert fed.rows("SELECT DISTINCT run FROM comparison") == [("own",)]
    assert ingest(fed, settings.spool) == (0, 0, 0)


def test_removal_finds_what_a_broken_off_one_left(settings: Settings, fed: Store) -> None:
    shutil.rmtree(settings.spool / CORE)
    samples.remove(settings, fed)
    assert views.sets(fed) == ()
    assert jobs.runs(settings) == []
    samples.remove(settings, fed)


def test_the_study_may_come_again(settings: Settings, fed: Store) -> None:
    before = fed.rows(f"{ANSWERS} ORDER BY ALL")
    samples.remove(settings, fed)
    samples.add(settings)
    assert ingest(fed, settings.spool) == (2, 14, 0)
    assert fed.rows(f"{ANSWERS} ORDER BY ALL") == before


# ---- recorded


@pytest.mark.parametrize(
    ("runs", "code", "said"),
    [
        ([CORE, CONTROLS], 0, "sample: {bytes:,} bytes"),
        ([CORE, "gone"], 2, "there is no run 'gone'; `python -m parallax runs` lists them"),
    ],
)
def test_finished_runs_are_packed_by_their_ids(
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    runs: list[str],
    code: int,
    said: str,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    before = contents(settings.sample)
    assert study.main([*runs, "--data", str(elsewhere)]) == code
    store.shut(config.load(data=elsewhere).store)
    printed = "".join(capsys.readouterr())
    assert said.format(bytes=sum(map(len, before.values()))) in printed
    assert printed.count("\n") == 1
    assert contents(settings.sample) == before


def test_the_study_is_asked_once_and_packed(tmp_path: Path) -> None:
    recording = config.load()
    probe_set = recordings.probe_set(MATCHED, id="core")
    with Provider() as server:
        specs = [
            ModelSpec(name, f"openai/{name}", api_base=server.base) for name in ("open", "shy+refuse@CN")
        ]
        run = study.ask(recording, probe_set, specs)
        asked = len(server.requests)
        assert study.ask(recording, probe_set, specs) == run
        assert len(server.requests) == asked == 8
    samples.write(recording, [run], tmp_path / "out")
    packed = RunFolder(tmp_path / "out", run)
    assert packed.plan().recorded
    assert [dict(model.params) for model in packed.plan().models] == [study.PARAMS] * 2
    table = pq.read_table(packed.path / samples.ANSWERS)
    refused = {row["probe"] for row in table.to_pylist() if row["label"] == "refusal"}
    assert refused == {"press.cn", "vote.cn"}
