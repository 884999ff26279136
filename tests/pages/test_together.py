"""Cautions that read alike are said once."""

from __future__ import annotations

import pytest

from pages._ui.text import together


@pytest.mark.parametrize(
    ("cautions", "shown"),
    [
        ((), []),
        (("a: few", "b: few"), ["a: few", "b: few"]),
        (("a: few", "b: few", "c: few", "b: void"), ["3 of them, a first: few", "b: void"]),
        (("The run goes on.", "a: few"), ["The run goes on.", "a: few"]),
    ],
)
def test_cautions_are_said_once(cautions: tuple[str, ...], shown: list[str]) -> None:
    assert together(cautions) == shown
