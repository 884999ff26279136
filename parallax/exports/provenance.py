"""Where an export comes from: what lies beside each as `<file>.json`."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
    runs = _runs(store, selection)
    named = [run["run"] for run in runs]
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
        raters=_raters(store, selection, named),
        filters={k: v for k, v in export.selection.filled().items() if k != "label_set"},
        sets=_sets(store, named),
        runs=runs,
        cautions=table.cautions,
    )


def beside(path: Path) -> Path:
    """Return where the provenance of an export lies: its name and `.json`."""
    return path.with_name(f"{path.name}.json")


def _runs(store: Store, selection: Selection) -> tuple[dict[str, Any], ...]:
    rows = selection.rows()
    found = store.rows(
        f"""
        SELECT run, r.set_hash, r.created_at, r.recorded, r.imported, list(model ORDER BY model),
            sum(n)::BIGINT
        FROM (SELECT run, model, count(*) AS n FROM {rows.sql} GROUP BY run, model)
        JOIN runs r USING (run) GROUP BY ALL ORDER BY run
        """,
        rows.parameters,
    )
    return tuple(
        {
            "run": run,
            "set_hash": set_hash,
            "created_at": f"{created_at.isoformat(timespec='seconds')}+00:00",
            "recorded": recorded,
            "imported": imported,
            "models": models,
            "answers": answers,
        }
        for run, set_hash, created_at, recorded, imported, models, answers in found
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


def _raters(store: Store, selection: Selection, runs: list[str]) -> tuple[dict[str, Any], ...]:
    rows = selection.rows()
    found = store.rows(
        f"""
        WITH given AS (
            SELECT rater, count(*) AS k FROM {rows.sql} AND rater IS NOT NULL GROUP BY rater),
        versions AS (
            SELECT rater, list(DISTINCT version ORDER BY version) AS known FROM labels
            WHERE run IN (SELECT unnest(?)) AND version <> '' GROUP BY rater)
        SELECT rater, coalesce(known, []), k FROM given LEFT JOIN versions USING (rater)
        ORDER BY k DESC, rater
        """,
        [*rows.parameters, runs],
    )
    return tuple({"rater": rater, "versions": versions, "labels": k} for rater, versions, k in found)
