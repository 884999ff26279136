"""Two sides on screen: what changed between them, and both answers with the differing words marked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import answers, data, urls
from pages._ui.filters import InForce
from pages._ui.text import marked, plain
from parallax import figures, views
from parallax.figures import LABELS, UNLABELLED
from parallax.store import Selection
from parallax.views import compare, wording
from parallax.views.compare import Change, Comparison, Side

CRITICAL, EVERYTHING = "critical", "all"
ASKED = {CRITICAL: "Critical matched", EVERYTHING: "All"}
GRID_ROWS = 10
PROMPT_CHARS = 120

Both = tuple[Selection, Selection]


def sides(known: Sequence[Side]) -> tuple[Side, Side]:
    """Let the visitor choose two sides of a set version; the URL carries both."""
    by_key = {side.key: side for side in known}
    with st.container(horizontal=True):
        first = urls.choose("First", list(by_key), "first_side", lambda k: by_key[k].title, st.selectbox)
        others = [key for key in by_key if key != first]
        second = urls.choose("Second", others, "second_side", lambda k: by_key[k].title, st.selectbox)
    return by_key[first], by_key[second]


def selections(in_force: InForce, first: Side, second: Side) -> Both:
    """Return what is compared: the probes that the filters leave, of each side."""
    asked = urls.choose("Probes", list(ASKED), "asked", ASKED.__getitem__, urls.one_of)
    selection = views.critical(in_force.selection) if asked == CRITICAL else in_force.selection
    return compare.of_side(selection, first), compare.of_side(selection, second)


def permalink(in_force: InForce, first: Side, second: Side) -> str:
    """Return the address of the comparison, with both sides by their ids."""
    return in_force.permalink(first_side=[first.key], second_side=[second.key])


def differences(first: Side, second: Side) -> None:
    """Say what makes two sides two, and which of them is not finished."""
    for side in {side.run: side for side in (first, second)}.values():
        if side.done < side.cells:
            st.info(
                plain(f"Run {side.run} is not finished: {side.done} of {side.cells} cells are in."),
                icon=":material/hourglass_top:",
            )
    found = data.differences(first, second)
    if not found:
        st.caption("The same model with the same settings, in two runs.")
        return
    with st.expander(plain(f"The sides differ in: {', '.join(one.name for one in found)}")):
        for one in found:
            st.markdown(f"**{plain(one.name)}**")
            for column, side, value in zip(st.columns(2), (first, second), one[1:], strict=True):
                with column:
                    st.caption(plain(side.title))
                    st.text(value or "(none)")


def names(first: Side, second: Side) -> tuple[str, str]:
    """Return short names that tell two sides apart."""
    if first.model == second.model:
        return first.run, second.run
    return (first.model, second.model) if first.run == second.run else (first.title, second.title)
