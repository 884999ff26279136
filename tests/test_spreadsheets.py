"""What a spreadsheet would run gets an apostrophe, and loses no character by it."""

from __future__ import annotations

import pytest

from parallax.spreadsheets import inert, undone


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("-2", "'-2"),
        ("\tcell", "'\tcell"),
        ("'=1", "''=1"),
        ("''@", "'''@"),
        ("plain = text", "plain = text"),
        ("'quoted'", "'quoted'"),
        ("'", "'"),
        ("", ""),
    ],
)
def test_a_text_is_made_inert_and_told_back(text: str, shown: str) -> None:
    assert inert(text) == shown
    assert undone(shown) == text
