"""Several shards in one pass: as if each had come by itself, and each judged by itself."""

from __future__ import annotations

from pathlib import Path

from parallax import config
from parallax.spool import RunFolder
from parallax.store import Store, ingest, open_store, shut
from tests import recordings
from tests.recordings import matched, response
from tests.test_store import contents, in_force, recomputed

GIVEN = [
    [response("run-a", "leader.cn", "alpha", "X", final=False)],
    [response("run-a", "leader.cn", "alpha", "R", attempt=2), response("run-a", "leader.fr", "alpha", "C")],
    [response("run-a", "leader.fr", "beta", "B")],
    [response("run-a", "leader.cn", "alpha", "R", attempt=2), response("run-a", "leader.fr", "beta", "B")],
]


def filled(spool: Path, store: Store, *, at_once: bool) -> list[tuple[int, int, int]]:
    """Plan a run, bring its shards in, and return what each pass said."""
    RunFolder(spool, "run-a").create(recordings.plan("run-a", matched("leader", "CN FR")))
    said = []
    for number, given in enumerate(GIVEN):
        recordings.shard(spool, "run-a", given, f"shard-{number}")
        if not at_once:
            said.append(tuple(ingest(store, spool)))
    return [*said, tuple(ingest(store, spool))]


def test_shards_of_one_pass_are_as_those_of_several(store: Store, spool: Path, tmp_path: Path) -> None:
    other = config.load(data=tmp_path / "one-by-one")
    separate = open_store(other.store)
    try:
        assert filled(other.spool, separate, at_once=False)[-1] == (0, 0, 0)
        assert filled(spool, store, at_once=True) == [(4, 6, 0)]
        together, one_by_one = contents(store), contents(separate)
        # when a set came is known of each store
        del together["probe_sets"], one_by_one["probe_sets"]
        assert together == one_by_one
        assert in_force(store) == recomputed(store)
    finally:
        shut(other.store)


def test_one_bad_shard_among_good_ones_is_set_aside_alone(store: Store, spool: Path) -> None:
    folder = RunFolder(spool, "run-a")
    folder.create(recordings.plan("run-a", matched("leader", "CN FR")))
    for number, given in enumerate(GIVEN[:3]):
        recordings.shard(spool, "run-a", given, f"shard-{number}")
    (folder.shards / "shard-1a.parquet").write_bytes(b"PAR1")
    recordings.shard(spool, "run-a", [response("run-a", "leader.xx", "alpha", "C")], "shard-2a")
    assert ingest(store, spool) == (3, 4, 2)
    assert {path.stem for path in (folder.path / "quarantine").glob("*.parquet")} == {"shard-1a", "shard-2a"}
    assert len(store.rows("FROM attempts")) == 4
    assert list(folder.shards.iterdir()) == []
