"""What leaves Parallax: tables as files and streams, each with its provenance. See docs/exports.md."""

from parallax.exports.citing import cite
from parallax.exports.provenance import Provenance, beside
from parallax.exports.request import AXES, Export, Kind, ending_of
from parallax.exports.tables import LONG_COLUMNS, MODEL_COLUMNS, WIDE_COLUMNS
from parallax.exports.writing import Opened, describe, stream, write

__all__ = [
    "AXES",
    "LONG_COLUMNS",
    "MODEL_COLUMNS",
    "WIDE_COLUMNS",
    "Export",
    "Kind",
    "Opened",
    "Provenance",
    "beside",
    "cite",
    "describe",
    "ending_of",
    "stream",
    "write",
]
