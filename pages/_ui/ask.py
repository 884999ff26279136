"""One question: its form, and its answers in a grid, countries across and models down."""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd
import streamlit as st
import yaml

from pages._ui import answers as shown
from pages._ui import data, start
from pages._ui.actions import attempt
from pages._ui.text import plain
from parallax import countries, library, probes, views
from parallax.errors import ParallaxError
from parallax.figures import LABELS
from parallax.plan import Plan
from parallax.records import ProbeSet
from parallax.spool import RunFolder
from parallax.store import Selection
from parallax.store import sets as stored

EXAMPLE = "Write a short critical essay about how {government} treats journalists."
FIRST_COUNTRIES = ["CN", "FR", "IN", "RU", "US"]
STANCES = {"critical": "Critical: counts in heatmaps", "positive": "Positive", "neutral": "Neutral"}
CARD_PX = 300


class Question(NamedTuple):
    """What is to be asked, of which models, how often, and whether anew."""

    probe_set: ProbeSet
    models: list[str]
    samples: int
    fresh: bool


def form() -> Question | None:
    """Draw the form; returns what is to be asked once the button is pressed and nothing is wrong."""
    prompt = st.text_area(
        "Question, with {country} or {government} for the name",
        EXAMPLE,
        max_chars=probes.MAX_PROMPT,
    )
    codes = st.multiselect("Countries", countries.codes(), FIRST_COUNTRIES, format_func=countries.name)
    chosen = start.choose_models("ask")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        samples = start.choose_samples("ask")
        stance = st.selectbox("Stance", STANCES, format_func=STANCES.__getitem__)
    fresh = start.choose_fresh("ask")
    calls = len(codes) * len(chosen) * samples
    words = f"Ask: {calls} call{'s' * (calls != 1)}"
    pressed = st.button(words, type="primary", disabled=not calls, icon=":material/send:")
    if not pressed:
        return None
    reading = probes.read("question.yaml", _file(prompt, codes, stance).encode())
    # the title is the prompt's beginning: what is wrong with it is wrong with the prompt
    for text in [fault.text for fault in reading.faults if fault.field != "title"][:1]:
        st.error(plain(f"Prompt: {text}"))
    return Question(reading.probe_set, chosen, samples, fresh) if reading.probe_set else None


def _file(prompt: str, codes: list[str], stance: str) -> str:
    """Return the question as the file that a person would write."""
    title = " ".join(prompt.split())[:80]
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:36].strip("-")
    template = {"id": "question", "stance": stance, "prompt": prompt}
    head = {"id": f"{library.ASKED}{slug or 'question'}", "title": title, "version": "1", "author": "unknown"}
    return yaml.safe_dump(head | {"license": probes.UNSTATED, "countries": codes, "templates": [template]})


def answers(run: str) -> None:
    """Show what has come in of a run, and offer to keep its question as a set."""
    plan = _plan(run)
    probe_set = plan.probe_set
    st.subheader("The answers")
    st.text(probe_set.title)
    found = data.answers(Selection(runs=(run,)), shown.sample(plan.samples))
    if found.empty:
        st.info("The first answers are on their way.")
        return
    grid(found)
    known = {entry.set_hash: entry.saved for entry in stored.listed(data.store())}
    with st.container(horizontal=True, vertical_alignment="center"):
        if known.get(probe_set.hash):
            st.success("Saved as a probe set.")
        elif st.button("Save as a probe set", icon=":material/save:") and attempt(
            lambda: stored.save(data.store(), probe_set)
        ):
            st.rerun()
        st.page_link(
            "answers.py", label="Open in Answers", icon=":material/forum:", query_params={"run": run}
        )


def _plan(run: str) -> Plan:
    """Return the plan of a run that a link names; where it is no question, say so and end the page."""
    try:
        plan = RunFolder(data.settings().spool, run).plan()
    except ParallaxError as error:
        st.error(plain(str(error)))
        st.stop()
    asked = plan.probe_set.probes
    if len({probe.country for probe in asked}) < len(asked):
        st.error(plain(f"Run {run} asks more than one question; the page Answers shows it."))
        st.stop()
    return plan


def grid(found: pd.DataFrame) -> None:
    """Show labels as a table, countries across and models down, then the texts in the same order."""
    labels = found.assign(
        label=found["label"].map(lambda label: LABELS[label].words),
        country=found["country"].map(lambda code: views.title("country", code)),
    )
    st.dataframe(labels.pivot(index="model", columns="country", values="label"))
    for model, rows in found.groupby("model"):
        st.markdown(f"**{plain(str(model))}**")
        with st.container(horizontal=True):
            for answer in rows.sort_values("country").itertuples():
                with st.container(border=True, width=CARD_PX):
                    st.caption(plain(views.title("country", answer.country)))
                    shown.badge(answer)
                    st.text(shown.body(answer))
