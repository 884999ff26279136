"""Text that is not ours, made safe for the places where Streamlit reads Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from parallax.views.wording import Piece

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")

# Streamlit makes links of bare addresses after it has read the escapes: only a break inside stops it
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)
_JOINER = "\u2060"
# the text keeps its lines, and its direction to itself
_KEPT = "white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate"
# over both themes
_TONES = {"del": "rgba(213,94,0,.26)", "ins": "rgba(0,114,178,.30)"}


def plain(text: str) -> str:
    """Return Markdown that reads as the text itself: no link, image, emphasis or directive.

    An address gets an invisible character inside, without which it would become a link.
    """
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub(_JOINER, " ".join(text.split())))


def marked(pieces: Iterable[Piece], tag: str) -> str:
    """Return HTML that reads as the pieces' text, those that differ within `del` or `ins` elements.

    No other element or attribute can come of the text: all of it is escaped.
    """
    style = f"background:{_TONES[tag]};text-decoration:none;border-radius:.2em"
    inside = "".join(
        f'<{tag} style="{style}">{escape(piece.text)}</{tag}>' if piece.differs else escape(piece.text)
        for piece in pieces
    )
    return f'<div dir="auto" style="{_KEPT}">{inside}</div>'
