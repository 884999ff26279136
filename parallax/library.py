"""The probe sets at hand: the files that lie in `probes/`, what was saved, what earlier runs asked."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from parallax import probes
from parallax.errors import StoreError
from parallax.probes import Reading
from parallax.records import ProbeSet
from parallax.store import Store, sets

# a question of the page Ask is listed once it is saved, not each time it is asked
ASKED = "ask-"
_FIRST = ("smoke", "core")
_ENDINGS = (".yaml", ".yml", ".jsonl", ".csv")


class SetAtHand(NamedTuple):
    """A set version that can be looked at and run; `origin` is `shipped`, `saved` or `run`."""

    set_hash: str
    id: str
    title: str
    version: str
    probes: int
    origin: str

    @property
    def words(self) -> str:
        """How it stands in a list."""
        return f"{self.title} · {self.version}"


class FaultyFile(NamedTuple):
    """A file in the folder of probe sets that is no set, and what is wrong with it, a line each."""

    name: str
    faults: tuple[str, ...]


class Library(NamedTuple):
    """Every set at hand, the shipped ones first, and the files that are none."""

    sets: tuple[SetAtHand, ...]
    faulty: tuple[FaultyFile, ...]


def library(store: Store, folder: Path) -> Library:
    """Return what the folder of probe files and the store hold, each version once."""
    files = _files(folder)
    shipped: dict[str, SetAtHand] = {}
    for file in files:
        if file.entry:
            shipped.setdefault(file.entry.set_hash, file.entry)
    stored = [
        SetAtHand(s.set_hash, s.id, s.title, s.version, s.probes, "saved" if s.saved else "run")
        for s in sets.listed(store)
        if s.set_hash not in shipped and (s.saved or not s.id.startswith(ASKED))
    ]
    faulty = [FaultyFile(f.name, tuple(map(str, f.reading.faults))) for f in files if f.reading.faults]
    return Library((*shipped.values(), *stored), tuple(faulty))


def fetch(store: Store, folder: Path, set_hash: str) -> ProbeSet:
    """Return a set of the library with its probes. Raises `StoreError` where it is gone."""
    for file in _files(folder):
        if file.reading.probe_set and file.entry and file.entry.set_hash == set_hash:
            return file.reading.probe_set
    if stored := sets.fetch(store, set_hash):
        return stored
    raise StoreError(f"there is no probe set {set_hash[:12]} any more; choose another")


def namesakes(found: Library, probe_set: ProbeSet) -> tuple[SetAtHand, ...]:
    """Return the sets of the same id and version but other content: a reader could mix them up."""
    same = [entry for entry in found.sets if (entry.id, entry.version) == (probe_set.id, probe_set.version)]
    return tuple(entry for entry in same if entry.set_hash != probe_set.hash)


class _File(NamedTuple):
    name: str
    reading: Reading
    entry: SetAtHand | None


def _files(folder: Path) -> list[_File]:
    # hidden files are those of editors
    found = [path for path in folder.glob("[!.]*") if path.suffix.lower() in _ENDINGS and path.is_file()]
    place = {name: n for n, name in enumerate(_FIRST)}
    found.sort(key=lambda path: (place.get(path.stem, len(place)), path.name))
    return [_read(path, path.stat().st_mtime_ns) for path in found]


@lru_cache(maxsize=64)
def _read(path: Path, changed_at: int) -> _File:
    reading = probes.read_file(path)
    if (s := reading.probe_set) is None:
        return _File(path.name, reading, None)
    entry = SetAtHand(s.hash, s.id, s.title, s.version, len(s.probes), "shipped")
    return _File(path.name, reading, entry)
