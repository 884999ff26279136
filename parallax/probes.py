"""Probe sets: read from YAML, checked as a whole, expanded over countries.

Every fault of a file is reported at once, with its line and field; nothing of a faulty file is used.
The format is described in `probes/README.md`.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NoReturn, cast

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from parallax import countries
from parallax.errors import ProbeFileError
from parallax.records import Kind, Probe, ProbeSet

MAX_BYTES = 20_000_000
MAX_PROMPT = 20_000
MAX_PROBES = 50_000

_MAX_DEPTH = 12
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"
# Dates stay text, for what is stored of a probe is JSON.
_AS_TEXT = ("str", "timestamp", "merge", "value")
# libyaml reads thirty times as fast; both loaders build nothing but plain values.
_Loader = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))

Where = tuple[str | int, ...]


class _Fault(NamedTuple):
    """What is wrong at one place of a file; without a field it is the line as a whole."""

    line: int
    field: str
    text: str

    def __str__(self) -> str:
        return ": ".join(str(part) for part in self if part)


def load(path: Path) -> ProbeSet:
    """Return the probe set of a YAML file, its templates expanded over their countries.

    Raises ProbeFileError with every fault of the file, in the order of its lines.
    """
    document = _Document(_read(path))
    data, probe_set = document.data, None
    if isinstance(data, dict):
        try:
            probe_set = _Set.model_validate(data)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                where = tuple(step for step in details["loc"] if step != "[key]")
                document.fault(where, _sentence(details, document.written(where)))
        _check_entries(data, document)
    elif not document.faults:
        found = "is empty" if data is None else "must start with fields such as id: and title:"
        document.fault((), f"{found}; see probes/README.md")
    if document.faults or probe_set is None:
        raise ProbeFileError([f"{path}:{fault}" for fault in sorted(set(document.faults))])
    return _expand(probe_set)


def dump_jsonl(probe_set: ProbeSet) -> str:
    """Return the canonical form: a line of JSON for the set itself, then one for each probe."""
    head = {name: getattr(probe_set, name) for name in ("id", "title", "version", "license", "author")}
    rows = [head, *(probe.canonical() for probe in probe_set.probes)]
    lines = [json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def matched_twins(probe_set: ProbeSet, probe: Probe) -> tuple[Probe, ...]:
    """Return the probes that ask the same of another country: one template, one language."""
    asked = (probe.template, probe.language)
    same = [other for other in probe_set.probes if (other.template, other.language) == asked]
    return tuple(other for other in same if other.template and other.country != probe.country)


def _refuse(place: object, text: str) -> NoReturn:
    raise ProbeFileError([f"{place}: {text}"])


def _read(path: Path) -> str:
    if path.is_dir():
        _refuse(path, "is a folder; name one probe file in it")
    if not path.is_file():
        _refuse(path, f"{'is not a plain file' if path.exists() else 'does not exist'}; check the path")
    if path.suffix.lower() not in (".yaml", ".yml"):
        _refuse(path, f'"{path.suffix}" files cannot be read; write the probe set as .yaml')
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(path, f"cannot be read ({error.strerror}); check its permissions")
    if len(raw) > MAX_BYTES:
        _refuse(path, f"is larger than {MAX_BYTES // 1_000_000} MB; split it into several sets")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        _refuse(f"{path}:{line}", "is not UTF-8; save the file as UTF-8")


class _Document:
    """Plain data of one YAML text (None where there is none), the place of each value, the faults found."""

    def __init__(self, text: str) -> None:
        self.faults: list[_Fault] = []
        self.data: object = None
        self._nodes: dict[Where, yaml.Node] = {}
        self._spoilt: set[Where] = set()
        self._seen: set[int] = set()
        for number, line in enumerate(text.split("\n"), 1):
            self._check_control(line, number, ())
        text = _CONTROL.sub("\ufffd", text)
        try:
            self._scan(text)
            if root := yaml.compose(text, _Loader):
                self.data = self._plain(root, ())
        except yaml.YAMLError as error:
            mark: Any = getattr(error, "problem_mark", None)
            parts = [getattr(error, name, None) for name in ("context", "problem", "reason")]
            self._spoil(mark.line + 1 if mark else 1, (), f"is not YAML: {', '.join(filter(None, parts))}")

    def fault(self, where: Where, text: str) -> None:
        """Report what is wrong at a place, unless a fault of its YAML explains it already."""
        if not any(where[:depth] in self._spoilt for depth in range(len(where) + 1)):
            self.faults.append(_Fault(self.line(where), _field(where), text))

    def line(self, where: Where) -> int:
        """Return the line of a value, or of what should hold it where it is missing."""
        while where and where not in self._nodes:
            where = where[:-1]
        return self._nodes[where].start_mark.line + 1 if where in self._nodes else 1

    def written(self, where: Where) -> str:
        """Return a scalar as it stands in the file, '' for anything else."""
        node = self._nodes.get(where)
        return node.value if isinstance(node, yaml.ScalarNode) else ""

    def _spoil(self, line: int, where: Where, text: str) -> None:
        self.faults.append(_Fault(line, _field(where), text))
        self._spoilt |= {where} - {()}

    def _check_control(self, text: str, line: int, where: Where) -> None:
        if found := _CONTROL.search(text):
            self._spoil(line, where, f"holds the control character U+{ord(found.group()):04X}; remove it")

    def _scan(self, text: str) -> None:
        """Report aliases, and stop at deep nesting, before any node is built."""
        depth = 0
        event: Any
        for event in yaml.parse(text, _Loader):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent):
                self._spoil(line, (), f"the alias *{event.anchor} is not allowed; write the value out")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise yaml.MarkedYAMLError(problem="nested too deep", problem_mark=event.start_mark)

    def _plain(self, node: yaml.Node, where: Where) -> object:
        self._nodes.setdefault(where, node)
        if id(node) in self._seen:
            # What an alias repeats: the scan has reported it, and it is never expanded.
            self._spoilt.add(where)
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*where, index)) for index, item in enumerate(node.value)]
        return self._mapping(node, where) if isinstance(node, yaml.MappingNode) else self._scalar(node, where)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            # A key is taken as written: `no` is Norwegian, not false.
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            place, line = (*where, name), key.start_mark.line + 1
            if not name or _CONTROL.search(name):
                self._spoil(line, where, "the name of a field must be plain text")
            elif name in found:
                self._spoil(line, place, f"is there twice (first on line {self.line(place)}); keep one")
            else:
                found[name] = self._plain(value, place)
        return found

    def _scalar(self, node: yaml.Node, where: Where) -> object:
        kind, line = node.tag.removeprefix(_TAG), node.start_mark.line + 1
        value: object = node.value
        if kind in ("int", "float", "bool", "null"):
            try:
                value = yaml.constructor.SafeConstructor().construct_object(node)
            except (ValueError, KeyError):
                value = math.nan
        elif kind not in _AS_TEXT:
            self._spoil(line, where, f"the tag {node.tag} is not allowed; write plain text")
        if isinstance(value, float) and not math.isfinite(value):
            self._spoil(line, where, f'"{node.value:.40}" cannot be stored; write a plain number')
        self._check_control(node.value, line, where)
        return value


def _field(where: Where) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")


def _sentence(details: ErrorDetails, written: str) -> str:
    """Return what a schema error says to a person; `written` is the scalar as it stands in the file."""
    match details["type"]:
        case "value_error":
            return str(details["ctx"]["error"])
        case "missing":
            return "is missing; add it"
        case "extra_forbidden":
            section, *_, name = ("", *details["loc"])[-3:]
            model: type[BaseModel] = _Single if section == "probes" else _Template if section else _Set
            return f"is not a field here; {_did_you_mean(str(name), model.model_fields)}"
        case "literal_error" | "enum":
            known = re.findall(r"'([^', ]+)'", details["ctx"]["expected"])
            return f'"{written:.40}" is not a known {details["loc"][-1]}; {_did_you_mean(written, known)}'
        case "string_pattern_mismatch" if written.strip() and details["loc"][-1] in ("id", "topic"):
            return f'"{written:.80}" must be 1 to 64 of a-z, 0-9 and "-", like "press-freedom"'
        case "string_pattern_mismatch":
            return "is empty; write it out"
        case "string_too_long":
            return f"has {len(written):,} characters; at most {MAX_PROMPT:,} are allowed"
        case "string_type":
            return f'must be text; write it in quotes: "{written:.40}"' if written else "must be text"
        case "list_type":
            return "must be a list; start each item with a dash"
        case _:
            return "must be a mapping of field: value"


def _did_you_mean(text: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(text, known, n=1)
    return f'did you mean "{close[0]}"?' if close else f"use one of: {', '.join(known)}"


def _known(what: str, correct: Callable[[str], str], example: str) -> AfterValidator:
    """Return a check that accepts what `correct` returns unchanged, and otherwise says what it returns."""

    def check(text: str) -> str:
        if (right := correct(text)) == text:
            return text
        hint = f'did you mean "{right}"?' if right else f"write it like {example}"
        raise ValueError(f'"{text:.40}" is not a {what}; {hint}')

    return AfterValidator(check)


def _iso_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


_Text = Annotated[str, StringConstraints(pattern=r"\S")]
_Prompt = Annotated[str, StringConstraints(pattern=r"\S", max_length=MAX_PROMPT)]
_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
_Day = Annotated[str, _known("date", _iso_day, "2026-01-31")]
_Country = Annotated[str, _known("country code", countries.suggest, "CN (ISO 3166-1 alpha-2) or EU")]
_Language = Annotated[str, _known("language tag", countries.language_tag, "fr or zh-Hans (BCP 47)")]


class _Provenance(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    public_since: _Day = ""
    review: Literal["", "unreviewed", "reviewed"] = ""


class _Entry(_Provenance):
    id: _Slug
    language: _Language = "en"
    topic: _Slug = ""
    stance: Literal["", "critical", "neutral", "positive"] = ""
    act: Literal["", "explain", "list", "essay", "satire", "advise"] = ""
    prompt: _Prompt
    translations: dict[_Language, _Prompt] = {}
    license: _Text = ""
    source: _Text = ""


class _Template(_Entry):
    kind: Annotated[Kind, Field(strict=False)] = Kind.MATCHED
    not_for: list[_Country] = []


class _Single(_Entry):
    kind: Annotated[Kind, Field(strict=False)]
    country: _Country = ""
    expected: _Text = ""
    facts: list[dict[str, Any]] = []


class _Set(_Provenance):
    id: _Slug
    title: _Text
    version: _Text
    license: _Text
    author: _Text
    countries: list[_Country] = []
    templates: list[_Template] = []
    probes: list[_Single] = []


def _prompts(entry: Mapping[str, Any]) -> list[tuple[Where, str, str]]:
    """Return the place, language and text of each version of an entry's prompt that is text at all."""
    versions: list[tuple[Where, Any, Any]] = [(("prompt",), entry.get("language", "en"), entry.get("prompt"))]
    if isinstance(entry.get("translations"), dict):
        versions += [(("translations", tag), tag, text) for tag, text in entry["translations"].items()]
    return [(place, str(tag), text) for place, tag, text in versions if isinstance(text, str)]


