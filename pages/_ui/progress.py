"""How far runs are, on every page."""

from __future__ import annotations

import time

import streamlit as st

from pages._ui import data
from pages._ui.filters import InForce
from pages._ui.text import plain
from parallax import errands, jobs, web
from parallax.errands import Errand, State
from parallax.records import RunState
from parallax.tally import dollars, duration

POLL_S = 2.0
IDLE_POLL_S = 10.0
# of the time that a page takes to be drawn, how much it then stays as it is; at most so long
REST = 3.0
MOST_REST_S = 20.0
ERRANDS = {"import": "Import", "speechmap": "SpeechMap"}


def follow() -> None:
    """Show the progress of active runs, and draw the page again when there is more to see.

    While answers come in all the time, a page that takes long to be drawn rests between two drawings:
    it fades while it is drawn, and nobody reads what fades.
    """
    began = st.session_state.began = time.monotonic()
    seen = data.store().revision
    pace = at_pace()
    under_way = [errand.name for errand in _under_way()]

    @st.fragment(run_every=pace)
    def look() -> None:
        for run in data.runs():
            if run.is_active:
                st.progress(run.done / run.total, text=f"{plain(run.name)}: {plain(words(run))}")
        # once an import has a run of its own, that run's bar tells more
        for errand in () if any(run.is_active and run.imported for run in data.runs()) else _under_way():
            st.progress(errand.fraction, text=plain(f"{ERRANDS.get(errand.name, '')}: {errand.message}"))
        now = [errand.name for errand in _under_way()]
        rested = time.monotonic() >= began + _rest(st.session_state.get("drawing_s", 0.0))
        if (rested and data.store().revision != seen) or at_pace() != pace or now != under_way:
            st.rerun()

    look()
    if fault := web.fault():
        st.error(f"New answers do not reach the store: {plain(fault)}")


def drawn() -> None:
    """Take note of how long the page took; for a tab that was opened, tell the browser that it is there."""
    if "drawing_s" not in st.session_state:
        web.shown()
    st.session_state.drawing_s = time.monotonic() - st.session_state.began


def _rest(drawing_s: float) -> float:
    """Return how long after its beginning a page may be drawn again, in seconds."""
    return drawing_s + min(REST * drawing_s, MOST_REST_S)


def _under_way() -> list[Errand]:
    return [errand for errand in errands.every(data.settings()) if errand.state is State.RUNNING]


def words(run: jobs.RunStatus) -> str:
    """Say how far a run is and what it cost, in a line."""
    cost = dollars(run.cost_usd)
    parts = [
        f"{run.done:,} of {run.total:,} {'imported' if run.imported else 'answered'}",
        f"{run.errors:,} ended in an error" if run.errors else "",
        *(_pace_words(run) if run.is_active else ()),
        f"{cost} so far" if cost and run.is_active else cost,
    ]
    return ", ".join(filter(None, parts))


def _pace_words(run: jobs.RunStatus) -> tuple[str, ...]:
    if run.stopping:
        return ("stopping: the calls in flight come in first",)
    if run.trouble:
        return ("no news from its worker",)
    if not run.calls_per_second:
        return () if run.imported else ("starting",)
    left = run.seconds_left
    return f"{run.calls_per_second:.1f} a second", f"{duration(left)} left" if left else ""


def notes(in_force: InForce) -> None:
    """Say which runs are in view, and which of them are not finished."""
    for run, (done, cells) in {r.run: (r.done, r.cells) for r in in_force.runs}.items():
        if done < cells:
            st.info(f"Run {run} is not finished: {done} of {cells} cells are in, the rest may change this.")
    names = sorted({f"{run.run} ({run.created_at:%Y-%m-%d})" for run in in_force.runs})
    st.caption(f"{plain(in_force.set_title)} · runs in view: {', '.join(names)}")


def latest(most: int = 5) -> None:
    """List the newest runs in a few words each."""
    shown = [
        {
            "run": run.run,
            "name": run.name,
            "models": ", ".join(run.models),
            "state": f"{state(run)}: {words(run)}",
            "started (UTC)": f"{run.created_at:%Y-%m-%d %H:%M}",
        }
        for run in data.runs()[:most]
    ]
    st.dataframe(shown, hide_index=True)


def state(run: jobs.RunStatus) -> str:
    """Return the word for where a run stands."""
    if run.imported:
        return "imported" if run.state is RunState.FINISHED else f"import {run.state}"
    return "recorded" if run.recorded else run.state


def at_pace() -> float:
    """Return how often to look, in seconds: seldom while no run moves, for one may be started elsewhere."""
    return POLL_S if any(run.is_recent for run in data.runs()) or _under_way() else IDLE_POLL_S
