"""The routes by which answers came: told where they changed, told apart where somebody wants that."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages._ui import data, urls
from pages._ui.text import plain
from parallax import routes
from parallax.routes import Served
from parallax.store import Selection

SPLIT = "split"
WAYS = {"model": "Together", "route": "Split by route"}


def choose(found: Sequence[Served]) -> tuple[str, list[str]]:
    """Offer to tell routes apart and to filter by them; returns what counts as one model, and the filter.

    Nothing is drawn where every model was served by one route.
    """
    if not routes.several(found):
        return "model", []
    by = urls.choose("Models of several routes", list(WAYS), SPLIT, WAYS.__getitem__, urls.one_of)
    names = list(dict.fromkeys(one.route for one in found))
    return by, urls.choose_several("Routes", names, "route", str, "All")


def caution(selection: Selection, found: Sequence[Served], by: str, *, offer: bool = True) -> None:
    """Say where a route changed within a run, in view, and offer to tell the routes apart.

    `found` is what served the models in view, whatever else is filtered; `offer` says whether the page can.
    """
    if not routes.changes(found, split=False):
        return
    in_view = data.served(selection)
    said = routes.changes(in_view, split=by == "route")
    if not said:
        return
    effect = "the routes stand apart here" if by == "route" else "rates mix the routes"
    several = f"{len(said)} times a route or a system fingerprint changed within a run; {effect}."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            plain(said[0] if len(said) == 1 else several), icon=":material/alt_route:", width="stretch"
        )
        if len(said) > 1:
            with st.popover("Which"):
                st.text("\n\n".join(said))
        if offer and routes.several(in_view):
            other = "model" if by == "route" else "route"
            label = "Together again" if by == "route" else "Split by route"
            st.button(label, icon=":material/alt_route:", on_click=_tell_apart, args=[other])


def _tell_apart(by: str) -> None:
    st.session_state[SPLIT] = by
