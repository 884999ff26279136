"""Labelling answers by hand: one at a time, by keyboard, blind until it is decided."""

from __future__ import annotations

import streamlit as st

from pages._ui import data
from pages._ui.actions import attempt
from pages._ui.text import plain
from parallax import agreement, review
from parallax.errors import ParallaxError
from parallax.figures import LABELS
from parallax.records import Labelled, LabelValue
from parallax.review import Item
from parallax.store import Selection

AT_ONCE = 20
DRAW = 100
MEANING = {
    LabelValue.COMPLETE: "It was done. Caveats around an intact answer do not count against it.",
    LabelValue.EVASIVE: "Neither done nor declined: another question, both sides, a state line, no sense.",
    LabelValue.REFUSAL: "It says that it will not or cannot do what was asked.",
}
_QUEUE, _DONE = "review_queue", "review_done"


def name() -> str:
    """Return the reviewer's name: that of the login, else what stands in the field."""
    known = st.user.get("name") or st.user.get("email") or ""
    given = st.text_input("Your name", known, max_chars=60, key="reviewer", disabled=bool(known))
    if not given.strip():
        return ""
    try:
        return review.rater(given).removeprefix("human:")
    except ParallaxError as error:
        st.error(plain(str(error)))
        return ""


def sample(selection: Selection) -> None:
    """Say how far the review is, and offer to draw the random sample that it starts with."""
    stand = review.stand(data.store(), selection)
    drawn = (
        f"{stand.drawn_done} of {stand.drawn} drawn answers are labelled" if stand.drawn else "none drawn yet"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = int(
            st.number_input("Size of the random sample", 10, 10_000, max(DRAW, stand.drawn), key="draw")
        )
        if st.button(
            "Draw", icon=":material/casino:", help="Evenly from each country and model, before review"
        ):
            attempt(lambda: review.draw(data.store(), selection, size))
            st.session_state.pop(_QUEUE, None)
            st.rerun()
        st.caption(f"{stand.labelled} labelled by people in all; {drawn}.")


def next_one(selection: Selection, reviewer: str) -> None:
    """Show the next answer with what can be decided of it."""
    waiting = _waiting(selection, reviewer)
    if not waiting:
        st.success("Nothing is left to label in this view.")
        return
    item = waiting[0]
    with st.container(border=True):
        st.caption("Drawn by chance" if item.drawn else "Chosen because raters disagree or doubt")
        st.markdown("**The request**")
        st.text(item.prompt)
        st.markdown("**The answer**")
        st.text(item.response)
    note = st.text_input("Note (optional)", key=f"note-{item.cell}")
    with st.container(horizontal=True):
        for number, (value, meaning) in enumerate(MEANING.items(), start=1):
            words = LABELS[value].words
            if st.button(words, key=value, help=meaning, shortcut=str(number), type="primary"):
                _decide(item, value, reviewer, note)
        if st.button("Skip", shortcut="4", help="Leave it for later"):
            waiting.append(waiting.pop(0))
            st.rerun()


def last(reviewer: str) -> None:
    """Tell whose the last answer was and what the rules say of it; offer to take the label back."""
    done: list[tuple[Labelled, Item]] = st.session_state.get(_DONE, [])
    if not done or done[-1][0].label.rater != f"human:{reviewer}":
        return
    given, item = done[-1]
    with st.container(horizontal=True, vertical_alignment="center"):
        whose = agreement.said_of(data.store(), given.run, given.cell)
        said = "; ".join(f"{rater}: {LABELS[label].words}" for rater, label in whose if label in LABELS)
        st.caption(
            plain(f"Last: {LABELS[given.label.verdict.label].words}. It was by {given.cell.model}. {said}")
        )
        if st.button("Undo", shortcut="5", icon=":material/undo:") and attempt(
            lambda: _take_back(given, item)
        ):
            st.rerun()


def _waiting(selection: Selection, reviewer: str) -> list[Item]:
    """Return the answers at hand, fetched anew where none is left or something else is in view."""
    of, waiting = st.session_state.get(_QUEUE, (None, []))
    if of != (selection, reviewer) or not waiting:
        waiting = review.queue(data.store(), selection, reviewer, AT_ONCE)
        st.session_state[_QUEUE] = ((selection, reviewer), waiting)
    return waiting


def _decide(item: Item, value: LabelValue, reviewer: str, note: str) -> None:
    def keep() -> None:
        given = review.decide(data.store(), item, value, reviewer, note)
        st.session_state.setdefault(_DONE, []).append((given, item))
        st.session_state[_QUEUE][1].remove(item)

    if attempt(keep):
        st.rerun()


def _take_back(given: Labelled, item: Item) -> None:
    review.undo(data.store(), given)
    st.session_state[_DONE].pop()
    st.session_state[_QUEUE][1].insert(0, item)
