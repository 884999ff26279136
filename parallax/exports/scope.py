"""Which runs stand for each model where nobody chose: the newest finished one of each set version."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from parallax import views
from parallax.errors import ParallaxError
from parallax.exports.request import Export, Kind
from parallax.metrics import COUNTS
from parallax.store import Selection, Store, labels


class InSet(NamedTuple):
    """A set version that an export is about: its id, and each model in it with the run it is shown from."""

    set_hash: str
    id: str
    pairs: tuple[tuple[str, str], ...]


def resolved(store: Store, export: Export) -> Selection:
    """Return the answers that an export is about, each model of a set version from one run.

    `long`, `labels`, and `rates` by run, keep all runs: there each row names its own. Raises `ParallaxError`
    for a rater who labelled nothing.
    """
    selection = _labelled(store, export.selection)
    if selection.pairs is not None or export.kind in {Kind.LONG, Kind.LABELS} or "run" in export.by:
        return selection
    pairs = tuple(pair for one in in_sets(store, selection) for pair in one.pairs)
    return replace(selection, pairs=pairs, runs=())


def in_sets(store: Store, selection: Selection) -> tuple[InSet, ...]:
    """Return the set versions of a selection with every model of its runs, whatever else it filters by."""
    if selection.pairs is not None:
        return _of_pairs(store, selection.pairs)
    pairs = [
        (run.run, run.model)
        for choice in views.sets(store)
        for run in views.in_view(store, choice.set_hash, selection.runs)
    ]
    return _of_pairs(store, tuple(pairs))


def _of_pairs(store: Store, pairs: tuple[tuple[str, str], ...]) -> tuple[InSet, ...]:
    rows = store.rows(
        "SELECT run, set_hash, id FROM runs JOIN probe_sets USING (set_hash) WHERE run IN (SELECT unnest(?))",
        [[run for run, _ in pairs]],
    )
    of_run = {run: (set_hash, id) for run, set_hash, id in rows}
    versions = dict.fromkeys(of_run[run] for run, _ in pairs if run in of_run)
    return tuple(
        InSet(*version, tuple(pair for pair in pairs if of_run.get(pair[0]) == version))
        for version in versions
    )


def _labelled(store: Store, selection: Selection) -> Selection:
    """Leave out what the rater whose labels are taken has not labelled."""
    wanted = selection.label_set
    if not wanted:
        return selection
    runs = [run for (run,) in store.rows("SELECT run FROM runs")]
    known = [one.rater for one in labels.sets(store, runs)]
    if wanted not in known:
        raise ParallaxError(f"no rater '{wanted}' in the store; there are: {', '.join(known)}")
    return replace(selection, labels=selection.labels or COUNTS)
