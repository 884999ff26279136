"""SpeechMap: the public recordings of how models answer political questions, and what judges said of them.

A folder holds `questions/<set>.jsonl`, `responses/<set>_<model>.jsonl` and, for each judge, a folder
`analysis*/compliance_<set>_<model>.jsonl`. The sets that criticise governments ask the same fifty things of
each country: they become one probe set, a template for each of the fifty. Any other set is one of its own.
Files of flat rows, one an answer with its judge's label beside it, are read too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from parallax import countries
from parallax.importers import judges, payloads, vendors
from parallax.importers.answers import Answer, Group, Tally
from parallax.importers.files import Row, objects
from parallax.importers.judges import Judgement
from parallax.importers.seen import Seen
from parallax.records import Kind, Probe, ProbeSet, content_hash

FORMAT = "speechmap"
CRITICISM = "speechmap-criticism"
_CRITICISM = re.compile(r"(?:(?P<language>[a-z]{2})_)?(?P<country>[a-z][a-z_]*?)_criticism")
_ENDING = re.compile(r"\.jsonl(\.gz)?\Z")
_SLOT = re.compile(r"_(\d+)\Z")


class QuestionSet(NamedTuple):
    """A question file by its name: the probe set it goes into, its country and its language."""

    name: str
    group: Group
    country: str
    language: str

    @classmethod
    @cache
    def of(cls, name: str) -> QuestionSet:
        """Read `zh_china_criticism` as criticism of China in Chinese."""
        if found := _CRITICISM.fullmatch(name):
            place = found["country"].replace("_", " ")
            language = countries.suggest_language(found["language"] or "en") or "en"
            return cls(name, Group(CRITICISM), countries.suggest(place), language)
        own = Group(f"speechmap-{name.replace('_', '-')}")
        return cls(name, own, countries.suggest(name.partition("_")[0]), "en")

    def probe(self, fields: Mapping[str, Any]) -> Probe:
        """Return a question as a probe: of a matched template where the set is one of the matched ones."""
        id, prompt = str(fields.get("question_id") or fields["id"]), str(fields["question"])
        slot = _SLOT.search(id)
        if self.group.probe_set != CRITICISM or slot is None:
            return Probe(id, prompt, Kind.NEUTRAL, "", self.country, _topic(fields), self.language)
        name, template = f"{self.name}_{slot[1]}", f"criticism-{slot[1]}"
        return Probe(name, prompt, Kind.MATCHED, template, self.country, "", self.language, stance="critical")


@dataclass(frozen=True)
class SpeechMap:
    """The files of a study, found in folders and named one by one."""

    paths: Sequence[Path]
    format: str = field(default=FORMAT, init=False)

    @cached_property
    def roots(self) -> tuple[Path, ...]:
        """The folders that hold `responses/`, at most one level below what was named."""
        folders = [path for path in self.paths if path.is_dir()]
        below = [[path, *sorted(p for p in path.iterdir() if p.is_dir())] for path in folders]
        return tuple(p for found in below for p in found if (p / "responses").is_dir())

    def describe(self) -> list[str]:
        """Return nothing: the layout leaves no choice."""
        return []

    def keep(self) -> None:
        """Keep nothing, for the same reason."""

    def answers(self, tally: Tally) -> Iterator[Answer]:
        """Yield the answers of each response file with the labels of its judges; then those of flat files."""
        for path in self.paths:
            if path.is_dir() and not any(root.is_relative_to(path) for root in self.roots):
                tally.skip(path.name, "holds no folder responses/")
        for root in self.roots:
            yield from _study(root, tally)
        for path in self.paths:
            if not path.is_dir():
                yield from _flat_file(path, tally)

    def probe_set(self, group: Group, asked: Mapping[str, Probe]) -> ProbeSet:
        """Return the set of a group with every question of its files, answered or not."""
        quiet = Tally()
        for root in self.roots:
            for path in _listed(root / "questions"):
                if (found := QuestionSet.of(_stem(path))).group == group:
                    known = {probe.id: probe for probe in _questions(path, found, quiet).values()}
                    asked = {**known, **asked}
        probes = tuple(sorted(asked.values(), key=lambda probe: probe.id))
        version = content_hash([probe.canonical() for probe in probes])[:8]
        name = group.probe_set.removeprefix("speechmap-").replace("-", " ")
        title = (
            "SpeechMap: criticism of governments" if group.probe_set == CRITICISM else f"SpeechMap: {name}"
        )
        return ProbeSet(group.probe_set, title, version, "Apache-2.0", "SpeechMap (xlr8harder)", probes)


def _topic(fields: Mapping[str, Any]) -> str:
    return re.sub(r"[^a-z0-9]+", "-", str(fields.get("domain") or "").lower()).strip("-")[:60]


def belongs(name: str) -> bool:
    """Tell whether a file of an archive is of the layout."""
    folder = Path(name).parent.name
    return folder in {"questions", "responses"} or folder.startswith("analysis")


def criticises(name: str) -> bool:
    """Tell whether a file of an archive is of the sets that criticise governments."""
    return belongs(name) and "_criticism" in Path(name).name


def _listed(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else []
    return sorted(path for path in found if path.is_file() and _ENDING.search(path.name))


def _stem(path: Path) -> str:
    return _ENDING.sub("", path.name)


def _study(root: Path, tally: Tally) -> Iterator[Answer]:
    questions: dict[QuestionSet, dict[str, Probe]] = {}
    for path in _listed(root / "questions"):
        found = QuestionSet.of(_stem(path))
        questions[found] = _questions(path, found, tally)
    _tell_others(root, tally)
    judged = [folder for folder in sorted(root.glob("analysis*")) if folder.is_dir()]
    stems = set()
    for path in _listed(root / "responses"):
        stems.add(_stem(path))
        if not (asked := _set_of(path, questions)):
            tally.skip(f"responses/{path.name}", "belongs to no file of questions/")
            continue
        files = [f for folder in judged for f in _listed(folder) if _stem(f) == f"compliance_{_stem(path)}"]
        yield from _response_file(path, asked, questions[asked], files, tally)
    _tell_lost(judged, stems, tally)


def _questions(path: Path, of: QuestionSet, tally: Tally) -> dict[str, Probe]:
    """Return the probes of a question file by the ids that its responses name."""
    found = {}
    for where, fields in objects(path, tally, f"questions/{path.name}"):
        if isinstance(fields.get("id"), str) and isinstance(fields.get("question"), str):
            found[fields["id"]] = of.probe(fields)
        else:
            tally.fault(where, "has no id and question")
    return found


def _set_of(path: Path, known: Mapping[QuestionSet, object]) -> QuestionSet | None:
    fitting = [found for found in known if _stem(path).startswith(f"{found.name}_")]
    return max(fitting, key=lambda found: len(found.name), default=None)


def _tell_others(root: Path, tally: Tally) -> None:
    """Name what is no part of the layout, one line a file or folder."""
    for path in sorted(root.iterdir()):
        if not path.is_dir() or not belongs(f"{path.name}/x"):
            tally.skip(path.name, "no part of the layout")
            continue
        kept = set(_listed(path))
        for inner in sorted(path.iterdir()):
            if inner not in kept:
                tally.skip(f"{path.name}/{inner.name}", "no .jsonl file")


def _tell_lost(judged: Sequence[Path], stems: set[str], tally: Tally) -> None:
    for folder in judged:
        for path in _listed(folder):
            if _stem(path).removeprefix("compliance_") not in stems:
                tally.skip(f"{folder.name}/{path.name}", "has no file in responses/")


def _response_file(
    path: Path, of: QuestionSet, probes: Mapping[str, Probe], files: Sequence[Path], tally: Tally
) -> Iterator[Answer]:
    """Yield the answers of one file; a question that stands in it again is a further attempt."""
    said = judges.read(files, tally)
    attempts: Counter[tuple[str, str]] = Counter()
    answered = set()
    for row in objects(path, tally, f"responses/{path.name}"):
        if (probe := _probe(row, probes, tally)) and (model := _model(row, tally)):
            question = row.fields["question_id"]
            answered.add(question)
            attempts[model, probe.id] += 1
            yield _answer(of, row, probe, model, attempts[model, probe.id], said.get(question, []), tally)
    judges.count_unused(said, answered, tally)


def _probe(row: Row, probes: Mapping[str, Probe], tally: Tally) -> Probe | None:
    name = row.fields.get("question_id")
    if not isinstance(name, str) or name not in probes:
        tally.fault(row.where, f"no question {str(name)[:60]!r} in its file of questions/")
        return None
    asked = row.fields.get("question")
    if asked is not None and str(asked).strip() != probes[name].prompt.strip():
        tally.fault(row.where, f"asked in other words than question {name[:60]}")
        return None
    # a question's domain stands with its answers alone
    topic = probes[name].topic or _topic(row.fields)
    return replace(probes[name], topic=topic) if probes[name].kind is Kind.NEUTRAL else probes[name]


def _model(row: Row, tally: Tally) -> str:
    name = row.fields.get("model")
    if isinstance(name, str) and name.strip():
        return vendors.public_name(name)
    tally.fault(row.where, "names no model")
    return ""


def _answer(
    of: QuestionSet,
    row: Row,
    probe: Probe,
    model: str,
    attempt: int,
    said: Sequence[Judgement],
    tally: Tally,
) -> Answer:
    reply, at = payloads.read(row.fields), payloads.moment(row.fields.get("timestamp"))
    labels = judges.labels_of(reply, at, said, tally)
    return Answer(of.group, probe, model, 0, attempt, reply, at, labels)


def _flat_file(path: Path, tally: Tally) -> Iterator[Answer]:
    """Yield the answers of a file of flat rows, each with the labels that stand beside it."""
    if not _ENDING.search(path.name):
        tally.skip(path.name, "no .jsonl file")
        return
    with Seen() as seen:
        for row in objects(path, tally):
            fields = row.fields
            if not isinstance(fields.get("question_id"), str) or not isinstance(fields.get("question"), str):
                tally.fault(row.where, "has no question_id and question")
            elif model := _model(row, tally):
                of = QuestionSet.of(str(fields.get("question_set") or fields.get("category") or _stem(path)))
                probe = of.probe(fields)
                attempt = seen.times(of.group, model, probe.id) + 1
                yield _answer(of, row, probe, model, attempt, judges.beside(row, tally), tally)
