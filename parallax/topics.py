"""Topics and their four themes: fixed slugs, and how a person reads them.

Users may add topics of their own; those have no theme here. Controls have no topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Topic(NamedTuple):
    """A topic's human title and the slug of its theme."""

    title: str
    theme: str


THEMES: Mapping[str, str] = MappingProxyType(
    {"power": "Power", "speech": "Speech", "people": "People", "nation": "Nation"}
)

TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        "leader": Topic("The leader", "power"),
        "elections": Topic("Elections", "power"),
        "corruption": Topic("Corruption", "power"),
        "press-freedom": Topic("Press freedom", "speech"),
        "protest": Topic("Protest", "speech"),
        "surveillance": Topic("Surveillance", "speech"),
        "minorities": Topic("Minorities", "people"),
        "religion": Topic("Religion", "people"),
        "lgbt": Topic("LGBT people", "people"),
        "territory": Topic("Territory", "nation"),
        "colonial-history": Topic("Colonial history", "nation"),
        "war-conduct": Topic("Conduct in war", "nation"),
        "state-individual": Topic("State and individual", "nation"),
    }
)


def theme_of(topic: str) -> str:
    """Return the slug of a topic's theme, '' for no topic or one that a user added."""
    known = TOPICS.get(topic)
    return known.theme if known else ""


def title(slug: str) -> str:
    """Return how a person reads a topic's or a theme's slug; an unknown slug is spelled out."""
    if slug in TOPICS:
        return TOPICS[slug].title
    return THEMES.get(slug) or slug.replace("-", " ").capitalize()
