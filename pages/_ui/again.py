"""Asking a question of Answers again: a run of its own, with its cost said before."""

from __future__ import annotations

import dataclasses

import streamlit as st

from pages._ui import start
from pages._ui.text import plain
from parallax import library
from parallax.records import Probe, ProbeSet
from parallax.views import RunInView

KEPT = ("temperature", "max_tokens")
KEY = "again"


def offer(probe: Probe, of: ProbeSet, run: RunInView) -> None:
    """Offer to ask a question once more, at first of the model that is open, as it was asked before."""
    with st.popover("Ask again", icon=":material/replay:"):
        st.caption(
            "In a run of its own, without the response cache, by the entries of models.toml as they are now."
            " The answers come in on the page Ask; what is shown here stays as it is."
        )
        chosen = start.choose_models(f"{KEY}-{run.model}", [run.model])
        samples = start.choose_samples(KEY)
        kept = {name: run.params[name] for name in KEPT if name in run.params}
        if kept:
            st.caption("As before: " + ", ".join(f"{name} {value:g}" for name, value in kept.items()))
        asked = single(probe, of)
        if chosen:
            st.caption(plain(start.costs_of(asked, chosen, samples, kept)))
        calls = len(chosen) * samples
        words = f"Ask: {calls} call{'s' * (calls != 1)}"
        if not st.button(words, type="primary", disabled=not calls, icon=":material/send:", key=KEY):
            return
        if begun := start.run(asked, chosen, samples, asked.title, fresh=True, params=kept):
            st.switch_page("ask.py", query_params={"asked": begun})


def single(probe: Probe, of: ProbeSet) -> ProbeSet:
    """Return a set of one probe, unlisted like those of the page Ask, that names where it comes from."""
    return dataclasses.replace(
        of,
        id=f"{library.ASKED}{probe.id}",
        title=f"Again: {' '.join(probe.prompt.split())[:70]}",
        probes=(probe,),
    )
