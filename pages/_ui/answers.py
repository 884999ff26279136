"""Answers on screen. The text of a model is hostile: it is shown as text, never as Markdown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import cells, data, urls
from pages._ui.filters import InForce
from pages._ui.text import plain
from parallax import views
from parallax.figures import LABELS, UNLABELLED
from parallax.figures.palette import Look
from parallax.store import Selection

IN_A_ROW = 3
AT_ONCE = 6
SHORT = 1_000
PAGE = 25
MOST_LISTED = 1_000
BESIDE = {"models": "Every model's answer", "samples": "All samples of this one"}
ROUTE_CHARS = 60
SERVED_CHARS = 500
GRID_PX = 213


def badge(answer: Any) -> None:
    """Show an answer's label, and that it was cut where it was."""
    shown = look(answer.label)
    cut = (
        " · cut at the length limit" if answer.outcome == "truncated" and answer.label != "truncated" else ""
    )
    st.badge(shown.words + cut, color=shown.badge)


def look(label: str) -> Look:
    """Return how a label looks; what is none is none by the chosen rater."""
    return LABELS.get(label, UNLABELLED)


def side_by_side(found: pd.DataFrame, key: str) -> None:
    """Show several answers, a few in a row, a page of them at a time."""
    pages = -(-len(found) // AT_ONCE)
    page = int(st.pagination(pages, key=key)) if pages > 1 else 1
    cards = list(found.iloc[(page - 1) * AT_ONCE : page * AT_ONCE].itertuples())
    for first in range(0, len(cards), IN_A_ROW):
        row = cards[first : first + IN_A_ROW]
        for column, answer in zip(st.columns(min(IN_A_ROW, len(cards))), row, strict=False):
            with column:
                card(answer)


def card(answer: Any) -> None:
    """Show one answer: whose, its label with rater and reason, its text, how it came."""
    with st.container(border=True):
        st.markdown(f"**{plain(answer.model)}** · sample {answer.sample + 1}")
        st.caption(plain(origin(answer)))
        badge(answer)
        shown = body(answer)
        st.text(_cut(shown, SHORT))
        if len(shown) > SHORT:
            with st.expander(f"The rest, {len(shown) - SHORT:,} characters"):
                st.text(f"…{shown[SHORT:]}")
        if answer.reasoning:
            with st.expander("Reasoning"):
                st.text(answer.reasoning)
        st.caption("Why this label")
        st.text(
            f"{answer.rater}: {answer.reason}" if answer.rater else "The chosen rater has not labelled it."
        )
        with st.expander("How it came"):
            st.text(provenance(answer))


def body(answer: Any) -> str:
    """Return what came back: the answer, else the error, else that there was nothing."""
    return answer.response or answer.error or "(no text)"


def origin(answer: Any) -> str:
    """Say who served an answer, as which model, and on which day; a host's own words are cut short."""
    served = [_cut(answer.served_by, ROUTE_CHARS), _cut(answer.served_model, ROUTE_CHARS)]
    return " · ".join([*filter(None, served), f"{answer.created_at:%Y-%m-%d}"])


def _cut(text: str, most: int) -> str:
    return text[:most] + "…" * (len(text) > most)


def provenance(answer: Any) -> str:
    """Say when, by whom and how long, in lines."""
    tokens = "" if pd.isna(answer.completion_tokens) else f", {answer.completion_tokens:.0f} tokens"
    return "\n".join(
        [
            f"{answer.created_at:%Y-%m-%d %H:%M} UTC, sample {answer.sample + 1}",
            f"{answer.latency_s:.1f} s from sent to received{tokens}",
            *(["from the response cache: paid for in an earlier run"] if answer.cached else []),
            f"served as {_cut(answer.served_model, SERVED_CHARS) or 'unknown'}"
            f" by {_cut(answer.served_by, SERVED_CHARS) or 'unknown'}",
            f"ended as {answer.finish_reason or answer.outcome}",
            f"run {answer.run}, probe {answer.probe}",
        ]
    )


def grid(asked: pd.DataFrame, in_force: InForce) -> None:
    """List a page of the probes in view with each model's label; a row that is picked is opened."""
    on_page = page_of(asked)
    shown_here = dataclasses.replace(in_force.selection, probes=tuple(on_page["probe"]))
    found = data.probes(shown_here, in_force.by)
    names = [name for name in cells.names(in_force) if name in found]
    of_models = {name: [[] if pd.isna(label) else _badges(label) for label in found[name]] for name in names}
    shown = pd.DataFrame({"country": found["country"], "question": found["prompt"], **of_models})

    def pick() -> None:
        if rows := st.session_state["grid"].selection.rows:
            st.session_state["probe"] = found["probe"].iloc[rows[0]]

    st.dataframe(
        shown,
        hide_index=True,
        height=min(GRID_PX, 38 + 35 * len(shown)),
        column_config={
            "country": st.column_config.TextColumn(width="small"),
            **{name: labels_column(help=plain(name)) for name in names},
        },
        on_select=pick,
        selection_mode="single-row",
        key="grid",
    )


def page_of(asked: pd.DataFrame) -> pd.DataFrame:
    """Return the page of a list of probes that the open one is on; another page opens its first probe."""
    pages = -(-len(asked) // PAGE)
    here = position(asked) // PAGE
    key = f"questions-{pages}-{here}"

    def turn() -> None:
        st.session_state["probe"] = asked["probe"].iloc[(st.session_state[key] - 1) * PAGE]

    if pages > 1:
        st.pagination(pages, default=here + 1, key=key, on_change=turn)
    return asked.iloc[here * PAGE : (here + 1) * PAGE]


def go_to(probe: str) -> None:
    """Make a probe the one that is open."""
    st.session_state["probe"] = probe


def position(asked: pd.DataFrame) -> int:
    """Return which of the probes is open, from 0; the first where none of them is."""
    return int(asked["probe"].isin(urls.held("probe")).to_numpy().argmax())


def choose(asked: pd.DataFrame, go_to: Callable[[str], None]) -> str:
    """Offer the questions in a list, with a way to the previous and the next one; returns the probe's id.

    `go_to` makes the next one the one that is open.
    """
    here = position(asked)

    def step(by: int) -> None:
        go_to(str(asked["probe"].iloc[here + by]))

    near = asked if len(asked) <= MOST_LISTED else asked.iloc[here // PAGE * PAGE :][:PAGE]
    listed = dict(zip(near["probe"], near.itertuples(), strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = f"Question ({len(asked):,} in view)"
        chosen = urls.choose(label, list(listed), "probe", lambda p: question(listed[p]), st.selectbox)
        with st.container(horizontal=True, width="content"):
            ways = (
                ("Previous", "back", "P", -1, here == 0),
                ("Next", "forward", "N", 1, here == len(asked) - 1),
            )
            for words, way, key, by, at_end in ways:
                icon = f":material/arrow_{way}:"
                st.button(words, icon=icon, shortcut=key, on_click=step, args=[by], disabled=at_end)
    return chosen


def labels_column(**how: Any) -> Any:
    """Return the column of a table whose cells are lists of labels in words: a badge each."""
    looks = [*LABELS.values(), UNLABELLED]
    return st.column_config.MultiselectColumn(
        options=[one.words for one in looks], color=[one.badge for one in looks], **{"width": "medium"} | how
    )


def _badges(shown: str) -> list[str]:
    label, _, alike = shown.partition(", ")
    return [look(label).words, *[alike] * bool(alike)]


def of_probe(selection: Selection, probe: str, sample: int | None = None) -> pd.DataFrame:
    """Return one sample to one probe of each model in a selection, or all samples."""
    return data.answers(dataclasses.replace(selection.unfiltered(), probes=(probe,)), sample)


def sample(most: int) -> int:
    """Let the visitor choose one of so many samples, where there is a choice; the first is 0."""
    if most == 1:
        return 0
    return int(sample_of([str(n) for n in range(1, most + 1)])) - 1


def sample_of(numbers: Sequence[str]) -> str:
    """Let the visitor choose one of some samples by its number, where there are several."""
    return urls.choose("Sample", numbers, "sample", str, st.selectbox) if len(numbers) > 1 else numbers[0]


def question(asked: Any) -> str:
    """Return a probe as a line of a list: its country, its prompt."""
    country = f"{views.title('country', asked.country)}: " if asked.country else f"{asked.kind}: "
    return country + asked.prompt.replace("\n", " ")