def _codes(listed: object) -> list[str]:
    found = [code for code in listed if isinstance(code, str)] if isinstance(listed, list) else []
    return [code for code in dict.fromkeys(found) if countries.is_country(code)]


def _check_entries(data: Mapping[str, Any], document: _Document) -> None:
    """Report what the schema cannot see: slots, ids, countries left, how many probes come out.

    `data` may break the schema anywhere, so that a file's faults are all told at once.
    """
    first: dict[str, Where] = {}
    codes, total = _codes(data.get("countries")), 0
    for code in codes:
        if data["countries"].count(code) > 1:
            document.fault(("countries",), f'"{code}" is there more than once; keep one')
    for section in ("templates", "probes"):
        for index, entry in enumerate(data[section] if isinstance(data.get(section), list) else ()):
            if isinstance(entry, dict):
                left = [code for code in codes if code not in _codes(entry.get("not_for"))]
                _check_id(entry, (section, index), first, document)
                _check_prompts(entry, (section, index), left, document)
                if codes and not left:
                    text = "leaves no country; drop the template or name fewer"
                    document.fault((section, index, "not_for"), text)
                total += len(_prompts(entry)) * (len(left) if section == "templates" else 1)
    if data.get("templates") and not data.get("countries"):
        document.fault(("countries",), "is missing; templates expand over the countries listed there")
    if not data.get("templates") and not data.get("probes"):
        document.fault((), "holds no probe; add templates: or probes:")
    if total > MAX_PROBES:
        document.fault((), f"makes {total:,} probes; at most {MAX_PROBES:,} are allowed")


