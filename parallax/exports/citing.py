"""How a result is cited: which runs, which probe set, whose labels, which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import parallax
from parallax.store import DEFAULT_SET
from parallax.views import RunInView

MOST_MODELS = 12


def cite(title: str, set_hash: str, runs: Sequence[RunInView], label_set: str, link: str, on: date) -> str:
    """Return a reference in one paragraph.

    `title` is the set's, with its version; `runs` are those in view, `label_set` the rater whose labels are
    taken ('' the default), `link` the permalink, `on` the day of reading.
    """
    answered = sorted({f"{run.created_at:%Y-%m-%d}" for run in runs})
    days = " to ".join(dict.fromkeys([answered[0], answered[-1]])) if answered else "no answers"
    names = [run.model for run in runs]
    more = f" and {len(names) - MOST_MODELS} more" if len(names) > MOST_MODELS else ""
    named = list(dict.fromkeys(run.run for run in runs))
    return (
        f"Parallax {parallax.__version__}. Probe set “{title}”, SHA-256 {set_hash}."
        f" Run{'s' * (len(named) != 1)} {', '.join(named)} ({days})"
        f" of {', '.join(names[:MOST_MODELS])}{more}."
        f" Labels: {label_set or DEFAULT_SET}. Read on {on:%Y-%m-%d}: {link}"
    )
