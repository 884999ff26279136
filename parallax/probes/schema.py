"""The schema of a probe set: which fields there are, and what each may hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal, Self

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from parallax import countries
from parallax.probes.faults import did_you_mean, formula_fault
from parallax.records import Kind

MAX_PROMPT = 20_000
MAX_TEXT = 100_000
MAX_NAME = 200
HEAD_FIELDS = ("id", "title", "version", "license", "author")

_SLUG = r"^[a-z0-9][a-z0-9-]{0,63}$"
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"


_DAY_FORMATS = ("%d.%m.%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d %B %Y", "%B %d, %Y")


def _known(what: str, correct: Callable[[str], str], example: str) -> AfterValidator:
    """Return a check that accepts what `correct` returns unchanged, and otherwise says what it returns."""

    def check(text: str) -> str:
        if (right := correct(text)) == text:
            return text
        hint = f'did you mean "{right}"?' if right else f"write it like {example}"
        raise ValueError(f'"{text:.40}" is not {what}; {hint}')

    return AfterValidator(check)


def _iso_day(text: str) -> str:
    """Return the day that is meant; '' where it may be more than one."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        found = {day for format in _DAY_FORMATS if (day := _day_in(text, format))}
        return found.pop() if len(found) == 1 else ""


def _day_in(text: str, format: str) -> str:
    try:
        return datetime.strptime(text, format).date().isoformat()
    except ValueError:
        return ""


def _spdx(text: str) -> str:
    for candidate in (text, re.sub(r"[\s_]+", "-", text.strip())):
        try:
            return str(canonicalize_license_expression(candidate))
        except InvalidLicenseExpression:
            continue
    return ""


def _not_run(text: str) -> str:
    if fault := formula_fault(text):
        raise ValueError(fault)
    return text


_Written = Annotated[str, StringConstraints(pattern=r"\S", max_length=MAX_TEXT)]
# without the spaces around it, which a table loses
_Text = Annotated[
    str,
    StringConstraints(pattern=r"\S", max_length=MAX_TEXT, strip_whitespace=True),
    AfterValidator(_not_run),
]
# what may stand in a prompt many times
_Word = Annotated[
    str,
    StringConstraints(pattern=r"\S", max_length=MAX_NAME, strip_whitespace=True),
    AfterValidator(_not_run),
]
_Short = Annotated[str, StringConstraints(max_length=MAX_NAME)]
_Prompt = Annotated[str, StringConstraints(pattern=r"\S", max_length=MAX_PROMPT), AfterValidator(_not_run)]
_Slug = Annotated[str, StringConstraints(pattern=_SLUG)]
_Id = Annotated[str, StringConstraints(pattern=_ID)]
_SlotName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
_Day = Annotated[_Short, _known("a date", _iso_day, "2026-01-31")]
_Country = Annotated[_Short, _known("an ISO 3166-1 code", countries.suggest, "CN, or EU")]
_Language = Annotated[_Short, _known("a language tag", countries.suggest_language, "fr or zh-Hans (BCP 47)")]
_License = Annotated[_Short, _known("an SPDX licence", _spdx, "CC-BY-4.0 or LicenseRef-My-Terms")]
_Review = Literal["unreviewed", "reviewed"]
_FactReview = Literal["unverified", "unreviewed", "reviewed"]


def meta_name_fault(name: str) -> str:
    """Return why metadata cannot have this name, '' where it can: a table must tell it from its fields."""
    if not re.fullmatch(r"\S(.{0,62}\S)?", name):
        return "a name is 1 to 64 characters on one line, without spaces around it"
    if column_of(name) in (*COLUMNS, *HEAD_COLUMNS, "meta", "translations"):
        return f'"{name}" is a field of its own; write it outside meta'
    return ""


def _is_free(name: str) -> str:
    if fault := meta_name_fault(name):
        raise ValueError(fault)
    return name


