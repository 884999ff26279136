"""The public study on screen: offered, fetched beside the dashboard, how that went."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from pages._ui import data
from pages._ui.actions import attempt
from pages._ui.text import plain
from parallax import errands
from parallax.errands import State

NAME = "speechmap"


def button() -> None:
    """Offer to fetch SpeechMap; where that is under way already, nothing."""
    now = errands.read(data.settings(), NAME)
    if now and now.state is State.RUNNING:
        return
    wanted = st.button("Fetch SpeechMap", icon=":material/download:")
    if wanted and attempt(lambda: errands.begin(data.settings(), NAME, ["fetch", NAME])):
        st.rerun()


def about() -> None:
    """Say what would be fetched from where, or how the last try ended."""
    host = urlsplit(data.settings().speechmap).hostname or "the web"
    now = errands.read(data.settings(), NAME)
    if now and now.state is State.FAILED:
        st.warning(plain(f"SpeechMap was not fetched: {now.message}"))
    st.caption(
        plain(
            "SpeechMap: a public study of critical questions about four governments, with what its judges"
            f" said, downloaded from {host} and imported. No key is needed and no model is asked."
        )
    )
