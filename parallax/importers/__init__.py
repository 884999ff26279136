"""Recorded answers from elsewhere: looked at first, then brought into the spool as runs of their own.

A run that was imported says so in its plan, and nothing is ever asked for it.
"""

from __future__ import annotations

from parallax.importers.answers import Look, Recording, Tally
from parallax.importers.collecting import look
from parallax.importers.columns import parse as parse_mapping
from parallax.importers.fetching import fetch
from parallax.importers.opening import FORMATS, opened
from parallax.importers.speechmap import belongs, criticises
from parallax.importers.uploads import forget
from parallax.importers.writing import Brought, bring

__all__ = [
    "FORMATS",
    "Brought",
    "Look",
    "Recording",
    "Tally",
    "belongs",
    "bring",
    "criticises",
    "fetch",
    "forget",
    "look",
    "opened",
    "parse_mapping",
]
