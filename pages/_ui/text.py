"""Text that is not ours, made safe for the places where Streamlit reads Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:])")


def plain(text: str) -> str:
    """Return Markdown that reads as the text itself: no link, image, emphasis or directive."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
