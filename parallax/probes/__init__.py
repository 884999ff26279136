"""Probe sets: read from YAML, JSONL or CSV, checked as a whole, expanded over countries, written again.

Every fault of a file is reported at once, with its line or row and field; nothing of a faulty file is
used. The format is described in `probes/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from parallax.errors import ProbeFileError
from parallax.probes.cautions import UNSTATED, caution
from parallax.probes.checks import GROWN, MAX_GROWN, check
from parallax.probes.encoding import MAX_BYTES
from parallax.probes.entries import entries
from parallax.probes.expansion import expand, grows_to
from parallax.probes.faults import MAX_FAULTS, Document, Fault, Where, shown
from parallax.probes.rows import MAX_PROBES, CsvDocument, JsonlDocument
from parallax.probes.schema import MAX_PROMPT, SetFile, Single, Template, sentence
from parallax.probes.writing import DUMPERS, dump_jsonl
from parallax.probes.yaml_files import YamlDocument
from parallax.records import Probe, ProbeSet

__all__ = [
    "FORMATS", "MAX_BYTES", "MAX_FAULTS", "MAX_PROBES", "MAX_PROMPT", "UNSTATED", "Fault", "Reading", "Row",
    "dump", "dump_jsonl", "load", "matched_twins", "read", "read_file",
]  # fmt: skip

FORMATS = tuple(DUMPERS)
_SECTIONS: Mapping[str, type[Template] | type[Single]] = {"templates": Template, "probes": Single}
# what pydantic adds to a place
_NO_STEPS = ("[key]", "int", "float")
Model = TypeVar("Model", bound=BaseModel)
_ENDINGS = {".yaml": "yaml", ".yml": "yaml", ".jsonl": "jsonl", ".csv": "csv"}
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of a file as it was parsed, faulty or not; `number` is its line or row."""

    number: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a file: a set, or every fault in it, in the order of the file.

    `assumed` holds what was taken where the file does not tell it of the set: a CSV may leave its title
    to the reader. `unit` is what faults and rows count: `line` or `row`.
    """

    probe_set: ProbeSet | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    rows: tuple[Row, ...]
    assumed: Mapping[str, str] = field(default_factory=dict)
    unit: str = "line"


def load(path: Path) -> ProbeSet:
    """Return the probe set of a file. Raises ProbeFileError with every fault, a line each."""
    reading = read_file(path)
    if reading.probe_set is None:
        raise ProbeFileError([f"{path}: {fault}" for fault in reading.faults])
    return reading.probe_set


def read_file(path: Path) -> Reading:
    """Read and check a file; where there is none, that is its one fault."""
    if path.is_dir():
        return _refused("is a folder; name one probe file in it")
    if not path.is_file():
        return _refused(f"{'is not a plain file' if path.exists() else 'does not exist'}; check the path")
    try:
        with path.open("rb") as file:
            return read(path.name, file.read(MAX_BYTES + 1))
    except OSError as error:
        return _refused(f"cannot be read ({error.strerror}); check its permissions")


def read(name: str, raw: bytes, head: Mapping[str, str] = _NOTHING, today: date | None = None) -> Reading:
    """Read and check the bytes of a file; the ending of its name tells the format.

    `head` has the set's id, title, version, license and author where the file does not tell them. Names
    of leaders must not be more than a year old on `today`.
    """
    ending = _ENDINGS.get(Path(name).suffix.lower())
    if ending is None:
        kind = f'"{shown(Path(name).suffix, 20)}" files cannot be read'
        kind = kind if Path(name).suffix else "has a name without an ending"
        return _refused(f"{kind}; save the set as .yaml, .jsonl or .csv")
    document = _document(ending, raw, {**_assumed(name), **head})
    file = _validated(document)
    check(document, today or date.today())
    if file and not document.faults and grows_to(file) > MAX_GROWN:
        document.fault((), GROWN)
    probe_set = None
    if file and not document.faults:
        caution(document, file.license, file.templates, file.probes)
        probe_set = expand(file)
    assumed = {name: document.written((name,)) for name in document.assumed}
    return Reading(probe_set, document.faults, document.warnings, _rows(document), assumed, document.unit)


def dump(probe_set: ProbeSet, format: str) -> str:
    """Return a set as text in one of `FORMATS`; reading it again gives a set of the same hash."""
    return DUMPERS[format](probe_set)


def matched_twins(probe_set: ProbeSet, probe: Probe) -> tuple[Probe, ...]:
    """Return the probes that ask the same of another country: one template, one language."""
    asked = (probe.template, probe.language)
    same = [other for other in probe_set.probes if (other.template, other.language) == asked]
    return tuple(other for other in same if other.template and other.country != probe.country)


def _refused(text: str) -> Reading:
    return Reading(None, (Fault(0, "", text),), (), ())


def _document(ending: str, raw: bytes, head: Mapping[str, str]) -> Document:
    if ending == "yaml":
        return YamlDocument(raw)
    return CsvDocument(raw, head) if ending == "csv" else JsonlDocument(raw, head)


def _assumed(name: str) -> dict[str, str]:
    """Return what is taken for the head of a set that only a file name is known of."""
    stem = Path(name).stem
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:64]
    title = re.sub(r"[\W_]+", " ", stem).strip()
    return {
        "id": slug or "my-set",
        "title": title or "My set",
        "version": "1",
        "license": UNSTATED,
        "author": "unknown",
    }


def _validated(document: Document) -> SetFile | None:
    """Return the set of a document, where it keeps to the schema.

    Entries are taken one by one, for the faults of very many would fill the memory at once.
    """
    data = document.data
    if not isinstance(data, dict):
        return None
    lists = {name: data[name] for name in _SECTIONS if isinstance(data.get(name), list)}
    head = _model(document, SetFile, {**data, **{name: [] for name in lists}}, ())
    found: dict[str, list[Any]] = {name: [] for name in lists}
    for name, listed in lists.items():
        for index, entry in enumerate(listed):
            if document.is_full:
                return None
            found[name].append(_model(document, _SECTIONS[name], entry, (name, index)))
    if head is None or any(None in valid for valid in found.values()):
        return None
    return head.model_copy(update=found)


def _model(document: Document, model: type[Model], data: object, place: Where) -> Model | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            where = (*place, *(step for step in details["loc"] if step not in _NO_STEPS))
            details["loc"] = (*place, *details["loc"])
            document.fault(where, sentence(details, document.written(where)))
        return None


def _rows(document: Document) -> tuple[Row, ...]:
    found = entries(document.data) if isinstance(document.data, dict) else []
    return tuple(Row(document.number(entry.where), entry.fields) for entry in found)
