"""Text that is not ours, made safe for the places where Streamlit reads Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")

# Streamlit makes links of bare addresses after it has read the escapes: only a break inside stops it
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)
_JOINER = "\u2060"


def plain(text: str) -> str:
    """Return Markdown that reads as the text itself: no link, image, emphasis or directive.

    An address gets an invisible character inside, without which it would become a link.
    """
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub(_JOINER, " ".join(text.split())))