def _check_id(entry: Mapping[str, Any], where: Where, first: dict[str, Where], document: _Document) -> None:
    name = entry.get("id")
    if isinstance(name, str) and first.setdefault(name, where) != where:
        line = document.line((*first[name], "id"))
        document.fault((*where, "id"), f'"{name}" is the id of another entry (line {line}); rename one')


def _check_prompts(entry: Mapping[str, Any], where: Where, codes: list[str], document: _Document) -> None:
    for place, language, prompt in _prompts(entry):
        expands = where[0] == "templates"
        if text := countries.slot_fault(prompt, language, expands):
            document.fault((*where, *place), text)
        if unnamed := [code for code in codes if expands and countries.lacks_name(code, language)]:
            document.fault((*where, *place), f"no name of {', '.join(unnamed)} is known in {language}")
        if place == ("translations", entry.get("language", "en")):
            document.fault((*where, *place), "is in the language of the prompt itself; drop it")


def _expand(head: _Set) -> ProbeSet:
    probes: list[Probe] = []
    for template in head.templates:
        for code in head.countries:
            if code not in template.not_for:
                probes += _versions(template, head, template.id, code)
    for single in head.probes:
        probes += _versions(single, head, "", single.country)
    return ProbeSet(head.id, head.title, head.version, head.license, head.author, tuple(probes))


def _versions(entry: _Template | _Single, head: _Set, template: str, country: str) -> Iterator[Probe]:
    """Yield a probe for each language of an entry; only a template's prompts have slots."""
    base = f"{entry.id}.{country.lower()}" if template else entry.id
    shared = entry.model_dump(include={"kind", "topic", "stance", "act"})
    meta = head.model_dump(include={"public_since", "review"}, exclude_defaults=True)
    kept = {"license", "source", "public_since", "review", "expected", "facts"}
    meta |= entry.model_dump(include=kept, exclude_defaults=True)
    for language, prompt in {entry.language: entry.prompt, **entry.translations}.items():
        name = base if language == entry.language else f"{base}.{language}"
        text = countries.fill(prompt, country, language) if template else prompt
        yield Probe(name, text, template=template, country=country, language=language, meta=meta, **shared)
