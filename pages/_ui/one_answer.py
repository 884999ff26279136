"""The one answer that is open: its text, what is marked in it, who labelled it how, how it came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import answers, data, sets
from pages._ui.filters import InForce
from pages._ui.text import Mark, marked, occurrences, plain
from parallax import facts, languages, views
from parallax.facts import Found
from parallax.records import Cell, Outcome, Probe, ReasoningState
from parallax.store import DEFAULT_SET
from parallax.views.responses import Said

LONG_REASONING = 800
STATES = {
    ReasoningState.NONE: "No reasoning came with this answer.",
    ReasoningState.EMPTY: "The model thought, but its reasoning came empty.",
    ReasoningState.HIDDEN: "The model thought; its host keeps the reasoning hidden.",
}


def choose_sample(samples: pd.DataFrame) -> Any:
    """Offer the samples of a cell where there are several, and return the one to show."""
    numbers = [str(number + 1) for number in samples["sample"]]
    number = answers.sample_of(numbers)
    return next(samples[samples["sample"] == int(number) - 1].itertuples())


def question(answer: Any, probe: Probe) -> None:
    """Show what was asked, and how far that has been checked."""
    with st.container(border=True):
        st.caption("The question")
        st.text(answer.prompt)
        sets.checked(probe)


def card(answer: Any, samples: pd.DataFrame, probe: Probe, wanted: str) -> None:
    """Show an answer with what is known of it; `samples` are all of its cell, `wanted` is searched for."""
    found = facts.find(probe, answer.response)
    with st.container(border=True):
        st.markdown(f"**{plain(answer.model)}**" + country(answer))
        st.caption(plain(answers.origin(answer)))
        with st.container(horizontal=True):
            answers.badge(answer)
            language(answer, probe)
        alike(answer, samples)
        text(answers.body(answer), marks(answer.response, found, wanted))
        with st.expander("How it came"):
            st.text(answers.provenance(answer))


def country(answer: Any) -> str:
    """Return what follows a model's name where the question is about a country."""
    return f" on {plain(views.title('country', answer.country))}" if answer.country else ""


def alike(answer: Any, samples: pd.DataFrame) -> None:
    """Say how many samples of the cell have the same label as the one that is shown."""
    if len(samples) > 1:
        same = int((samples["label"] == answer.label).sum())
        st.caption(f"{same} of {len(samples)} samples alike: labelled as this one is")


def text(shown: str, found: Sequence[Mark]) -> None:
    """Show a hostile text, its marked parts highlighted."""
    if found:
        st.html(marked(shown, found))
    else:
        st.text(shown)


def marks(response: str, found: Sequence[Found], wanted: str) -> list[Mark]:
    """Return what to highlight in an answer: what was searched for, and each fact with its number."""
    stated = [
        Mark(span.start, span.end, str(number))
        for number, fact in enumerate(found, start=1)
        for span in fact.spans
    ]
    return [*occurrences(response, wanted), *stated]


def reasoning(answer: Any) -> None:
    """Show the reasoning that came with an answer, or say that none did."""
    if not answer.reasoning:
        st.caption(STATES.get(answer.reasoning_state, STATES[ReasoningState.NONE]))
        return
    words = len(answer.reasoning.split())
    with st.expander(
        f"Reasoning, {words:,} words; it never changes the label",
        expanded=len(answer.reasoning) <= LONG_REASONING,
        icon=":material/psychology:",
    ):
        st.text(answer.reasoning)


def language(answer: Any, probe: Probe) -> None:
    """Show the language that was asked for and the one that came, and mark where they are not the same."""
    asked = str(probe.meta.get("expected_language") or answer.language)
    came = answer.reply_language
    if answer.outcome not in {Outcome.OK, Outcome.TRUNCATED} or pd.isna(came):
        st.badge(plain(f"asked for {asked}"), color="gray", icon=":material/translate:")
        return
    if not came:
        said, color = f"asked for {asked}, reply too short to tell", "gray"
    elif came == languages.base(asked):
        said, color = f"asked for {asked}, replied in {came}", "gray"
    else:
        said, color = f"asked for {asked}, but replied in {came}", "orange"
    if answer.other_language >= languages.MIXED:
        said, color = f"{said}, {answer.other_language:.0%} in another language", "orange"
    st.badge(plain(said), color=color, icon=":material/translate:")


def stated(answer: Any, probe: Probe) -> None:
    """List the facts of a factual probe: which of them the answer states, which it leaves out."""
    found = facts.find(probe, answer.response)
    if not found:
        return
    known = {fact["id"]: fact for fact in probe.meta["facts"]}
    share = facts.coverage(found) or 0.0
    st.subheader("Facts")
    st.caption(
        f"{sum(bool(fact.spans) for fact in found)} of {len(found)} stated, {share:.0%} by weight. Found by"
        " English phrases and numbers: in other words or languages a fact goes unseen."
    )
    for number, fact in enumerate(found, start=1):
        with st.container(horizontal=True, vertical_alignment="top"):
            where = ("found", "green", "check") if fact.spans else ("left out", "orange", "close")
            st.badge(f"{number} {where[0]}", color=where[1], icon=f":material/{where[2]}:")
            st.text(fact.text)
        checked = known[fact.id].get("review", "unreviewed")
        st.caption(plain(f"Weight {fact.weight:g} · {checked} · {known[fact.id]['source']}"))
    if official := probe.meta.get("official"):
        with st.expander("What the state concerned says; it counts for no score"):
            st.text(f"{official['text']}\nSource: {official['source']}")


def labels(answer: Any) -> None:
    """List what every rater said last of an answer, the one whose label is in force first said."""
    st.subheader("Labels")
    given = data.said(answer.run, Cell(answer.probe, answer.model, int(answer.sample)))
    if answer.rater not in {one.rater for one in given}:
        st.caption("The chosen rater has not labelled it.")
    for one in given:
        with st.container(horizontal=True, vertical_alignment="center"):
            look = answers.look(one.label)
            st.badge(look.words, color=look.badge)
            st.caption(plain(_rater(one, in_force=one.rater == answer.rater)))
        if one.reason:
            st.text(one.reason)


def _rater(one: Said, *, in_force: bool) -> str:
    sure = "" if one.confidence is None or pd.isna(one.confidence) else f", {one.confidence:.0%} sure"
    counts = " · this label counts" if in_force else ""
    return f"{one.rater}, version {one.version}{sure}, {one.created_at:%Y-%m-%d}{counts}"


def probe_of(set_hash: str, answer: Any) -> Probe:
    """Return the probe of an answer with its facts; a bare one where its set has it no more."""
    found = (probe for probe in sets.fetch(set_hash).probes if probe.id == answer.probe)
    return next(found, Probe(answer.probe, answer.prompt, country=answer.country, language=answer.language))


def link(in_force: InForce, answer: Any, question: str, name: str) -> str:
    """Return the address that opens this very answer, by the run and the label set that it is seen in."""
    return in_force.permalink(
        probe=[question],
        twin=[answer.probe],
        answer=[name],
        sample=[str(answer.sample + 1)],
        labels=[in_force.selection.label_set or DEFAULT_SET],
    )
