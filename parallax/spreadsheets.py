"""Cells that a spreadsheet would run as a formula, made inert by an apostrophe in front, and told back.

A text that begins with apostrophes and such a sign gets one more: what was is had back by taking one away.
"""

from __future__ import annotations

import re

# what OWASP names for "CSV injection": = + - @, tab, line feed, carriage return
RISKY = "=+-@\t\n\r"
_CODES = ", ".join(str(ord(character)) for character in RISKY)
_APOSTROPHE = ord("'")
_FORMULA = re.compile(rf"'*[{re.escape(RISKY)}]")


def inert(text: str) -> str:
    """Return a text that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) else text


def undone(text: str) -> str:
    """Return what `inert` was given."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def inert_sql(column: str) -> str:
    """Return SQL that does to a column what `inert` does to a text."""
    # most texts are told by their first character: no copy is made of those
    first, rest = f"ascii({column})", f"ascii(ltrim({column}, ''''))"
    risky = f"{first} IN ({_CODES}) OR ({first} = {_APOSTROPHE} AND {rest} IN ({_CODES}))"
    return f"CASE WHEN {risky} THEN '''' || {column} ELSE {column} END"
