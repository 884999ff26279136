"""Answers on screen. The text of a model is hostile: it is shown as text, never as Markdown."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import data, urls
from pages._ui.text import plain
from parallax import views
from parallax.figures import LABELS, UNLABELLED
from parallax.store import Selection

IN_A_ROW = 3
TWIN_CHARS = 400
ROUTE_CHARS = 60
SERVED_CHARS = 500
GRID_PX = 330


def badge(answer: Any) -> None:
    """Show an answer's label, and that it was cut where it was."""
    look = LABELS.get(answer.label, UNLABELLED)
    cut = (
        " · cut at the length limit" if answer.outcome == "truncated" and answer.label != "truncated" else ""
    )
    st.badge(look.words + cut, color=look.badge)


def side_by_side(found: pd.DataFrame) -> None:
    """Show the answers to one probe, a few models in a row."""
    cards = list(found.itertuples())
    for first in range(0, len(cards), IN_A_ROW):
        row = cards[first : first + IN_A_ROW]
        for column, answer in zip(st.columns(min(IN_A_ROW, len(cards))), row, strict=False):
            with column:
                card(answer)


def card(answer: Any) -> None:
    """Show one answer: whose, its label with rater and reason, its text, how it came."""
    with st.container(border=True):
        st.markdown(f"**{plain(answer.model)}**")
        st.caption(plain(origin(answer)))
        badge(answer)
        st.text(body(answer))
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


def twins(others: pd.DataFrame) -> None:
    """Show the answers to a probe's matched twins, a country after the other, for the first few models."""
    models = list(others["model"].unique())
    if len(models) > IN_A_ROW:
        st.caption(f"The first {IN_A_ROW} of {len(models)} models; choose others in the filter *Models*.")
    for country, found in others[others["model"].isin(models[:IN_A_ROW])].groupby("country", sort=False):
        with st.container(border=True):
            st.markdown(f"**{plain(views.title('country', str(country)))}**")
            cards = list(found.itertuples())
            for column, answer in zip(st.columns(len(cards)), cards, strict=True):
                with column:
                    st.caption(plain(answer.model))
                    badge(answer)
                    st.text(_cut(body(answer), TWIN_CHARS))
                    st.caption(plain(origin(answer)))


def grid(asked: pd.DataFrame, models: Sequence[str]) -> None:
    """List the probes in view with each model's label; a row that is picked becomes the question."""
    shown = pd.DataFrame({"country": asked["country"], "question": asked["prompt"]})
    for model in models:
        shown[model] = asked[model].map(_words, na_action="ignore").fillna("")

    def pick() -> None:
        if rows := st.session_state["grid"].selection.rows:
            st.session_state["probe"] = asked["probe"].iloc[rows[0]]

    st.dataframe(
        shown,
        hide_index=True,
        height=min(GRID_PX, 38 + 35 * len(shown)),
        column_config={
            "country": st.column_config.TextColumn(width="small"),
            **{model: st.column_config.TextColumn(width="medium", help=plain(model)) for model in models},
        },
        on_select=pick,
        selection_mode="single-row",
        key="grid",
    )


def _words(shown: str) -> str:
    label, comma, alike = shown.partition(",")
    return LABELS[label].words + comma + alike


def of_probe(selection: Selection, probe: str, sample: int) -> pd.DataFrame:
    """Return one sample to one probe of each model in a selection."""
    return data.answers(dataclasses.replace(selection.unfiltered(), probes=(probe,)), sample)


def sample(most: int) -> int:
    """Let the visitor choose one of so many samples, where there is a choice; the first is 0."""
    if most == 1:
        return 0
    numbers = [str(n) for n in range(1, most + 1)]
    return int(urls.choose("Sample", numbers, "sample", str, st.selectbox)) - 1


def question(asked: Any) -> str:
    """Return a probe as a line of a list: its country, its prompt."""
    country = f"{views.title('country', asked.country)}: " if asked.country else f"{asked.kind}: "
    return country + asked.prompt.replace("\n", " ")