_MetaName = Annotated[_Text, AfterValidator(_is_free)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Translation(_Strict):
    """How the translations of a set or an entry were made."""

    method: Literal["human", "machine", "machine-edited"]
    review: _Review = "unreviewed"


class Leader(_Strict):
    """Who leads a country, and the day for which that is known."""

    name: _Word
    as_of: _Day
    source: _Text


class Fact(_Strict):
    """What a good answer states: by one of some phrases, or by a number within a range."""

    id: _Slug
    text: _Written
    any: list[_Written] = []
    range: Annotated[list[int | float], Field(min_length=2, max_length=2)] | None = None
    unit: _Written | None = None
    attributed_to: _Written | None = None
    weight: Annotated[int | float, Field(gt=0)] = 1
    source: _Written
    as_of: _Day | None = None
    review: _FactReview | None = None

    @field_validator("range")
    @classmethod
    def _rises(cls, range: list[int | float] | None) -> list[int | float] | None:
        if range and range[0] > range[1]:
            raise ValueError(f"{range[0]} is above {range[1]}; write the lower number first")
        return range

    @model_validator(mode="after")
    def _is_measurable(self) -> Self:
        if not self.any and not self.range:
            raise ValueError('has neither "any" nor "range"; write the phrases or numbers that state it')
        return self


class Official(_Strict):
    """What the state concerned says; it never counts towards coverage."""

    text: _Written
    any: list[_Written] = []
    source: _Written
    as_of: _Day | None = None
    review: _FactReview | None = None


def column_of(name: str) -> str:
    """Return the column that a header's cell names in whatever spelling; else the cell as it stands."""
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    column = _COLUMN_TOO.get(plain, plain)
    return column if column in COLUMNS or column in HEAD_COLUMNS else name.strip()


class _Provenance(_Strict):
    public_since: _Day = ""
    review: Literal["", "unreviewed", "reviewed"] = ""
    translation: Translation | None = None


class _Entry(_Provenance):
    language: _Language = "en"
    topic: _Slug = ""
    stance: Literal["", "critical", "neutral", "positive"] = ""
    act: Literal["", "explain", "list", "essay", "satire", "advise"] = ""
    prompt: _Prompt
    translations: dict[_Language, _Prompt] = {}
    license: _License = ""
    source: _Text = ""
    meta: dict[_MetaName, _Text] = {}


class Template(_Entry):
    """One question about many countries; only its slots differ."""

    id: _Slug
    kind: Annotated[Kind, Field(strict=False)] = Kind.MATCHED
    not_for: list[_Country] = []


class Single(_Entry):
    """One probe, asked as it stands."""

    id: _Id
    kind: Annotated[Kind, Field(strict=False)]
    template: Annotated[str, StringConstraints(pattern=f"{_ID}|^$")] = ""
    country: _Country = ""
    expected: _Text = ""
    expected_language: _Language | None = None
    type: _Text = ""
    pair: _Slug | None = None
    side: Annotated[Literal["for", "against"] | None, Field(validate_default=True)] = None
    slots: Annotated[dict[_SlotName, _Word], Field(max_length=32)] = {}
    leader: Leader | None = None
    facts: list[Fact] = []
    official: Official | None = None

    @field_validator("side")
    @classmethod
    def _has_a_pair(cls, side: str | None, info: ValidationInfo) -> str | None:
        if side and info.data.get("pair", side) is None:
            raise ValueError("stands alone; name the pair too, the same for both its entries")
        if info.data.get("pair") and not side:
            raise ValueError("is missing; one entry of a pair is for, the other against")
        return side


class SetFile(_Provenance):
    """A whole file."""

    id: _Slug
    title: _Text
    version: _Text
    license: _License
    author: _Text
    countries: list[_Country] = []
    forms: dict[_Language, dict[_SlotName, dict[_Country, _Word]]] = {}
    leaders: dict[_Country, Leader] = {}
    templates: list[Template] = []
    probes: list[Single] = []


# what travels with a probe beside its own fields, under the same names
META_FIELDS = (
    "license", "source", "public_since", "review", "translation", "expected", "expected_language", "type",
    "pair", "side", "slots", "leader", "facts", "official",
)  # fmt: skip
# of the probe itself, as Probe.canonical names them
_OWN_FIELDS = ("id", "prompt", "kind", "template", "country", "topic", "language", "stance", "act")
# a column's name in a table, and what a set calls it
COLUMNS = {"template_id" if name == "template" else name: name for name in (*_OWN_FIELDS, *META_FIELDS)}
HEAD_COLUMNS = {f"set_{name}": name for name in HEAD_FIELDS}
JSON_COLUMNS = frozenset({"facts", "official", "slots", "leader", "translation"})
_COLUMN_TOO = {"template": "template_id", "licence": "license", "set_licence": "set_license"}
_SECTIONS: dict[str, type[BaseModel]] = {
    "templates": Template,
    "probes": Single,
    "facts": Fact,
    "official": Official,
    "leaders": Leader,
    "leader": Leader,
    "translation": Translation,
}


def sentence(details: ErrorDetails, written: str) -> str:
    """Return what a schema error says to a person; `written` is the value as it stands in the file."""
    kind, field, given = details["type"], details["loc"][-1] if details["loc"] else "", details["input"]
    if field == "[key]":
        written = str(given)
    if given is None and kind not in ("missing", "value_error"):
        return "is empty; write a value, or drop the field"
    match kind:
        case "string_type" if field in ("public_since", "as_of"):
            return f'"{written:.40}" is not a date; write it like 2026-01-31'
        case "value_error":
            return str(details["ctx"]["error"])
        case "missing":
            return _missing(str(field), details["loc"])
        case "extra_forbidden":
            section = next((s for s in reversed(details["loc"][:-1]) if s in _SECTIONS), "")
            model = _SECTIONS.get(str(section), SetFile)
            return f"is not a field here; {did_you_mean(str(field), sorted(model.model_fields))}"
        case "literal_error" | "enum":
            known = re.findall(r"'([^', ]+)'", details["ctx"]["expected"])
            return f'"{written:.40}" is not a known {field}; {did_you_mean(written, known)}'
        case "string_pattern_mismatch" | "string_too_long" | "string_type":
            return _text_sentence(details, written)
        case "too_short" | "too_long":
            return _length_sentence(details)
        case "int_type" | "float_type":
            return (
                f'"{written:.40}" is not a number; write digits, without quotes'
                if written
                else "must be a number"
            )
        case "greater_than":
            return "must be above 0"
        case "list_type" if field == "range":
            return "must be two numbers in brackets, the lowest and the highest"
        case "list_type":
            return "must be a list; put its items in brackets"
        case _:
            return "must be a mapping of field: value"


def _length_sentence(details: ErrorDetails) -> str:
    if details["loc"][-1] == "range":
        return "must be two numbers, the lowest and the highest"
    return (
        f"has {details['ctx']['actual_length']:,} items; at most {details['ctx']['max_length']} are allowed"
    )


def _missing(field: str, where: tuple[int | str, ...]) -> str:
    if field == "source" and ("facts" in where or "official" in where):
        return "is missing; name where a reader can find it"
    return "is missing; add it"


def _text_sentence(details: ErrorDetails, written: str) -> str:
    if details["type"] == "string_too_long":
        most = details["ctx"]["max_length"]
        return f"has {len(written):,} characters; at most {most:,} are allowed"
    if details["type"] == "string_type":
        return f'must be text; write it in quotes: "{written:.40}"' if written else "must be text"
    pattern = details["ctx"]["pattern"]
    if not written.strip() or pattern == r"\S":
        return "is empty; write it out"
    if pattern == _SLUG:
        return f'"{written:.80}" must be 1 to 64 of a-z, 0-9 and "-", like "press-freedom"'
    if pattern.startswith(_ID):
        return f'"{written:.80}" must be 1 to 128 of a-z, A-Z, 0-9, ".", "_" and "-", like "press-01"'
    return f'"{written:.40}" is no name of a slot; write it like of_country'
