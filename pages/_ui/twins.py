"""A question's matched twins in one grid: countries across, models down, a badge for each label."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui import urls
from pages._ui.answers import labels_column, look
from pages._ui.text import plain
from parallax import views
from parallax.figures import LABELS

FEW_COLUMNS, FEW_ROWS = 4, 6
MOST_PX, SIGN_PX = 460, 52
_TWIN_OF = "twin_of"
SIGNS = {"complete": "C", "evasive": "D", "refusal": "R", "blocked": "B", "truncated": "–", "error": "!"}


def grid(spot: DeltaGenerator, cells: pd.DataFrame, names: Sequence[str], opened: tuple[str, str]) -> None:
    """Draw the grid of `views.twins`; a cell that is picked is opened. `opened` is a probe and a name."""
    wide = cells.pivot(index="name", columns="probe", values="label")
    wide = wide.reindex(index=names, columns=heads(cells))
    full = len(wide.columns) <= FEW_COLUMNS
    shown = wide.map(lambda label: [] if pd.isna(label) else [look(label).words])
    key = f"twins-{opened[0]}-{opened[1]}"

    def pick() -> None:
        for row, probe in st.session_state[key].selection.cells[:1]:
            st.session_state["twin"], st.session_state["answer"] = probe, shown.index[row]

    how = {} if full else {"width": SIGN_PX, "format_func": sign}
    titles = dict(zip(cells["probe"], cells["country"], strict=True))
    spot.dataframe(
        shown,
        height=min(MOST_PX, 38 + 35 * len(shown)),
        column_config={
            "_index": st.column_config.TextColumn("model", width=150, pinned=True),
            **{
                probe: labels_column(
                    label=head(titles[probe], probe, full=full),
                    help=plain(views.title("country", titles[probe])),
                    **how,
                )
                for probe in shown
            },
        },
        on_select=pick,
        selection_mode="single-cell",
        selection_default={"selection": {"cells": [place(shown, opened)]}},
        key=key,
        alt="What each model did with this question about each country; the lists below open the same",
    )
    with spot:
        legend(cells)


def named(cells: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the rows of the grid: those of some names that have answers, then whoever else has."""
    there = dict.fromkeys(cells["name"])
    return [*(name for name in names if name in there), *(name for name in there if name not in names)]


def place(shown: pd.DataFrame, opened: tuple[str, str]) -> tuple[int, str]:
    """Return where in the grid an opened cell is: its row's number and its column's name."""
    return list(shown.index).index(opened[1]), opened[0]


def heads(cells: pd.DataFrame) -> list[str]:
    """Return the probes of the grid, by their countries' names."""
    first = cells.drop_duplicates("probe")
    titles = first["country"].map(lambda code: views.title("country", code))
    return list(first["probe"].iloc[titles.argsort(kind="stable")])


def head(country: str, probe: str, *, full: bool) -> str:
    """Return a column's head: its country, by its code where there are many; the probe's id for none."""
    return (views.title("country", country) if full else country) or probe


def sign(words: str) -> str:
    """Return the sign that stands for a label's words where there is no room for them."""
    return next((SIGNS[label] for label, shown in LABELS.items() if shown.words == words), "?")


def legend(cells: pd.DataFrame) -> None:
    """Say what the signs mean, and how many cells of the grid have each."""
    full = cells["probe"].nunique() <= FEW_COLUMNS
    with st.container(horizontal=True):
        for label, count in cells["label"].value_counts().items():
            shown = look(str(label))
            before = "" if full else f"{sign(shown.words)} "
            st.badge(plain(f"{before}{shown.words}: {count}"), color=shown.badge)


def choose(cells: pd.DataFrame, probe: str, names: Sequence[str]) -> tuple[str, str]:
    """Offer the grid's cells by two lists, for a keyboard and a small screen; returns probe and name."""
    if st.session_state.setdefault(_TWIN_OF, probe) != probe:
        st.session_state.update({_TWIN_OF: probe, "twin": probe})
    titles = dict(zip(cells["probe"], cells["country"], strict=True))
    twins = [probe, *(one for one in heads(cells) if one != probe)]
    words = {one: head(titles[one], one, full=True) for one in twins}
    twin = probe
    if len(twins) > 1:
        twin = urls.choose("Country", twins, "twin", words.__getitem__, st.selectbox)
    there = set(cells["name"][cells["probe"] == twin])
    return twin, urls.choose("Model", [one for one in names if one in there], "answer", str, st.selectbox)
