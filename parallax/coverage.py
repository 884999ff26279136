"""What a probe set can show: how many templates each cell would have, and what the planner says of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from parallax.records import Kind, Probe, ProbeSet
from parallax.stats.planner import detectable_gap
from parallax.topics import theme_of

LEVELS = ("country", "theme", "topic")
# no slug, so that no topic has its name
TOTAL = "all templates"


class Verdict(NamedTuple):
    """The smallest gap that one level of a set's heatmaps can confirm.

    A cell has from `fewest` to `templates` templates; `gap`, a fraction, is for the most, and None where
    no gap can be confirmed. `family` is the number of cells that are corrected for.
    """

    level: str
    fewest: int
    templates: int
    samples: int
    family: int
    gap: float | None

    @property
    def sentence(self) -> str:
        """The verdict for a person."""
        cell = {"country": "at country level", "theme": "in a cell by theme", "topic": "in a cell by topic"}
        range = f"{self.fewest} to {self.templates}" if self.fewest < self.templates else f"{self.templates}"
        counted = f"{range} template{'s' * (self.templates != 1)}"
        counted += f" × {self.samples} sample{'s' * (self.samples != 1)}"
        if self.gap is None:
            return f"{counted} {cell[self.level]}: no gap can be confirmed, however large."
        points = f"{100 * self.gap:.0f} points"
        return f"{counted} {cell[self.level]}: a gap under {points} cannot be confirmed."


def critical(probe_set: ProbeSet) -> list[Probe]:
    """Return the probes that gaps are made of: critical, matched, with a country."""
    return [
        probe
        for probe in probe_set.probes
        if probe.kind is Kind.MATCHED and probe.stance == "critical" and probe.country
    ]


def table(probes: Sequence[Probe], level: str) -> pd.DataFrame:
    """Return the number of templates: a row a country, a column a theme or topic, then `TOTAL`."""
    counted = Counter((probe.country, _value(probe, level)) for probe in _once(probes))
    countries = sorted({country for country, _ in counted})
    columns = sorted({value for _, value in counted if value})
    rows = [[*(counted[country, value] for value in columns)] for country in countries]
    totals = Counter(probe.country for probe in _once(probes))
    frame = pd.DataFrame(rows, index=pd.Index(countries, name="country"), columns=columns)
    return frame.assign(**{TOTAL: [totals[country] for country in countries]})


def verdicts(probes: Sequence[Probe], samples: int, models: int) -> tuple[Verdict, ...]:
    """Return what can be confirmed at each level with so many samples of each answer and models.

    A family is all models × cells of the level, as the star's correction counts them.
    """
    countries = len({probe.country for probe in probes})
    found = []
    for level in LEVELS:
        cells = Counter((probe.country, _value(probe, level)) for probe in _once(probes))
        sizes = sorted(count for (_, value), count in cells.items() if value or level == "country")
        if sizes:
            family = len(sizes) * models
            gap = detectable_gap(sizes[-1], samples, countries, family=family)
            found.append(Verdict(level, sizes[0], sizes[-1], samples, family, gap))
    return tuple(found)


def _value(probe: Probe, level: str) -> str:
    return {"country": "", "theme": theme_of(probe.topic), "topic": probe.topic}[level]


def _once(probes: Sequence[Probe]) -> list[Probe]:
    """Return one probe for each template and country; languages of one template are one cluster."""
    return list({(probe.template or probe.id, probe.country): probe for probe in probes}.values())
