"""The entries of a probe file as they were parsed, faulty or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from parallax.probes.faults import Where


class Entry(NamedTuple):
    """A template or a probe that is a mapping at all, and its place."""

    where: Where
    fields: Mapping[str, Any]

    @property
    def expands(self) -> bool:
        """True for a template."""
        return self.where[0] == "templates"

    def text(self, field: str) -> str:
        """Return a field that is text, '' for anything else."""
        value = self.fields.get(field)
        return value if isinstance(value, str) else ""

    @property
    def language(self) -> str:
        """The tag of the prompt's language."""
        return self.text("language") or "en"

    def prompts(self) -> list[tuple[Where, str, str]]:
        """Return the place, language and text of each version of the prompt that is text."""
        versions: list[tuple[Where, str, Any]] = [(("prompt",), self.language, self.fields.get("prompt"))]
        if isinstance(more := self.fields.get("translations"), dict):
            versions += [(("translations", str(tag)), str(tag), text) for tag, text in more.items()]
        return [((*self.where, *place), tag, text) for place, tag, text in versions if isinstance(text, str)]


def entries(data: Mapping[str, Any]) -> list[Entry]:
    """Return every template and probe of a file that is a mapping at all."""
    return [
        Entry((section, index), fields)
        for section in ("templates", "probes")
        if isinstance(listed := data.get(section), list)
        for index, fields in enumerate(listed)
        if isinstance(fields, dict)
    ]
