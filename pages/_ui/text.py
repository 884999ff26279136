"""Text that is not ours, made safe for the places where Streamlit reads Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from parallax.figures import LIGHT
from parallax.views.wording import Piece

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")

# Streamlit makes links of bare addresses after it has read the escapes: only a break inside stops it
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)
_JOINER = "\u2060"
# the text keeps its lines, and its direction to itself
_KEEPING = '<div dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate">{}</div>'
# over both themes
_TONES = {"del": "rgba(213,94,0,.26)", "ins": "rgba(0,114,178,.30)"}
_MARK = f'<mark style="background-color:{LIGHT.scale[1]};color:{LIGHT.ink}">'


def plain(text: str) -> str:
    """Return Markdown that reads as the text itself: no link, image, emphasis or directive.

    An address gets an invisible character inside, without which it would become a link.
    """
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub(_JOINER, " ".join(text.split())))


def reworded(pieces: Iterable[Piece], tag: str) -> str:
    """Return HTML that reads as the pieces' text, those that differ within `del` or `ins` elements.

    No other element or attribute can come of the text: all of it is escaped.
    """
    style = f"background:{_TONES[tag]};text-decoration:none;border-radius:.2em"
    inside = "".join(
        f'<{tag} style="{style}">{escape(piece.text)}</{tag}>' if piece.differs else escape(piece.text)
        for piece in pieces
    )
    return _KEEPING.format(inside)


def together(cautions: Iterable[str], most: int = 2) -> list[str]:
    """Return cautions; what reads the same of more than `most` names (`name: what`) is said once for all."""
    by_what: dict[str, list[str]] = {}
    for caution in cautions:
        name, colon, what = caution.partition(": ")
        by_what.setdefault(what if colon else caution, []).append(name if colon else "")
    said = []
    for what, names in by_what.items():
        each = [f"{name}: {what}" if name else what for name in names]
        said += [f"{len(names)} of them, {names[0]} first: {what}"] if len(names) > most else each
    return said


class Mark(NamedTuple):
    """A part of a text to stand out, by its characters, and what is said after it: a number, or nothing."""

    start: int
    end: int
    note: str = ""


def marked(text: str, marks: Iterable[Mark]) -> str:
    """Return HTML of a text with its marks; of the text itself nothing is left that HTML could read.

    Its only tags are `mark` and `sup` in a block. Of marks that overlap, one begins where the other ends.
    """
    parts, done = [], 0
    for mark in sorted(marks):
        start, end = max(mark.start, done), max(mark.end, done)
        parts.append(escape(text[done:start]))
        if end > start:
            parts.append(f"{_MARK}{escape(text[start:end])}</mark>")
        parts.append(f"<sup>{escape(mark.note)}</sup>" * bool(mark.note))
        done = end
    return _KEEPING.format("".join([*parts, escape(text[done:])]))


def occurrences(text: str, wanted: str) -> list[Mark]:
    """Return where a text contains another one, in any case; nowhere for an empty one."""
    return [Mark(*found.span()) for found in re.finditer(re.escape(wanted), text, re.IGNORECASE) if wanted]
