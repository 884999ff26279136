"""Probe sets in YAML: what people write."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, cast

import yaml

from parallax.probes import encoding
from parallax.probes.faults import Document, Where, unseen_fault, without_unseen
from parallax.probes.rows import MAX_PROBES

MAX_VALUES = 750_000
_MAX_IN_ONE = 10_000
_MAX_DEPTH = 12
_MAX_WHOLE = 10**18
_SECTIONS = ("templates", "probes")
_TAG = "tag:yaml.org,2002:"
# Dates stay text, for what is stored of a probe is JSON.
_AS_TEXT = ("str", "timestamp", "merge", "value")
_RIGHT = {
    "mapping values are not allowed in this context": 'put a text with ": " in it in quotes',
    "did not find expected key": "put a text with quotation marks or braces in quotes of the other kind",
    "did not find expected '-' indicator": "indent an item's fields alike, and put a space after its dash",
    "found a tab character that violates indentation": "indent with spaces",
    "found character that cannot start any token": "indent with spaces, and put special characters in quotes",
    "found unexpected end of stream": "close the quotation mark or bracket",
    "did not find expected ',' or ']'": "close the bracket, and put a comma between items",
    "did not find expected ',' or '}'": "close the brace, and put a comma between fields",
}
# libyaml reads thirty times as fast; both loaders build nothing but plain values.
_Loader = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
_RESOLVER: Any = yaml.resolver.Resolver()


class _TooMuch(Exception):
    """Stops reading: what the line says of the file."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class _Place:
    """Where a list or mapping begins, and the places of what it holds: such, or lines of plain values."""

    __slots__ = ("inside", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.inside: dict[str | int, _Place | int] = {}


class YamlDocument(Document):
    """The plain data of one YAML text: no alias is expanded, no tag is followed."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._root = _Place(1)
        self._raw: dict[Where, str] = {}
        self._count = 0
        self._events: Iterator[Any] = iter(())
        self._is_clean = True
        decoded = encoding.utf8(raw)
        if decoded.fault:
            self.spoil(decoded.line, (), decoded.fault)
        else:
            self._parse(decoded.text)

    def _parse(self, text: str) -> None:
        for number, line in enumerate(text.split("\n"), 1):
            if not self.is_full:
                self._check_unseen(line, number, ())
        self._is_clean = not self.faults
        try:
            self._events = iter(yaml.parse(without_unseen(text), _Loader))
            self.data = self._document()
        except _TooMuch as error:
            self.spoil(error.line, (), str(error))
        except yaml.YAMLError as error:
            self._tell_syntax(error)
        if not isinstance(self.data, dict) and not self.faults:
            found = "is empty" if self.data is None else "must start with fields such as id: and title:"
            self.fault((), f"{found}; see probes/README.md")

    def number(self, where: Where) -> int:
        """Return the line of a value, or of what should hold it where it is missing."""
        place: _Place | int = self._root
        for step in where:
            if not isinstance(place, _Place) or step not in place.inside:
                break
            place = place.inside[step]
        return place.line if isinstance(place, _Place) else place

    def written(self, where: Where) -> str:
        """Return a scalar as it stands in the file, '' for anything else."""
        return self._raw.get(where) or super().written(where)

    def _tell_syntax(self, error: yaml.YAMLError) -> None:
        mark: Any = getattr(error, "problem_mark", None)
        parts = [getattr(error, name, None) for name in ("context", "problem", "reason")]
        right = next((_RIGHT[part] for part in parts if part in _RIGHT), "")
        said = ", ".join(filter(None, parts))
        line = mark.line + 1 if mark else 1
        self.spoil(line, (), f"is not YAML: {said}{'; ' if right else ''}{right}")

    def _check_unseen(self, text: str, line: int, where: Where) -> None:
        if fault := unseen_fault(text):
            self.spoil(line, where, fault)

    def _document(self) -> object:
        value: object = None
        event: Any
        for event in self._events:
            is_start = isinstance(event, yaml.DocumentStartEvent)
            if is_start and self._count:
                raise _TooMuch(event.start_mark.line + 1, "begins a second set; a file holds one")
            if isinstance(event, yaml.NodeEvent):
                value = self._value(event, (), self._root)
        return value

    def _value(self, event: Any, where: Where, parent: _Place) -> object:
        line = event.start_mark.line + 1
        self._count += 1
        if self._count > MAX_VALUES or self.is_full:
            raise _TooMuch(line, f"holds more than {MAX_VALUES:,} values; split it into several sets")
        if len(where) > _MAX_DEPTH:
            raise _TooMuch(line, f"is nested too deep; at most {_MAX_DEPTH} levels are allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            return self._collection(event, where, parent, line)
        parent.inside[where[-1] if where else ""] = line
        if isinstance(event, yaml.AliasEvent):
            self.spoil(line, where, f"the alias *{event.anchor:.40} is not allowed; write the value out")
            return None
        return self._scalar(event, where, line)

    def _collection(self, event: Any, where: Where, parent: _Place, line: int) -> object:
        place = _Place(line)
        if where:
            parent.inside[where[-1]] = place
        else:
            self._root = place
        before = self._count
        is_list = isinstance(event, yaml.SequenceStartEvent)
        found = self._list(where, place) if is_list else self._mapping(where, place)
        is_section = len(where) == 1 and where[0] in _SECTIONS
        if where and len(where) < 3 and not is_section and self._count - before > _MAX_IN_ONE:
            self.spoil(line, where, f"holds more than {_MAX_IN_ONE:,} values; split it")
            return None
        return found

    def _list(self, where: Where, place: _Place) -> list[object]:
        found: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            if len(found) == MAX_PROBES:
                what = "probes" if where[-1:] == ("probes",) else "items"
                text = f"is one too many; at most {MAX_PROBES:,} {what} are allowed"
                raise _TooMuch(event.start_mark.line + 1, text)
            found.append(self._value(event, (*where, len(found)), place))
        return found

    def _mapping(self, where: Where, place: _Place) -> dict[str, object]:
        found: dict[str, object] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            line = key.start_mark.line + 1
            # A key is taken as written: `no` is Norwegian, not false.
            name = key.value if isinstance(key, yaml.ScalarEvent) else ""
            if len(found) == _MAX_IN_ONE:
                raise _TooMuch(line, f"is one field too many; at most {_MAX_IN_ONE:,} are allowed")
            if name and name not in found and not unseen_fault(name):
                found[name] = self._value(next(self._events), (*where, name), place)
                continue
            if name in found:
                first = self.number((*where, name))
                self.spoil(line, (*where, name), f"is there twice (first on line {first}); keep one")
            else:
                self.spoil(line, where, "the name of a field must be plain text")
            unread = _Place(line)
            if not isinstance(key, yaml.ScalarEvent):
                self._value(key, (*where, ""), unread)
            self._value(next(self._events), (*where, ""), unread)
        return found

    def _scalar(self, event: Any, where: Where, line: int) -> object:
        tag = event.tag
        if tag is None or tag == "!":
            tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)
        kind, value = tag.removeprefix(_TAG), event.value
        if kind in ("int", "float", "bool", "null"):
            try:
                value = yaml.constructor.SafeConstructor().construct_object(yaml.ScalarNode(tag, event.value))
            except (ValueError, KeyError):
                value = math.nan
            self._raw[where] = event.value
        elif kind not in _AS_TEXT:
            self.spoil(line, where, f"the tag {tag:.80} is not allowed; write plain text")
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and not (math.isfinite(value) and abs(value) <= _MAX_WHOLE):
            self.spoil(line, where, f'"{event.value:.40}" cannot be stored; write a plain number')
        # elsewhere its line has been checked as it stands
        if event.style == '"':
            self._check_unseen(event.value, line, where)
        if not self._is_clean and "\ufffd" in event.value:
            # its line was told before
            self._spoilt.add(where)
        return value
