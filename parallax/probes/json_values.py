"""JSON from strangers: plain values, or what is wrong with the text and what would be right."""

from __future__ import annotations

import json
from typing import Any

MAX_CHARACTERS = 2_000_000
MAX_VALUES = 10_000
MAX_DEPTH = 12
_MAX_DIGITS = 18
_RIGHT = {
    "Expecting property name enclosed in double quotes": 'write each name in straight double quotes (")',
    "Expecting value": 'write text in straight double quotes (")',
    "Expecting ',' delimiter": 'put a comma between fields, and \\ before each " within text',
    "Expecting ':' delimiter": "put a colon between a name and its value",
    "Extra data": "write each object on a line of its own",
    "Unterminated string starting at": "close its quotation mark on the same line",
    "Invalid \\escape": "write a backslash twice",
    "Invalid control character at": "write a tab within text as \\t",
}


def parse(text: str) -> Any:
    """Return what a JSON text holds. Raises ValueError with a sentence for a person."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"has {len(text):,} characters; at most {MAX_CHARACTERS:,} are allowed")
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite, parse_int=_short
        )
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise ValueError(_sentence(error)) from None
    _check_size(value)
    return value


_TOO_DEEP = f"is nested too deep; at most {MAX_DEPTH} levels are allowed"


def _sentence(error: json.JSONDecodeError) -> str:
    before = error.doc[: error.pos].rstrip()
    if before.endswith(",") and error.doc[error.pos : error.pos + 1] in ("}", "]"):
        return f"is not JSON: drop the last comma, at character {len(before)}"
    right = _RIGHT.get(error.msg.removesuffix(": "), error.msg)
    return f"is not JSON at character {error.pos + 1}: {right}"


def _check_size(value: object) -> None:
    """Raise ValueError where lists and mappings are too many or too deep, counted level by level."""
    count, level = 1, [value]
    for _ in range(MAX_DEPTH + 1):
        inside = [part for part in level if isinstance(part, (dict, list))]
        count += sum(map(len, inside))
        if count > MAX_VALUES:
            raise ValueError(f"holds more than {MAX_VALUES:,} values; split it")
        level = [item for part in inside for item in (part.values() if isinstance(part, dict) else part)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f'holds "{name:.40}" twice; keep one')
        found[name] = value
    return found


def _no_number(text: str) -> float:
    raise ValueError(f'holds "{text:.40}", which cannot be stored; write a plain number')


def _finite(text: str) -> float:
    value = float(text)
    return value if abs(value) != float("inf") else _no_number(text)


def _short(text: str) -> int | float:
    return int(text) if len(text) <= _MAX_DIGITS else _no_number(text)
