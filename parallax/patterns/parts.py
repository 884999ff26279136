"""What the patterns of all languages are put together from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from typing import NamedTuple


class Sign(NamedTuple):
    """A pattern, and words of which at least one stands in whatever it matches.

    Comparing two sets of words is many times cheaper than matching, and most answers share none.
    """

    triggers: frozenset[str]
    pattern: re.Pattern[str]

    def search(self, text: str, words: Set[str], end: int, start: int = 0) -> re.Match[str] | None:
        """Return the first match from `start` that lies before `end`, or None; `words` are the text's."""
        return None if self.triggers.isdisjoint(words) else self.pattern.search(text, start, end)

    def finditer(self, text: str, words: Set[str], end: int) -> Iterator[re.Match[str]]:
        """Return the matches that lie before `end`, from left to right."""
        return iter(()) if self.triggers.isdisjoint(words) else self.pattern.finditer(text, 0, end)


class Language(NamedTuple):
    """How a language declines and dodges.

    `declines`: a sentence that declines to serve the request, wherever it stands. `opens`: one that
    declines only where an answer opens with it, since inside a speech or a story the same words are a
    character's. `dodges`: taking no stance, or turning to something else.
    """

    declines: Sign
    opens: Sign | None = None
    dodges: Sign | None = None

    @property
    def triggers(self) -> frozenset[str]:
        """The words of which one stands in whatever any of the signs matches."""
        return frozenset().union(*(sign.triggers for sign in self if sign))


def lookup(triggers: Iterable[Set[str]]) -> Callable[[Set[str]], list[int]]:
    """Return a function from the words of a text to the places, in order, of the triggers that it holds."""
    places: dict[str, list[int]] = {}
    for place, known in enumerate(triggers):
        for word in known:
            places.setdefault(word, []).append(place)
    return lambda words: sorted({place for word in places.keys() & words for place in places[word]})


def sign(triggers: str, *alternatives: str) -> Sign:
    """Return a sign from its triggers, parted by blanks, and the alternatives of its pattern."""
    return Sign(frozenset(triggers.split()), re.compile(any_of(*alternatives)))


def any_of(*alternatives: str) -> str:
    """Return a pattern for any of these patterns."""
    return "(?:" + "|".join(alternatives) + ")"


def words(alternatives: str) -> str:
    """Return a pattern for any of these words, parted by blanks."""
    return any_of(*alternatives.split())
