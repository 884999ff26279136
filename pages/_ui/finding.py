"""Finding answers: the filters that only the page Answers has, and the list of what they find."""

from __future__ import annotations

import dataclasses

import pandas as pd
import streamlit as st

from pages._ui import data, urls
from pages._ui.text import occurrences
from parallax.figures import LABELS
from parallax.store import Selection
from parallax.views.responses import Hit

MOST_TEXT = 200
PAGE = 25
AROUND = 60


def narrowed(selection: Selection) -> Selection:
    """Draw the filters on answers, and return the part of a selection that passes them.

    Hosts and days are offered where there is more than one.
    """
    came = data.came(selection.unfiltered())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = urls.text(
            "Search the answers",
            "find",
            icon=":material/search:",
            placeholder="Any words, in any case",
            max_chars=MOST_TEXT,
        )
        labels = urls.choose_several("Labels", list(LABELS), "label", lambda one: LABELS[one].words, "All")
        hosts = []
        if len(came.hosts) > 1:
            hosts = urls.choose_several("Hosts", came.hosts, "host", str, "All")
        days = []
        if came.first and came.first != came.last:
            days = urls.days("Days (UTC)", "day", came.first, came.last)
    return dataclasses.replace(
        selection, text=wanted, labels=tuple(labels), hosts=tuple(hosts), days=tuple(days)
    )


def questions(wanted: Selection) -> pd.DataFrame:
    """Return the probes of what is wanted, and how many answers each has; says so while it looks."""
    if not wanted.text:
        return data.questions(wanted)
    with st.spinner("Searching the answers …", show_time=True):
        return data.questions(wanted)


def hits(wanted: Selection, asked: pd.DataFrame, by: str) -> None:
    """List the answers that were found, a page of them; a row that is picked is opened."""
    total = int(asked["answers"].sum())
    ends = asked["answers"].cumsum()
    st.caption(f"{total:,} answers to {len(asked):,} questions" if total > 1 else "1 answer")
    here = int((ends - asked["answers"])[asked["probe"].isin(urls.held("probe"))].sum())
    page = _page(-(-total // PAGE), here // PAGE)
    first, last = page * PAGE, min(total, (page + 1) * PAGE)
    on_page = asked[(ends > first) & (ends - asked["answers"] < last)]
    skipped = first - int((ends - asked["answers"])[on_page.index[0]])
    found = data.hits(wanted, tuple(on_page["probe"]), by)[skipped : skipped + last - first]
    table(data.read(found, wanted.label_set), wanted.text)


def _page(count: int, here: int) -> int:
    """Offer the pages of a list where there are several; the one that is open is there at first."""
    if count < 2:
        return 0
    if st.session_state.get("found_for") != here:
        st.session_state["found_for"], st.session_state["found_page"] = here, here + 1
    st.session_state["found_page"] = min(st.session_state["found_page"], count)
    return int(st.pagination(count, key="found_page")) - 1


def table(read: pd.DataFrame, wanted: str) -> None:
    """Draw the rows of what was found."""

    def pick() -> None:
        if rows := st.session_state["found"].selection.rows:
            open_hit(Hit(*read[list(Hit._fields)].iloc[rows[0]]))

    shown = pd.DataFrame(
        {
            "country": read["country"],
            "model": read["name"],
            "label": [LABELS[one].words if one in LABELS else "" for one in read["label"]],
            "in the answer": [excerpt(text, wanted) for text in read["response"]],
            "question": read["prompt"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "country": st.column_config.TextColumn(width="small"),
            "in the answer": st.column_config.TextColumn(width="large"),
        },
        on_select=pick,
        selection_mode="single-row",
        key="found",
    )


def open_hit(hit: Hit) -> None:
    """Make an answer the one that is open."""
    st.session_state["probe"] = st.session_state["twin"] = hit.probe
    st.session_state["answer"] = hit.name
    st.session_state["sample"] = str(hit.sample + 1)


def excerpt(text: str, wanted: str) -> str:
    """Return a line of an answer: about where the wanted text stands in it, else its beginning."""
    at = next((mark.start for mark in occurrences(text, wanted)), 0)
    start, end = max(0, at - AROUND), at + len(wanted) + AROUND
    return "…" * (start > 0) + " ".join(text[start:end].split()) + "…" * (end < len(text))
