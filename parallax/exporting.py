"""Exports by whoever has the store: this process, or the dashboard that holds it."""

from __future__ import annotations

from pathlib import Path

from parallax import dashboard, exports
from parallax.config import Settings
from parallax.errors import StoreLockedError
from parallax.exports import Export, Provenance
from parallax.spool import write_atomically
from parallax.store import fed_store, shut


def to_file(settings: Settings, export: Export, out: Path) -> Provenance:
    """Write an export from the store, or have the dashboard that holds it do so; returns its provenance.

    What lies in the spool is taken in first; a dashboard does so by itself. The store is shut again.
    Raises `ParallaxError` where it cannot be had or written.
    """
    try:
        store = fed_store(settings.store, settings.spool)
    except StoreLockedError:
        return dashboard.export(settings, export, out)
    try:
        return exports.write(store, export, out)
    finally:
        shut(settings.store)


def with_provenance(settings: Settings, export: Export, out: Path) -> Provenance:
    """Do as `to_file`, and leave the provenance beside the file."""
    found = to_file(settings, export, out)
    write_atomically(exports.beside(out), found.text().encode())
    return found
