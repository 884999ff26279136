"""Widgets whose value stands in the URL by its id.

Streamlit's own binding writes what a widget shows ("China") instead of what it means ("CN"): a link
would break with the next wording.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

_WRITTEN = "written_to_url"
_LEFT_FOR = "left_for"


def choose(label: str, options: Sequence[str], key: str, words: Callable[[str], str], widget: Any) -> str:
    """Draw a widget for one of `options` and return the choice; the first is the default."""
    _seed(key, options, lambda found: found[0] if found else options[0])
    chosen: str = widget(label, options, format_func=words, key=key)
    _publish(key, [] if chosen == options[0] else [chosen])
    return chosen


def choose_several(
    label: str, options: Sequence[str], key: str, words: Callable[[str], str], none: str
) -> list[str]:
    """Draw a list of which any number may be chosen; `none` says what no choice means."""
    _seed(key, options, list)
    chosen = st.multiselect(label, options, format_func=words, key=key, placeholder=none)
    _publish(key, chosen)
    return chosen


def number(label: str, key: str, **how: Any) -> float | None:
    """Draw a field for a number that may stay empty, and return it."""
    _seed(key, None, lambda found: _as_number("".join(found)))
    chosen: float | None = st.number_input(label, key=key, value=None, **how)
    _publish(key, [] if chosen is None else [f"{chosen:g}"])
    return chosen


def _as_number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def text(label: str, key: str, **how: Any) -> str:
    """Draw a field for a text."""
    _seed(key, None, lambda found: "".join(found))
    given: str = st.text_input(label, key=key, **how).strip()
    _publish(key, [given] * bool(given))
    return given


def day(label: str, key: str, first: date, last: date) -> str:
    """Draw a choice of a day from one to another; returns it as ISO, '' for none."""
    every = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    _seed(key, every, lambda found: date.fromisoformat(found[0]) if found else None)
    chosen = st.date_input(label, None, first, last, key=key, format="YYYY-MM-DD")
    _publish(key, [chosen.isoformat()] if chosen else [])
    return chosen.isoformat() if chosen else ""


def one_of(label: str, options: Sequence[str], **how: Any) -> str:
    """Draw a choice of one, all options in sight."""
    chosen: str = st.segmented_control(label, options, required=True, **how)
    return chosen


def leave_for(page: str, query: dict[str, list[str]]) -> None:
    """Have the next run open a page, given by its script, with some parameters.

    To be called in a widget's callback: nothing is drawn anew of the page that is left.
    """
    st.session_state[_LEFT_FOR] = page, query


def leave() -> None:
    """Open the page that a callback asked for; the shell calls it before it draws anything."""
    if wanted := st.session_state.pop(_LEFT_FOR, None):
        page, query = wanted
        st.switch_page(page, query_params=query)


def permalink(**also: list[str]) -> str:
    """Return the address of what is on screen, with more parameters to pin it down."""
    named = {key: st.query_params.get_all(key) for key in st.query_params} | also
    here = urlsplit(st.context.url or "")
    return here._replace(query=urlencode(named, doseq=True), fragment="").geturl()


def held(key: str) -> list[str]:
    """Return what a widget is to show: what the URL says where somebody else changed that, else its state.

    A widget that the last page did not draw has no state left: what it published last stands for it.
    """
    in_url = st.query_params.get_all(key)
    written = st.session_state.setdefault(_WRITTEN, {}).get(key, [])
    state = st.session_state.get(key, written)
    shown = in_url if in_url and in_url != written else state
    return [str(value) for value in (shown if isinstance(shown, list | tuple) else [shown])]


def _seed(key: str, options: Sequence[str] | None, pick: Callable[[list[str]], Any]) -> None:
    """Bring the widget's state in line with the URL; where there are no options, any value is one."""
    st.session_state[key] = pick([value for value in held(key) if options is None or value in options])


def _publish(key: str, values: list[str]) -> None:
    st.session_state[_WRITTEN][key] = values
    if values:
        st.query_params[key] = values
    else:
        st.query_params.pop(key, None)
