"""What is asked for: a kind of table, of which answers, in which format."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from parallax import metrics, views
from parallax.errors import ParallaxError
from parallax.store import DEFAULT_SET, Selection
from parallax.store.copying import FORMATS


class Kind(StrEnum):
    """The tables that can be had; docs/exports.md says what each holds."""

    LONG = "long"
    WIDE = "wide"
    RATES = "rates"
    GAPS = "gaps"
    LABELS = "labels"


FILTERS = ("run", "model", "country", "topic", "language", "rater")
# the axes that a kind takes, and those it has without being asked
AXES = {
    Kind.RATES: (metrics.AXES, ("model", "country")),
    Kind.GAPS: (("country", "topic", "language"), ("country",)),
}


@dataclass(frozen=True, slots=True)
class Export:
    """One table to be written.

    `ending` names the format, as in `FORMATS`; `by` the axes of `rates` and `gaps`, none for the usual
    ones. `raw` leaves texts in a CSV as they are; `excel` begins a CSV with a byte order mark.
    """

    kind: Kind = Kind.LONG
    selection: Selection = field(default_factory=Selection)
    by: tuple[str, ...] = ()
    ending: str = ".csv"
    raw: bool = False
    excel: bool = False

    def __post_init__(self) -> None:
        """Raise `ParallaxError` for a format or an axis that there is not."""
        if self.ending not in FORMATS:
            raise ParallaxError(f"'{self.ending}': the ending must be one of {', '.join(FORMATS)}")
        known, usual = AXES.get(self.kind, ((), ()))
        if strange := [axis for axis in self.by if axis not in known]:
            may = f"one of {', '.join(known)}" if known else "none: it has no axes"
            raise ParallaxError(f"{self.kind} by '{strange[0]}': the axis must be {may}")
        object.__setattr__(self, "by", tuple(dict.fromkeys(self.by)) or usual)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Export:
        """Return the export that `filled` wrote down.

        Raises `ParallaxError`, `TypeError` or `ValueError` for what `filled` does not write.
        """
        fields = dict(given)
        return cls(
            kind=Kind(fields.pop("kind")),
            selection=Selection.of(fields.pop("selection")),
            by=tuple(str(axis) for axis in fields.pop("by")),
            **fields,
        )

    def filled(self) -> dict[str, Any]:
        """Return the fields as JSON-able values."""
        return {**dataclasses.asdict(self), "selection": self.selection.filled(), "by": list(self.by)}

    @property
    def is_neutralised(self) -> bool:
        """True where a cell that a spreadsheet would run as a formula gets an apostrophe."""
        return self.ending.startswith(".csv") and not self.raw

    @property
    def has_mark(self) -> bool:
        """True where the file begins with a byte order mark."""
        return self.excel and self.ending.startswith(".csv")

    @property
    def name(self) -> str:
        """What the file is called where nobody named it."""
        return f"parallax-{self.kind}{self.ending}"


def ending_of(path: Path) -> str:
    """Return which of `FORMATS` a file's name ends in. Raises `ParallaxError` where none."""
    for ending in FORMATS:
        if path.name.endswith(ending) and path.name != ending:
            return ending
    raise ParallaxError(f"{path}: the ending must be one of {', '.join(FORMATS)}")


def selected(
    kind: Kind = Kind.LONG,
    *,
    run: Sequence[str] = (),
    model: Sequence[str] = (),
    country: Sequence[str] = (),
    topic: Sequence[str] = (),
    language: Sequence[str] = (),
    rater: Sequence[str] = (),
    critical: bool = False,
) -> Selection:
    """Return what the filters of the command line and of Python mean; an empty one means all.

    `kind` is what is to be made of it: a sheet of labels may hold those of several raters, every other table
    has one label an answer. Raises `ParallaxError` for the labels of two raters there.
    """
    selection = Selection(
        runs=tuple(run),
        models=tuple(model),
        countries=tuple(country),
        topics=tuple(topic),
        languages=tuple(language),
        **({"raters": tuple(rater)} if kind is Kind.LABELS else labels_by(rater)),
    )
    return views.critical(selection) if critical else selection


def labels_by(raters: Sequence[str]) -> dict[str, Any]:
    """Return the fields of a selection that raters mean: one rater's labels, or those of people alone.

    Raises `ParallaxError` for two raters who are no people.
    """
    people = tuple(name for name in raters if name.startswith("human:"))
    others = list(dict.fromkeys(name for name in raters if name not in people))
    if len(others) > 1:
        raise ParallaxError(f"raters {' and '.join(others)} cannot be in one export; write one of each")
    label_set = others[0] if others and others[0] != DEFAULT_SET else ""
    return {"raters": people, "label_set": label_set}
