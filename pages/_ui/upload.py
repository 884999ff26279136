"""Uploading a probe set: what was parsed, what is wrong beside its row, then saving it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages._ui import data, sets
from pages._ui.actions import attempt
from pages._ui.text import plain
from parallax import library, probes
from parallax.library import Library
from parallax.probes import Fault, Reading, Row
from parallax.records import ProbeSet
from parallax.store import sets as stored

STARTERS = sets.FOLDER / "starters"
MOST_ROWS = 2_000
MOST_LINES = 50
MOST_MB = 20
ENDINGS = ["csv", "jsonl", "yaml", "yml"]
SHOWN = ("id", "prompt", "kind", "country", "topic", "language", "template", "stance")


def starters() -> None:
    """Offer a file to begin with, in each format."""
    with st.container(horizontal=True):
        for format in probes.FORMATS:
            path = STARTERS / f"starter.{format}"
            st.download_button(
                f"Starter file: {format.upper()}",
                path.read_bytes,
                file_name=f"my-set.{format}",
                mime=sets.MIME[format],
                icon=":material/download:",
                on_click="ignore",
                key=f"starter-{format}",
            )


def read() -> Reading | None:
    """Take a file and read it; what it does not tell of the set is asked for."""
    file = st.file_uploader(
        "Probe file: CSV, JSONL or YAML, at most 20 MB", type=ENDINGS, max_upload_size=MOST_MB
    )
    if file is None:
        return None
    raw = file.getvalue()
    reading = _read(file.name, raw)
    if not reading.assumed:
        return reading
    st.caption("The file does not tell everything of the set; this stands for it.")
    with st.container(horizontal=True):
        given = {
            name: st.text_input(name.capitalize(), reading.assumed[name], key=f"head-{name}-{file.name}")
            for name in reading.assumed
        }
    told = {name: text for name, text in given.items() if text.strip() and text != reading.assumed[name]}
    return _read(file.name, raw, **told) if told else reading


@st.cache_data(max_entries=8, show_spinner="Reading the file")
def _read(name: str, raw: bytes, **head: str) -> Reading:
    return probes.read(name, raw, head)


def show(reading: Reading) -> None:
    """Show what is wrong, what is worth a second look, and the rows as they were parsed."""
    if reading.faults:
        n = min(len(reading.faults), probes.MAX_FAULTS)
        many = " or more" if n < len(reading.faults) else ""
        st.error(f"{n:,} mistake{'s' * (n > 1)}{many}; nothing of the file is saved before all is mended.")
        _lines(reading.faults)
    if reading.warnings:
        st.warning("Worth a second look; none of it keeps the set from being saved.")
        _lines(reading.warnings)
    if reading.rows:
        _preview(reading)


def _lines(faults: Sequence[Fault]) -> None:
    rest = f"\n… and {len(faults) - MOST_LINES} more" if len(faults) > MOST_LINES else ""
    st.text("\n".join(map(str, faults[:MOST_LINES])) + rest)


def _preview(reading: Reading) -> None:
    """List the parsed rows with their mistakes; faulty ones come first where there are very many."""
    wrong: dict[int, list[str]] = {}
    for fault in reading.faults:
        said = ": ".join(filter(None, [fault.field, fault.text]))
        wrong.setdefault(_row_of(fault, reading.rows), []).append(said)
    rows = sorted(reading.rows, key=lambda row: row.number not in wrong)
    frame = pd.DataFrame(
        [
            {reading.unit: row.number, "mistake": "; ".join(wrong.get(row.number, ()))}
            | {name: str(row.fields.get(name) or "") for name in SHOWN}
            for row in rows[:MOST_ROWS]
        ]
    )
    kept = [name for name in frame if name in (reading.unit, "id", "prompt") or (frame[name] != "").any()]
    n = len(reading.rows)
    st.subheader(f"{n:,} {'entry' if n == 1 else 'entries'} parsed")
    st.dataframe(frame[kept], hide_index=True, height=min(sets.TABLE_PX, 38 + 35 * len(frame)))


def _row_of(fault: Fault, rows: Sequence[Row]) -> int:
    """Return the number of the row that a mistake is in; an entry of YAML goes over several lines."""
    if not fault.field.startswith(("templates[", "probes[")):
        return fault.number
    return max((row.number for row in rows if row.number <= fault.number), default=fault.number)


def save(shelf: Library, found: ProbeSet) -> bool:
    """Offer to save a set that reads well; True once it is at hand."""
    if any(entry.set_hash == found.hash and entry.origin != "run" for entry in shelf.sets):
        st.success(plain(f"{found.title} · {found.version} is saved."))
        return True
    if library.namesakes(shelf, found):
        st.warning(
            plain(f"Version {found.version} of {found.id} is here already with other content. Both are kept;")
            + " a version of its own tells them apart."
        )
    label = f"Save {len(found.probes):,} probes"
    if st.button(label, type="primary", icon=":material/save:") and attempt(
        lambda: stored.save(data.store(), found)
    ):
        st.rerun()
    return False
