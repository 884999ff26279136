"""Where an export comes from: what lies beside each as `<file>.json`."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import parallax
from parallax.exports.request import Export
from parallax.exports.tables import Table
from parallax.store import DEFAULT_SET, Selection, Store

_LISTS = ("columns", "by", "raters", "sets", "runs", "cautions")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a reader needs to make an export again, or to doubt it; docs/exports.md says what each is."""

    kind: str
    rows: int
    columns: tuple[str, ...]
    by: tuple[str, ...]
    format: str
    neutralised: bool
    byte_order_mark: bool
    created_at: str
    parallax: str
    label_set: str
    raters: tuple[dict[str, Any], ...]
    filters: dict[str, Any]
    sets: tuple[dict[str, Any], ...]
    runs: tuple[dict[str, Any], ...]
    cautions: tuple[str, ...]

    def text(self) -> str:
        """Return it as JSON, a field a line."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def of_text(cls, text: str) -> Provenance:
        """Return what `text` wrote. Raises `ValueError` or `TypeError` where it is nothing of the kind."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**fields | {name: tuple(fields[name]) for name in _LISTS})


def of(store: Store, export: Export, table: Table, columns: tuple[str, ...], rows: int) -> Provenance:
    """Return the provenance of an export of so many rows, made now of a table."""
    selection = table.selection
    counted = _counted(store, selection)
    named = sorted({one.run for one in counted})
    return Provenance(
        kind=export.kind,
        rows=rows,
        columns=columns,
        by=export.by,
        format=export.ending.removeprefix("."),
        neutralised=export.is_neutralised,
        byte_order_mark=export.has_mark,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        parallax=parallax.__version__,
        label_set=selection.label_set or DEFAULT_SET,
        raters=_raters(store, counted, named),
        filters={k: v for k, v in export.selection.filled().items() if k != "label_set"},
        sets=_sets(store, named),
        runs=_runs(store, counted, named),
        cautions=table.cautions,
    )


def beside(path: Path) -> Path:
    """Return where the provenance of an export lies: its name and `.json`."""
    return path.with_name(f"{path.name}.json")


class _Counted(NamedTuple):
    """How many answers of a model in a run have a label of a rater (None: have no label)."""

    run: str
    model: str
    rater: str | None
    answers: int


def _counted(store: Store, selection: Selection) -> list[_Counted]:
    rows = selection.rows()
    sql = f"SELECT run, model, rater, count(*) FROM {rows.sql} GROUP BY ALL"
    return [_Counted(*row) for row in store.rows(sql, rows.parameters)]


def _runs(store: Store, counted: list[_Counted], runs: list[str]) -> tuple[dict[str, Any], ...]:
    found = store.rows(
        "SELECT run, set_hash, created_at, recorded, imported FROM runs WHERE run IN (SELECT unnest(?))"
        " ORDER BY run",
        [runs],
    )
    return tuple(
        {
            "run": run,
            "set_hash": set_hash,
            "created_at": f"{created_at.isoformat(timespec='seconds')}+00:00",
            "recorded": recorded,
            "imported": imported,
            "models": sorted({one.model for one in counted if one.run == run}),
            "answers": sum(one.answers for one in counted if one.run == run),
        }
        for run, set_hash, created_at, recorded, imported in found
    )


def _sets(store: Store, runs: list[str]) -> tuple[dict[str, Any], ...]:
    found = store.rows(
        "SELECT DISTINCT id, title, s.version, set_hash, license FROM probe_sets s JOIN runs USING (set_hash)"
        " WHERE run IN (SELECT unnest(?)) ORDER BY ALL",
        [runs],
    )
    return tuple(
        dict(zip(("set", "title", "version", "set_hash", "license"), row, strict=True)) for row in found
    )


def _raters(store: Store, counted: list[_Counted], runs: list[str]) -> tuple[dict[str, Any], ...]:
    labels: Counter[str] = Counter()
    for one in counted:
        if one.rater is not None:
            labels[one.rater] += one.answers
    known = store.rows(
        "SELECT DISTINCT rater, version FROM labels WHERE run IN (SELECT unnest(?)) AND version <> ''",
        [runs],
    )
    return tuple(
        {"rater": rater, "versions": sorted(v for of, v in known if of == rater), "labels": k}
        for rater, k in sorted(labels.items(), key=lambda item: (-item[1], item[0]))
    )
