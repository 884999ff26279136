"""What each page shows, as plain values. A page calls one view and draws it.

What several pages need is named here; a page's own view is a module of this package.
"""

from parallax.metrics.trust import (
    FEW_ANSWERS,
    FEW_CONTROLS,
    MUCH_MISSING,
    OVER_REFUSAL,
    WIDE_INTERVAL,
    benign,
    critical,
)
from parallax.views.grid import Heatmap, heatmap
from parallax.views.responses import answers, came, hits, probes, questions, read, said, twins
from parallax.views.scope import (
    PROBE_AXES,
    RunInView,
    SetChoice,
    in_view,
    runs_of,
    selection_of,
    sets,
    title,
    values,
)
from parallax.views.summary import Overview, overview

__all__ = [
    "FEW_ANSWERS",
    "FEW_CONTROLS",
    "MUCH_MISSING",
    "OVER_REFUSAL",
    "PROBE_AXES",
    "WIDE_INTERVAL",
    "Heatmap",
    "Overview",
    "RunInView",
    "SetChoice",
    "answers",
    "benign",
    "came",
    "critical",
    "heatmap",
    "hits",
    "in_view",
    "overview",
    "probes",
    "questions",
    "read",
    "runs_of",
    "said",
    "selection_of",
    "sets",
    "title",
    "twins",
    "values",
]
