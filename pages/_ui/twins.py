"""A question's matched twins in one grid: countries across, models down, a badge for each label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

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
_TWIN_OF, _DRAWN = "twin_of", "twins_drawn"
SIGNS = {"complete": "C", "evasive": "D", "refusal": "R", "blocked": "B", "truncated": "–", "error": "!"}


class Spots(NamedTuple):
    """Where on the page the grid stands, the lists below it, the open answer, and what is known of that."""

    grid: DeltaGenerator
    chosen: DeltaGenerator
    answer: DeltaGenerator
    beside: DeltaGenerator
    evidence: DeltaGenerator


class _Drawn(NamedTuple):
    """The grid as the browser has it: while cells are picked in it, it stays and keeps its place."""

    number: int
    first: tuple[str, str]
    now: tuple[str, str]


def spots(models: int) -> Spots:
    """Return the places of a grid with so many rows: a low one has the page's width, a high one the half."""
    above, listed = st.container(), st.container()
    left, right = st.columns(2, gap="large")
    if models <= FEW_ROWS:
        return Spots(above, listed, left, right, right)
    with left:
        inner = st.container(), st.container(), st.container()
    return Spots(inner[0], inner[1], right, inner[2], inner[2])


def grid(spot: DeltaGenerator, cells: pd.DataFrame, names: Sequence[str], opened: tuple[str, str]) -> None:
    """Draw the grid of `views.twins`; a cell that is picked is opened. `opened` is a probe and a name."""
    full = cells["probe"].nunique() <= FEW_COLUMNS
    badges = [
        _badges(*cell, full=full) for cell in zip(*(cells[c] for c in ("label", "alike", "n")), strict=True)
    ]
    wide = cells.assign(badges=badges).pivot(index="name", columns="probe", values="badges")
    wide = wide.reindex(index=names, columns=heads(cells))
    shown = wide.map(lambda found: found if isinstance(found, list) else [])
    drawn = st.session_state.get(_DRAWN)
    if drawn is None or drawn.now != opened:
        drawn = _Drawn(drawn.number + 1 if drawn else 0, opened, opened)
        st.session_state[_DRAWN] = drawn
    key = f"twins-{drawn.number}"

    def pick() -> None:
        for row, probe in st.session_state[key].selection.cells[:1]:
            picked = probe, shown.index[row]
            st.session_state["twin"], st.session_state["answer"] = picked
            st.session_state[_DRAWN] = drawn._replace(now=picked)

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
        selection_default={"selection": {"cells": place(shown, *drawn.first)}},
        key=key,
        alt="What each model did with this question about each country; the lists below open the same",
    )
    with spot:
        legend(cells)


def named(cells: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the rows of the grid: those of some names that have answers, then whoever else has."""
    there = dict.fromkeys(cells["name"])
    return [*(name for name in names if name in there), *(name for name in there if name not in names)]


def place(shown: pd.DataFrame, probe: str, name: str) -> list[tuple[int, str]]:
    """Return where in the grid a cell is: its row's number and its column's name; nowhere for none of it."""
    return [(list(shown.index).index(name), probe)] if probe in shown and name in shown.index else []


def heads(cells: pd.DataFrame) -> list[str]:
    """Return the probes of the grid, by their countries' names."""
    first = cells.drop_duplicates("probe")
    titles = first["country"].map(lambda code: views.title("country", code))
    return list(first["probe"].iloc[titles.argsort(kind="stable")])


def head(country: str, probe: str, *, full: bool) -> str:
    """Return a column's head: its country, by its code where there are many; the probe's id for none."""
    return (views.title("country", country) if full else country) or probe


def _badges(label: str, alike: int, n: int, *, full: bool) -> list[str]:
    """Return a cell's label, and where there is room how many of its samples have it, unless all do."""
    return [look(label).words, *[f"{alike} of {n}"] * (full and alike < n)]


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
