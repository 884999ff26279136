"""A question's matched twins in one grid: countries across, models down, a badge for each label."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui import urls
from pages._ui.answers import look
from pages._ui.text import plain
from parallax import views
from parallax.figures import LABELS, UNLABELLED

FEW_COLUMNS = 4
MOST_PX = 460
SIGNS = {"complete": "C", "evasive": "D", "refusal": "R", "blocked": "B", "truncated": "–", "error": "!"}


def grid(spot: DeltaGenerator, cells: pd.DataFrame, names: Sequence[str], opened: tuple[str, str]) -> None:
    """Draw the grid of `views.twins`; a cell that is picked is opened. `opened` is a probe and a name."""
    wide = cells.pivot(index="name", columns="probe", values="label")
    wide = wide.reindex(index=[name for name in names if name in wide.index], columns=heads(cells))
    full = len(wide.columns) <= FEW_COLUMNS
    shown = wide.map(lambda label: [] if pd.isna(label) else [words(label, full=full)])
    key = f"twins-{opened[0]}-{opened[1]}"

    def pick() -> None:
        for row, probe in st.session_state[key].selection.cells[:1]:
            st.session_state["twin"], st.session_state["answer"] = probe, shown.index[row]

    looks = [*LABELS.values(), UNLABELLED]
    options = [words(label, full=full) for label in [*LABELS, ""]]
    titles = dict(zip(cells["probe"], cells["country"], strict=True))
    spot.dataframe(
        shown,
        height=min(MOST_PX, 38 + 35 * len(shown)),
        column_config={
            "_index": st.column_config.TextColumn("model", width=150, pinned=True),
            **{
                probe: st.column_config.MultiselectColumn(
                    head(titles[probe], probe, full=full),
                    options=options,
                    color=[look.badge for look in looks],
                    help=plain(views.title("country", titles[probe])),
                    width=None if full else 52,
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


def words(label: str, *, full: bool) -> str:
    """Return what a cell says: the label's words, or its sign where there are many columns."""
    return look(label).words if full else SIGNS.get(label, "?")


def legend(cells: pd.DataFrame) -> None:
    """Say what the signs mean, and how many cells of the grid have each."""
    full = cells["probe"].nunique() <= FEW_COLUMNS
    with st.container(horizontal=True):
        for label, count in cells["label"].value_counts().items():
            shown = look(str(label))
            sign = "" if full else f"{SIGNS.get(str(label), '?')} "
            st.badge(plain(f"{sign}{shown.words}: {count}"), color=shown.badge)


def choose(cells: pd.DataFrame, probe: str, names: Sequence[str]) -> tuple[str, str]:
    """Offer the grid's cells by two lists, for a keyboard and a small screen; returns probe and name."""
    titles = dict(zip(cells["probe"], cells["country"], strict=True))
    twins = [probe, *(one for one in heads(cells) if one != probe)]
    with st.container(horizontal=True):
        twin = probe
        if len(twins) > 1:
            twin = urls.choose(
                "Country", twins, "twin", lambda one: head(titles[one], one, full=True), st.selectbox
            )
        there = set(cells["name"][cells["probe"] == twin])
        label = "Model"
        name = urls.choose(label, [name for name in names if name in there], "answer", str, st.selectbox)
    return twin, name
