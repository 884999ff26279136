"""What leaves Parallax: tables as files and streams, each with its provenance. See docs/exports.md."""

from parallax.exports.citing import Cited, cite, in_view, of_export
from parallax.exports.provenance import Provenance, beside
from parallax.exports.request import AXES, FILTERS, Export, Kind, ending_of, labels_by, selected
from parallax.exports.tables import GAPS_COLUMNS, LABEL_COLUMNS, LONG_COLUMNS, MODEL_COLUMNS, WIDE_COLUMNS
from parallax.exports.writing import Opened, describe, query, stream, write

__all__ = [
    "AXES",
    "FILTERS",
    "GAPS_COLUMNS",
    "LABEL_COLUMNS",
    "LONG_COLUMNS",
    "MODEL_COLUMNS",
    "WIDE_COLUMNS",
    "Cited",
    "Export",
    "Kind",
    "Opened",
    "Provenance",
    "beside",
    "cite",
    "describe",
    "ending_of",
    "in_view",
    "labels_by",
    "of_export",
    "query",
    "selected",
    "stream",
    "write",
]
