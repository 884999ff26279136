"""What is wrong with a probe file, and where: the same words on the command line and on the page."""

from __future__ import annotations

import difflib
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import NamedTuple

Where = tuple[str | int, ...]

MAX_FAULTS = 1_000

# Beside control characters and lone surrogates: what reorders or hides text on screen.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    r"\ufffe\uffff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[\s\u2028\u2029]+")
# a number with its sign is none
_FORMULA = re.compile(r"\s*([=@]|[+-](?!\d+([.,]\d+)?\s*$))")


class Fault(NamedTuple):
    """What is wrong at one place of a file.

    `number` counts lines or rows (`unit`) from 1, as an editor or a spreadsheet does; 0 is the file as
    a whole. Without a field it is all of the line or row.
    """

    number: int
    field: str
    text: str
    unit: str = "line"

    def __str__(self) -> str:
        """Return the line that a person reads; the name of the file goes before it."""
        place = ", ".join(filter(None, [f"{self.unit} {self.number}" if self.number else "", self.field]))
        return f"{place}: {self.text}" if place else self.text


class _Found(NamedTuple):
    number: int
    column: int
    fault: Fault


class Document(ABC):
    """The plain data of a file in the form of a YAML set, the place of each value, the faults found.

    A reader of one format fills `data` and says where a value stands; a value that its reader found
    faulty is *spoilt*, and nothing more is said of it.
    """

    unit = "line"
    no_probe = "holds no probe; add templates: or probes:"
    head_goes = "its fields at the top"

    def __init__(self) -> None:
        self.data: object = None
        self.assumed: tuple[str, ...] = ()
        # False where an entry could not be read: nothing can be missed of it then
        self.is_whole = True
        self._faults: list[_Found] = []
        self._warnings: list[_Found] = []
        self._spoilt: set[Where] = set()
        self._faulty: set[Where] = set()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, in the order of the file, each once; of very many only the first."""
        return _in_order(self._faults)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What is worth a second look, in the order of the file."""
        return _in_order(self._warnings)

    @property
    def is_full(self) -> bool:
        """True where nothing more need be looked for."""
        return len(self._faults) > MAX_FAULTS

    def is_faulty(self, where: Where) -> bool:
        """Tell whether something was said of this place already."""
        return where in self._faulty or where in self._spoilt

    @abstractmethod
    def number(self, where: Where) -> int:
        """Return the line or row of a value, or of what should hold it where it is missing."""

    def column(self, where: Where) -> int:
        """Return a number that orders the values of one line or row."""
        return 0

    def written(self, where: Where) -> str:
        """Return a plain value as it stands in the file, '' for anything else."""
        value = self.data
        for step in where:
            try:
                value = value[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                return ""
        return "" if value is None or isinstance(value, (dict, list)) else str(value)

    def name(self, where: Where) -> str:
        """Return a field as the writer of the file knows it."""
        return path(where)

    def fault(self, where: Where, text: str) -> None:
        """Report what is wrong at a place, unless the place is spoilt already."""
        if not any(where[:depth] in self._spoilt for depth in range(len(where) + 1)):
            self._tell(self._faults, self.number(where), where, text)
            self._faulty.add(where)

    def warn(self, where: Where, text: str) -> None:
        """Report what is worth a second look at a place."""
        self._tell(self._warnings, self.number(where), where, text)

    def spoil(self, number: int, where: Where, text: str, unit: str = "") -> None:
        """Report what makes a value unreadable, unless what holds it is spoilt already."""
        if not any(where[:depth] in self._spoilt for depth in range(1, len(where))):
            self._tell(self._faults, number, where, text, unit)
        self._spoilt |= {where} - {()}

    def _tell(self, told: list[_Found], number: int, where: Where, text: str, unit: str = "") -> None:
        if len(told) <= MAX_FAULTS:
            fault = Fault(number, shown(self.name(where), 120), shown(text, 800), unit or self.unit)
            told.append(_Found(number, self.column(where), fault))


def _in_order(found: list[_Found]) -> tuple[Fault, ...]:
    told = list(dict.fromkeys(item.fault for item in sorted(found, key=lambda item: item[:2])))
    if len(found) > MAX_FAULTS:
        told = [*told[:MAX_FAULTS], Fault(0, "", f"more than {MAX_FAULTS:,} faults; mend these first")]
    return tuple(told)


def path(where: Where) -> str:
    """Return a place in the data as people write it: `probes[0].facts[2].source`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")


def unseen_fault(text: str) -> str:
    """Return what is wrong with the characters of a text, '' where nothing is."""
    if not (found := _UNSEEN.search(text)):
        return ""
    character = found.group()
    name = unicodedata.name(character, "")
    kind = "invisible character" if name else "control character"
    return f"holds the {kind} U+{ord(character):04X}{f' ({name})' if name else ''}; remove it"


def without_unseen(text: str) -> str:
    """Return a text that is safe to read on with, each faulty character replaced."""
    return _UNSEEN.sub("\ufffd", text)


def shown(text: str, most: int) -> str:
    """Return a text of at most so many characters that stays on its line and hides nothing."""
    plain = _SPACES.sub(" ", without_unseen(text[: most + 1]))
    return plain if len(plain) <= most else f"{plain[:most]}…"


def formula_fault(text: str) -> str:
    """Return what is wrong with a text that a spreadsheet would run, '' where nothing is."""
    if found := _FORMULA.match(text):
        return f'begins with "{found[1]}", which a spreadsheet runs as a formula; begin with a word'
    return ""


def did_you_mean(text: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """Return what would be right: the closest of the known words, else all of them."""
    close = difflib.get_close_matches(text[:80].lower(), known, n=1, cutoff=cutoff)
    return f'did you mean "{close[0]}"?' if close else f"use one of: {', '.join(known)}"
