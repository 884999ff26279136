"""What a collection of garbage looks at: nothing that stays for good, and that is told once."""

from __future__ import annotations

import gc
import sys
import types

import pytest

from pages._ui import memory


def test_what_was_imported_is_left_out_of_collections_once(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.settle()
    frozen = gc.get_freeze_count()
    assert frozen > len(sys.modules)
    later = [[] for _ in range(10)]
    memory.settle()
    assert gc.get_freeze_count() <= frozen
    for n in range(memory.MANY):
        monkeypatch.setitem(sys.modules, f"imported_later_{n}", types.ModuleType(f"imported_later_{n}"))
    memory.settle()
    assert gc.get_freeze_count() >= frozen + len(later)
