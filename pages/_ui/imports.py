"""Importing recorded answers: files taken in, columns named, what would come of it, then done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import streamlit as st

from pages._ui import data
from pages._ui.actions import attempt
from pages._ui.text import plain
from parallax import errands, importers
from parallax.errands import State
from parallax.errors import ParallaxError
from parallax.importers import columns, tables, uploads

NAME = "import"
MOST_MB = 200
ENDINGS = ["csv", "jsonl", "gz", "tgz", "zip", "parquet", "json"]
NONE = "—"
DONE = "imports-begun"
# the columns that a person may have to name; the others are found by their own names
ASKED = ("prompt", "response", "model", "country", "language", "topic", "template", "stance", "label")


class Found(NamedTuple):
    """What an import would bring in: a row a run, what is said beside it, and how many answers are new."""

    runs: pd.DataFrame
    lines: tuple[str, ...]
    new: int


def last() -> None:
    """Say how the last import ended."""
    now = errands.read(data.settings(), NAME)
    if now is None or _is_under_way():
        return
    if now.state is State.FAILED:
        st.error(plain(f"The last import failed: {now.message}"))
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(plain(f"The last import: {now.message}."))
            st.page_link("overview.py", label="Overview", icon=":material/home:")


def _is_under_way() -> bool:
    now = errands.read(data.settings(), NAME)
    return now is not None and now.state is State.RUNNING


def files() -> tuple[Path, ...]:
    """Take files, and return where they lie; the `.json` that an export has beside it is put beside it."""
    given = st.file_uploader(
        f"Files, at most {MOST_MB} MB each: CSV, JSON lines or Parquet; SpeechMap as .tar.gz or .zip",
        type=ENDINGS,
        accept_multiple_files=True,
        max_upload_size=MOST_MB,
        key=f"import-files-{st.session_state.get(DONE, 0)}",
    )
    if not given and not _is_under_way():
        uploads.clear(data.settings())
    beside = {one.name.removesuffix(".json"): one for one in given if one.name.endswith(".json")}
    kept: list[Path] = []

    def keep() -> None:
        for one in given:
            if not one.name.endswith(".json"):
                kept.append(path := uploads.keep(data.settings(), one.name, one.getvalue()))
                if told := beside.get(one.name):
                    path.with_name(f"{path.name}.json").write_bytes(told.getvalue())

    return tuple(kept) if attempt(keep) else ()


def choose_format(given: Sequence[Path]) -> str:
    """Offer the formats, the most likely one first in force."""
    try:
        likely = uploads.format_of(given[0])
    except ParallaxError as error:
        st.error(plain(str(error)))
        st.stop()
    formats = list(importers.FORMATS)
    return st.selectbox("Format", formats, index=formats.index(likely), key=f"format-{given[0].name}")


def choose_columns(format: str, given: Sequence[Path]) -> dict[str, str]:
    """Offer what the columns of a table mean, as guessed or said before; returns what was changed."""
    if format not in tables.READERS:
        return {}
    try:
        names = _columns(format, tuple(given))
    except ParallaxError as error:
        st.error(plain(str(error)))
        st.stop()
    before = columns.saved(data.settings().mappings, names)
    usual = {**columns.guess(names), **before}
    st.subheader("What the columns mean")
    chosen = {}
    with st.container(horizontal=True):
        for field in ASKED:
            options = [NONE, *names]
            place = options.index(usual[field]) if usual.get(field) in names else 0
            picked = st.selectbox(
                field, options, index=place, key=f"column-{field}-{given[0].parent.name}", width=180
            )
            chosen[field] = "" if picked == NONE else picked
    return {field: name for field, name in chosen.items() if name != usual.get(field, "")}


@st.cache_data(max_entries=8, show_spinner="Reading the columns")
def _columns(format: str, given: tuple[Path, ...]) -> tuple[str, ...]:
    return tables.Table(format, given).columns


def look(format: str, given: Sequence[Path], mapping: Mapping[str, str]) -> Found | None:
    """Return what an import would bring in; None where the files cannot be read, which is said."""
    try:
        return _look(format, tuple(given), json.dumps(mapping), data.store().revision)
    except ParallaxError as error:
        st.error(plain(str(error)))
        return None


@st.cache_data(max_entries=8, show_spinner="Reading the files")
def _look(format: str, given: tuple[Path, ...], mapping: str, revision: int) -> Found:
    settings = data.settings()
    with importers.opened(format, given, json.loads(mapping), settings.mappings) as source:
        found = importers.look(source, settings.spool)
        runs = pd.DataFrame([_row(one) for one in found.recordings])
        lines = (*source.describe(), *found.notes())
        return Found(runs, lines, sum(one.answers for one in found.recordings if not one.here))


def _row(one: importers.Recording) -> dict[str, object]:
    counted = {f"{rater}": count for rater, count in sorted(one.labels.items())}
    return {
        "probe set": f"{one.plan.probe_set.title} · {one.plan.probe_set.version}",
        "run": one.plan.run,
        "models": len(one.plan.models),
        "probes": len(one.plan.probe_set.probes),
        "answers": one.answers,
        "blocked": one.outcomes.get("blocked", 0),
        "errors": one.outcomes.get("error", 0),
        "labels": ", ".join(f"{rater}: {count:,}" for rater, count in counted.items()),
        "newest": f"{one.plan.created_at:%Y-%m-%d}",
        "state": "is here already" if one.here else "new",
    }


def show(found: Found) -> None:
    """Show what would be imported, and what is left out."""
    st.subheader("What would be imported")
    if found.runs.empty:
        st.info("No answer was found in these files.")
    else:
        st.dataframe(found.runs, hide_index=True)
    if found.lines:
        st.text("\n".join(found.lines))


def start(format: str, given: Sequence[Path], mapping: Mapping[str, str], found: Found) -> None:
    """Offer to import; it is done beside the dashboard, and every page shows how far it is."""
    if not found.new:
        return
    label = f"Import {found.new:,} answer{'s' * (found.new != 1)}"
    command = ["import", format, *map(str, given), "--map", json.dumps(mapping)]
    pressed = st.button(label, type="primary", icon=":material/upload:")
    if pressed and attempt(lambda: errands.begin(data.settings(), NAME, command)):
        # another key is an empty uploader: the files are the import's now
        st.session_state[DONE] = st.session_state.get(DONE, 0) + 1
        st.rerun()
