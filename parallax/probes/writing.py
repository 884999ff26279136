"""Probe sets out: the same set in each format, so that reading it again gives the same hash."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from parallax.probes.schema import COLUMNS, HEAD_COLUMNS, HEAD_FIELDS, JSON_COLUMNS, META_FIELDS
from parallax.records import Probe, ProbeSet


def dump_jsonl(probe_set: ProbeSet) -> str:
    """Return the canonical form: a line of JSON for the set itself, then one for each probe."""
    rows = [_head(probe_set), *(probe.canonical() for probe in probe_set.probes)]
    return "".join(f"{_json(row)}\n" for row in rows)


def dump_csv(probe_set: ProbeSet) -> str:
    """Return a table of one probe a row; the first row of probes also tells what the set is."""
    rows = [_flat(probe) for probe in probe_set.probes]
    field_of = {field: column for column, field in COLUMNS.items()}
    free = dict.fromkeys(name for row in rows for name in row if name not in field_of)
    used = [column for column in COLUMNS if any(COLUMNS[column] in row for row in rows)]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*used, *free, *HEAD_COLUMNS])
    head = list(_head(probe_set).values())
    for row in rows:
        own = [_cell(column, row.get(COLUMNS[column], "")) for column in used]
        writer.writerow([*own, *(row.get(name, "") for name in free), *head])
        head = [""] * len(head)
    return out.getvalue()


def dump_yaml(probe_set: ProbeSet) -> str:
    """Return a set of single probes, its templates written out for each country."""
    probes = [_nested(probe) for probe in probe_set.probes]
    data = {**_head(probe_set), "probes": probes}
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


DUMPERS: Mapping[str, Callable[[ProbeSet], str]] = {"yaml": dump_yaml, "jsonl": dump_jsonl, "csv": dump_csv}


class _Dumper(yaml.SafeDumper):
    """Writes every value out: the reader takes no alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _head(probe_set: ProbeSet) -> dict[str, str]:
    return {name: getattr(probe_set, name) for name in HEAD_FIELDS}


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _flat(probe: Probe) -> dict[str, Any]:
    """Return a probe's fields and its metadata side by side."""
    fields = probe.canonical()
    return {**fields.pop("meta", {}), **fields}


def _nested(probe: Probe) -> dict[str, Any]:
    """Return a probe in the form of a YAML entry, in plain values."""
    fields = json.loads(_json(probe.canonical()))
    meta = fields.pop("meta", {})
    known = {name: meta[name] for name in META_FIELDS if name in meta}
    free = {name: value for name, value in meta.items() if name not in known}
    return {**fields, **known, **({"meta": free} if free else {})}


def _cell(column: str, value: object) -> str:
    return _json(value) if column in JSON_COLUMNS and value != "" else str(value)
