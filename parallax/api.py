"""For Python: `study = parallax.open("data")`, then tables as pandas frames. See docs/python.md.

Each call reads the store anew and gives it back at once, so that a dashboard may run beside it; where one
holds the store, it is asked.
"""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from parallax import config
from parallax.config import Settings
from parallax.errors import ParallaxError

# whoever only opens a study need not wait for the engine
if TYPE_CHECKING:
    import pandas as pd

    from parallax.exports import Export

__all__ = ["ParallaxError", "Study", "open"]

Several = str | Iterable[str]


class _Filters(TypedDict, total=False):
    run: Several
    model: Several
    country: Several
    topic: Several
    language: Several
    rater: Several
    critical: bool


def open(data: str | Path | None = None) -> Study:
    """Return the study in a data folder; without one that of `PARALLAX_DATA`, else `data`.

    Raises `ParallaxError` where there is no such folder.
    """
    settings = config.load(Path(data) if data is not None else None)
    if not settings.data.is_dir():
        raise ParallaxError(f"{settings.data}: no such folder; name the one that holds parallax.duckdb")
    return Study(settings)


class Study:
    """What was asked and answered in one data folder.

    Every table takes the filters `run`, `model`, `country`, `topic`, `language` (one value or several),
    `rater` (whose labels are taken; the default are the rules', with people's where they looked) and
    `critical` (only critical matched probes). Their columns, and which runs are in them by default, are
    in docs/exports.md. A frame's `attrs["provenance"]` says where it comes from. Each raises
    `ParallaxError` where the store cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __repr__(self) -> str:
        """Name the folder."""
        return f"Study({str(self._settings.data)!r})"

    def runs(self) -> pd.DataFrame:
        """Return the runs, newest first: `run`, `name`, `state`, `models`, `done`, `total`, `errors`."""
        import pandas as pd

        from parallax import jobs

        columns = ["run", "name", "state", "models", "done", "total", "errors"]
        found = jobs.runs(self._settings)
        return pd.DataFrame([[getattr(one, name) for name in columns] for one in found], columns=columns)

    def long(self, **filters: Unpack[_Filters]) -> pd.DataFrame:
        """Return one row a response, of all runs unless filtered."""
        return self._frame(_export("long", (), filters))

    def wide(self, **filters: Unpack[_Filters]) -> pd.DataFrame:
        """Return one row a probe and sample, the models side by side."""
        return self._frame(_export("wide", (), filters))

    def rates(self, by: Several = ("model", "country"), **filters: Unpack[_Filters]) -> pd.DataFrame:
        """Return counts and every rate with its interval, as fractions, for each cell of the axes `by`."""
        return self._frame(_export("rates", by, filters))

    def gaps(self, by: Several = "country", **filters: Unpack[_Filters]) -> pd.DataFrame:
        """Return how much less willing each model is for one country than for the others, with its test.

        `by` may add `topic` or `language`. Filters choose rows; what a gap is corrected over stays.
        """
        return self._frame(_export("gaps", by, filters))

    def export(
        self, out: str | Path, kind: str = "long", by: Several = (), **filters: Unpack[_Filters]
    ) -> int:
        """Write a table to a CSV, Parquet or JSONL file, its provenance beside it; returns its rows.

        What a spreadsheet would run as a formula is made inert in CSV.
        """
        from parallax import exporting, exports

        ending = exports.ending_of(Path(out))
        wanted = dataclasses.replace(_export(kind, by, filters), ending=ending)
        return exporting.with_provenance(self._settings, wanted, Path(out)).rows

    def cite(self, table: pd.DataFrame) -> str:
        """Return a reference for a table of this study: its probe sets, runs, labels and the day."""
        from parallax import exports

        if "provenance" not in table.attrs:
            raise ParallaxError("this table does not say where it comes from; cite one that a study returned")
        found = exports.Provenance.of_text(json.dumps(table.attrs["provenance"]))
        return exports.cite(exports.of_export(found), "", datetime.now(UTC).date())

    def _frame(self, export: Export) -> pd.DataFrame:
        import pandas as pd

        from parallax import exporting

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.parquet"
            found = exporting.to_file(self._settings, export, path)
            table = pd.read_parquet(path)
        table.attrs["provenance"] = json.loads(found.text())
        return table


def _export(kind: str, by: Several, filters: _Filters) -> Export:
    from parallax import exports
    from parallax.exports import Export, Kind

    known = (*exports.FILTERS, "critical")
    if strange := [name for name in filters if name not in known]:
        raise ParallaxError(f"{strange[0]}: no such filter; there are {', '.join(known)}")
    if kind not in {*Kind}:
        raise ParallaxError(f"{kind}: no such table; there are {', '.join(Kind)}")
    several: dict[str, Any] = {**filters}
    critical = bool(several.pop("critical", False))
    given = {name: _several(value) for name, value in several.items()}
    selection = exports.selected(Kind(kind), **given, critical=critical)
    return Export(Kind(kind), selection, _several(by), ".parquet")


def _several(value: Several) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
