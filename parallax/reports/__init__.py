"""Reports: one HTML file that can be read and printed anywhere, and loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

import parallax
from parallax.reports import content, drawing
from parallax.reports.content import Write

__all__ = ["Write", "html"]


def html(write: Write, runs: Sequence[str], rater: str = "") -> str:
    """Return the report of runs as an HTML page.

    `write` makes an export (`exports.write` on an open store, or `exporting.to_file`), `rater` is whose
    labels are taken, '' the usual ones. Raises `ParallaxError` where there is nothing to report, or the runs
    are of several set versions.
    """
    # the charts' package brings plotly: a second that only a report should cost
    from parallax.figures.palette import LABELS, LIGHT

    now = datetime.now(UTC)
    found = content.collect(write, runs, rater, now.date())
    return _template().render(
        found=found,
        version=parallax.__version__,
        now=now,
        heatmap=drawing.heatmap(found.rates, LIGHT.scale, LIGHT.ink, LIGHT.paper, LIGHT.grey),
        forests=drawing.forests(found.gaps),
        width=drawing.WIDTH,
        labels=LABELS,
        chars=content.EXAMPLE_CHARS,
    )


def _template() -> Template:
    here = FileSystemLoader(Path(__file__).parent)
    # every value is escaped: answers are hostile
    environment = Environment(
        loader=here, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html")
