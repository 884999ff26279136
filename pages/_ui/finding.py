"""Finding answers: the filters that only the page Answers has, and the list of what they find."""

from __future__ import annotations

import dataclasses

import pandas as pd
import streamlit as st

from pages._ui import data, urls
from pages._ui.answers import GRID_PX, labels_column, look
from pages._ui.text import occurrences
from parallax.figures import LABELS
from parallax.store import Selection
from parallax.views.responses import Hit

MOST_TEXT = 200
PAGE = 25
BEFORE, AFTER = 20, 80
_LOOKED_FOR, _BEFORE, _PAGE = "looked_for", "looked_for_before", "found_page"


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
        days: tuple[str, ...] = ()
        if came.first and came.last and came.first != came.last:
            since = urls.day("From (UTC)", "since", came.first, came.last)
            until = urls.day("To", "until", came.first, came.last)
            days = (since or came.first.isoformat(), until or came.last.isoformat()) if since or until else ()
    found = dataclasses.replace(selection, text=wanted, labels=tuple(labels), hosts=tuple(hosts), days=days)
    st.session_state[_BEFORE] = st.session_state.get(_LOOKED_FOR, found)
    st.session_state[_LOOKED_FOR] = found
    return found


def questions(wanted: Selection) -> pd.DataFrame:
    """Return the probes of what is wanted, and how many answers each has; says so while it looks."""
    if not wanted.text:
        return data.questions(wanted)
    with st.spinner("Searching the answers …", show_time=True):
        return data.questions(wanted)


def hits(wanted: Selection, asked: pd.DataFrame, by: str) -> None:
    """List the answers that were found, a page of them; a row that is picked is opened.

    What was looked for anew opens the first that was found.
    """
    total = int(asked["answers"].sum())
    st.caption(f"{total:,} answers to {len(asked):,} questions" if total > 1 else "1 answer")
    if st.session_state[_BEFORE] != wanted or not urls.held("answer"):
        go_to(wanted, by, asked["probe"].iloc[0])
    ends = asked["answers"].cumsum()
    starts = ends - asked["answers"]
    page = _page(asked["probe"].isin(urls.held("probe")), starts, ends)
    first, last = page * PAGE, min(total, (page + 1) * PAGE)
    here = (ends > first) & (starts < last)
    skipped = first - int(starts[here].iloc[0])
    found = data.hits(wanted, tuple(asked["probe"][here]), by)[skipped : skipped + last - first]
    table(data.read(found, wanted.label_set), wanted.text, page)


def _page(opened: pd.Series, starts: pd.Series, ends: pd.Series) -> int:
    """Offer the pages of what was found, where there are several; the open question's is there at first."""
    count = -(-int(ends.iloc[-1]) // PAGE)
    if count < 2:
        return 0
    lowest = int(starts[opened].sum()) // PAGE
    highest = max(lowest, (int(ends[opened].sum()) - 1) // PAGE)
    kept = st.session_state.get(_PAGE, lowest)
    page = kept if lowest <= kept <= highest else lowest
    return int(st.pagination(count, default=page + 1, key=f"found-{count}-{page}")) - 1


def table(read: pd.DataFrame, wanted: str, page: int) -> None:
    """Draw the rows of what was found, on a page of theirs."""

    def pick() -> None:
        if rows := st.session_state["found"].selection.rows:
            st.session_state[_PAGE] = page
            open_hit(Hit(*read[list(Hit._fields)].iloc[rows[0]]))

    shown = pd.DataFrame(
        {
            "country": read["country"],
            "model": read["name"],
            "label": [[look(one).words] for one in read["label"]],
            "in the answer": [excerpt(text, wanted) for text in read["response"]],
            "question": read["prompt"],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        height=min(GRID_PX, 38 + 35 * len(shown)),
        column_config={
            "country": st.column_config.TextColumn(width="small"),
            "label": labels_column(),
            "in the answer": st.column_config.TextColumn(width="large"),
        },
        on_select=pick,
        selection_mode="single-row",
        key="found",
    )


def go_to(wanted: Selection, by: str, probe: str) -> None:
    """Make the first answer to a probe that was found the one that is open."""
    open_hit(data.hits(wanted, (probe,), by)[0])


def open_hit(hit: Hit) -> None:
    """Make an answer the one that is open."""
    st.session_state["probe"] = st.session_state["twin"] = hit.probe
    st.session_state["answer"] = hit.name
    st.session_state["sample"] = str(hit.sample + 1)


def excerpt(text: str, wanted: str) -> str:
    """Return a line of an answer: about where the wanted text stands in it, else its beginning."""
    at = next((mark.start for mark in occurrences(text, wanted)), 0)
    start, end = max(0, at - BEFORE), at + len(wanted) + AFTER
    return "…" * (start > 0) + " ".join(text[start:end].split()) + "…" * (end < len(text))
